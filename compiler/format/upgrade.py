"""A file of version 1 of the language in version 2: what has to be written otherwise, and nothing else.

The parser says where version 2 reads what version 1 took: commas behind lists that no bracket closes, and a
`when` or `require` behind an `allow` that cannot take it, which was the whole grant's. The former go, the latter
move to before the grant's first `allow`, with the comments that stand by them; then the file says its version.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from ..report.diagnostics import Diagnostics
from ..report.fixes import above_remarks
from ..report.source import Source, Span
from ..structs import Struct
from ..syntax import tree as syntax
from ..syntax.parse import LANGUAGE, parse

_OF_ALL = (syntax.WhenClause, syntax.RequireClause)
_WHITE = ("", " ", "\t", "\n", "\r")
_COMMENT_BEHIND = re.compile(r"[ \t]*(?:#[^\n]*)?")


class Upgraded(Struct):
    """A file in version 2, and how many of its commas and clauses had to change."""

    source: Source
    commas: int
    clauses: int


def upgrade(source: Source, diagnostics: Diagnostics) -> Upgraded:
    """Write a file in version 2; what is wrong with it all the same is reported."""
    found: Diagnostics = []
    file = parse(source, found)
    commas = clauses = 0
    while file.commas:
        commas += len(file.commas)
        source = _without(source, file.commas)
        file = parse(source, found := [])
    before = file
    while found and (move := _first_move(file)) is not None:
        run, at = move
        clauses += len(run)
        source = _moved(source, run, at)
        file = parse(source, found := [])
    assert found or says_the_same(before, file)  # INVARIANT: no clause is another rule's now
    diagnostics.extend(found)
    if not found and file.language is None and file.package is not None:
        start = _start_of_package(source, file)
        text = f"{source.text[:start]}language {LANGUAGE}\n{source.text[start:]}"
        source = Source(source.name, text)
    return Upgraded(source, commas, clauses)


class _Places:
    """Offsets of places in a text."""

    def __init__(self, source: Source) -> None:
        self.lines = [0, *accumulate(len(line) + 1 for line in source.text.split("\n"))]

    def start(self, span: Span) -> int:
        return self.lines[span.line - 1] + span.column - 1

    def end(self, span: Span) -> int:
        return self.lines[span.end_line - 1] + span.end_column - 1

    def line_of(self, offset: int) -> int:
        """Where the line of an offset begins."""
        return self.lines[bisect_right(self.lines, offset) - 1]


def _without(source: Source, commas: tuple[Span, ...]) -> Source:
    text, places = source.text, _Places(source)
    for start in sorted(map(places.start, commas), reverse=True):
        text = text[:start] + text[start + 1 :]
    return Source(source.name, text)


def _start_of_package(source: Source, file: syntax.File) -> int:
    assert file.package is not None
    places = _Places(source)
    text = source.text[: places.start(file.package.span)]
    for comment in file.comments:
        start, end = places.start(comment.span), places.end(comment.span)
        if end <= len(text):
            text = text[:start] + " " * (end - start) + text[end:]
    return text.rindex("package")


# --- clauses --------------------------------------------------------------------------------------


def _first_move(file: syntax.File) -> tuple[Sequence[syntax.Clause], syntax.Clause] | None:
    """Clauses that have to move together, and before which one they belong."""
    for statement in file.statements:
        if not isinstance(statement, syntax.RuleDeclaration):
            continue
        clauses = statement.clauses
        for number, before in enumerate(clauses[:-1]):
            if not isinstance(before, syntax.AllowClause):
                continue
            end = number + 1
            while end < len(clauses) and isinstance(clauses[end], _OF_ALL):
                end += 1
            if end > number + 1:
                run = clauses[number + 1 : end]
                first = next(
                    n for n, it in enumerate(clauses) if isinstance(it, syntax.AllowClause)
                )
                # these first: what an `allow` can take must not come to stand right behind it
                requires = [each for each in run if isinstance(each, syntax.RequireClause)]
                if requires:
                    return requires, clauses[first]
                while isinstance(clauses[first - 1], syntax.RequireClause) and first > 0:
                    first -= 1  # which no `when` may follow
                return run, clauses[first]
    return None


def _moved(source: Source, run: Sequence[syntax.Clause], before: syntax.Clause) -> Source:
    """Put clauses on lines of their own, before another one and the comments above that."""
    text, places = source.text, _Places(source)
    begin = places.start(before.span)
    line = places.line_of(begin)
    indent = text[line:begin]
    at = begin if indent.strip(" \t") else above_remarks(text, line)
    taken = []
    for clause in run:
        start, end, shown = _cut(text, places, clause)
        taken.append((start, end, shown))
    shift = "" if at == begin else indent
    put = "".join(f"{shift}{shown}\n" for _, _, shown in taken)
    for start, end, _ in sorted(taken, reverse=True):
        text = text[:start] + text[end:]
    return Source(source.name, text[:at] + put + text[at:])


def _cut(text: str, places: _Places, clause: syntax.Clause) -> tuple[int, int, str]:
    """What to take out for a clause: from, to, and its text; with its comments, if it has its lines alone."""
    start, end = places.start(clause.span), places.end(clause.span)
    line = places.line_of(start)
    behind = _COMMENT_BEHIND.match(text, end)
    assert behind is not None
    ends_line = text[behind.end() : behind.end() + 1] in ("", "\n", "\r")
    if text[line:start].strip(" \t") or not ends_line:
        if text[start - 1 : start] in (" ", "\t") and text[end : end + 1] in _WHITE:
            return start - 1, end, text[start:end]
        return start, end, text[start:end]
    begin = above_remarks(text, line)
    shown = text[begin : behind.end()].strip()
    end = behind.end()
    while text[end : end + 1] == "\r":
        end += 1
    return begin, end + (text[end : end + 1] == "\n"), shown


def says_the_same(one: syntax.File, other: syntax.File) -> bool:
    """Whether two trees have the same statements, in whatever order the clauses of rules are."""
    return len(one.statements) == len(other.statements) and all(
        a == b
        or (
            isinstance(a, syntax.RuleDeclaration)
            and isinstance(b, syntax.RuleDeclaration)
            and len(a.clauses) == len(b.clauses)
            and all(each in b.clauses for each in a.clauses)
        )
        for a, b in zip(one.statements, other.statements, strict=True)
    )
