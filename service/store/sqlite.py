"""SQLite: a file, whose writer holds a reserved lock from the beginning of its transaction to the end."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .connection import Hook, StoreError

WAIT = 5.0  # seconds for another writer
PAGES = -65_536  # kibibytes of pages that are kept in memory
BEHIND = 8_000  # pages that are written ahead before they go where they belong, many of them once for many turns
AT_ONCE = 500  # keys in one statement


class SQLite:
    """One connection to a file."""

    dialect = "sqlite"
    is_far = False

    def __init__(
        self, path: Path, *, read_only: bool = False, make: bool = False, hook: Hook | None = None
    ) -> None:
        """Open a file, or make it if there is none and that is asked for."""
        self._hook = hook
        mode = "ro" if read_only else "rwc" if make else "rw"
        with _told(path):
            self._base = sqlite3.connect(
                f"file:{quote(str(path))}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=WAIT,
                check_same_thread=False,
                cached_statements=512,
            )
            if not read_only:
                self._write_ahead()
                self._base.execute("PRAGMA synchronous = FULL")
                self._base.execute(f"PRAGMA wal_autocheckpoint = {BEHIND}")
            self._base.execute(f"PRAGMA cache_size = {PAGES}")
        self._path = path
        self._file = file_at(path)

    def begin(self, *, write: bool) -> None:
        """Begin a transaction: in the file that stands at the path, and not in one that was removed since."""
        if file_at(self._path) != self._file:
            raise StoreError(f"the store {self._path} was removed, or is another file now")
        self._execute("BEGIN IMMEDIATE" if write else "BEGIN")
        if not write:
            self._execute("SELECT one FROM head")  # a state is taken when it is first looked at

    def select(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give rows."""
        found = self._execute(sql, values)
        try:
            return found.fetchall()
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error

    def select_among(self, sql: str, column: str, keys: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
        """Give the rows whose column is one of the keys."""
        for start in range(0, len(keys), AT_ONCE):
            some = list(keys[start : start + AT_ONCE])
            some += some[-1:] * ((1 << (len(some) - 1).bit_length()) - len(some))
            marks = ", ".join("?" * len(some))
            yield from self.select(f"{sql} WHERE {column} IN ({marks})", some)

    def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of the rows."""
        if self._hook is not None:
            self._hook(sql)
        try:
            if len(rows) == 1:
                self._base.execute(sql, rows[0])
            else:
                self._base.executemany(sql, rows)
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error

    def run(self, script: str) -> None:
        """Run statements of a migration."""
        for each in script.split(";\n"):
            if each.strip():
                self._execute(each)

    def now(self) -> int:
        """Give the time of this host."""
        return time.time_ns()

    def commit(self) -> None:
        """Make it last."""
        self._execute("COMMIT")
        if self._hook is not None:
            self._hook("committed")

    def is_lost(self) -> bool:
        """Say no: a file does not hang up."""
        return False

    def rollback(self) -> None:
        """Leave it as it was."""
        with suppress(sqlite3.Error):
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")

    def close(self) -> None:
        """Let it go."""
        with suppress(sqlite3.Error):
            self._base.close()

    def _write_ahead(self) -> None:
        """Have changes written ahead. SQLite does not wait for a second process that asks for it, too."""
        until = time.monotonic() + WAIT
        while True:
            try:
                ((mode,),) = self._base.execute("PRAGMA journal_mode = WAL").fetchall()
                if mode != "wal":
                    raise StoreError("the place of the store does not let it write ahead")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            time.sleep(0.01)

    def _execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        if self._hook is not None:
            self._hook("commit" if sql == "COMMIT" else sql)
        try:
            return self._base.execute(sql, values)
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error


def file_at(path: Path) -> tuple[int, int] | None:
    """Tell one file from another that came in its place."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in one sentence what SQLite raises."""
    try:
        yield
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def unusable(path: Path, error: sqlite3.Error) -> StoreError:
    """Say why a store cannot be used, without what it holds, which Python's own errors quote."""
    ours = hasattr(error, "sqlite_errorcode")
    why = str(error) if ours else "it holds what is none of its columns"
    return StoreError(f"the store {path} cannot be used: {why}")
