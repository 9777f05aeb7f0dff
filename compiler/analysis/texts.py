r"""Sets of strings: what equality, membership, globs and paths say of one string together.

Each of these is a language that an automaton reads character by character. A set is a conjunction of
languages and of complements of languages; its members are found by walking the automata side by
side, shortest first. That is exact; only the number of states is bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeAlias

from ...runtime.glob import Wildcard, glob_match, parse_glob
from ...runtime.values import path_segments
from .verdict import Undetermined

MAX_STATES = 20_000
FRESH = "xyzwvutsrqponmlkjihgfedcba0123456789"  # what a wildcard may stand for, readable first
State: TypeAlias = Hashable


class Language(Protocol):
    """A set of strings, read from left to right by a deterministic automaton."""

    def contains(self, text: str) -> bool:
        """Whether a string is in the set."""
        ...

    def letters(self) -> frozenset[str]:
        """The characters that the automaton tells from all others."""
        ...

    def start(self) -> State:
        """The state before the first character."""
        ...

    def step(self, state: State, letter: str) -> State:
        """The state after one more character."""
        ...

    def accepts(self, state: State) -> bool:
        """Whether a string that ends here is in the set."""
        ...


@dataclass(frozen=True, slots=True)
class OneOf:
    """A finite set of strings; the state is what has been read, None once nothing can match."""

    texts: frozenset[str]

    def contains(self, text: str) -> bool:
        """Whether it is one of them."""
        return text in self.texts

    def letters(self) -> frozenset[str]:
        """All characters that occur."""
        return frozenset("".join(self.texts))

    def start(self) -> State:
        """Nothing has been read."""
        return ""

    def step(self, state: State, letter: str) -> State:
        """Keep what has been read while it begins one of the strings."""
        if state is None:
            return None
        longer = f"{state}{letter}"
        return longer if longer in _prefixes(self.texts) else None

    def accepts(self, state: State) -> bool:
        """Whether what has been read is one of them."""
        return state in self.texts


@cache
def _prefixes(texts: frozenset[str]) -> frozenset[str]:
    return frozenset(text[:end] for text in texts for end in range(len(text) + 1))


@dataclass(frozen=True, slots=True)
class Glob:
    """What a `like` pattern matches; the state has a bit for each position that may be reached."""

    pattern: str

    def contains(self, text: str) -> bool:
        """Whether the pattern matches it."""
        return glob_match(parse_glob(self.pattern), text)

    def letters(self) -> frozenset[str]:
        """The characters that stand for themselves."""
        return frozenset(each for each in _positions(self.pattern) if isinstance(each, str))

    def start(self) -> State:
        """The positions that are reached with nothing read."""
        return _closed(_positions(self.pattern), 1)

    def step(self, state: State, letter: str) -> State:
        """Move each position over a character."""
        assert isinstance(state, int)
        positions = _positions(self.pattern)
        reached = 0
        for position, wanted in enumerate(positions):
            if state >> position & 1:
                if wanted is Wildcard.ANY:
                    reached |= 1 << position
                elif wanted is Wildcard.ONE or wanted == letter:
                    reached |= 1 << position + 1
        return _closed(positions, reached)

    def accepts(self, state: State) -> bool:
        """Whether the end of the pattern is among the positions."""
        assert isinstance(state, int)
        return bool(state >> len(_positions(self.pattern)) & 1)


@cache
def _positions(pattern: str) -> tuple[str | Wildcard, ...]:
    found: list[str | Wildcard] = []
    for part in parse_glob(pattern):
        found.extend(part) if isinstance(part, str) else found.append(part)
    return tuple(found)


def _closed(positions: tuple[str | Wildcard, ...], state: int) -> int:
    """Add the positions that are reached by letting a `*` stand for nothing."""
    for position, wanted in enumerate(positions):
        if state >> position & 1 and wanted is Wildcard.ANY:
            state |= 1 << position + 1
    return state


@dataclass(frozen=True, slots=True)
class Path:
    """Clean absolute paths under `outer`, which is a path, or `/` for all of them.

    The state is (how far the path has followed `outer`, or -1 once it left or passed it; the
    segment at hand while it may still be `.` or `..`), None where the path is not clean.
    """

    outer: str

    def contains(self, text: str) -> bool:
        """Whether it is clean and lies under the path."""
        inner, outer = path_segments(text), path_segments(self.outer) or ()
        return inner is not None and inner[: len(outer)] == outer

    def letters(self) -> frozenset[str]:
        """What separates and names segments."""
        return frozenset("/.") | frozenset(self.outer)

    def start(self) -> State:
        """Nothing has been read, not even the first `/`."""
        return ("", "")

    def step(self, state: State, letter: str) -> State:
        """Read a character of a segment, or the `/` that ends it."""
        if state is None:
            return None
        assert isinstance(state, tuple)
        read, segment = state
        if read == "" and segment == "":
            return self._follow("", "/", "") if letter == "/" else None
        if letter == "/":
            return None if segment in ("", ".", "..") else self._follow(read, letter, "")
        longer = segment + letter
        return self._follow(read, letter, longer if longer in (".", "..") else "*")

    def _follow(self, read: str, letter: str, segment: str) -> State:
        """Keep what of `outer` has been followed: itself, `+` if inside it, `-` if beside it."""
        if read in ("+", "-"):
            return (read, segment)
        followed = read + letter
        whole = "" if self.outer == "/" else self.outer
        if followed == f"{whole}/":
            return ("+", segment)
        return (followed if whole.startswith(followed) else "-", segment)

    def accepts(self, state: State) -> bool:
        """Whether the last segment is a clean one, inside the path or its end."""
        if state is None:
            return False
        assert isinstance(state, tuple)
        read, segment = state
        return segment not in ("", ".", "..") and (read == "+" or read == self.outer)


CLEAN = Path("/")


@dataclass(frozen=True, slots=True)
class Texts:
    """Strings that are in all of some languages and in none of others; of none, every string."""

    inside: frozenset[Language] = frozenset()
    outside: frozenset[Language] = frozenset()

    def __and__(self, other: Texts) -> Texts:
        """The strings that are in both."""
        return Texts(self.inside | other.inside, self.outside | other.outside)

    def complement(self) -> tuple[Texts, ...]:
        """What is not in the set, as sets that together cover it."""
        return (
            *(Texts(outside=frozenset((each,))) for each in _in_order(self.inside)),
            *(Texts(inside=frozenset((each,))) for each in _in_order(self.outside)),
        )

    def contains(self, text: str) -> bool:
        """Whether a string is in the set."""
        return all(each.contains(text) for each in self.inside) and not any(
            each.contains(text) for each in self.outside
        )

    def members(self) -> Iterator[str]:
        """The members, shortest first, as far as characters matter; all of them if they are few.

        Raises `Undetermined` when the automata have too many states.
        """
        finite = [each for each in self.inside if isinstance(each, OneOf)]
        if finite:
            smallest = min(finite, key=lambda each: len(each.texts))
            for text in sorted(smallest.texts):
                if self.contains(text):
                    yield text
            return
        if not self.inside and self.outside and all(isinstance(e, OneOf) for e in self.outside):
            yield from (text for text in _readable() if self.contains(text))
            return
        yield from self._walk()

    def _walk(self) -> Iterator[str]:
        languages = (*_in_order(self.inside), *_in_order(self.outside))
        split = len(self.inside)
        known = frozenset().union(*(each.letters() for each in languages))
        fresh = [each for each in FRESH if each not in known][:2] or ["\u00e9"]
        alphabet = (*sorted(known), *fresh)
        start = tuple(each.start() for each in languages)
        queue: deque[tuple[tuple[State, ...], str]] = deque([(start, "")])
        visits: dict[tuple[State, ...], int] = {}
        while queue:
            states, text = queue.popleft()
            if all(
                e.accepts(s) for e, s in zip(languages[:split], states, strict=False)
            ) and not any(
                e.accepts(s) for e, s in zip(languages[split:], states[split:], strict=True)
            ):
                yield text
            for letter in alphabet:
                after = tuple(e.step(s, letter) for e, s in zip(languages, states, strict=True))
                seen = visits.get(after, 0)
                if seen < 3:  # more than once, since more than one member may be wanted
                    visits[after] = seen + 1
                    queue.append((after, text + letter))
            if len(visits) > MAX_STATES:
                raise Undetermined("the patterns on one string have too many states together")


def _in_order(languages: frozenset[Language]) -> list[Language]:
    return sorted(languages, key=repr)


def _readable() -> Iterator[str]:
    """Strings that read well, without end."""
    yield from FRESH[:5]
    number = 1
    while True:
        yield f"x{number}"
        number += 1
