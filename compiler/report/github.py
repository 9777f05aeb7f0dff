"""Diagnostics as GitHub workflow commands, which annotate a pull request."""

from __future__ import annotations

from collections.abc import Mapping

from ..text.visible import visible_lines
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
    return command(COMMANDS[diagnostic.severity], properties, full_text(diagnostic))


def command(name: str, properties: Mapping[str, str | int], text: str) -> str:
    """Write a workflow command; its text shows whatever cannot be seen."""
    written = ",".join(f"{name}={escape_property(str(each))}" for name, each in properties.items())
    return f"::{name} {written}::{escape_data(visible_lines(text))}"


def inert(line: str) -> str:
    """Give a line of a log in which no workflow command is read.

    One of today's form stands at the start of a line, behind blanks; one of an older form, anywhere.

    >>> inert("  ::set-output name=a::b"), inert("a ##[add-mask]b")
    ('  : :set-output name=a::b', 'a # #[add-mask]b')
    """
    start = len(line) - len(line.lstrip())
    if line.startswith("::", start):
        line = f"{line[:start]}: {line[start + 1 :]}"
    return line.replace("##[", "# #[")


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
