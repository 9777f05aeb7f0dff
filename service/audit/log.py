"""What an export reads: a log, as one state of a store shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Event(Protocol):
    """An event of the trail. `body` is None once it was pruned."""

    @property
    def seq(self) -> int:
        """Which event it is, and so which leaf of the tree."""

    @property
    def time(self) -> int:
        """Nanoseconds since 1970."""

    @property
    def kind(self) -> str:
        """One of `events.KINDS`."""

    @property
    def entry(self) -> bytes:
        """What the leaf holds."""

    @property
    def body(self) -> bytes | None:
        """What happened, as its digest in the entry has it."""


class Generation(Protocol):
    """A policy that was active at some time: the three documents that its digest is made of."""

    @property
    def digest(self) -> str:
        """What entries call it."""

    @property
    def ir(self) -> bytes:
        """The policy."""

    @property
    def mapping(self) -> bytes:
        """How requests of others are read."""

    @property
    def directory(self) -> bytes:
        """What is known of entities, as far as it decides."""


class Log(Protocol):
    """One state of a log, which does not change while it is read."""

    def checkpoint(self, size: int | None = None) -> str | None:
        """Give the latest signed checkpoint, or that of a size; None if there is none."""

    def events(self, start: int, stop: int) -> Iterable[Event]:
        """Give the events from `start` on and before `stop`, in their order."""

    def generations(self) -> Iterable[Generation]:
        """Give every policy that was ever active."""
