r"""Sets of strings: what equality, membership, globs and paths say of one string together.

Each of these is a language that an automaton reads character by character. A set is a conjunction of
languages and of complements of languages; its members are found by walking the automata side by
side, shortest first. That is exact; only the work is bounded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Hashable, Iterator
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol, TypeAlias

from .....runtime.glob import Wildcard, glob_match, parse_glob
from .....runtime.values import path_segments, relative_segments
from ....structs import Struct
from ..verdict import Undetermined

if TYPE_CHECKING:
    from .forms import Form

MAX_POSITIONS = 20_000
MAX_STATES = 20_000
MAX_WORK = 300_000  # characters and 64 positions of patterns that are looked at in one walk
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


class OneOf(Struct):
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
        texts = _sorted(self.texts)
        at = bisect_left(texts, longer)  # those that begin with it follow it
        return longer if at < len(texts) and texts[at].startswith(longer) else None

    def accepts(self, state: State) -> bool:
        """Whether what has been read is one of them."""
        return state in self.texts


@cache
def _sorted(texts: frozenset[str]) -> list[str]:
    return sorted(texts)


class Glob(Struct):
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
        return _closed(_masks(self.pattern)[0], 1)

    def step(self, state: State, letter: str) -> State:
        """Move each position over a character."""
        assert isinstance(state, int)
        runs, ones, letters = _masks(self.pattern)
        moving = ones | letters.get(letter, 0)
        return _closed(runs, state & runs | (state & moving) << 1)

    def accepts(self, state: State) -> bool:
        """Whether the end of the pattern is among the positions."""
        assert isinstance(state, int)
        return bool(state >> len(_positions(self.pattern)) & 1)

    def guesses(self) -> Iterator[str]:
        """Strings that it matches: its wildcards stand for as little as they can, then for more."""
        for any_run in ("", FRESH[0]):
            yield "".join(
                each if isinstance(each, str) else FRESH[0] if each is Wildcard.ONE else any_run
                for each in parse_glob(self.pattern)
            )


@cache
def _positions(pattern: str) -> tuple[str | Wildcard, ...]:
    found: list[str | Wildcard] = []
    for part in parse_glob(pattern):
        found.extend(part) if isinstance(part, str) else found.append(part)
    return tuple(found)


@cache
def _masks(pattern: str) -> tuple[int, int, dict[str, int]]:
    """The positions at which `*`, `?` and each character stand, as bits."""
    found: dict[str | Wildcard, int] = {}
    for position, wanted in enumerate(_positions(pattern)):
        found[wanted] = found.get(wanted, 0) | 1 << position
    letters = {each: mask for each, mask in found.items() if isinstance(each, str)}
    return found.get(Wildcard.ANY, 0), found.get(Wildcard.ONE, 0), letters


def _closed(runs: int, state: int) -> int:
    """Add the positions that are reached by letting a `*` stand for nothing; no two are adjacent."""
    return state | (state & runs) << 1


class Path(Struct):
    """Clean paths under `outer`: a path, or for all of them `/` of absolute and nothing of relative ones.

    The state is (how far the path has followed `outer`, or -1 once it left or passed it; the
    segment at hand while it may still be `.` or `..`), None where the path is not clean.
    """

    outer: str

    @property
    def is_absolute(self) -> bool:
        """Whether the paths under it start with `/`."""
        return self.outer.startswith("/")

    def contains(self, text: str) -> bool:
        """Whether it is clean and lies under the path."""
        split = path_segments if self.is_absolute else relative_segments
        inner, outer = split(text), split(self.outer) or ()
        return inner is not None and inner[: len(outer)] == outer

    def letters(self) -> frozenset[str]:
        """What separates and names segments."""
        return frozenset("/.") | frozenset(self.outer)

    def start(self) -> State:
        """Nothing has been read, not even the first `/` of an absolute path."""
        return ("", "")

    def step(self, state: State, letter: str) -> State:
        """Read a character of a segment, or the `/` that ends it."""
        if state is None:
            return None
        assert isinstance(state, tuple)
        read, segment = state
        if self.is_absolute and read == "" and segment == "":
            return self._follow("", "/", "") if letter == "/" else None
        if letter == "/":
            return None if segment in ("", ".", "..") else self._follow(read, letter, "")
        longer = segment + letter
        return self._follow(read, letter, longer if longer in (".", "..") else "*")

    def _follow(self, read: str, letter: str, segment: str) -> State:
        """Keep what of `outer` has been followed: itself, `+` if inside it, `-` if beside it."""
        if read in ("+", "-"):
            return (read, segment)
        if self.outer == "":
            return ("+", segment)
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

    def guesses(self) -> Iterator[str]:
        """Paths that are under it."""
        if self.outer not in ("", "/"):
            yield self.outer
        yield f"{self.outer.rstrip('/')}/{FRESH[0]}" if self.outer else FRESH[0]


CLEAN = Path("/")
CLEAN_RELATIVE = Path("")


class Texts(Struct):
    """Strings that are in all of some languages and in none of others; of none, every string.

    Where all strings of a type have one form, what is not in the set has it, too.
    """

    inside: frozenset[Language] = frozenset()
    outside: frozenset[Language] = frozenset()
    form: Form | None = None

    def __and__(self, other: Texts) -> Texts:
        """The strings that are in both."""
        inside, outside = self.inside | other.inside, self.outside | other.outside
        return Texts(inside, outside, self._narrower(other))

    def _narrower(self, other: Texts) -> Form | None:
        """The form of what is in both; of hosts, those that are equal to a domain are domains."""
        known = {each.form.name: each.form for each in (self, other) if each.form is not None}
        return known.get("domain") or next(iter(known.values()), None)

    def complement(self) -> tuple[Texts, ...]:
        """What is not in the set, as sets that together cover it."""
        return (
            *(Texts(outside=frozenset((e,)), form=self.form) for e in _in_order(self.inside)),
            *(Texts(inside=frozenset((e,)), form=self.form) for e in _in_order(self.outside)),
        )

    def contains(self, text: str) -> bool:
        """Whether a string is in the set."""
        return (
            (self.form is None or self.form.contains(text))
            and all(each.contains(text) for each in self.inside)
            and not any(each.contains(text) for each in self.outside)
        )

    def members(self) -> Iterator[str]:
        """The members, short ones first, as far as characters matter; all of them if they are few.

        Raises `Undetermined` when the automata have too many states.
        """
        finite = [each for each in self.inside if isinstance(each, OneOf)]
        if finite:
            smallest = min(finite, key=lambda each: len(each.texts))
            for text in sorted(smallest.texts):
                if self.contains(text):
                    yield text
            return
        if self.form is not None:
            yield from self.form.members(self)
            return
        if not self.inside and all(isinstance(each, OneOf) for each in self.outside):
            yield from (text for text in _readable() if self.contains(text))
            return
        if self._is_pair_empty():
            return
        seen: set[str] = set()
        for text in chain(self._guesses(), self._walk()):
            if text not in seen:
                seen.add(text)
                yield text

    def _is_pair_empty(self) -> bool:
        """Whether one language lies within one that is left out, which is seen without the others."""
        return len(self.inside) + len(self.outside) > 2 and any(
            first_of(Texts(frozenset((one,)), frozenset((other,)))) is None
            for one in self.inside
            for other in self.outside
        )

    def _guesses(self) -> Iterator[str]:
        """Members that are seen without walking."""
        inside = [each for each in _in_order(self.inside) if isinstance(each, Glob | Path)]
        for language in inside:
            yield from filter(self.contains, language.guesses())
        shortest = [next(each.guesses()) for each in inside]
        joined = ("".join(shortest), "".join(reversed(shortest)))  # one may begin, another end it
        yield from filter(self.contains, joined if inside else ())

    def _walk(self) -> Iterator[str]:
        languages = (*_in_order(self.inside), *_in_order(self.outside))
        split = len(self.inside)
        positions = sum(len(_positions(e.pattern)) for e in languages if isinstance(e, Glob))
        if positions > MAX_POSITIONS:
            raise Undetermined("the patterns on one string are too long together")
        known = frozenset().union(*(each.letters() for each in languages))
        fresh = islice((each for each in _characters() if each not in known), 2)
        alphabet = (*sorted(known), *fresh)
        start = tuple(each.start() for each in languages)
        queue: deque[tuple[tuple[State, ...], str]] = deque([(start, "")])
        visits: dict[tuple[State, ...], int] = {start: 1}
        work = 0
        while queue:
            states, text = queue.popleft()
            if all(
                e.accepts(s) for e, s in zip(languages[:split], states, strict=False)
            ) and not any(
                e.accepts(s) for e, s in zip(languages[split:], states[split:], strict=True)
            ):
                yield text
            work += len(alphabet) * (len(languages) + positions // 64 + len(text))
            if len(visits) > MAX_STATES or work > MAX_WORK:
                raise Undetermined("the patterns on one string have too many states together")
            for letter in alphabet:
                after = tuple(e.step(s, letter) for e, s in zip(languages, states, strict=True))
                seen = visits.get(after, 0)
                if seen < 3:  # more than once, since more than one member may be wanted
                    visits[after] = seen + 1
                    queue.append((after, text + letter))


@cache
def first_of(texts: Texts) -> str | Undetermined | None:
    """One member, None if there is provably none, or why that could not be told."""
    try:
        return next(texts.members(), None)
    except Undetermined as undetermined:
        return undetermined


def _in_order(languages: frozenset[Language]) -> list[Language]:
    return sorted(languages, key=repr)


def _characters() -> Iterator[str]:
    """Characters of which always some are left that no pattern has, readable ones first."""
    yield from FRESH
    yield from map(chr, range(0xA1, 0xD800))


def _readable() -> Iterator[str]:
    """Strings that read well, without end."""
    yield from FRESH[:5]
    number = 1
    while True:
        yield f"x{number}"
        number += 1
