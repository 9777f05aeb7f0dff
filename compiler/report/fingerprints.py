"""Names of findings that stay when the policy around them is edited: for baselines, SARIF and GitLab.

A name is made of the code, the message, the statement that the finding stands in, and what is written at its
place, without white space, commas and comments. No line, column or file is in it, so that it survives edits above,
the formatter, and a file with another name. Two findings that are alike in all of that are told apart by a number.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from . import Report
from .diagnostics import Diagnostic
from .source import Span

LAYOUT = re.compile(r"\s|,|#[^\n]*")


def fingerprint(diagnostic: Diagnostic, report: Report) -> str:
    """Name a finding."""
    import hashlib  # by those who ask for names

    where: list[str] = []
    if diagnostic.labels:
        span = diagnostic.labels[0].span
        where = [report.statement(span), LAYOUT.sub("", written(span, report))]
    parts = json.dumps([diagnostic.code, diagnostic.message, *where])
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def numbered(names: Iterable[str], seen: Counter[str] | None = None) -> Iterator[str]:
    """Tell findings with one name apart, in the order in which they are shown."""
    seen = Counter() if seen is None else seen
    for name in names:
        seen[name] += 1
        yield f"{name}:{seen[name]}"


def written(span: Span, report: Report) -> str:
    """What a policy has at a place."""
    lines = [report.line(span.file, number) for number in range(span.line, span.end_line + 1)]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)
