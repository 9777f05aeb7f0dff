"""Nodes on the lines of a page: one by one, in blocks, and aligned with their neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TypeVar

from ..report.source import Source, Span
from ..syntax import tree as syntax
from .inline import Writer
from .layout import Page, Part, end_of, start_of

N = TypeVar("N", bound=syntax.Node)


class Sheet:
    """A page, and what writes the parts of its lines."""

    def __init__(self, source: Source, file: syntax.File) -> None:
        """Begin with an empty page."""
        self.file = file
        self.page = Page(source, file)
        lengths = (len(line) + 1 for line in source.text.split("\n"))
        self.write = Writer(source, [0, *accumulate(lengths)])

    def runs(self, nodes: Sequence[N], family: Callable[[N], str]) -> list[list[N]]:
        """Part nodes into those that are aligned: of one family, on lines that follow each other."""
        found: list[list[N]] = []
        for node in nodes:
            last = found[-1][-1] if found else None
            if (
                last is not None
                and family(node)
                and family(node) == family(last)
                and self.page.are_neighbours(last.span, node.span)
            ):
                found[-1].append(node)
            else:
                found.append([node])
        return found

    def put(self, depth: int, node: syntax.Node, *parts: Part, apart: bool = False) -> None:
        """Put a node on a line."""
        self.page.line(depth, parts, start_of(node.span), end_of(node.span), apart=apart)

    def block(
        self, depth: int, node: syntax.Node, head: str, after: Span, *, apart: bool = False
    ) -> None:
        """Open a block, whose `{` is the first one after some part of its head."""
        brace = self.page.after(end_of(after), "{")
        self.page.line(depth, [f"{head} {{"], start_of(node.span), brace, apart=apart)
        self.page.open()

    def fields_behind(
        self, fields: Sequence[syntax.FieldDeclaration], after: Span
    ) -> tuple[Part, ...]:
        """Write the fields of an agent or an intent, if it has any."""
        if not fields:
            return ()
        span = self.page.brackets("{", fields, "}", after=after)
        return (" ", self.write.fields("{", fields, "}", span))


def start_only(span: Span) -> Span:
    """Give the empty span at the start of another."""
    return Span(span.file, span.line, span.column, span.line, span.column)
