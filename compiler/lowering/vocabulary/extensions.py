"""`extend`: attributes and kinds that are written by hand, of what a generated file declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...ir import nodes as ir
from ...ir.roots import reserved
from ...report.diagnostics import at, report
from ...report.source import Span
from ...structs import changed
from ...syntax import tree as syntax
from ...text.suggestions import did_you_mean
from ..names.names import Names, twice
from .types import fields_of


def extend(resources: dict[str, ir.Resource], names: Names) -> None:
    """Add to each resource what extensions say of it; in another package that is kinds alone."""
    for table in names.packages.values():
        for node in table.extensions:
            found = names.resource(table.name, node.name)
            if found is None:
                names.lost.update(each.name.text for each in node.attributes)
                continue
            declared = found.node
            fields = tuple(_attributes(node, declared, table.name, found.package, names))
            kinds = dict(_kinds(node, resources[found.name], names))
            before = resources[found.name]
            resources[found.name] = changed(
                before,
                attributes=_joined(before.attributes, fields, node, names),
                actions=tuple(
                    changed(each, kinds=_both(each.kinds, kinds.get(each.name, ())))
                    for each in before.actions
                ),
            )


def _both(
    one: tuple[ir.ActionKind, ...], other: tuple[ir.ActionKind, ...]
) -> tuple[ir.ActionKind, ...]:
    return tuple(each for each in ir.KINDS if each in one or each in other)


def _attributes(
    node: syntax.ExtendDeclaration,
    declared: syntax.ResourceDeclaration,
    package: str,
    home: str,
    names: Names,
) -> Iterator[ir.Field]:
    """The attributes that an extension adds."""
    if node.attributes and package != home:
        report(
            names.diagnostics,
            "AGP1113",
            node.attributes[0].span,
            f"only package `{home}` gives `{node.name.text}` attributes",
            f"write this in a file of `package {home}`; other packages may add kinds of actions",
        )
        return
    before = {each.name.text: each.name for each in declared.attributes}
    for each in node.attributes:
        if each.name.text in before:
            names.diagnostics.append(twice(each.name, before[each.name.text], "an attribute"))
    fresh = [each for each in node.attributes if each.name.text not in before]
    yield from fields_of(fresh, package, names, reserved=reserved("resource"))


def _joined(
    before: Iterable[ir.Field],
    fields: Iterable[ir.Field],
    node: syntax.ExtendDeclaration,
    names: Names,
) -> tuple[ir.Field, ...]:
    """All attributes, sorted; one that another extension has added is told."""
    found = {each.name: each for each in before}
    written = {each.name.text: each.name for each in node.attributes}
    for each in fields:
        if each.name in found:
            span = written[each.name].span
            names.diagnostics.append(at("AGP1102", span, f"`{each.name}` is declared twice"))
        found[each.name] = each
    return tuple(found[name] for name in sorted(found))


def _kinds(
    node: syntax.ExtendDeclaration, resource: ir.Resource, names: Names
) -> Iterator[tuple[str, tuple[ir.ActionKind, ...]]]:
    """The kinds that an extension marks actions with."""
    actions = [each.name for each in resource.actions]
    found: dict[str, tuple[ir.ActionKind, ...]] = {}
    for action in node.actions:
        name, span = action.name.text, action.name.span
        said = {each.text for each in action.kinds}
        if name not in actions:
            help = did_you_mean(name, actions) or (
                f"an extension marks what is declared; declare it in the {resource.kind} itself"
            )
            message = f"{resource.kind} `{node.name.text}` has no action `{name}`"
            names.miss(name, at("AGP1101", span, message, help=help))
            continue
        more = _more_than_kinds(action)
        names.note(action.name, "action", f"{resource.name}.{name}")
        if more is not None:
            what, place = more
            help = f"write `{' '.join((*sorted(said), 'action', name))}` alone"
            report(
                names.diagnostics, "AGP1113", place, f"an extension gives an action no {what}", help
            )
        elif not said:
            help = f"say what it does, as in `write action {name}`"
            report(names.diagnostics, "AGP1113", span, f"this says nothing of `{name}`", help)
        kinds = tuple(each for each in ir.KINDS if each in said)
        found[name] = _both(found.get(name, ()), kinds)
    yield from found.items()


def _more_than_kinds(action: syntax.ActionDeclaration) -> tuple[str, Span] | None:
    if action.parameters:
        return "parameters", action.parameters[0].span
    if action.others is not None:
        return "parameters", action.others.span
    return None if action.result is None else ("result", action.result.span)
