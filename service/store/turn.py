"""A turn: one transaction, the rows that it has looked at, and what it will write when it ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from .connection import Connection, StoreError
from .rows import Head, Row, Table

R = TypeVar("R", bound=Row)

SLACK = 10**9
"""How far the clock may be behind the latest event, in nanoseconds: time goes on from there."""
MOST_ROWS = 200_000  # of a table that are kept from one turn to the next
_HALF = re.compile("[\ud800-\udfff]")


class ClockBehind(StoreError):
    """The clock of the store's host is earlier than what has been recorded."""


def is_behind(clock: int, latest: int) -> bool:
    """Whether a clock is further behind the latest event than time may go on from there."""
    return clock < latest - SLACK


class Rows:
    """What has been read, by table and key; None of what is not there."""

    def __init__(self) -> None:
        """Know nothing."""
        self.of: dict[type[Row], dict[Any, Any]] = {}

    def of_table(self, cls: type[R]) -> dict[Any, R | None]:
        """Give those of one table."""
        found = self.of.get(cls)
        if found is None:
            found = self.of[cls] = {}
        return found

    def clear(self) -> None:
        """Forget all."""
        self.of.clear()

    def bound(self) -> None:
        """Forget what does not stay, and tables of which there are too many rows."""
        self.of = {
            cls: rows for cls, rows in self.of.items() if cls.STAYS and len(rows) <= MOST_ROWS
        }


class Reading:
    """One state of a store, that does not change."""

    def __init__(
        self, connection: Connection, rows: Rows, head: Head, now: Callable[[], int]
    ) -> None:
        """Look at it through a connection, in a transaction that has begun; `now` gives the time of the store."""
        self.now = now
        self._connection = connection
        self._rows = rows
        self.head = head

    @property
    def is_far(self) -> bool:
        """Whether many rows are better read together."""
        return self._connection.is_far

    def get(self, cls: type[R], key: Any) -> R | None:
        """Give a row."""
        rows = self._rows.of_table(cls)
        if key not in rows:
            self.fetch(cls, (key,))
        return rows[key]

    def fetch(self, cls: type[R], keys: Iterable[Any]) -> None:
        """Read rows, so that `get` has them at hand: one statement for many."""
        rows = self._rows.of_table(cls)
        missing = [key for key in dict.fromkeys(keys) if key not in rows]
        if not missing:
            return
        table = cls.TABLE
        asked = [key for key in missing if _can_be_there(key)]
        sql, column = select_rows(table), f'"{table.key}"'
        for values in self._connection.select_among(sql, column, asked) if asked else ():
            rows[values[0]] = cls(*values)
        for key in missing:
            rows.setdefault(key, None)

    def find(
        self, cls: type[R], where: str, values: Sequence[Any] = (), *, kept: bool = False
    ) -> list[R]:
        """Give the rows for which a condition holds, in its `ORDER BY`.

        They are looked at and left, unless they are `kept` as `get` keeps them.
        """
        found = []
        rows = self._rows.of_table(cls) if kept else self._rows.of.get(cls, {})
        for each in self.select(f"{select_rows(cls.TABLE)} WHERE {where}", values):
            row = rows.get(each[0])
            if row is None:
                row = cls(*each)
                if kept:
                    rows[each[0]] = row
            found.append(row)
        return found

    def select(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give what a statement gives."""
        return self._connection.select(sql, values)


class Turn(Reading):
    """The sole right to change a store. What is put into it is written together, at the end or before a question."""

    def __init__(
        self,
        connection: Connection,
        rows: Rows,
        head: Head,
        now: Callable[[], int],
        *,
        any_clock: bool = False,
    ) -> None:
        """Take over a transaction that has begun. Raises `ClockBehind`, unless `any_clock` is taken as it is."""
        super().__init__(connection, rows, head, now)
        clock = now()
        self.behind = head.time if is_behind(clock, head.time) else None
        if self.behind is not None and not any_clock:
            raise ClockBehind(
                "the clock is behind the latest event of the store: set it right, or let an operator accept it"
            )
        self._time = max(clock - 1, head.time) if self.behind is None else clock - 1
        self._new: dict[type[Row], dict[Any, Row]] = {}
        self._changed: dict[type[Row], dict[Any, Row]] = {}
        self._gone: dict[type[Row], dict[Any, None]] = {}
        self.lasts = False
        """Whether it has ended well, so that what was done in it is so."""

    @property
    def time(self) -> int:
        """The time of what happened last."""
        return self._time

    def tick(self) -> int:
        """Give what happens next a time of its own, later than all before."""
        self._time += 1
        return self._time

    def add(self, row: Row) -> None:
        """Add a row that is not there."""
        cls, key = type(row), getattr(row, row.TABLE.key)
        self._rows.of_table(cls)[key] = row
        self._new.setdefault(cls, {})[key] = row

    def put(self, row: Row) -> None:
        """Change a row, or add it."""
        cls, key = type(row), getattr(row, row.TABLE.key)
        self._rows.of_table(cls)[key] = row
        if key not in self._new.get(cls, ()):
            self._changed.setdefault(cls, {})[key] = row

    def remove(self, cls: type[Row], key: Any) -> None:
        """Take a row away, if it is there."""
        self._rows.of_table(cls)[key] = None
        self._changed.get(cls, {}).pop(key, None)
        if self._new.get(cls, {}).pop(key, None) is None:
            self._gone.setdefault(cls, {})[key] = None

    def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of the rows, after what was put before."""
        self.flush()
        self._connection.write(sql, rows)

    def select(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give what a statement gives, which sees what was put before."""
        self.flush()
        return super().select(sql, values)

    def forget(self, cls: type[Row]) -> None:
        """Read rows of a table anew, after a statement has changed them."""
        self.flush()
        self._rows.of.pop(cls, None)

    def flush(self) -> None:
        """Write what was put."""
        for cls, gone in self._gone.items():
            self._connection.write(_delete(cls.TABLE), [(key,) for key in gone])
        for cls, rows in self._new.items():
            self._connection.write(_insert(cls.TABLE), [each.values() for each in rows.values()])
        for cls, rows in self._changed.items():
            self._connection.write(_upsert(cls.TABLE), [each.values() for each in rows.values()])
        self._new, self._changed, self._gone = {}, {}, {}


@cache
def select_rows(table: Table) -> str:
    """Write the beginning of a statement that gives rows of a table."""
    columns = ", ".join(f'"{each}"' for each in table.columns)
    return f'SELECT {columns} FROM "{table.name}"'


@cache
def _insert(table: Table) -> str:
    columns = ", ".join(f'"{each}"' for each in table.columns)
    marks = ", ".join("?" * len(table.columns))
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'


@cache
def _delete(table: Table) -> str:
    return f'DELETE FROM "{table.name}" WHERE "{table.key}" = ?'


@cache
def _upsert(table: Table) -> str:
    new = ", ".join(f'"{each}" = excluded."{each}"' for each in table.columns[1:])
    return f'{_insert(table)} ON CONFLICT ("{table.key}") DO UPDATE SET {new}'


def _can_be_there(key: object) -> bool:
    """Whether a database could keep this key: PostgreSQL no NUL, neither of them half a character or a huge number."""
    if isinstance(key, str):
        return "\0" not in key and _HALF.search(key) is None
    return not isinstance(key, int) or key.bit_length() < 64
