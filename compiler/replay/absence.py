"""Whether an answer rests on something that a record lacks, since no policy read it when it was recorded.

Such an attribute may have any value. If the answer is the same for all of them it is known, and else it is
not. This errs on one side: what is said to be known is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import product
from typing import Any, TypeAlias, assert_never

from ...runtime.conditions import is_absent
from ..ir import nodes as ir
from ..ir.printing.conditions import term_text
from ..ir.roots import location
from ..ir.spiffe import spiffe_matches
from ..ir.walk import NOW, attributes, attributes_of_rule, evidence_of_rule
from ..meaning import interpreter
from ..meaning.chain import flaw_of_chain, of_each
from ..meaning.conditions import Truth, conjunction, negation, truth
from ..meaning.evidence import is_there, objects
from ..meaning.request import TASK_STATE, Call
from ..structs import Struct

Place: TypeAlias = "tuple[str, tuple[str, ...]]"
"""Root and path of an attribute."""
Truths: TypeAlias = frozenset[Truth]
"""What a condition may be."""

ANY: Truths = frozenset((True, False, None))
CHAIN = "context.delegation"
USER = ir.Attribute("user", ("id",), ir.STRING)
ALWAYS: frozenset[Place] = frozenset(
    (
        ("task", ("state",)),
        ("task", ("id",)),
        ("agent", ("id",)),
        ("resource", ("id",)),
    )
)
"""What every policy reads of every call."""
REMEMBERED = 20_000
"""Calls whose rules are kept; then all are forgotten, so that nobody can fill the memory."""


def place_of(attribute: ir.Attribute) -> Place:
    """Where an attribute stands, whatever its type."""
    return (attribute.root, attribute.path)


class RulesRead:
    """The rules of a policy by the calls that they are about, and what those read."""

    def __init__(self, policy: ir.Policy) -> None:
        """Take a policy."""
        self.policy = policy
        self._known: dict[tuple[str, str, str | None], tuple[ir.Rule, ...]] = {}

    def about(self, call: Call) -> tuple[ir.Rule, ...]:
        """The rules that are about the agent, the intent and the capability of a call."""
        if call.capability is None:
            return ()
        key = (call.capability, call.agent, call.intent)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[key] = tuple(
                each
                for each in self.policy.rules_about.get(call.capability, ())
                if self._names(each, call)
            )
        return found

    @cached_property
    def _identities(self) -> dict[ir.Names, tuple[frozenset[str], tuple[str, ...]]]:
        return {}

    def _names(self, rule: ir.Rule, call: Call) -> bool:
        if not interpreter.intent_matches(self.policy, rule.intents, call.intent):
            return False
        if rule.agents is ir.ANYONE:
            return True
        if rule.agents not in self._identities:
            ids, patterns = self.policy.identify(rule.agents)
            self._identities[rule.agents] = frozenset(ids), patterns
        ids_, patterns = self._identities[rule.agents]
        return call.agent in ids_ or any(spiffe_matches(each, call.agent) for each in patterns)

    def reads(self, rules: Iterable[ir.Rule]) -> dict[Place, ir.Attribute]:
        """What rules read of a request, but for evidence: that is asked for once it is needed."""
        found: dict[Place, ir.Attribute] = {}
        for rule in rules:
            for attribute in attributes_of_rule(rule):
                found.setdefault(place_of(attribute), attribute)
            if any(self._reads_user(each) for each in evidence_of_rule(rule)):
                found.setdefault(place_of(USER), USER)
        return found

    def _reads_user(self, asked: ir.Requirement) -> bool:
        match asked:
            case ir.Confirmation():
                return True
            case ir.Approval():
                return self.policy.user is not None
            case ir.StepUp():
                return False
            case _:
                assert_never(asked)


class Absence:
    """Tells of requests whether what one policy answers rests on what they lack and another one did not read."""

    def __init__(self, head: ir.Policy, base: ir.Policy | None) -> None:
        """Take the policy that is asked, and the one that was; None if nobody knows what that read."""
        self.head = RulesRead(head)
        self.base = None if base is None else RulesRead(base)
        self._new: dict[Key, tuple[tuple[Place, tuple[str, ...]], ...]] = {}

    def rests_on(self, request: dict[str, Any]) -> tuple[str, ...]:
        """What the answer rests on that is not there; nothing where the answer is known."""
        if _key(request) is None:
            return ()
        policy = self.head.policy
        if not policy.delegations and not request["context"].get("delegation"):
            return self._one_rests_on(request)
        if flaw_of_chain(policy, request) is not None:
            is_said = request["context"].get("delegation") is not None
            was_read = self.base is not None and flaw_of_chain(self.base.policy, request)
            return () if is_said or was_read else (CHAIN,)
        found = (name for each in of_each(request) for name in self._one_rests_on(each))
        return tuple(dict.fromkeys(found))

    def _one_rests_on(self, request: dict[str, Any]) -> tuple[str, ...]:
        key = _key(request)
        if key is None:
            return ()
        new = self._new.get(key)
        if new is None:
            if len(self._new) >= REMEMBERED:
                self._new.clear()
            new = self._new[key] = self._newly_read(request)
        lacking = [place for place, steps in new if is_absent(request, *steps)]
        if not lacking:
            return ()
        call = Call.read(self.head.policy, request)
        return () if call is None else _rests_on(call, self.head.about(call), frozenset(lacking))

    def _newly_read(self, request: dict[str, Any]) -> tuple[tuple[Place, tuple[str, ...]], ...]:
        """What the rules about a call read that those which answered it did not, and where it stands."""
        call = Call.read(self.head.policy, request)
        if call is None:
            return ()
        known: dict[Place, ir.Attribute] = {}
        if self.base is not None:
            asked = Call.read(self.base.policy, request)
            assert asked is not None  # what AuthZEN requires is there, whatever the policy
            known = self.base.reads(self.base.about(asked))
        return tuple(
            (place, location(attribute))
            for place, attribute in self.head.reads(self.head.about(call)).items()
            if place not in known and place not in ALWAYS
        )


Key: TypeAlias = "tuple[str, str, str, str | None]"


def _key(request: dict[str, Any]) -> Key | None:
    """What tells which rules a call is about; None where it is none."""
    try:
        key = (request["resource"]["type"], request["action"]["name"], request["subject"]["id"])
        intent = request["context"]["task"]["intent"]
    except (KeyError, TypeError):  # something is missing, or is no object
        return None  # and then no task has an intent, so that no allow is about it
    if not all(type(each) is str for each in key):
        return None
    return (*key, intent if type(intent) is str else None)


# --- What may be ----------------------------------------------------------------------------------


class Chance(Struct):
    """Of something that happens or does not: whether it can, and whether it must."""

    can: bool
    must: bool

    @property
    def is_open(self) -> bool:
        """Whether it is not known."""
        return self.can and not self.must


def _rests_on(call: Call, rules: tuple[ir.Rule, ...], lacking: frozenset[Place]) -> tuple[str, ...]:
    forbids = [each for each in rules if isinstance(each, ir.Forbid)]
    closes = [forbidding(each, call, lacking) for each in forbids]
    asks = [rule.unless_evidence != () for rule in forbids]
    if any(may.must and not ask for may, ask in zip(closes, asks, strict=True)):
        return ()
    allows = [each for each in rules if isinstance(each, ir.Allow)]
    applies = [applying(each, call, lacking) for each in allows]
    if not any(each.can for each in applies):
        return ()
    open_: list[ir.Rule] = [rule for rule, may in zip(forbids, closes, strict=True) if may.is_open]
    if any(may.can and ask for may, ask in zip(closes, asks, strict=True)):
        # A question, if some allow applies, and else a wall.
        open_ += [rule for rule, may in zip(allows, applies, strict=True) if may.is_open]
        open_ += [rule for rule, ask in zip(forbids, asks, strict=True) if ask]
    permits = [permitting(each, call, lacking) for each in allows]
    if any(each.must for each in permits):
        open_ += [
            rule
            for rule, may in zip(allows, permits, strict=True)
            if (rule.has_duties and binding(rule, call, lacking).is_open)
            or (rule.credential is not None and may.is_open)
        ]
    elif any(each.can for each in permits):
        open_ += [rule for rule, may in zip(allows, permits, strict=True) if may.is_open]
    else:
        open_ += [
            rule
            for rule, may in zip(allows, applies, strict=True)
            if may.is_open
            or (may.must and any(there(e, call, lacking).is_open for e in rule.requirements))
        ]
    if not open_:
        return ()
    reads = RulesRead(call.policy).reads(open_)
    return tuple(sorted(term_text(each) for place, each in reads.items() if place in lacking))


def forbidding(rule: ir.Forbid, call: Call, lacking: frozenset[Place]) -> Chance:
    """Whether a forbid applies, which is about the call."""
    when = truths_of(rule.condition, call, lacking)
    unless = frozenset((False,)) if rule.unless is None else truths(rule.unless, call, lacking)
    shown = [there(each, call, lacking) for each in rule.unless_evidence]
    can_spare = bool(shown) and all(each.can for each in shown)
    must_spare = bool(shown) and all(each.must for each in shown)
    time = window_in_time(rule.window, call, lacking)
    return Chance(
        can=False not in (when != {False}, time != {False}, unless != {True}, not must_spare),
        must=False not in when and False not in time and True not in unless and not can_spare,
    )


def applying(rule: ir.Allow, call: Call, lacking: frozenset[Place]) -> Chance:
    """Whether an allow applies, which is about the call."""
    if call.read_attribute(TASK_STATE) != "active":
        return Chance(False, False)
    asked = [
        truths_of(rule.condition, call, lacking),
        *(negated(truths(each, call, lacking)) for each in rule.revoke),
        *in_time(rule, call, lacking),
    ]
    return Chance(
        can=all(True in each for each in asked), must=all(each == {True} for each in asked)
    )


def permitting(rule: ir.Allow, call: Call, lacking: frozenset[Place]) -> Chance:
    """Whether an allow applies and what it requires is there."""
    applies = applying(rule, call, lacking)
    shown = [there(each, call, lacking) for each in rule.requirements]
    return Chance(
        can=applies.can and all(each.can for each in shown),
        must=applies.must and all(each.must for each in shown),
    )


def binding(rule: ir.Allow, call: Call, lacking: frozenset[Place]) -> Chance:
    """Whether what an allow asks belongs to every permit of the call."""
    asked = [truths_of(rule.condition, call, lacking), *in_time(rule, call, lacking)]
    return Chance(
        can=all(each != {False} for each in asked), must=all(False not in each for each in asked)
    )


def in_time(rule: ir.Allow, call: Call, lacking: frozenset[Place]) -> list[Truths]:
    """Whether it is inside the validity and the window of an allow."""
    if place_of(NOW) in lacking:
        return [ANY for each in (rule.validity, rule.window) if each is not None]
    return [
        frozenset((interpreter.is_valid(rule.validity, call.now),)),
        frozenset((interpreter.in_window(rule.window, call.now),)),
    ]


def window_in_time(window: ir.Window | None, call: Call, lacking: frozenset[Place]) -> Truths:
    """Whether it is inside a window."""
    if window is not None and place_of(NOW) in lacking:
        return ANY
    return frozenset((interpreter.in_window(window, call.now),))


def there(asked: ir.Requirement, call: Call, lacking: frozenset[Place]) -> Chance:
    """Whether evidence is there: what was not recorded of it was not shown."""
    found = is_there(asked, call)
    match asked:
        case ir.StepUp():
            shown, needed = "step_up", {place_of(NOW)}
        case ir.Approval() | ir.Confirmation():
            shown, needed = "approvals", {place_of(NOW), place_of(USER)}
        case _:
            assert_never(asked)
    if needed & lacking and objects(call.evidence.get(shown)):
        return Chance(True, False)
    return Chance(found, found)


def truths_of(condition: ir.Condition | None, call: Call, lacking: frozenset[Place]) -> Truths:
    """What a condition may be; `None` asks for nothing."""
    return frozenset((True,)) if condition is None else truths(condition, call, lacking)


def truths(condition: ir.Condition, call: Call, lacking: frozenset[Place]) -> Truths:
    """What a condition may be, whatever is lacking were."""
    match condition:
        case ir.And(parts):
            return _joined([truths(each, call, lacking) for each in parts])
        case ir.Or(parts):
            return negated(_joined([negated(truths(each, call, lacking)) for each in parts]))
        case ir.Not(part):
            return negated(truths(part, call, lacking))
        case (
            ir.Compare()
            | ir.In()
            | ir.ListTest()
            | ir.Like()
            | ir.Under()
            | ir.Within()
            | ir.Has()
            | ir.Quantified()
        ):
            if any(place_of(each) in lacking for each, _ in attributes(condition)):
                return ANY
            return frozenset((truth(condition, call),))
        case _:
            assert_never(condition)


def negated(values: Truths) -> Truths:
    """What the opposite may be."""
    return frozenset(map(negation, values))


def _joined(parts: list[Truths]) -> Truths:
    """What an `and` of parts may be."""
    found: Truths = frozenset((True,))
    for part in parts:
        found = frozenset(conjunction(pair) for pair in product(found, part))
    return found
