"""Where what a word stands for is declared, what its type is, and where else it is written."""

from __future__ import annotations

import re

from lsprotocol import types

from ...compiler.lowering.uses import Target, Use
from ...compiler.report.source import Span
from ..snapshot import Snapshot

_TYPE = re.compile(r"\s*\??\s*:[\s\[]*(?:[A-Za-z_]\w*\.)*([A-Za-z_])")
"""What stands between the name of a field and the last word of its type."""


def definition(
    snapshot: Snapshot, file: str, line: int, column: int
) -> list[types.Location] | None:
    """Where it is declared: in several places, if the word stands for several things, or several packages say it."""
    use = snapshot.compilation.uses.at(file, line, column)
    return None if use is None else _locations(snapshot, _definitions(snapshot, use, file))


def type_definition(
    snapshot: Snapshot, file: str, line: int, column: int
) -> list[types.Location] | None:
    """Where the level or enum is declared that an attribute or a parameter is of, or that a member belongs to."""
    uses = snapshot.compilation.uses
    use = uses.at(file, line, column)
    if use is None:
        return None
    found: dict[Span, None] = {}
    for target in use.targets:
        for type_ in _types_of(snapshot, target):
            found.update((each.span, None) for each in uses.definitions(type_))
    return _locations(snapshot, found) if found else None


def references(
    snapshot: Snapshot, file: str, line: int, column: int, *, with_declaration: bool
) -> list[types.Location] | None:
    """Where it is written, in all files of the set."""
    uses = snapshot.compilation.uses
    use = uses.at(file, line, column)
    if use is None:
        return None
    found = {
        each.span: None
        for target in use.targets
        for each in uses.of(target)
        if with_declaration or not each.is_definition
    }
    return _locations(snapshot, sorted(found))


def highlights(
    snapshot: Snapshot, file: str, line: int, column: int
) -> list[types.DocumentHighlight] | None:
    """Where it is written in this file; a declaration counts as writing."""
    uses = snapshot.compilation.uses
    use = uses.at(file, line, column)
    if use is None:
        return None
    kinds = types.DocumentHighlightKind
    meant = set(use.targets)
    return [
        types.DocumentHighlight(
            snapshot.range_of(each.span), kinds.Write if each.is_definition else kinds.Read
        )
        for each in uses.in_file(file)
        if not meant.isdisjoint(each.targets)
    ]


def _definitions(snapshot: Snapshot, use: Use, file: str) -> list[Span]:
    """The declarations, of the fields of a request those that the package sees, where it sees one."""
    uses = snapshot.compilation.uses
    found = list(
        dict.fromkeys(each.span for target in use.targets for each in uses.definitions(target))
    )
    package = snapshot.tree_of(file).package
    if len(found) < 2 or package is None or use.target.kind == "package":
        return found
    visible = snapshot.names.visible(package.text)
    seen = [each for each in found if _package_of(snapshot, each) in visible]
    return seen or found


def _package_of(snapshot: Snapshot, span: Span) -> str:
    package = snapshot.tree_of(span.file).package
    return "" if package is None else package.text


def _types_of(snapshot: Snapshot, target: Target) -> list[Target]:
    """The declared types that a field is of: several, where packages declare it each for itself."""
    if target.kind == "type":
        return [target]
    if target.kind == "member":
        holder = snapshot.compilation.uses.holder(target)
        return [] if holder is None else [Target("type", holder)]
    if target.kind not in ("field", "parameter"):
        return []
    found: list[Target] = []
    for each in snapshot.compilation.uses.definitions(target):
        lines = snapshot.lines_of(each.span.file)
        match = _TYPE.match(lines.text, lines.offsets(each.span)[1])
        if match is not None:
            use = snapshot.compilation.uses.at(each.span.file, *lines.place_of(match.start(1)))
            found += [] if use is None else [e for e in use.targets if e.kind == "type"]
    return found


def _locations(snapshot: Snapshot, spans: list[Span] | dict[Span, None]) -> list[types.Location]:
    return [snapshot.location_of(each) for each in spans]
