"""AWS IAM's documented evaluation logic: identity and session policies, boundaries, SCPs.

Written from the IAM user guide, page by page, and not from the emitter: each rule cites the page
that states it (all under https://docs.aws.amazon.com/IAM/latest/UserGuide/):

- [eval]      reference_policies_evaluation-logic_policy-eval-denyallow.html
- [session]   access_policies.html#policies_session
- [boundary]  access_policies_boundaries.html
- [scp]       organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
- [not]       reference_policies_elements_notaction.html and ..._notresource.html
- [action]    reference_policies_elements_action.html
- [resource]  reference_policies_elements_resource.html
- [operators] reference_policies_elements_condition_operators.html
- [multi]     reference_policies_condition-logic-multiple-context-keys-or-values.html
- [sets]      reference_policies_condition-single-vs-multi-valued-context-keys.html
- [variables] reference_policies_variables.html
- [keys]      reference_policies_condition-keys.html

It knows the operators that the emitter may use (no `Binary...`), and raises
`InvalidPolicy` for what IAM would not accept, so that a policy that only seems to work
cannot pass a test. Where the guide leaves a choice, `Evaluator(star_stops_at_colon=...)` has both.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

Decision = Literal["allow", "explicit deny", "implicit deny"]
Policy = Mapping[str, Any]
Context = Mapping[str, str | Sequence[str]]
"""Condition keys and their values as IAM's requests carry them: text, or several texts."""


class InvalidPolicy(Exception):
    """A document that IAM would refuse."""


class Unresolved(Exception):
    """A policy variable whose key is not in the request."""


@dataclass(frozen=True)
class Request:
    """One call: the action, the ARN it is on, and the condition keys."""

    action: str
    resource: str
    context: Context


def together(decisions: Sequence[Decision]) -> Decision:
    """What kinds of policies allow that decide like this, each by itself."""
    if "explicit deny" in decisions:
        return "explicit deny"
    return "allow" if all(each == "allow" for each in decisions) else "implicit deny"


@dataclass(frozen=True)
class Evaluator:
    """Evaluates policies; by [resource] a `*` that ends no segment of an ARN may stop at a colon.

    The guide says that such a `*` stands for characters within a segment, and does not say outright
    that it stops there, so tests run both readings.
    """

    star_stops_at_colon: bool = True

    def effective(
        self,
        identity: Sequence[Policy],
        session: Sequence[Policy] | None,
        request: Request,
        *,
        boundary: Sequence[Policy] | None = None,
        controls: Sequence[Sequence[Policy]] = (),
    ) -> Decision:
        """What all kinds of policies that there are allow; a deny in any wins.

        [session], [boundary]: neither grants, and what a session has is in the identity policies,
        the boundary and the session policies. [scp]: each level, from the root to the account, has
        policies of its own, and at each of them something has to allow the call.
        """
        decisions = [self.decide(identity, request)]
        for limit in (session, boundary, *controls):
            if limit is not None:
                decisions.append(self.decide(limit, request))
        return together(decisions)

    def decide(self, policies: Sequence[Mapping[str, Any]], request: Request) -> Decision:
        """[eval]: an explicit deny, else an allow, else the implicit deny."""
        effects = {
            statement["Effect"]
            for policy in policies
            for statement in statements(policy)
            if self.matches(statement, request)
        }
        if "Deny" in effects:
            return "explicit deny"
        return "allow" if "Allow" in effects else "implicit deny"

    def matches(self, statement: Mapping[str, Any], request: Request) -> bool:
        """Whether action, resource and condition of a statement all match a request."""
        action_ok = self.action_ok(statement, request)
        resource_ok = self.resource_ok(statement, request)
        condition_ok = conditions_hold(statement, request.context)
        return action_ok and resource_ok and condition_ok

    def action_ok(self, statement: Policy, request: Request) -> bool:
        """[action], [not]: one of `Action`, or none of `NotAction`."""
        listed = statement.get("Action", statement.get("NotAction"))
        found = any(action_matches(each, request.action) for each in many(listed))
        return found is ("Action" in statement)

    def resource_ok(self, statement: Policy, request: Request) -> bool:
        """[resource], [not]: one of `Resource`, or none of `NotResource`."""
        if "Principal" in statement:
            raise InvalidPolicy("only a policy of a resource has a principal")
        listed = statement.get("Resource", statement.get("NotResource"))
        found = any(self.resource_matches(each, request) for each in many(listed))
        return found is ("Resource" in statement)

    def resource_matches(self, pattern: str, request: Request) -> bool:
        """[resource]: `*` and `?` match within ARN segments, a `*` at the end of one goes beyond.

        The case of letters counts.
        """
        if pattern == "*":
            return True
        try:
            pieces = resolve(pattern, request.context)
        except Unresolved:
            return False
        stop = self.star_stops_at_colon
        return wildcard(pieces, stop).fullmatch(request.resource) is not None


# --- Documents ------------------------------------------------------------------------------------


def statements(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a document, of which there has to be one or more."""
    if policy.get("Version") != "2012-10-17":
        raise InvalidPolicy("variables are text in the versions before 2012-10-17")
    found = policy["Statement"]
    found = found if isinstance(found, list) else [found]
    if not found:
        raise InvalidPolicy("no statement")
    return found


def many(value: Any) -> list[str]:
    """One value or a list of values, as a list."""
    return value if isinstance(value, list) else [value]


# --- Actions and text patterns --------------------------------------------------------------------


def action_matches(pattern: str, action: str) -> bool:
    """[action]: `*` and `?` are wildcards, and case does not count."""
    if pattern == "*":
        return True
    return wildcard(plain(pattern.lower()), False).fullmatch(action.lower()) is not None


Piece = tuple[bool, str]
"""(is literal, text): text from a variable or an escape is literal whatever it holds."""


def plain(text: str) -> list[Piece]:
    """A pattern without variables."""
    return [(False, text)]


_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def resolve(text: str, context: Context) -> list[Piece]:
    """[variables]: `${key}` is the value of the key; `${*}`, `${?}`, `${$}` are those characters.

    `${key, 'default'}` has a value for the case that the key is missing. A multivalued key, or one
    that is missing, cannot be resolved, and then the statement does not match.
    """
    pieces: list[Piece] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        pieces.append((False, text[end : match.start()]))
        end = match.end()
        name = match[1]
        if name in ("*", "?", "$"):
            pieces.append((True, name))
            continue
        key, _, default = name.partition(",")
        value = lookup(key.strip(), context)
        if value is None and default.strip().startswith("'"):
            value = [default.strip().strip("'")]
        if value is None or len(value) != 1:
            raise Unresolved(name)
        pieces.append((True, value[0]))
    pieces.append((False, text[end:]))
    return pieces


def wildcard(pieces: Sequence[Piece], stop_at_colon: bool) -> re.Pattern[str]:
    """The pattern of a text, which is made once."""
    return _wildcard(tuple(pieces), stop_at_colon)


@lru_cache(4_096)
def _wildcard(pieces: tuple[Piece, ...], stop_at_colon: bool) -> re.Pattern[str]:
    """`*` is any run of characters, `?` one ([resource], [operators])."""
    tokens: list[tuple[bool, str]] = [
        (literal, character) for literal, text in pieces for character in text
    ]
    parts: list[str] = []
    for index, (literal, character) in enumerate(tokens):
        following = tokens[index + 1][1] if index + 1 < len(tokens) else None
        if literal or character not in "*?":
            parts.append(re.escape(character))
        elif character == "?":
            parts.append("[^:]" if stop_at_colon else ".")
        else:
            ends_segment = following is None or following == ":"
            parts.append("[^:]*" if stop_at_colon and not ends_segment else ".*")
    return re.compile("".join(parts), re.DOTALL)


# --- Conditions -----------------------------------------------------------------------------------


def lookup(key: str, context: Context) -> list[str] | None:
    """[keys]: the names of keys, those of tags included, have no case."""
    for name, value in context.items():
        if name.lower() == key.lower():
            return [value] if isinstance(value, str) else list(value)
    return None


def conditions_hold(statement: Policy, context: Context) -> bool:
    """[multi]: all lines of a condition block."""
    return all(
        operator_holds(operator, key, many(values), context)
        for operator, block in statement.get("Condition", {}).items()
        for key, values in block.items()
    )


def operator_holds(operator: str, key: str, values: Sequence[str], context: Context) -> bool:
    """[operators], [multi] and [sets]: one line of a condition block.

    Keys and operators are joined by `and`; the values of a plain operator by `or`, those of a
    negated one by `nor`. A missing key makes a plain operator false and a negated one true.
    `...IfExists` is true where the key is missing.
    """
    have = lookup(key, context)
    qualifier, _, rest = operator.rpartition(":")
    if_exists = rest.endswith("IfExists")
    base = rest.removesuffix("IfExists")
    if base == "Null":  # [operators]: "true" asks for a key that is missing or has no value
        if if_exists or qualifier:
            raise InvalidPolicy(operator)
        absent = have is None or have == []
        return any(truth_value(value) is absent for value in values)
    negated, compare = OPERATORS.get(base, (False, None))
    if compare is None:
        raise InvalidPolicy(f"unknown operator {operator}")
    if not qualifier:
        if have is None or have == []:
            return if_exists or negated
        if len(have) != 1:
            raise InvalidPolicy(f"{operator} of {key}, which has several values")
        return any_of(compare, values, have[0], context) is not negated
    if qualifier == "ForAllValues":  # true of no values at all
        return all(any_of(compare, values, each, context) is not negated for each in have or [])
    if qualifier == "ForAnyValue":
        if have is None or have == []:
            return if_exists
        return any(any_of(compare, values, each, context) is not negated for each in have)
    raise InvalidPolicy(f"unknown qualifier {qualifier}")


Compare = Callable[[str, str, Context], bool]


def any_of(compare: Compare, values: Sequence[str], have: str, context: Context) -> bool:
    """Whether a value of the request matches one of the policy's."""
    return any(compare(value, have, context) for value in values)


def string_equals(value: str, have: str, context: Context) -> bool:
    """[operators]: exact, with case; policy variables resolved, no wildcards."""
    try:
        return "".join(text for _, text in resolve(value, context)) == have
    except Unresolved:
        return False


def string_equals_ignore_case(value: str, have: str, context: Context) -> bool:
    """[operators]: exact, without case."""
    return string_equals(value.lower(), have.lower(), context)


def string_like(value: str, have: str, context: Context) -> bool:
    """[operators]: with case; `*` is any number of characters, `?` one."""
    try:
        return wildcard(resolve(value, context), False).fullmatch(have) is not None
    except Unresolved:
        return False


def truth_value(text: str) -> bool | None:
    """`true` or `false`; None for anything else."""
    return {"true": True, "false": False}.get(text.lower())


def bool_equals(value: str, have: str, context: Context) -> bool:
    """[operators]: both `true` or both `false`."""
    return truth_value(have) is not None and truth_value(value) is truth_value(have)


def number(text: str) -> Decimal | None:
    """An integer or decimal, as [operators] says."""
    try:
        return Decimal(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) else None
    except InvalidOperation:
        return None


def date(text: str) -> datetime.datetime | None:
    """[operators]: an ISO 8601 date and time, or seconds since 1970."""
    try:
        if re.fullmatch(r"[0-9]+", text):
            return datetime.datetime.fromtimestamp(int(text), datetime.UTC)
        found = datetime.datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


_network, _address = lru_cache(ipaddress.ip_network), lru_cache(ipaddress.ip_address)


def address_in(value: str, have: str, context: Context) -> bool:
    """[operators]: the address of the request is in the range; a bare address is a /32 or /128."""
    try:
        network, address = _network(value), _address(have)
    except ValueError:
        return False
    return address.version == network.version and address in network


def ordered(read: Callable[[str], Any], test: Callable[[Any, Any], bool]) -> Compare:
    """A comparison of numbers or dates; what is neither matches nothing."""

    def compare(value: str, have: str, context: Context) -> bool:
        left, right = read(have), read(value)
        return left is not None and right is not None and test(left, right)

    return compare


def arn_like(value: str, have: str, context: Context) -> bool:
    """[operators]: `ArnEquals` and `ArnLike` are alike; each of the six fields by itself, with wildcards."""
    pattern, arn = value.split(":", 5), have.split(":", 5)
    return len(pattern) == len(arn) == 6 and all(
        string_like(one, other, context) for one, other in zip(pattern, arn, strict=True)
    )


OPERATORS: dict[str, tuple[bool, Compare]] = {
    "StringEquals": (False, string_equals),
    "StringNotEquals": (True, string_equals),
    "StringEqualsIgnoreCase": (False, string_equals_ignore_case),
    "StringNotEqualsIgnoreCase": (True, string_equals_ignore_case),
    "StringLike": (False, string_like),
    "StringNotLike": (True, string_like),
    "ArnEquals": (False, arn_like),
    "ArnLike": (False, arn_like),
    "ArnNotEquals": (True, arn_like),
    "ArnNotLike": (True, arn_like),
    "Bool": (False, bool_equals),
    "IpAddress": (False, address_in),
    "NotIpAddress": (True, address_in),
}
for _family, _read in (("Numeric", number), ("Date", date)):
    OPERATORS |= {
        f"{_family}Equals": (False, ordered(_read, lambda a, b: a == b)),
        f"{_family}NotEquals": (True, ordered(_read, lambda a, b: a == b)),
        f"{_family}LessThan": (False, ordered(_read, lambda a, b: a < b)),
        f"{_family}LessThanEquals": (False, ordered(_read, lambda a, b: a <= b)),
        f"{_family}GreaterThan": (False, ordered(_read, lambda a, b: a > b)),
        f"{_family}GreaterThanEquals": (False, ordered(_read, lambda a, b: a >= b)),
    }
