"""Whether AWS has the actions, resources and condition keys that a policy is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ....compiler import ir
from ....compiler.diagnostics import Diagnostic, Diagnostics, at
from ..facts import Facts
from ..limits import GLOBAL_KEYS
from ..locations import Location
from ..statements import Part
from . import BadReference, Reference, read, shipped

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
    reference: Reference, binding: ir.Binding, facts: Facts, parts: Iterable[Part]
) -> Iterator[Diagnostic]:
    """All that AWS does not have, each thing once."""
    try:
        yield from _actions(reference, binding, facts)
        asked: dict[tuple[str, str], tuple[ir.Rule, set[str]]] = {}
        for part in parts:
            for statement in part.statements:
                for test in statement.tests:
                    _, actions = asked.setdefault((part.rule.id, test.key), (part.rule, set()))
                    actions.update(statement.actions)
        for (_, key), (rule, actions) in asked.items():
            yield from _key(reference, rule, key, sorted(actions))
    except BadReference as problem:
        yield Diagnostic("AGP5006", f"the reference of AWS cannot be used: {problem}")


def _actions(reference: Reference, binding: ir.Binding, facts: Facts) -> Iterator[Diagnostic]:
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
    )


def _key(
    reference: Reference, rule: ir.Rule, key: str, names: Iterable[str]
) -> Iterator[Diagnostic]:
    """Look one key of some actions up; of what the table does not have it says nothing."""
    if key.lower().partition("/")[0] in GLOBAL_KEYS:
        return
    known = [each for each in names if reference.covers(each.partition(":")[0])]
    types = {
        name: action.type_of(key)
        for name in known
        if (action := reference.action(name)) is not None
    }
    lacking = [f"`{name}`" for name, type_ in types.items() if type_ is None]
    if lacking:
        yield at(
            "AGP5011",
            rule.span,
            f"`{rule.id}` asks for `{key}`, which AWS does not send with {', '.join(lacking)}",
            help="bind the attribute to a key that each of the actions has, or in the ARN",
        )
    elif any(type_ is not None and type_.startswith("ArrayOf") for type_ in types.values()):
        message = f"`{key}` is not a condition key for one value: it carries several"
        yield at("AGP5005", rule.span, message)
