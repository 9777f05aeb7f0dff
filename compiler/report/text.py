"""Diagnostics as text for people, with the lines that they point at.

```
error[AGP2101]: allow `void` can never take effect
  ┌─ finance.agp:41:5
41│     allow ledger.void
  │     ^^^^^^^^^^^^^^^^^ permitted here
57│ forbid irreversible_voids {
  │        ------------------ and always forbidden here
  = help: remove the allow
  = docs: agpc rule AGP2101
```
"""

from __future__ import annotations

from collections.abc import Iterator

from ..structs import Struct
from ..text.visible import (
    visible,
    visible_character,
    visible_lines,
    width,
)
from . import WITNESS, Report
from .codes import Severity
from .diagnostics import Diagnostic, Label
from .source import Span

TAB = 4  # columns between tab stops
MAX_COLUMNS = 160  # of one line of a policy, or of a message: a literal may have megabytes
MAX_MESSAGE = 2_000  # characters


class Style(Struct):
    """How to set parts of the text off, as terminal codes; all empty without colour."""

    severities: dict[Severity, str]
    frame: str
    bold: str
    end: str


PLAIN = Style({"error": "", "warning": "", "info": ""}, "", "", "")
COLOUR = Style(
    {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;36m"},
    "\x1b[34m",
    "\x1b[1m",
    "\x1b[0m",
)


def render(report: Report, *, colour: bool = False) -> str:
    """Render all diagnostics, an empty line after each; nothing for none."""
    style = COLOUR if colour else PLAIN
    return "".join(
        "\n".join(render_one(each, report, style)) + "\n\n" for each in report.diagnostics
    )


def render_one(diagnostic: Diagnostic, report: Report, style: Style = PLAIN) -> Iterator[str]:
    """Render one diagnostic as lines."""
    tint = style.severities[diagnostic.severity]
    title = f"{tint}{diagnostic.severity}[{diagnostic.code}]{style.end}"
    yield f"{title}{style.bold}: {shorten(visible(diagnostic.message))}{style.end}"
    gutter = max((len(str(label.span.line)) for label in diagnostic.labels), default=2)
    for labels in by_file(diagnostic.labels):
        yield from excerpt(labels, diagnostic.labels[0], gutter, report, style, tint)
    # A request is never cut: it is there to be given to `agpc explain`.
    facts = [note if note.startswith(WITNESS) else f"note: {note}" for note in diagnostic.notes]
    if diagnostic.help is not None:
        facts.append(f"help: {diagnostic.help}")
    margin = " " * gutter
    page = report.page(diagnostic.code)
    docs = f"docs: agpc rule {diagnostic.code}" + (f", {page}" if page else "")
    for fact in (*facts, docs):
        whole = visible_lines(fact)
        lines = (whole if fact.startswith(WITNESS) else shorten(whole)).split("\n")
        yield f"{margin}{style.frame}={style.end} {lines[0]}"
        yield from (f"{margin}  {line}" for line in lines[1:])


def by_file(labels: tuple[Label, ...]) -> list[list[Label]]:
    """Group labels by file, that of the first label first, each in the order of places."""
    files = dict.fromkeys(label.span.file for label in labels)
    return [
        sorted((each for each in labels if each.span.file == file), key=lambda each: each.span)
        for file in files
    ]


def excerpt(
    labels: list[Label], primary: Label, gutter: int, report: Report, style: Style, tint: str
) -> Iterator[str]:
    """Show the lines of one file that labels point at, each with what is said about it."""
    first = (primary if primary in labels else labels[0]).span
    place = f"{report.path(first.file)}:{first.line}:{first.column}"
    margin = " " * gutter

    def framed(left: str, sign: str) -> str:
        return f"{style.frame}{left}{sign}{style.end}"

    yield f"{framed(margin, '┌─')} {visible(place)}"
    shown: tuple[int, str] | None = None
    for label in labels:
        number = label.span.line
        line = Line(report.line(first.file, number), label.span)
        if shown != (number, line.text):
            shown = (number, line.text)
            yield f"{framed(str(number).rjust(gutter), '│')} {line.text}".rstrip()
        sign = "^" if label is primary else "-"
        marks = f"{' ' * line.indent}{tint}{sign * line.length}{style.end}"
        said = shorten(visible(label.text))
        yield f"{framed(margin, '│')} {marks} {said}".rstrip()


class Line:
    """A line of a policy as it is shown, and where in it the marks of a label stand.

    Tabs become spaces, and a long line is cut around the label, so that the marks are under what they
    speak of whatever characters the line has.
    """

    def __init__(self, text: str, span: Span) -> None:
        """Lay out the part of the line around the start of the span."""
        start = span.column - 1
        end = span.end_column - 1 if span.end_line == span.line else len(text)
        first = max(0, start - MAX_COLUMNS // 2) if len(text) > MAX_COLUMNS else 0
        last = min(len(text), first + MAX_COLUMNS)
        shown = "…" if first else ""
        columns = [width(shown)]  # where each character of the part starts, and where it ends
        for character in text[first:last]:
            cell = cell_of(character, columns[-1])
            shown += cell
            columns.append(columns[-1] + width(cell))
        self.text = shown + ("…" if last < len(text) else "")
        self.indent = columns[min(start - first, len(columns) - 1)]
        self.length = max(columns[max(0, min(end, last) - first)] - self.indent, 1)


def cell_of(character: str, column: int) -> str:
    """Give what stands for a character that starts at a column, counted from 0."""
    return " " * (TAB - column % TAB) if character == "\t" else visible_character(character)


def shorten(text: str) -> str:
    """Cut text that nobody would read to its end."""
    return text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "…"
