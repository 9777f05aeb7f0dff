"""The rows that a store should have, as far as events were read: on disk, so that memory does not grow with the trail."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, TypeAlias

Expected: TypeAlias = dict[str, Any]
_UNKNOWN = "null"


class Book:
    """Rows by table and key, each with what its columns should hold; None is one of which nobody can know that."""

    def __init__(self) -> None:
        """Make one that is empty."""
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;"
            "CREATE TABLE row (name TEXT, id TEXT, told TEXT, PRIMARY KEY (name, id)) WITHOUT ROWID; BEGIN"
        )
        self.gap = False
        """Whether a body is missing, so that what is not known may have been told there."""
        self.people = -1
        """The latest event by which what rests on people has to be looked at again."""

    def close(self) -> None:
        """Let it go."""
        self._base.close()

    def put(self, name: str, id: object, told: Expected | None) -> None:
        """Keep what a row should hold now."""
        if type(id) in (str, int):
            text = _UNKNOWN if told is None else json.dumps(told)
            self._base.execute(
                "INSERT OR REPLACE INTO row VALUES (?, ?, ?)", (name, json.dumps(id), text)
            )

    def change(self, name: str, id: object, **changes: Any) -> None:
        """Keep that some columns of a row hold something else, if it is known."""
        found = self.get(name, id)
        if found is not None:
            self.put(name, id, {**found, **changes})

    def get(self, name: str, id: object) -> Expected | None:
        """Give what a row should hold; None if nobody knows."""
        found: Expected | None = json.loads(self._text_of(name, id) or _UNKNOWN)
        return found

    def has(self, name: str, id: object) -> bool:
        """Whether there should be such a row, though nobody may know what it holds."""
        return self._text_of(name, id) is not None

    def all(self, name: str) -> Iterator[tuple[Any, Expected | None]]:
        """Give all rows of a table with their keys."""
        sql = "SELECT id, told FROM row WHERE name = ?"
        for id, text in self._base.execute(sql, (name,)).fetchall():
            yield json.loads(id), json.loads(text)

    def count(self, name: str) -> int:
        """How many rows a table should have."""
        sql = "SELECT count(*) FROM row WHERE name = ?"
        ((found,),) = self._base.execute(sql, (name,))
        return int(found)

    def _text_of(self, name: str, id: object) -> str | None:
        if type(id) not in (str, int):
            return None
        sql = "SELECT told FROM row WHERE name = ? AND id = ?"
        row = self._base.execute(sql, (name, json.dumps(id))).fetchone()
        return None if row is None else row[0]
