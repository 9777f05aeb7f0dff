"""A store: turns that change it one after the other, and readings that see one state of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from operator import attrgetter
from pathlib import Path

from .connection import Connection, Hook, StoreError
from .postgres import PostgreSQL
from .rows import Head
from .sqlite import SQLite
from .turn import Reading, Rows, Turn
from .versions import check_version, migrate, refuse_other
from .watch import Watch

_COLUMNS = tuple(each.name for each in fields(Head))
_HEAD = f"SELECT {', '.join(_COLUMNS)}, (SELECT max(version) FROM version) FROM head WHERE one = 1"
_SET_HEAD = f"UPDATE head SET {', '.join(f'{each} = ?' for each in _COLUMNS)} WHERE one = 1"
_values_of = attrgetter(*_COLUMNS)
_READERS = 4  # connections that wait to be used again


class Store:
    """A store by its URL: `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://…`.

    Turns are for one thread; readings are for any.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], int] | None = None,
        hook: Hook | None = None,
        read_only: bool = False,
    ) -> None:
        """Open it, and bring its tables to what this version has. Raises `StoreError`.

        `clock` gives nanoseconds since 1970; of its own accord that of the store's host.
        """
        self.url = url
        self._clock = clock
        self._hook = hook
        self._read_only = read_only
        self._rows = Rows()
        self._left: Head | None = None  # where this process left the store
        self._furthest = 0  # the latest turn that this process has seen
        self._readers: list[Connection] = []
        self._lock = threading.Lock()
        self._writer: Connection | None = None
        connection = self._connect(read_only=read_only, make=not read_only)
        if read_only:
            check_version(connection)
            self._readers.append(connection)
        else:
            migrate(connection)
            self._writer = connection

    @contextmanager
    def turn(self, *, any_clock: bool = False) -> Iterator[Turn]:
        """Take a turn: what is done in it lasts when it ends well, and never was if it does not.

        Raises `StoreError`; `ClockBehind` where the clock is earlier than the latest event, unless `any_clock` will do.
        """
        connection, head = self._begun(write=True)
        try:
            if head != self._left:  # somebody else had a turn
                self._rows.clear()
            now = self._clock or connection.now
            turn = Turn(connection, self._rows, head, now, any_clock=any_clock)
            yield turn
            turn.flush()
            head = turn.head
            head.turn += 1
            values = _values_of(head)
            connection.write(_SET_HEAD, [values])
            connection.commit()
            turn.lasts = True
            self._left = Head(*values)
            self._saw(head.turn, 0)
            self._rows.bound()
        except BaseException as error:
            self._rows.clear()
            self._left = None
            connection.rollback()
            if isinstance(error, StoreError):  # the connection may be broken
                connection.close()
            else:
                self._writer = connection
            raise
        self._writer = connection

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Look at one state of the store."""
        connection, head = self._begun(write=False)
        try:
            yield Reading(connection, Rows(), head, self._clock or connection.now)
            connection.rollback()
        except BaseException:
            connection.close()
            raise
        with self._lock:
            if len(self._readers) < _READERS:
                self._readers.append(connection)
                return
        connection.close()

    def watch(self) -> Watch | None:
        """Give a watch over a store in a file; None of one that is elsewhere. Raises `StoreError`."""
        path = path_of(self.url)
        if path is None:
            return None
        return Watch(path, self._clock or time.time_ns, lambda: self._furthest, self._saw)

    def _begun(self, *, write: bool) -> tuple[Connection, Head]:
        """Begin a transaction. A connection that waited may have been lost since, and then there are others."""
        while True:
            waiting = self._waiting(write)
            connection = waiting or self._connect(read_only=not write)
            before = self._furthest
            try:
                connection.begin(write=write)
                head = _head_of(connection)
                self._saw(head.turn, before)
                return connection, head
            except BaseException:
                is_lost = connection.is_lost()
                connection.close()
                if waiting is None or not is_lost:
                    raise

    def _saw(self, turn: int, before: int) -> None:
        """Take in at which turn the store is, which was at `before` or later already. Raises `StoreError`.

        One that goes back was replaced by an older copy of itself: what was decided since is not known there.
        """
        if turn < before:
            raise StoreError(
                "the store is an older copy of what it was: whoever put it back starts the service anew"
            )
        with self._lock:
            self._furthest = max(turn, self._furthest)

    def _waiting(self, write: bool) -> Connection | None:
        """Take a connection that is open, if there is one."""
        if write:
            if self._read_only:
                raise StoreError("the store was opened to be read")
            connection, self._writer = self._writer, None
            return connection
        with self._lock:
            return self._readers.pop() if self._readers else None

    def close(self) -> None:
        """Let it go."""
        with self._lock:
            for each in self._readers:
                each.close()
            self._readers = []
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _connect(self, *, read_only: bool, make: bool = False) -> Connection:
        path = path_of(self.url)
        if path is None:
            return PostgreSQL(self.url, read_only=read_only, hook=self._hook)
        return SQLite(path, read_only=read_only, make=make, hook=self._hook)


def path_of(url: str) -> Path | None:
    """Give the file of a SQLite store; None of a PostgreSQL store. Raises `StoreError` if it is neither."""
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///"))
    if url.startswith(("postgresql://", "postgres://")):
        return None
    raise StoreError("a store is `sqlite:///PATH` or `postgresql://…`")


def _head_of(connection: Connection) -> Head:
    """Give where the store is. Its tables may have been brought forward by somebody else while this one ran."""
    rows = connection.select(_HEAD)
    if len(rows) != 1:
        raise StoreError("the store has no head: it is damaged, or no store")
    *columns, version = rows[0]
    refuse_other(connection.dialect, version)
    return Head(*columns)
