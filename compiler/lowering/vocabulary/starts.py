"""The starts of tasks: of intents that are declared in version 2 of the language, and of all where a rule names one.

An intent that has a start is a type of resource as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...ir import nodes as ir
from ...ir.starts import KIND, START, resource_of, whole
from ...report.diagnostics import Label, at
from ...structs import changed
from ...syntax import tree as syntax
from ..names.names import Names


def add_starts(
    resources: dict[str, ir.Resource], intents: dict[str, ir.Intent], names: Names
) -> None:
    """Add the types of resources that intents are.

    Where a resource has the name of an intent, the name is the resource's, which is told.
    """
    are_named = any(_is_start(names, package, name) for package, name in _named(names))
    for name, intent in intents.items():
        if are_named or names.packages[name.rpartition(".")[0]].has_starts:
            if name in resources:
                _report_hidden(name, names)
            else:
                resources[name] = resource_of(intent)


def _report_hidden(name: str, names: Names) -> None:
    intent = next(each.node for each in names.all("intent") if each.name == name)
    resource = next(each.node for each in names.all("resource") if each.name == name)
    assert isinstance(intent, syntax.IntentDeclaration)
    assert isinstance(resource, syntax.ResourceDeclaration)
    names.diagnostics.append(
        at(
            "AGP1613",
            intent.name.span,
            f"nobody can start a task for `{name}`: `{name}.{START}` is the resource's, which has the same name",
            also=(Label(resource.name.span, "the resource"),),
            help="give one of them another name",
        )
    )


def _named(names: Names) -> Iterator[tuple[str, syntax.Name]]:
    """What decisions name as capabilities, each with its package; what only tests and assertions say opens nothing."""
    for rule in names.all("rule"):
        assert isinstance(rule.node, syntax.RuleDeclaration)
        for clause in rule.node.clauses:
            if isinstance(clause, (syntax.AllowClause, syntax.DenyClause)):
                for each in clause.capabilities:
                    yield rule.package, each
    for group in names.all("group"):
        assert isinstance(group.node, syntax.GroupDeclaration)
        yield from ((group.package, each) for each in group.node.capabilities)
    for meter in names.all("meter"):
        assert isinstance(meter.node, syntax.MeterDeclaration)
        yield from ((meter.package, each) for each in meter.node.capabilities)


def _is_start(names: Names, package: str, name: syntax.Name) -> bool:
    intent, _, action = name.text.rpartition(".")
    return (
        action in (START, "*")
        and names.find("resource", package, intent) is None
        and names.find("intent", package, intent) is not None
    )


def starts_among(
    resources: dict[str, ir.Resource], capabilities: Iterable[str]
) -> list[ir.Resource]:
    """The intents among the resources of these capabilities."""
    named = sorted({each.rpartition(".")[0] for each in capabilities})
    found = [resources.get(each) for each in named]
    return [each for each in found if each is not None and each.kind == KIND]


def with_whole_fields(
    rule: ir.Allow, resources: dict[str, ir.Resource], names: Names
) -> ir.Allow | None:
    """An allow of a start asks that what the new task has to say is said; one of more besides is a mistake."""
    intents = starts_among(resources, rule.capabilities)
    if not intents:
        return rule
    if len(rule.capabilities) > 1:
        names.diagnostics.append(
            at(
                "AGP1612",
                rule.span,
                f"`{intents[0].name}.{START}` stands beside other capabilities in an allow",
                help="write an `allow` for each start: it reads the fields of the task that is started",
            )
        )
        return None
    asked = whole(intents[0].actions[0].parameters)
    parts = _parts(rule.condition)
    more = [each for each in _parts(asked) if each not in parts]
    parts = (*parts, *more)
    condition = None if not parts else parts[0] if len(parts) == 1 else ir.And(parts)
    return changed(rule, condition=condition)


def _parts(condition: ir.Condition | None) -> tuple[ir.Condition, ...]:
    if condition is None:
        return ()
    return condition.parts if isinstance(condition, ir.And) else (condition,)
