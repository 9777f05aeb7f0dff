"""What a store asks of a database: a transaction with the sole right to write, and statements in one dialect.

Statements are written with `?` for each value. Whatever a database raises becomes a `StoreError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias

Hook: TypeAlias = Callable[[str], None]
"""Is told of each statement before it is run, of `commit`, and of `committed` when that lasts: tests stop a process there."""


class StoreError(Exception):
    """A store cannot be used; the message is one sentence for an operator, without what the store holds."""


class Connection(Protocol):
    """One connection, used by one thread at a time."""

    dialect: str
    is_far: bool
    """Whether each statement takes a way to another process and back."""

    def begin(self, *, write: bool) -> None:
        """Begin a transaction: one that writes waits until no other one does, one that reads sees one state."""

    def select(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give rows."""

    def select_among(self, sql: str, column: str, keys: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
        """Give the rows of a statement, which ends before its `WHERE`, whose column is one of the keys."""

    def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of the rows."""

    def run(self, script: str) -> None:
        """Run statements of a migration."""

    def now(self) -> int:
        """Give the time of the host of the store, in nanoseconds since 1970."""

    def commit(self) -> None:
        """Make it last."""

    def is_lost(self) -> bool:
        """Tell whether its database has gone away, so that only another connection can be used."""

    def rollback(self) -> None:
        """Leave it as it was; never raises."""

    def close(self) -> None:
        """Let it go; never raises."""
