"""Clauses that are read as the grant's and are an allow's.

Newlines carry no meaning, so a `when` after the last `allow` of a grant belongs to that allow alone. Where
it stands on a line of its own, no further in than the `allow`, a reader takes it for a condition on
every allow, and the other allows are open without it. That is an error, whatever was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from . import syntax
from .diagnostics import Diagnostic, Diagnostics, Label, at
from .source import Source, Span

_CLAUSE = re.compile(r"([ \t]*)(when|require)\b")


def check_readings(
    statements: Iterable[syntax.Statement], source: Source, diagnostics: Diagnostics
) -> None:
    """Report such clauses in grants of more than one allow."""
    lines: list[str] | None = None
    for statement in statements:
        if not isinstance(statement, syntax.RuleDeclaration):
            continue
        allows = [each for each in statement.clauses if isinstance(each, syntax.AllowClause)]
        if len(allows) < 2:
            continue
        for allow in allows:
            if allow.span.line == allow.span.end_line:
                continue
            lines = source.lines() if lines is None else lines
            for number in range(allow.span.line + 1, allow.span.end_line + 1):
                found = _CLAUSE.match(lines[number - 1])
                if found and len(found[1]) < allow.span.column:
                    start = len(found[1]) + 1
                    span = Span(source.name, number, start, number, start + len(found[2]))
                    diagnostics.append(_misread(found[2], span, allow))


def _misread(keyword: str, span: Span, allow: syntax.AllowClause) -> Diagnostic:
    return at(
        "AGP1406",
        span,
        f"this `{keyword}` looks like the grant's, and belongs to one `allow` alone",
        also=(Label(allow.span, "this one"),),
        help="for this allow, indent it further or write it on the same line; for all of them, "
        "write it before the first `allow`",
    )
