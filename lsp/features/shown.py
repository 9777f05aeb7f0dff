"""Declarations as they are written, for whoever shows them."""

from __future__ import annotations

import textwrap

from ...compiler.lowering.names.definitions import Target
from ...compiler.lowering.names.names import Declaration, Kind
from ...compiler.report.source import Span
from ...compiler.syntax import tree as syntax
from ..snapshot import Snapshot

_KINDS: dict[str, Kind] = {
    "agent": "agent", "intent": "intent", "resource": "resource", "type": "type", "set": "set",
    "condition": "condition", "rule": "rule", "meter": "meter", "source": "source",
    "group": "group", "terms": "terms",
}  # fmt: skip


def declared(snapshot: Snapshot, target: Target) -> syntax.Node | None:
    """What declares something: the whole statement, clause or item."""
    if target.kind in _KINDS and (found := _statement(snapshot, _KINDS[target.kind], target.name)):
        return found
    holder, _, last = target.name.rpartition(".")
    if target.kind == "action":
        node = _statement(snapshot, "resource", holder)
        if isinstance(node, syntax.ResourceDeclaration):
            return next((each for each in node.actions if each.name.text == last), None)
    if target.kind == "member":
        return _statement(snapshot, "type", holder)
    if target.kind == "rule":
        node = _statement(snapshot, "rule", holder)
        if isinstance(node, syntax.RuleDeclaration):
            allows = (each for each in node.clauses if isinstance(each, syntax.AllowClause))
            return next((each for each in allows if each.label and each.label.text == last), None)
    return None


def _statement(snapshot: Snapshot, kind: Kind, name: str) -> Declaration | None:
    package, _, last = name.rpartition(".")
    table = snapshot.names.packages.get(package)
    found = None if table is None else table.declared[kind].get(last)
    return None if found is None else found.node


def slice_of(snapshot: Snapshot, span: Span) -> str:
    """The text of a stretch of a file, with the indentation of its first line taken off the others."""
    lines = snapshot.source_of(span.file).lines()[span.line - 1 : span.end_line]
    if not lines:
        return ""
    lines[-1] = lines[-1][: span.end_column - 1]
    first, *rest = lines
    indent = first[: span.column - 1]
    if indent.strip():
        return (
            "\n".join((first[span.column - 1 :], *textwrap.dedent("\n".join(rest)).split("\n")))
            if rest
            else first[span.column - 1 :]
        )
    return "\n".join((first[span.column - 1 :], *(each.removeprefix(indent) for each in rest)))
