"""A connection that notices when a SQLite store has changed, and keeps what it read until then."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from .connection import StoreError
from .rows import Row
from .sqlite import file_at, unusable
from .turn import select_rows
from .versions import refuse_other

R = TypeVar("R", bound=Row)

MOST = 100_000  # rows that are kept


class Watch:
    """Rows as they stand at the time of the last `look`: for one thread, and microseconds each."""

    def __init__(
        self,
        path: Path,
        now: Callable[[], int],
        furthest: Callable[[], int],
        saw: Callable[[int, int], None],
    ) -> None:
        """Open a file that is there; `now` gives the time, in nanoseconds since 1970. Raises `StoreError`.

        `furthest` gives the latest turn that was seen, and `saw` is told of each, with what that was before.
        """
        self.now = now
        self._furthest, self._saw = furthest, saw
        self._path = path
        self._file = file_at(path)
        try:
            self._base = sqlite3.connect(
                f"file:{quote(str(path))}?mode=ro",
                uri=True,
                isolation_level=None,
                timeout=1.0,
                check_same_thread=False,  # whoever stops the core closes it
            )
        except sqlite3.Error as error:
            raise unusable(path, error) from error
        self._version: int | None = None
        self._head: tuple[str | None, int] = (None, 0)
        self._rows: dict[tuple[type[Row], Any], Any] = {}

    def look(self) -> tuple[str | None, int]:
        """Give the digest of the active policy and the time of the latest event. Raises `StoreError`."""
        try:
            if file_at(self._path) != self._file:  # nobody changes the one that is open any more
                raise StoreError(f"the store {self._path} was removed, or is another file now")
            ((version,),) = self._base.execute("PRAGMA data_version").fetchall()
            if version != self._version:
                self._rows.clear()
                before = self._furthest()
                ((generation, time, turn, of_tables),) = self._base.execute(
                    "SELECT generation, time, turn, (SELECT max(version) FROM version) FROM head"
                ).fetchall()
                self._saw(turn, before)
                refuse_other("sqlite", of_tables)
                self._head, self._version = (generation, time), version
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error
        return self._head

    def get(self, cls: type[R], key: Any) -> R | None:
        """Give a row. Raises `StoreError`."""
        try:
            found: R | None = self._rows[cls, key]
        except KeyError:
            found = self._read(cls, key)
        return found

    def _read(self, cls: type[R], key: Any) -> R | None:
        sql = f'{select_rows(cls.TABLE)} WHERE "{cls.TABLE.key}" = ?'
        try:
            rows = self._base.execute(sql, (key,)).fetchall()
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error
        if len(self._rows) >= MOST:
            self._rows.clear()
        found = self._rows[cls, key] = cls(*rows[0]) if rows else None
        return found

    def close(self) -> None:
        """Let it go."""
        self._base.close()
