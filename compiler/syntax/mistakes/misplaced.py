"""Clauses that are read as one clause's, and belong to another.

Newlines carry no meaning, so a `when` after the last `allow` of a grant belongs to that allow alone. Where
it stands on a line of its own, no further in than the `allow`, a reader takes it for a condition on
every allow, and the other allows are open without it. And the other way round: a `when` or `require`
that an `allow` before it cannot take any more is nobody's, which the grammar says (`recover` goes on as if
it were the whole grant's). After another clause it is the grant's; where it stands on that clause's line, or
further in, a reader takes it for a part of the clause. A `when` right after a `require` is taken for
when an approval is needed, wherever it stands. All are errors, whatever was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from ...report.diagnostics import (
    Diagnostic,
    Diagnostics,
    Label,
    at,
)
from ...report.fixes import Edit, Fix, start_of
from ...report.offsets import Offsets
from ...report.source import Source, Span
from ...structs import changed
from .. import tree as syntax

_CLAUSE = r"([ \t]*)(when|require)\b"  # compiled where an allow has several lines
_OF_ALL = (syntax.WhenClause, syntax.RequireClause)
_TAKES_NONE = (syntax.ToClause, syntax.ForClause, syntax.AllowClause)
"""Of the first two nobody takes the next clause for a part, and of the last one the parser does."""


def check_readings(
    statements: Iterable[syntax.Statement], source: Source, diagnostics: Diagnostics
) -> None:
    """Report such clauses in grants."""
    lines: list[str] | None = None
    for statement in statements:
        if not isinstance(statement, syntax.RuleDeclaration) or statement.kind != "grant":
            continue
        diagnostics.extend(list(_swallowed_in(statement, diagnostics)))
        if diagnostics:
            _offer_moves(statement, source, diagnostics)
        allows = [each for each in statement.clauses if isinstance(each, syntax.AllowClause)]
        if len(allows) < 2:
            continue
        for allow in allows:
            if allow.span.line == allow.span.end_line:
                continue
            lines = source.lines() if lines is None else lines
            for number in range(allow.span.line + 1, allow.span.end_line + 1):
                found = re.match(_CLAUSE, lines[number - 1])
                if found and len(found[1]) < allow.span.column:
                    start = len(found[1]) + 1
                    span = Span(source.name, number, start, number, start + len(found[2]))
                    diagnostics.append(_misread(found[2], span, allow, len(found[1])))


def _swallowed_in(grant: syntax.RuleDeclaration, diagnostics: Diagnostics) -> Iterator[Diagnostic]:
    """Say it of each clause that is the whole grant's, in a grant of which nothing else is said."""
    for before, clause in pairwise(grant.clauses):
        if (
            isinstance(clause, _OF_ALL)
            and not isinstance(before, _TAKES_NONE)
            and not _is_apart(clause, before)
            and not any(
                each.labels and each.labels[0].span.lies_in(grant.span) for each in diagnostics
            )
        ):
            yield _swallowed(clause, before)


def _is_apart(clause: syntax.Node, before: syntax.Node) -> bool:
    """Whether a clause reads as one of its own: on its own line, no further in than the one before."""
    if isinstance(before, syntax.RequireClause) and isinstance(clause, syntax.WhenClause):
        return False
    here, above = clause.span, before.span
    return here.line > above.end_line and here.column <= above.column


def _swallowed(clause: syntax.Node, before: syntax.Node) -> Diagnostic:
    keyword = "when" if isinstance(clause, syntax.WhenClause) else "require"
    place = clause.span
    return at(
        "AGP1407",
        Span(place.file, place.line, place.column, place.line, place.column + len(keyword)),
        f"this `{keyword}` looks like a part of the clause before it, and is the whole grant's",
        also=(Label(before.span, "the clause before it"),),
        help=f"for all of the grant, write `{keyword} …` on a line of its own before that clause; "
        "to ask it of some calls only, write an `allow` for those and another for the rest",
    )


def beyond(keyword: str, span: Span, allow: syntax.AllowClause) -> Diagnostic:
    """Report a `when` or `require` that an `allow` before it cannot take any more."""
    inside = "the `allow` has one" if _has(allow, keyword) else "a `when` comes before `require`"
    return at(
        "AGP1407",
        span,
        f"this `{keyword}` is no part of the `allow` before it: {inside}",
        also=(Label(allow.span, "the clause before it"),),
        help="for this allow, join what it has with `and`, and write `when` before `require`; "
        f"for all of them, write `{keyword} …` on a line of its own, before the first `allow`, "
        "as `agpc upgrade` does",
    )


def _has(allow: syntax.AllowClause, keyword: str) -> bool:
    return allow.when is not None if keyword == "when" else bool(allow.require)


def _offer_moves(grant: syntax.RuleDeclaration, source: Source, diagnostics: Diagnostics) -> None:
    """Let each clause that is read as the grant's be written where it looks so."""
    places: Offsets | None = None
    for number, found in enumerate(diagnostics):
        place = found.labels[0].span if found.labels else None
        if found.code != "AGP1407" or found.fixes or place is None or not place.lies_in(grant.span):
            continue
        for index, clause in enumerate(grant.clauses):
            begins = (clause.span.line, clause.span.column) == (place.line, place.column)
            if begins and isinstance(clause, _OF_ALL):
                places = places or Offsets(source)
                start = places.offset(clause.span.line, clause.span.column)
                end = places.offset(clause.span.end_line, clause.span.end_column)
                edits = (
                    Edit(
                        _place_for(clause, grant.clauses, index),
                        source.text[start:end],
                        "line before",
                    ),
                    Edit(clause.span, "", "gone"),
                )
                fix = Fix("write it where it is read as the whole grant's", edits, "safe")
                diagnostics[number] = changed(found, fixes=(fix,))


def _place_for(clause: syntax.Clause, clauses: Sequence[syntax.Clause], index: int) -> Span:
    """Before which clause another one is the whole grant's, and looks so."""
    allows = [n for n, each in enumerate(clauses[:index]) if isinstance(each, syntax.AllowClause)]
    first = allows[0] if allows else index - 1
    if isinstance(clause, syntax.WhenClause):
        while first > 0 and isinstance(clauses[first - 1], syntax.RequireClause):
            first -= 1
    return clauses[first].span


def _misread(keyword: str, span: Span, allow: syntax.AllowClause, indent: int) -> Diagnostic:
    deeper = " " * (allow.span.column - 1 + 4 - indent)
    return at(
        "AGP1406",
        span,
        f"this `{keyword}` looks like the grant's, and belongs to one `allow` alone",
        also=(Label(allow.span, "this one"),),
        help="for this allow, indent it further or write it on the same line; for all of them, "
        "write it before the first `allow`",
        fixes=(Fix("indent it as a part of this allow", (Edit(start_of(span), deeper),), "safe"),),
    )
