"""Fixes as data: what to write instead, made where a mistake is found, beside the advice in words.

An edit says what to write and how it is laid out; where exactly that comes to stand is read in the text, by
whoever shows or applies a fix (`edits_of`). Nothing here is read out of a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeAlias

from ..structs import Struct
from .offsets import Offsets
from .remarks import REMARK, is_documentation
from .source import Source, Span

Certainty: TypeAlias = Literal["safe", "likely", "choice"]
"""How sure it is that an author wants a fix.

`safe`: the text means afterwards what it was read as before; `agpc check --fix` applies these and no others.
`likely`: what was probably meant, which an editor offers first. `choice`: one way of several, or what has to be
filled in or thought about.
"""

Layout: TypeAlias = Literal[
    "as it is",
    "word",
    "line before",
    "remark before",
    "last line in",
    "behind package",
    "before package",
    "gone",
]
"""How an edit is laid out, as `placed` reads it in a text."""

HOLE = "\ufffc"
"""Stands in new text where the author has to write something: it is nothing that a policy may have."""


class Edit(Struct):
    """New text at a place.

    With the layout `as it is` the text replaces the span. `word`: it replaces the one place in the span where `word`
    stands as a name. `line before`: it becomes a line of its own before the line on which the span begins and the
    remarks above that, or stands before the span where something is before it on that line. `remark before`: a line
    of its own right before that line, whatever is on it. `last line in`: a line of its own before the bracket
    with which the span ends. `behind package` and `before package`: a line of its own next to the `package` of the
    file. `gone`: what is at the span goes, with its lines where nothing else is on them.
    """

    span: Span
    text: str
    layout: Layout = "as it is"
    word: str = ""


class Fix(Struct):
    """A way to mend what was found: what it does, in words, and the edits, all of them or none."""

    title: str
    edits: tuple[Edit, ...]
    certainty: Certainty = "choice"

    @property
    def has_hole(self) -> bool:
        """Whether the author has to write something in it."""
        return any(HOLE in each.text for each in self.edits)


def replaced(title: str, span: Span, text: str, certainty: Certainty = "choice") -> tuple[Fix, ...]:
    """A fix that writes something in the place of something."""
    return (Fix(title, (Edit(span, text),), certainty),)


def written(span: Span, text: str, certainty: Certainty = "choice") -> tuple[Fix, ...]:
    """A fix that is called by what it writes."""
    return replaced(f"write `{text.strip()}`" if text else "leave it out", span, text, certainty)


def apart(text: str, start: int, end: int, new: str) -> str:
    """New text for a stretch, with spaces where a word of it would run into what stands next to it."""
    left = re.match(r"\w", new) and re.match(r"[\w)\]\"]", text[start - 1 : start])
    right = re.search(r"\w\Z", new) and re.match(r"[\w(\[\"]", text[end : end + 1])
    return f"{' ' if left else ''}{new}{' ' if right else ''}"


def start_of(span: Span) -> Span:
    """The place where a span begins, with nothing in it."""
    return Span(span.file, span.line, span.column, span.line, span.column)


def end_of(span: Span) -> Span:
    """The place where a span ends, with nothing in it."""
    return Span(span.file, span.end_line, span.end_column, span.end_line, span.end_column)


Replacement: TypeAlias = tuple[int, int, str]
"""From and to, as offsets in a text, and what comes to stand there."""


@lru_cache(maxsize=8)  # a report asks once for each of its diagnostics
def written_in(source: Source) -> Written:
    """Find the lines of a text."""
    return Written(source, Offsets(source))


class Written(Struct):
    """A text that fixes change, with what is needed to find places in it."""

    source: Source
    places: Offsets

    def span(self, replacement: Replacement) -> Span:
        """Where a replacement stands."""
        return self.places.span(replacement[0], replacement[1])

    def replacements(self, fix: Fix) -> tuple[Replacement, ...] | None:
        """Where the edits of a fix come to stand, in order; None if the text does not have such places."""
        found: list[Replacement] = []
        for edit in fix.edits:
            placed = None if edit.span.file != self.source.name else self._placed(edit)
            if placed is None:
                return None
            found.append(placed)
        found.sort(key=lambda each: each[:2])
        return None if overlap(found) else tuple(found)

    def _placed(self, edit: Edit) -> Replacement | None:
        span, text = edit.span, self.source.text
        if max(span.line, span.end_line) > len(self.places.line_starts):
            return None
        start = self.places.offset(span.line, span.column)
        end = self.places.offset(span.end_line, span.end_column)
        if not 0 <= start <= end <= len(text):
            return None
        match edit.layout:
            case "as it is":
                return start, end, edit.text
            case "word":
                return _word(text, start, end, edit)
            case "line before":
                return _line_before(text, start, edit.text)
            case "remark before":
                return _remark_before(text, start, edit.text)
            case "last line in":
                return _last_line(text, end, edit.text)
            case "behind package" | "before package":
                return _by_package(text, edit)
            case "gone":
                return _whole_lines(text, start, end)


def overlap(replacements: Sequence[Replacement]) -> bool:
    """Whether any of them, which are in order, are at one place."""
    return any(
        later[0] < before[1] or later[:2] == before[:2] for before, later in pairwise(replacements)
    )


def apply(text: str, replacements: Iterable[Replacement]) -> str:
    """A text with replacements that do not overlap."""
    for start, end, new in sorted(replacements, reverse=True):
        text = text[:start] + new + text[end:]
    return text


# --- layouts --------------------------------------------------------------------------------------

# A check that shows no fix compiles none of these.
_COMMENT_BEHIND = r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\Z)"
_TEXT_OR_COMMENT = r'"(?:[^"\\\r\n]|\\[^\r\n])*+"?|#[^\r\n]*+'
_WHITE = ("", " ", "\t", "\r", "\n")
_PACKAGE = r"\bpackage\s+[A-Za-z_][\w.]*"


def line_end(text: str) -> str:
    """How the lines of a text end."""
    return "\r\n" if "\r\n" in text else "\n"


def _line_of(text: str, offset: int) -> tuple[int, str]:
    """Where the line of an offset begins, and what stands on it before the offset."""
    line = text.rfind("\n", 0, offset) + 1
    return line, text[line:offset]


def _word(text: str, start: int, end: int, edit: Edit) -> Replacement | None:
    found = list(re.finditer(rf"(?<![\w\"]){re.escape(edit.word)}(?![\w\"])", text[start:end]))
    if len(found) != 1:
        return None
    return start + found[0].start(), start + found[0].end(), edit.text


def _line_before(text: str, start: int, new: str, above: bool = True) -> Replacement:
    line, before = _line_of(text, start)
    if before.strip(" \t\ufeff"):
        return start, start, f"{new} "
    indent = before.lstrip("\ufeff")
    at = above_remarks(text, line) if above else line
    at += text.startswith("\ufeff", at)
    return at, at, f"{indent}{new}{line_end(text)}"


def _remark_before(text: str, start: int, new: str) -> Replacement:
    line, before = _line_of(text, start)
    line += before.startswith("\ufeff")
    indent = re.match(r"[ \t]*", text[line:])
    assert indent is not None
    return line, line, f"{indent[0]}{new}{line_end(text)}"


def above_remarks(text: str, line: int) -> int:
    """Where the remarks begin that stand on the lines right above one."""
    while line > 0:
        before = text.rfind("\n", 0, line - 1) + 1
        if not text[before:line].lstrip(" \t\ufeff").startswith("#"):
            break
        line = before
    return line


def _last_line(text: str, end: int, new: str) -> Replacement | None:
    close = end - 1
    if text[close:end] not in ("}", ")", "]"):
        return None
    line, before = _line_of(text, close)
    if before.strip(" \t"):
        space = "" if before.endswith((" ", "\t")) else " "
        return close, close, f"{space}{new} "
    above = text[text.rfind("\n", 0, max(line - 1, 0)) + 1 : line]
    step = "\t" if above.startswith("\t") else "    "
    return line, line, f"{before}{step}{new}{line_end(text)}"


def _by_package(text: str, edit: Edit) -> Replacement | None:
    blank = re.sub(_TEXT_OR_COMMENT, lambda each: " " * len(each[0]), text)
    found = re.search(_PACKAGE, blank)
    if found is None:
        return None
    if edit.layout == "before package":
        return _line_before(text, found.start(), edit.text, above=False)
    behind = re.compile(_COMMENT_BEHIND).match(text, found.end())
    if behind is None:
        return found.end(), found.end(), f" {edit.text}"
    return behind.end(), behind.end(), f"{line_end(text)}{edit.text}"


def _whole_lines(text: str, start: int, end: int) -> Replacement:
    """Take a stretch out with the lines that are its alone, the remarks behind it, and what is about it above."""
    line, before = _line_of(text, start)
    behind = re.compile(_COMMENT_BEHIND).match(text, end)
    if before.strip(" \t\ufeff") or behind is None:
        if text[start : start + 1] == "#":
            return line + len(before.rstrip(" \t")), end, ""
        if text[start - 1 : start] in (" ", "\t") and text[end : end + 1] in _WHITE:
            start -= 1
        return start, end, ""
    line += before.startswith("\ufeff")
    kept = ""
    if text[start : start + 1] != "#":  # a comment that goes leaves those above it where they are
        line, kept = _without_what_is_about_it(text, line)
    end = behind.end()
    end += len("\r\n") if text.startswith("\r\n", end) else text.startswith("\n", end)
    return line, end, kept


def _without_what_is_about_it(text: str, line: int) -> tuple[int, str]:
    """Where the comments above a line begin that are about it alone, and what stays of the lines from there.

    These are documentation, up to an empty line, and silences, which an empty line does not keep from it: left
    where they are, they would be about what comes next.
    """
    begin, kept, above, is_right_above = line, "", "", True
    at = line
    while at > 0:
        before = text.rfind("\n", 0, at - 1) + 1
        written = text[before:at]
        comment = written.strip(" \t\r\n\ufeff")
        if comment and not comment.startswith("#"):
            break
        is_right_above = is_right_above and bool(comment)
        if REMARK.match(comment) or (is_right_above and is_documentation(comment)):
            mark = "\ufeff" if written.startswith("\ufeff") else ""
            above = mark + above
            begin, kept = before, above
        else:
            above = written + above
        at = before
    return begin, kept
