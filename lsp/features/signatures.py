"""Signature help: what the call at hand takes, and which of it is written right now."""

from __future__ import annotations

from lsprotocol import types

from ...compiler.syntax import tree as syntax
from ...compiler.text.field_names import written
from ..snapshot import Snapshot
from .completion.around import Around
from .completion.asked import CompletionPoint
from .completion.cursor import cursor_at
from .completion.names import parameter, signature
from .completion.scope import CALLS, called, name_of
from .completion.strings import obligations


def signature_help(
    snapshot: Snapshot, name: str, position: types.Position
) -> types.SignatureHelp | None:
    """The parameters of the call, or the properties of the obligation, whose parentheses are open at a position."""
    text, tree = snapshot.source_of(name).text, snapshot.tree_of(name)
    offset = snapshot.lines_of(name).offset(position)
    cursor = cursor_at(text, offset, tree.statements)
    if cursor is None:
        return None
    asked = CompletionPoint.of(text, cursor, tree, snapshot.refer)
    around = Around.of(cursor.beginning.now)
    opened = around.last("(")
    word = around.symbol(opened - 2)
    if word in CALLS:
        action = called(asked, around, opened)
        if action is None:
            return None
        labels = [parameter(each) for each in action.parameters]
        names = [written(each.name) for each in action.parameters]
        called_name = name_of(around.values[opened - 1])
        title = f"{called_name.text}{signature(action)}"
    elif word == "oblige" and isinstance(around.values[opened - 1], syntax.Name):
        obligation = around.values[opened - 1].text
        names = list(obligations(asked).get(obligation, {}))
        labels = names
        title = f"{obligation}({', '.join(names)})"
    else:
        return None
    parameters = [types.ParameterInformation(each) for each in _places(title, labels)]
    active = _active(around, opened, names, cursor.token.typed)
    return types.SignatureHelp(
        [types.SignatureInformation(title, parameters=parameters, active_parameter=active)],
        0,
        active,
    )


def _places(title: str, labels: list[str]) -> list[tuple[int, int]]:
    """Where each parameter stands in the title, in UTF-16 units, as the protocol counts there."""
    found = []
    at = title.index("(") + 1
    for label in labels:
        at = title.index(label, at)
        before = len(title[:at].encode("utf-16-le")) // 2
        found.append((before, before + len(label.encode("utf-16-le")) // 2))
        at += len(label)
    return found


def _active(around: Around, opened: int, names: list[str], typed: str) -> int | None:
    """Which parameter is written: the one that is named, else the first without a value."""
    inside = around.symbols[opened + 1 :]
    given: list[str] = []
    for value in around.values[opened + 1 :]:
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, syntax.Pair):
                given.append(each.name.text)
    if ":" in inside:
        at = opened + 1 + inside.index(":")
        named = name_of(around.values[at - 1])
        return (
            names.index(named.text)
            if isinstance(named, syntax.Name) and named.text in names
            else None
        )
    left = [each for each in names if each not in given]
    fitting = [each for each in left if typed and each.startswith(typed)] or left
    return names.index(fitting[0]) if fitting else None
