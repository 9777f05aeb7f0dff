"""What a statement declares, each thing under the one name that it has in a policy set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from ...structs import Struct
from ...syntax import tree as syntax
from .names import KINDS, Names

TargetKind: TypeAlias = Literal[
    "package", "agent", "intent", "resource", "action", "parameter", "field", "type", "member",
    "set", "condition", "rule", "meter", "source", "group", "terms", "control",
]  # fmt: skip


class Target(Struct):
    """Something that names stand for. One text is one thing within its kind.

    | kind | name |
    | --- | --- |
    | package | `pkg` |
    | agent (and family), intent, resource, type, set, condition, rule, meter, source, group, terms | `pkg.name` |
    | action, label of an allow (a rule), member of a level or enum | `pkg.name.action`, `pkg.grant.label`, `pkg.level.member` |
    | parameter, or a field of the record that one is | `pkg.tool.action.args.amount`, `….args.to.street` |
    | field that conditions read as `agent.…`, `resource.…`, `task.…` | `pkg.bot.agent.team`, `pkg.tool.resource.owner`, `pkg.intent.task.due` |
    | field of `context` and `user`, of all packages together | `context.risk`, `user.country` |
    | field of what an action gives back | `pkg.tool.action().total` |
    | control | `framework:id` |

    A last part that is no word is in quotes, as it is written: `pkg.tool.action.args."page-size"`.
    """

    kind: TargetKind
    name: str


Definition: TypeAlias = tuple[Target, syntax.Name]


def defined_by(package: str, node: syntax.Statement, names: Names) -> Iterator[Definition]:
    """Give what a statement declares, and the names by which it does."""
    match node:
        case syntax.ContextDeclaration(kind=root):
            yield from _fields("field", root, node.fields)
        case syntax.ExtendDeclaration():
            found = names.find("resource", package, node.name.text)
            if found is not None:
                yield from _fields("field", f"{found.name}.resource", node.attributes)
        case _ if (kind := KINDS.get(type(node))) is not None:
            assert not isinstance(node, _NAMELESS)
            name = f"{package}.{node.name.text}"
            yield Target(kind, name), node.name
            yield from _inside(name, node)
        case _:
            pass


_NAMELESS = (
    syntax.OwnerClause, syntax.Controls, syntax.Use, syntax.SeparateDeclaration,
    syntax.IsolateDeclaration, syntax.DelegateDeclaration, syntax.WithinDeclaration,
    syntax.AssertDeclaration, syntax.TestDeclaration, syntax.BindDeclaration,
)  # fmt: skip


def _inside(name: str, node: syntax.Statement) -> Iterator[Definition]:
    match node:
        case syntax.AgentDeclaration() | syntax.AgentsDeclaration():
            yield from _fields("field", f"{name}.agent", node.attributes)
        case syntax.IntentDeclaration():
            yield from _fields("field", f"{name}.task", node.fields)
        case syntax.ResourceDeclaration():
            yield from _fields("field", f"{name}.resource", node.attributes)
            for action in node.actions:
                called = f"{name}.{action.name.text}"
                yield Target("action", called), action.name
                yield from _fields("parameter", f"{called}.args", action.parameters)
                if action.result is not None:
                    yield from _of_type("field", f"{called}()", action.result)
        case syntax.LevelDeclaration() | syntax.EnumDeclaration():
            for member in node.members:
                yield Target("member", f"{name}.{member.text}"), member
        case syntax.RuleDeclaration():
            for clause in node.clauses:
                if isinstance(clause, syntax.AllowClause) and clause.label is not None:
                    yield Target("rule", f"{name}.{clause.label.text}"), clause.label
        case _:
            pass


def _fields(
    kind: TargetKind, holder: str, fields: Iterable[syntax.FieldDeclaration]
) -> Iterator[Definition]:
    for each in fields:
        name = f"{holder}.{each.name.text}"
        yield Target(kind, name), each.name
        yield from _of_type(kind, name, each.type)


def _of_type(kind: TargetKind, holder: str, type_: syntax.TypeExpression) -> Iterator[Definition]:
    """The fields of the records in a type."""
    while isinstance(type_, syntax.ListOf):
        type_ = type_.of
    if isinstance(type_, syntax.RecordOf):
        yield from _fields(kind, holder, type_.fields)
