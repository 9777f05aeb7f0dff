"""Diagnostics as GitLab's Code Quality report, which a merge request shows beside its changes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..text.visible import visible, visible_lines
from . import Report, full_text
from .codes import Severity
from .diagnostics import Diagnostic
from .fingerprints import fingerprint, numbered

SEVERITY: dict[Severity, str] = {"error": "critical", "warning": "major", "info": "info"}


def render(report: Report) -> str:
    """Render a list with an object for each diagnostic."""
    return render_all([report])


def render_all(reports: Iterable[Report]) -> str:
    """Render the diagnostics of several reports as one; GitLab shows one of two with the same fingerprint."""
    seen: Counter[str] = Counter()
    found = []
    for report in reports:
        names = numbered((fingerprint(each, report) for each in report.diagnostics), seen)
        for each, name in zip(report.diagnostics, names, strict=True):
            found.append(describe(each, name, report))
    return json.dumps(found, indent=2) + "\n"


def describe(diagnostic: Diagnostic, name: str, report: Report) -> dict[str, Any]:
    """Give one diagnostic; GitLab has no findings without a place, so such a one is of the first file."""
    path, first, last = next(iter(report.paths.values()), "policy"), 1, 1
    if diagnostic.labels:
        span = diagnostic.labels[0].span
        path, first, last = report.path(span.file), span.line, span.end_line
    return {
        "type": "issue",
        "check_name": diagnostic.code,
        "description": visible_lines(full_text(diagnostic)),
        "categories": ["Security"],
        "severity": SEVERITY[diagnostic.severity],
        "fingerprint": name,
        "location": {"path": visible(path), "lines": {"begin": first, "end": last}},
    }
