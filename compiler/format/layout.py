"""Lines of code and the comments among them: the part of the formatter that knows no syntax.

What is laid out are lines of parts. A part is text, or a group of items that stays on its line if
it fits and no comment stands in it, and else is broken over several lines. Comments stay where they
are: alone on a line before what they stood before, or behind what they stood behind. What they document stays the
same: one that is about nothing, and would come to stand above something, becomes an ordinary one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import TypeAlias

from ..report.remarks import is_documentation
from ..report.source import Source, Span
from ..structs import Struct
from ..syntax import tree as syntax

WIDTH = 100
INDENT = "    "

Place: TypeAlias = tuple[int, int]
"""A line and a column of the source."""


class Item(Struct):
    """A member of a group, and where it stood."""

    parts: tuple[Part, ...]
    span: Span

    def flat(self) -> str:
        """Give the item on one line."""
        return "".join(part if isinstance(part, str) else part.flat() for part in self.parts)


class Group(Struct):
    """Items between brackets, or a bare list.

    With a `word`, the word stands between the items, and begins their lines if they are broken;
    without, it is a comma, which also ends a list in brackets that is broken.
    """

    open: str
    items: tuple[Item, ...]
    close: str
    span: Span
    word: str = ""

    def flat(self) -> str:
        """Give the group on one line."""
        joint = f" {self.word} " if self.word else ", "
        inner = joint.join(item.flat() for item in self.items)
        pad = " " if self.open == "{" and inner else ""
        return f"{self.open}{pad}{inner}{pad}{self.close}"


Part: TypeAlias = str | Group


def start_of(span: Span) -> Place:
    """Give the place of the first character."""
    return (span.line, span.column)


def end_of(span: Span) -> Place:
    """Give the place after the last character."""
    return (span.end_line, span.end_column)


class Page:
    """What has been laid out so far, and the comments that have not."""

    def __init__(self, source: Source, file: syntax.File) -> None:
        """Start an empty page for a source and the tree of it."""
        comments = file.comments
        self.lines: list[str] = []
        self._text = source.text
        self._line_starts = [0, *(n + 1 for n, c in enumerate(source.text) if c == "\n")]
        self._comments = comments
        self._places = [start_of(each.span) for each in comments]
        self._laid_out = [False] * len(comments)
        self._next = 0
        self._last_line = 0  # of the source, of what was laid out last
        self._at_start = True  # of the page or of a block: no blank line
        self._about: dict[int, Place | None] = {}
        """What each line of a text that documents is about, by its line; None where it is about nothing."""
        for each in file.documentation:
            about = None if each.about is None else start_of(each.about.span)
            self._about.update(dict.fromkeys(range(each.span.line, each.span.end_line + 1), about))
        self._documenting: dict[Place, list[int]] = {}
        """The comments that document what stands at a place."""
        for number, comment in enumerate(comments if file.documentation else ()):
            about = self._about.get(comment.span.line)
            if about is not None:
                self._documenting.setdefault(about, []).append(number)

    def line(
        self, depth: int, parts: Sequence[Part], start: Place, end: Place, *, apart: bool = False
    ) -> None:
        """Lay out a line; `start` and `end` are where it stood, `apart` asks for a blank before it.

        Comments that stood in the midst of what cannot be broken come before it.
        """
        if self.comments(depth, start, apart=apart):
            apart = False
        self._blank(start[0], apart)
        self._lift(depth, parts, start, end)
        self._finish(self._run(INDENT * depth, depth, parts, ""), end)

    def comments(self, depth: int, before: Place, *, apart: bool = False) -> bool:
        """Lay out the comments before a place, each on its own line; tell whether there are any."""
        found = False
        while (number := self._upcoming()) is not None and self._places[number] < before:
            comment = self._comments[number]
            self._laid_out[number] = True
            self._blank(comment.span.line, apart and not found)
            is_alone = comment.span.line in self._about
            self.lines.append(INDENT * depth + (comment.text if is_alone else _plain(comment)))
            self._last_line = comment.span.line
            found = True
        return found

    def open(self) -> None:
        """Begin a block: no blank line follows."""
        self._at_start = True

    def close(self, depth: int, at: Place) -> None:
        """End a block with `}`, which stood right before `at`."""
        self.comments(depth + 1, at)
        self._at_start = False
        self._finish(INDENT * depth + "}", at)

    def after(self, place: Place, sign: str) -> Place:
        """Find the place right after the next sign, which stands in no comment."""
        offset = self._offset(place)
        while self._text[offset] != sign:
            offset = self._text.index("\n", offset) if self._text[offset] == "#" else offset + 1
        line = bisect_right(self._line_starts, offset)
        return (line, offset + 2 - self._line_starts[line - 1])

    def brackets(self, open: str, items: Sequence[syntax.Node], close: str, *, after: Span) -> Span:
        """Find the brackets that hold some nodes, the first ones after some other place."""
        begin = self.after(end_of(after), open)
        end = self.after(end_of(items[-1].span) if items else begin, close)
        return Span(after.file, begin[0], begin[1] - 1, *end)

    def are_neighbours(self, one: Span, other: Span) -> bool:
        """Whether two things stand on lines that follow each other, with no comment but one behind.

        A comment in the second parts them too, since it may have to come before it.
        """
        if other.line - one.end_line > 1:
            return False
        number = bisect_left(self._places, end_of(one))
        if number < len(self._places) and self._is_behind(number, end_of(one)):
            number += 1
        return number == len(self._places) or self._places[number] >= end_of(other)

    # --- inside -----------------------------------------------------------------------------------

    def _run(self, text: str, depth: int, parts: Sequence[Part], tail: str) -> str:
        """Lay out parts after `text`; the last line is given back, for its end to be added."""
        for number, part in enumerate(parts):
            if isinstance(part, str):
                text += part
                continue
            following = takewhile(lambda each: isinstance(each, str), parts[number + 1 :])
            written = part.flat()
            needed = len(text) + len(written) + sum(map(len, map(str, following))) + len(tail)
            inside = part.items[0].span.to(part.items[-1].span) if part.word else part.span
            if needed <= WIDTH and not self._has_comment(inside) and not self._begins_below(part):
                text += written
            else:
                text = self._broken(text, depth, part)
        return text + tail

    def _broken(self, text: str, depth: int, group: Group) -> str:
        joint = f"{group.word} " if group.word else ""
        comma = "" if group.word else ","
        if not group.open:
            self._at_start = False
            if self._begins_below(group):
                self.lines.append(text.rstrip())
                self._at_start = True
                text = self._begin(depth + 1, group.items[0], "")
            for previous, item in pairwise(group.items):
                self._finish(
                    self._run(text, depth + 1, previous.parts, comma), end_of(previous.span)
                )
                text = self._begin(depth + 1, item, joint)
            return self._run(text, depth + (len(group.items) > 1), group.items[-1].parts, "")
        line, column = start_of(group.span)  # that of chains is without their parentheses
        self._finish(text + group.open, (line, column if group.word else column + 1))
        for number, item in enumerate(group.items):
            self.open()
            text = self._begin(depth + 1, item, joint if number else "")
            self._finish(self._run(text, depth + 1, item.parts, comma), end_of(item.span))
        line, column = end_of(group.span)
        self.open()
        self.comments(depth + 1, (line, column if group.word else column - 1))
        self._last_line = line
        self._at_start = False
        return INDENT * depth + group.close

    def _begin(self, depth: int, item: Item, prefix: str) -> str:
        """Lay out what stands before an item of a broken group, and begin its line."""
        start, end = start_of(item.span), end_of(item.span)
        if self.comments(depth, start) and is_documentation(self.lines[-1].strip()):
            self._blank(start[0], False)  # which it may be that parts it from what it is not about
        self._lift(depth, item.parts, start, end)
        self._at_start = False
        self._last_line = start[0]
        return INDENT * depth + prefix

    def _lift(self, depth: int, parts: Sequence[Part], start: Place, end: Place) -> None:
        """Lay out the comments between two places that no group can lay out among its items."""
        number = bisect_left(self._places, start)
        while number < len(self._places) and self._places[number] < end:
            place = self._places[number]
            if not (_holds(parts, place) or self._is_above_first(parts, number, start)):
                self._laid_out[number] = True
                comment = self._comments[number]
                is_about = self._about.get(comment.span.line) is not None
                self.lines.append(INDENT * depth + (comment.text if is_about else _plain(comment)))
            number += 1

    def _finish(self, text: str, end: Place) -> None:
        """Add a line, with the comment that stood behind its end."""
        number = self._upcoming()
        if number is not None and self._is_behind(number, end):
            comment = self._comments[number]
            self._laid_out[number] = True
            column = comment.span.column - 1
            text = text.ljust(max(len(text) + 2, column if column <= WIDTH else 0)) + comment.text
        self.lines.append(text)
        self._last_line = end[0]

    def _upcoming(self) -> int | None:
        while self._next < len(self._comments):
            if not self._laid_out[self._next]:
                return self._next
            self._next += 1
        return None

    def _is_behind(self, number: int, end: Place) -> bool:
        """Whether a comment stands on the line of an end, with no code between."""
        place = self._places[number]
        if place[0] != end[0] or place < end:
            return False
        return not self._text[self._offset(end) : self._offset(place)].strip(" \t,")

    def _is_above_first(self, parts: Sequence[Part], number: int, start: Place) -> bool:
        """Whether a comment has been laid out, or documents the first item of a list, above which it can stay."""
        if self._laid_out[number]:
            return True
        about = self._about.get(self._places[number][0])
        return about is not None and any(
            isinstance(each, Group) and self._begins_below(each) and about == _first_of(each)
            for each in parts
        )

    def _begins_below(self, group: Group) -> bool:
        """Whether a bare list of names begins on a line of its own, below what documents its first one."""
        if group.open or not group.items:
            return False
        return not all(map(self._laid_out.__getitem__, self._documenting.get(_first_of(group), ())))

    def _has_comment(self, span: Span) -> bool:
        """Whether a comment that has not been laid out yet stands within."""
        first = bisect_left(self._places, start_of(span))
        return not all(self._laid_out[first : bisect_left(self._places, end_of(span))])

    def _blank(self, line: int, apart: bool) -> None:
        if not self._at_start and (apart or line - self._last_line > 1):
            self.lines.append("")
        self._at_start = False

    def _offset(self, place: Place) -> int:
        return self._line_starts[place[0] - 1] + place[1] - 1


def _plain(comment: syntax.Comment) -> str:
    """A comment that documents nothing, wherever it comes to stand."""
    return comment.text[1:] if is_documentation(comment.text) else comment.text


def _first_of(group: Group) -> Place:
    return start_of(group.items[0].span)


def _holds(parts: Sequence[Part], place: Place) -> bool:
    """Whether a group among the parts can put a comment from some place on a line."""
    for part in parts:
        if isinstance(part, Group) and start_of(part.span) <= place < end_of(part.span):
            # nothing stands before the first item of these where a comment would be found again
            bare = not part.open or bool(part.word)
            first = part.items[0] if part.items and bare else None
            in_first = first is not None and start_of(first.span) <= place < end_of(first.span)
            return _holds(first.parts, place) if first is not None and in_first else True
    return False
