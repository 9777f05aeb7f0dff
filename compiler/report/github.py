"""Diagnostics as GitHub workflow commands, which annotate a pull request."""

from __future__ import annotations

from . import Report, full_text
from .codes import Severity
from .diagnostics import Diagnostic

COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report) -> str:
    """Render a line for each diagnostic."""
    return "".join(f"{annotation(each, report)}\n" for each in report.diagnostics)


def annotation(diagnostic: Diagnostic, report: Report) -> str:
    """Write one workflow command; columns only where the place is on one line."""
    properties: dict[str, str | int] = {}
    if diagnostic.labels:
        span = diagnostic.labels[0].span
        properties = {"file": report.path(span.file), "line": span.line, "endLine": span.end_line}
        if span.line == span.end_line:
            properties |= {"col": span.column, "endColumn": span.end_column}
    properties["title"] = diagnostic.code
    written = ",".join(f"{name}={escape_property(str(each))}" for name, each in properties.items())
    return f"::{COMMANDS[diagnostic.severity]} {written}::{escape_data(full_text(diagnostic))}"


def escape_data(text: str) -> str:
    r"""Escape what would end the command.

    >>> escape_data("50%\n")
    '50%25%0A'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape what would end the command or the property.

    >>> escape_property("a:b,c")
    'a%3Ab%2Cc'
    """
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")
