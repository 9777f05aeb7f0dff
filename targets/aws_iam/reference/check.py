"""Whether AWS has the actions, resources and condition keys that a policy is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from ....compiler.ir import nodes as ir
from ....compiler.report.diagnostics import Diagnostic, Diagnostics, at
from ....compiler.report.source import Span
from ....compiler.structs import Struct, field
from ..binding.facts import PlatformFacts
from ..binding.locations import Location
from ..limits import GLOBAL_KEYS
from ..rules.statements import CapabilityPart
from . import (
    BadReference,
    Reference,
    read,
    shipped,
)

NONE = "none"
"""The value of the setting `reference` with which nothing is checked."""


def load(setting: str, diagnostics: Diagnostics) -> Reference | None:
    """The table that a setting asks for; None, with a reason in the diagnostics, if there is none."""
    if setting == NONE:
        return None
    try:
        return read(setting) if setting else shipped()
    except BadReference as problem:
        message = f"`{setting}` is not a reference of AWS: {problem}"
        diagnostics.append(Diagnostic("AGP5006", message))
        return None


def check(
    reference: Reference, binding: ir.Binding, facts: PlatformFacts, parts: Iterable[CapabilityPart]
) -> Iterator[Diagnostic]:
    """All that AWS does not have, each thing once."""
    try:
        yield from _actions(reference, binding, facts)
        asked: dict[tuple[str, str, str], _Asked] = {}
        for part in parts:
            for statement in part.statements:
                for test in statement.tests:
                    slot = (part.rule.id, part.place.resource, test.key)
                    question = asked.setdefault(slot, _Asked(part.rule, test.key))
                    question.actions.update(statement.actions)
                    question.operators.add(test.operator)
        mistyped: dict[Diagnostic, None] = {}
        for (_, resource, _), question in asked.items():
            types, found = _types(reference, question)
            yield from found
            mistyped |= dict.fromkeys(_mistyped(question, types, _bound(binding, facts, resource)))
        yield from mistyped
    except BadReference as problem:
        yield Diagnostic("AGP5006", f"the reference of AWS cannot be used: {problem}")


class _Asked(Struct, frozen=False):
    """A key that a rule asks for on one resource: with which operators, of which actions."""

    rule: ir.Rule
    key: str
    actions: set[str] = field(default_factory=set)
    operators: set[str] = field(default_factory=set)


def _actions(
    reference: Reference, binding: ir.Binding, facts: PlatformFacts
) -> Iterator[Diagnostic]:
    """Actions that there are not, that are on something else, or that need more."""
    spans = {each.resource: each.span for each in binding.resources}
    bound = {each.lower() for place in facts.places.values() for each in place.actions}
    for _, place in sorted(facts.places.items()):
        span = spans[place.resource]
        for name in place.actions:
            if not reference.covers(name.partition(":")[0]):
                if not reference.is_service(name.partition(":")[0]):
                    message = f"AWS has no service for `{name}`, as of {reference.date}"
                    yield at("AGP5010", span, message)
                continue
            action = reference.action(name)
            if action is None:
                message = f"AWS has no action `{name}`, as of {reference.date}"
                yield at("AGP5010", span, message)
                continue
            arn = _example(place.location)
            if not action.is_on(arn):
                place_it = 'give it a place of its own: `… on "arn:…"`'
                yield at(
                    "AGP5012",
                    span,
                    f"`{name}` is not on such a resource as `{place.capability}` is bound to",
                    help=place_it if action.arns else 'it has no resources: bind it `on "*"`',
                )
            elif arn == "*" and action.arns:
                yield at(
                    "AGP5014",
                    span,
                    f"`{place.capability}` is `{name}` on every resource, and it has resources "
                    "of its own",
                    help='name them: `… on "arn:…"`',
                )
            missing = [each for each in action.needs if each.lower() not in bound]
            if missing:
                names = ", ".join(f"`{each}`" for each in missing)
                yield at(
                    "AGP5013",
                    span,
                    f"`{name}` may need {names}, which is not bound",
                    help="bind it to an action of its own, on the resources that it is about",
                )


def _example(location: Location) -> str:
    """An ARN that a location stands for."""
    return "".join(
        part if isinstance(part, str) else "/x" if part.is_path else "x" for part in location.parts
    ) + ("x" if location.is_open else "")


def _types(reference: Reference, asked: _Asked) -> tuple[list[Types], list[Diagnostic]]:
    """The types of a key by action, and what is wrong with asking for it at all.

    Of actions that the table does not have it says nothing.
    """
    rule, key = asked.rule, asked.key
    known = GLOBAL_KEYS.get(key.lower().partition("/")[0])
    if known is not None:
        return [known], []
    types = {
        name: action.type_of(key)
        for name in sorted(asked.actions)
        if reference.covers(name.partition(":")[0])
        and (action := reference.action(name)) is not None
    }
    lacking = [f"`{name}`" for name, type_ in types.items() if type_ is None]
    if lacking:
        message = f"`{rule.id}` asks for `{key}`, which AWS does not send with {', '.join(lacking)}"
        help = "bind the attribute to a key that each of the actions has, or in the ARN"
        return [], [at("AGP5011", rule.span, message, help=help)]
    found = {type_ for type_ in types.values() if type_ is not None}
    if reference.carries_several(key) or any(each.startswith("ArrayOf") for each in found):
        message = f"`{key}` is not a condition key for one value: it carries several"
        return [], [at("AGP5005", rule.span, message)]
    return [(each,) for each in sorted(found)], []


Types: TypeAlias = tuple[str, ...]
"""Published types of which AWS compares a key as any."""

COMPARED = {
    "String": ("text", ("string", "arn")),
    "Numeric": ("a number", ("numeric",)),
    "Date": ("a time", ("date",)),
    "Bool": ("true or false", ("bool",)),
    "IpAddress": ("an address", ("ipaddress",)),
}
"""What the operators of a family compare, and the published types, in lower case, that are such.

AWS takes an ARN for text too. An operator on a key of another type matches nothing, where it is
positive, and everything, where it is negated: either may be looser than what was meant.
"""


def _mistyped(
    asked: _Asked, types: Iterable[Types], bound: Mapping[str, tuple[str, Span]]
) -> Iterator[Diagnostic]:
    """What is compared with a key of another type: at the binding, which has to change."""
    for family in sorted(filter(None, map(_family, asked.operators))):
        what, fitting = COMPARED[family]
        others = [each for each in types if not {t.lower() for t in each} & set(fitting)]
        if others and asked.key in bound:
            name, span = bound[asked.key]
            carried = " and ".join("/".join(each) for each in others)
            yield at(
                "AGP5005",
                span,
                f"`{name}` is {what}, and AWS has `{asked.key}` as {carried}",
                help="bind the attribute to a key of its own type, or declare it as what AWS has",
            )


def _family(operator: str) -> str | None:
    """The family of an operator; None for `Null`, which compares nothing."""
    name = operator.removeprefix("Not")
    return next((each for each in COMPARED if name.startswith(each)), None)


def _bound(binding: ir.Binding, facts: PlatformFacts, resource: str) -> dict[str, tuple[str, Span]]:
    """For each key that a resource's rules may ask for, the attribute that is bound to it."""
    spans = {each.resource: each.span for each in binding.resources}
    found: dict[str, tuple[str, Span]] = {}
    for path, key in facts.keys.items():
        if path[0] == "context":
            found[key] = (".".join(path), binding.span)
        elif path[:2] == ("resource", resource):
            found[key] = (f"resource.{path[2]}", spans[resource])
    return found
