"""What a loaded policy says of its parts, checked: each text is about something, once, and can be seen whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...ir import nodes as ir
from ...ir.identities import grant_of
from ...ir.printing.rules import constraint_name
from ...text.field_names import written
from ...text.strings import CANNOT_STAND


def wrong_docs(policy: ir.Policy) -> Iterator[tuple[str, str]]:
    """Give the texts that no comments of the policy could have said: each part, and what is wrong with it."""
    if not policy.docs:
        return
    known = set(_documentable(policy))
    packages = tuple(f"{each.name}." for each in policy.packages)
    seen: set[tuple[str, str]] = set()
    for number, each in enumerate(policy.docs):
        part, key = f"docs[{number}]", (each.kind, each.name)
        if key in seen:
            yield part, "there are two texts about this"
        elif each.kind in (
            "condition",
            "group",
            "terms",
        ):  # which are written out where they are used
            if not each.name.startswith(packages):
                yield f"{part}.name", "no package of this name is declared"
        elif key not in known:
            yield f"{part}.name", f"the policy has no {each.kind} of this name"
        if re.search(CANNOT_STAND, each.text):
            yield f"{part}.text", "it has a character that cannot be seen"
        seen.add(key)


def _documentable(policy: ir.Policy) -> Iterator[tuple[str, str]]:
    """The kind and the name of all that comments may be about."""
    for package in policy.packages:
        yield "package", package.name
    for name, attributes in (
        *((each.name, each.attributes) for each in policy.agents),
        *((each.name, each.attributes) for each in policy.families),
    ):
        yield "agent", name
        yield from _fields("field", name, attributes)
    for intent in policy.intents:
        yield "intent", intent.name
        yield from _fields("field", intent.name, intent.fields)
    for resource in policy.resources:
        yield "resource", resource.name
        yield from _fields("field", resource.name, resource.attributes)
        for action in resource.actions:
            name = f"{resource.name}.{action.name}"
            yield "action", name
            yield from _fields("parameter", f"{name}.args", action.parameters)
    for type_ in (*policy.levels, *policy.enums):
        yield "type", type_.name
        yield from (("member", f"{type_.name}.{written(member)}") for member in type_.members)
    yield from (("set", constants.name) for constants in policy.sets)
    for root, fields in (("context", policy.context), ("user", policy.user or ())):
        yield "field", root
        yield from _fields("field", root, fields)
    yield from (("meter", meter.name) for meter in policy.meters)
    yield from (("source", source.name) for source in policy.sources)
    for rule in policy.rules:
        yield "rule", rule.id
        if isinstance(rule, ir.Allow):
            yield "rule", grant_of(policy, rule)
    yield from (("constraint", constraint_name(each) or "") for each in policy.constraints)
    for test in policy.tests:
        yield "test", test.name if test.cell is None else test.cell.block
    for binding in policy.bindings:
        yield from (("binding", f"{package.name}.{binding.target}") for package in policy.packages)


def _fields(kind: str, name: str, fields: Iterable[ir.Field]) -> Iterator[tuple[str, str]]:
    """Fields, and those of records in them, also in lists."""
    for each in fields:
        below = f"{name}.{written(each.name)}"
        yield kind, below
        inner = ir.innermost_type(each.type)
        if isinstance(inner, ir.RecordType):
            yield from _fields(kind, below, inner.fields)
