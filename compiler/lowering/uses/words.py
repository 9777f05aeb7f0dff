"""The places of the words that a dotted name is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...report.source import Source, Span
from ...syntax import tree as syntax
from ...text.field_names import canonical

_WORD = re.compile(r'[A-Za-z_][A-Za-z0-9_]*+|\*|"(?:[^"\\]|\\.)*+"')


class Word(NamedTuple):
    """A part of a name as the language writes it, and the columns where it starts and ends."""

    text: str
    start: int
    end: int


class Words:
    """Finds the words of names in the sources that they stand in."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        """Split no source yet."""
        self._sources = sources
        self._lines: dict[str, list[str]] = {}

    def of(self, node: syntax.Name) -> list[Word]:
        """The words of a name; what follows a space, as a kind does, is none of them."""
        text, start = node.text, node.span.column
        if '"' in text:
            return self._in_quotes(node.span)
        found: list[Word] = []
        for part in text.partition(" ")[0].split("."):
            found.append(Word(part, start, start + len(part)))
            start += len(part) + 1
        return found

    def _in_quotes(self, span: Span) -> list[Word]:
        """Where a part is in quotes the text may have escapes that the name has not."""
        lines = self._lines.get(span.file)
        if lines is None:
            lines = self._lines[span.file] = self._sources[span.file].lines()
        line = lines[span.line - 1]
        matches = _WORD.finditer(line, span.column - 1, span.end_column - 1)
        return [Word(canonical(e[0]) if e[0][0] == '"' else e[0], e.start() + 1, e.end() + 1) for e in matches]  # fmt: skip


def span_of(node: syntax.Node, first: Word, last: Word) -> Span:
    """From one word of a name to another."""
    span = node.span
    return Span(span.file, span.line, first.start, span.line, last.end)


def joined(words: Sequence[Word]) -> str:
    """The text of some words with dots between them."""
    return ".".join(each.text for each in words)
