"""A store: turns that change it one after the other, and readings that see one state of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from .connection import Connection, Hook, StoreError
from .postgres import PostgreSQL
from .rows import Head
from .sqlite import SQLite
from .turn import Reading, Rows, Turn

_HEAD = "SELECT seq, time, edge, generation, mac FROM head WHERE one = 1"
_SET_HEAD = "UPDATE head SET seq = ?, time = ?, edge = ?, generation = ?, mac = ? WHERE one = 1"
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
        self._readers: list[Connection] = []
        self._lock = threading.Lock()
        self._writer: Connection | None = None
        connection = self._connect(read_only=read_only)
        if read_only:
            check_version(connection)
            self._readers.append(connection)
        else:
            migrate(connection)
            self._writer = connection

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Take a turn: what is done in it lasts when it ends well, and never was if it does not."""
        connection = self._writing()
        try:
            connection.begin(write=True)
            head = _head_of(connection)
            if head != self._left:  # somebody else had a turn
                self._rows.clear()
            now = connection.now() if self._clock is None else self._clock()
            turn = Turn(connection, self._rows, head, now)
            yield turn
            turn.flush()
            head = turn.head
            connection.write(
                _SET_HEAD, [(head.seq, head.time, head.edge, head.generation, head.mac)]
            )
            connection.commit()
            self._left = Head(head.seq, head.time, head.edge, head.generation, head.mac)
            self._rows.bound()
        except BaseException as error:
            self._rows.clear()
            self._left = None
            connection.rollback()
            if isinstance(
                error, StoreError
            ):  # the connection may be broken: the next turn has another
                connection.close()
                self._writer = None
            raise

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Look at one state of the store."""
        with self._lock:
            connection = self._readers.pop() if self._readers else None
        if connection is None:
            connection = self._connect(read_only=True)
        try:
            connection.begin(write=False)
            yield Reading(connection, Rows(), _head_of(connection))
            connection.rollback()
        except BaseException:
            connection.close()
            raise
        with self._lock:
            if len(self._readers) < _READERS:
                self._readers.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Let it go."""
        with self._lock:
            for each in self._readers:
                each.close()
            self._readers = []
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _writing(self) -> Connection:
        if self._read_only:
            raise StoreError("the store was opened to be read")
        if self._writer is None:
            self._writer = self._connect(read_only=False)
        return self._writer

    def _connect(self, *, read_only: bool) -> Connection:
        path = path_of(self.url)
        if path is None:
            return PostgreSQL(self.url, read_only=read_only, hook=self._hook)
        return SQLite(path, read_only=read_only, hook=self._hook)


def path_of(url: str) -> Path | None:
    """Give the file of a SQLite store; None of a PostgreSQL store. Raises `StoreError` if it is neither."""
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///"))
    if url.startswith(("postgresql://", "postgres://")):
        return None
    raise StoreError("a store is `sqlite:///PATH` or `postgresql://…`")


def _head_of(connection: Connection) -> Head:
    rows = connection.select(_HEAD)
    if len(rows) != 1:
        raise StoreError("the store has no head: it is damaged, or no store")
    seq, time, edge, generation, mac = rows[0]
    return Head(seq, time, bytes(edge), generation, bytes(mac))


# --- Versions -------------------------------------------------------------------------------------


def migrations(dialect: str) -> list[tuple[int, str]]:
    """Give the scripts that bring a store forward, with the version that each leads to."""
    found = [
        (int(each.name[:4]), each.read_text(encoding="utf-8"))
        for each in (files(__package__) / "migrations").iterdir()
        if each.name.endswith(f".{dialect}.sql")
    ]
    return sorted(found)


def check_version(connection: Connection) -> None:
    """Refuse a store that this version cannot read."""
    newest = migrations(connection.dialect)[-1][0]
    version = _version_of(connection)
    if version > newest:
        raise StoreError(
            f"the store has tables of version {version}, and this agpc knows {newest}: install a newer one"
        )
    if version < newest:
        raise StoreError(
            f"the store has tables of version {version}, and this agpc reads {newest}: start `agpc serve` once on it"
        )


def migrate(connection: Connection) -> None:
    """Bring a store forward, whole or not at all."""
    try:
        connection.run("CREATE TABLE IF NOT EXISTS version (version INTEGER PRIMARY KEY)")
        connection.begin(write=True)
        version = _version_of(connection)
        for leads_to, script in migrations(connection.dialect):
            if leads_to > version:
                connection.run(script)
                connection.write("INSERT INTO version VALUES (?)", [(leads_to,)])
        connection.commit()
        check_version(connection)
    except BaseException:
        connection.rollback()
        connection.close()
        raise


def _version_of(connection: Connection) -> int:
    ((found,),) = connection.select("SELECT max(version) FROM version")
    return 0 if found is None else int(found)
