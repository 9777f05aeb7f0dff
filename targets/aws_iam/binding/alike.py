"""Capabilities that IAM cannot tell apart: an action in common, on an ARN in common."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ....compiler.structs import Struct, field
from ..language.patterns import Glob, may_meet

if TYPE_CHECKING:
    from .facts import CapabilityPlace


def alike(places: Mapping[str, CapabilityPlace]) -> dict[str, tuple[str, ...]]:
    """For each capability, the others that IAM cannot tell from it, sorted."""
    patterns = {name: place.location.glob({}) for name, place in places.items()}
    by_action: dict[str, _Starts] = {}
    for name in sorted(places):
        for action in {each.lower() for each in places[name].actions}:
            by_action.setdefault(action, _Starts()).add(name, patterns[name])
    for each in by_action.values():
        each.sort()

    def others(name: str) -> Iterator[str]:
        for action in {each.lower() for each in places[name].actions}:
            for other in by_action[action].near(patterns[name]):
                if other != name and may_meet(patterns[name], patterns[other]):
                    yield other

    return {name: tuple(sorted(set(others(name)))) for name in places}


class _Starts(Struct, frozen=False):
    """Names by the text that their patterns start with: patterns meet only where one goes on from
    the start of the other."""

    names: dict[str, list[str]] = field(default_factory=dict)
    starts: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def add(self, name: str, pattern: Glob) -> None:
        """Keep one name."""
        self.names.setdefault(_start(pattern), []).append(name)

    def sort(self) -> None:
        """Make it ready for questions, once all names are there."""
        self.starts = sorted(self.names)
        self.sizes = sorted({len(each) for each in self.names})

    def near(self, pattern: Glob) -> Iterator[str]:
        """The names whose patterns may meet one, as far as the starts tell."""
        start = _start(pattern)
        for size in self.sizes:
            if size < len(start):
                yield from self.names.get(start[:size], ())
        for number in range(bisect_left(self.starts, start), len(self.starts)):
            if not self.starts[number].startswith(start):
                return
            yield from self.names[self.starts[number]]


def _start(pattern: Glob) -> str:
    """The text that all matches of a pattern start with."""
    return pattern[0] if pattern and isinstance(pattern[0], str) else ""
