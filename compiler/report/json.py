"""Diagnostics as one JSON object, for programs."""

from __future__ import annotations

import json
from typing import Any

from . import Report, witnesses
from .diagnostics import Diagnostic, Label


def render(report: Report) -> str:
    """Render `{"diagnostics": [...], "summary": {"error": n, "warning": n, "info": n, "silenced": n}}`."""
    summary = dict[str, int](report.count().items()) | {"silenced": report.silenced}
    document = {
        "diagnostics": [describe(each, report) for each in report.diagnostics],
        "summary": summary,
    }
    return json.dumps(document, indent=2) + "\n"


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
    }


def describe_label(label: Label, report: Report) -> dict[str, Any]:
    """Give a place as JSON data: lines and columns count from 1, the end is excluded."""
    span = label.span
    return {
        "file": report.path(span.file),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "text": label.text,
    }
