"""Many path patterns, kept so that those that cover or meet one are found without trying each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from ...compiler.structs import Struct, field
from .paths import ONE, Path


class PathIndex:
    """A tree of patterns by their segments. It answers as `Path.covers` and `Path.meets` do."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Keep each pattern once."""
        self._root = _Node()
        for path in paths:
            node = self._root
            for segment in path.segments:
                node = node.below.setdefault(segment, _Node())
            if path.open:
                node.opened = path
            else:
                node.closed = path
        for node in _all_from(self._root):
            node.names = sorted(node.below)
            node.sizes = sorted({len(name) for name, each in node.below.items() if each.opened})

    def covering(self, path: Path) -> Iterator[Path]:
        """The patterns that match all that a pattern matches, itself included."""
        level = [self._root]
        for segment in path.segments:
            for node in level:
                yield from node.opened_before(segment)
                if segment != ONE and segment in node.below:
                    yield from _present(node.below[segment].opened)
            level = [
                node.below[each]
                for node in level
                for each in dict.fromkeys((segment, ONE))
                if each in node.below
            ]
        if not path.open:
            for node in level:
                yield from _present(node.closed)

    def meeting(self, path: Path) -> Iterator[Path]:
        """The patterns that may match something that a pattern matches; in doubt they do."""
        waiting = [(self._root, 0)]
        last = len(path.segments) - 1
        while waiting:
            node, number = waiting.pop()
            if number > last:
                if path.open:
                    yield from _paths_from(node)
                else:
                    yield from _present(node.closed, node.opened)
                continue
            yield from _present(node.opened)
            segment = path.segments[number]
            if segment == ONE:
                waiting.extend((each, number + 1) for each in node.below.values())
                continue
            waiting.extend(
                (node.below[each], number + 1) for each in (segment, ONE) if each in node.below
            )
            yield from node.opened_before(segment)
            if path.open and number == last:
                for each in node.names_after(segment):
                    yield from _paths_from(node.below[each])


class _Node(Struct, frozen=False):
    """What follows some segments, and the patterns that end there."""

    below: dict[str, _Node] = field(default_factory=dict)
    closed: Path | None = None
    opened: Path | None = None
    names: list[str] = field(default_factory=list)
    """The segments below, sorted."""
    sizes: list[int] = field(default_factory=list)
    """How long those are that an open pattern ends in."""

    def opened_before(self, segment: str) -> Iterator[Path]:
        """The open patterns that end in a shorter text that a segment starts with."""
        for size in self.sizes:
            start = segment[:size]
            if size < len(segment) and start in self.below and start != ONE:
                yield from _present(self.below[start].opened)

    def names_after(self, segment: str) -> Iterator[str]:
        """The longer segments below that start with a text, and are not wildcards."""
        for number in range(bisect_left(self.names, segment), len(self.names)):
            name = self.names[number]
            if not name.startswith(segment):
                return
            if name not in (segment, ONE):
                yield name


def _all_from(node: _Node) -> Iterator[_Node]:
    """A node and all below it."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(each.below.values())


def _paths_from(node: _Node) -> Iterator[Path]:
    """The patterns that end at a node or below it."""
    for each in _all_from(node):
        yield from _present(each.closed, each.opened)


def _present(*paths: Path | None) -> Iterator[Path]:
    """Those that are there."""
    return (each for each in paths if each is not None)
