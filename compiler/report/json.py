"""Diagnostics as one JSON object, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from . import Report, witnesses
from .diagnostics import Diagnostic, Label
from .fingerprints import fingerprint, numbered
from .fixes import HOLE, Fix
from .source import Span


def render(report: Report) -> str:
    """Render `{"diagnostics": [...], "summary": {"error": n, …, "silenced": n}, "baseline": …}`."""
    return json.dumps(to_json(report), indent=2) + "\n"


def to_json(report: Report) -> dict[str, Any]:
    """Give a report as JSON data; `baseline` is None where none was held against."""
    summary = dict[str, int](report.count().items()) | {"silenced": report.silenced}
    names = numbered(fingerprint(each, report) for each in report.diagnostics)
    baseline = {
        "known": len(report.known or ()),
        "gone": [{"count": count, "finding": text} for count, text in report.gone],
    }
    return {
        "diagnostics": [
            {**describe(each, report), "fingerprint": name}
            for each, name in zip(report.diagnostics, names, strict=True)
        ],
        "summary": summary,
        "baseline": None if report.known is None else baseline,
    }


def describe(diagnostic: Diagnostic, report: Report) -> dict[str, Any]:
    """Give one diagnostic as JSON data; the first label is the place."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "labels": [describe_label(each, report) for each in diagnostic.labels],
        "help": diagnostic.help,
        "notes": list(diagnostic.notes),
        "witnesses": witnesses(diagnostic),
        "fixes": [describe_fix(fix, edits, report) for fix, edits in report.fixes(diagnostic)],
    }


def describe_fix(fix: Fix, edits: Iterable[tuple[Span, str]], report: Report) -> dict[str, Any]:
    """Give a fix as JSON data; in place of each `HOLE` the author has to write something."""
    return {
        "title": fix.title,
        "certainty": fix.certainty,
        "has_hole": fix.has_hole,
        "edits": [
            {**describe_span(span, report), "text": text.replace(HOLE, "")} for span, text in edits
        ],
    }


def describe_label(label: Label, report: Report) -> dict[str, Any]:
    """Give a place, and what is said of it, as JSON data."""
    return {**describe_span(label.span, report), "text": label.text}


def describe_span(span: Span, report: Report) -> dict[str, Any]:
    """Give a place as JSON data: lines and columns count from 1, the end is excluded."""
    return {
        "file": report.path(span.file),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
