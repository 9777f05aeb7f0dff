"""What a verification reads: a trail, as the files of an export or as a store shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from .findings import Findings
from .hashing import WIDTH, Levels, of_digest, of_leaf
from .strict import canonical


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event as it was found: its entry, and its body unless that was pruned."""

    seq: int
    entry: bytes
    body: bytes | None
    columns: Columns | None = field(default=None, compare=False)
    """Of a store whose rows are looked at: what it has beside the two."""


class Trail(Protocol):
    """A trail that can be read more than once."""

    def checkpoint(self) -> bytes:
        """Give the latest checkpoint. Raises `Unreadable` if there is none."""

    def size(self) -> int:
        """How many events there are to be looked at, whoever says so. Raises `Unreadable`."""

    def leaves(self, size: int, findings: Findings | None, start: int = 0) -> Iterator[Leaf]:
        """Give the events before `size`, from `start` on.

        What is wrong with how they lie there goes to `findings`, where it is given: then all are read.
        """

    def policy(self, digest: str) -> bytes | None:
        """Give the document of a policy; None if it is not there."""

    def rows(self) -> Rows | None:
        """Give what is kept beside the events; None of an export, which has nothing else."""


class Unreadable(Exception):
    """What should be verified cannot be read at all; one sentence."""


class StoredEvent(Protocol):
    """An event as a store has it."""

    @property
    def seq(self) -> int:
        """Its number."""

    @property
    def entry(self) -> bytes:
        """What its leaf holds."""

    @property
    def body(self) -> bytes | None:
        """What happened, unless it was pruned."""


class Columns(Protocol):
    """By what a store finds an event."""

    @property
    def time(self) -> int:
        """When it was, as it is found by."""

    @property
    def kind(self) -> str:
        """What kind it is found by."""

    @property
    def task(self) -> str | None:
        """The task that it is found by."""

    @property
    def call(self) -> int | None:
        """The call that it is found by."""


class StoredPolicy(Protocol):
    """A policy as a store has it, in three documents."""

    @property
    def digest(self) -> str:
        """What events call it."""

    @property
    def directory(self) -> bytes:
        """What is known of entities."""

    @property
    def ir(self) -> bytes:
        """The policy itself."""

    @property
    def mapping(self) -> bytes:
        """How requests of others are read."""


class Head(Protocol):
    """Where a store is."""

    @property
    def seq(self) -> int:
        """How many events it has."""

    @property
    def time(self) -> int:
        """That of the latest event, or of what was accepted after it."""

    @property
    def generation(self) -> str | None:
        """The digest of the active policy."""


class Rows(Protocol):
    """What a store keeps beside its events."""

    @property
    def head(self) -> Head:
        """Where the store is."""

    def root(self) -> bytes | None:
        """Give the root of the tree that the head has; None if that is none."""

    def rows(self, table: str) -> Iterable[Any]:
        """Give all rows of a table, with its columns as attributes."""


class View(Protocol):
    """What a store shows of itself: the part of it that is read here."""

    @property
    def head(self) -> Head:
        """Where the store is."""

    def checkpoint(self, size: int | None = None) -> str | None:
        """Give the latest signed checkpoint."""

    def events(self, start: int, stop: int) -> Iterable[StoredEvent]:
        """Give events in their order."""

    def generations(self) -> Iterable[StoredPolicy]:
        """Give policies."""

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Give a tile of hashes, as the store has it."""


_AT_ONCE = 256


class StoredTrail:
    """A trail in a store, read through a view of it."""

    def __init__(self, view: View, rows: Rows | None = None) -> None:
        """Read from a view that does not change meanwhile, and its rows if they are to be held against the events."""
        self._view, self._rows = view, rows

    def checkpoint(self) -> bytes:
        """Give the latest checkpoint."""
        found = self._view.checkpoint()
        if found is None:
            raise Unreadable(
                "the store has no checkpoint yet: the service writes one every few seconds, and when it stops"
            )
        return found.encode()

    def size(self) -> int:
        """How many events there are, with those after the latest checkpoint."""
        return self._view.head.seq

    def rows(self) -> Rows | None:
        """Give what is kept beside the events."""
        return self._rows

    def leaves(self, size: int, findings: Findings | None, start: int = 0) -> Iterator[Leaf]:
        """Give the events, as far as there are any in their order, and compare full tiles on the way."""
        expected = start
        levels = None if findings is None else Levels(partial(self._compare_tile, findings))
        for first in range(start, size, _AT_ONCE):
            stop = min(first + _AT_ONCE, size)
            for each in self._view.events(first, stop):
                if each.seq != expected:
                    break
                expected += 1
                body = None if each.body is None else _bytes(each.body)
                entry = _bytes(each.entry)
                if levels is not None:
                    levels.add(of_leaf(entry))
                columns: Any = None if self._rows is None else each
                yield Leaf(each.seq, entry, body, columns)
            if expected != stop:
                break
        if expected != size and findings is not None:
            findings.is_wrong(expected, "the event is not there")

    def _compare_tile(self, findings: Findings, level: int, index: int, hashes: bytes) -> None:
        """Compare a full tile that the store has laid aside with the hashes that follow from the entries."""
        found = self._view.tile(level, index, WIDTH)
        if found is None or _bytes(found) != hashes:
            first = index * WIDTH ** (level + 1)
            findings.is_wrong(first, f"tile {level}/{index} of the store has another hash")
        else:
            findings.is_proved("tiles")

    def policy(self, digest: str) -> bytes | None:
        """Give the document of a policy."""
        for each in self._view.generations():
            if each.digest == digest:
                parts = (getattr(each, name) for name in ("directory", "ir", "mapping"))
                return b'{"directory":%b,"ir":%b,"mapping":%b}' % tuple(map(bytes, parts))
        return None


def _bytes(value: object) -> bytes:
    """What a store gave as bytes; somebody else may have written something else there."""
    return (
        bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()
    )


PARTS = ("directory", "ir", "mapping")


def digest_of_policy(document: dict[str, object]) -> str:
    """Give the digest of a policy: that of an object with the digests of its parts."""
    named = {name: of_digest(canonical(document.get(name))) for name in PARTS}
    return of_digest(canonical({"v": 1, **named}))
