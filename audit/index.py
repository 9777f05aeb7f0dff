"""What has to be looked up while a trail is read: on disk, so that memory does not grow with the trail."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

_TABLES = """
CREATE TABLE task (id TEXT PRIMARY KEY, fields TEXT, agent TEXT, person TEXT, parent TEXT, state TEXT);
CREATE TABLE call (id TEXT PRIMARY KEY, seq INTEGER, effect TEXT, outcome INTEGER) WITHOUT ROWID;
CREATE TABLE key (id TEXT PRIMARY KEY, seq INTEGER, kind TEXT, open INTEGER) WITHOUT ROWID;
CREATE TABLE missing (seq INTEGER PRIMARY KEY, time INTEGER);
CREATE TABLE evidence (id TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID;
"""
_PAGES = 16_000  # KiB of memory that hold a part of it


@dataclass(slots=True)
class Task:
    """A task as it is known from its event on."""

    id: str
    fields: dict[str, Any]
    agent: str
    user: Any
    parent: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Key:
    """What a key was used for last: `open` is whether that was a question."""

    seq: int
    kind: str
    open: bool


class Index:
    """Tasks, calls, keys and evidence, in a database that is gone with it."""

    def __init__(self) -> None:
        """Make one that is empty."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{_PAGES};{_TABLES}"
        )
        self._database.execute("BEGIN")

    def close(self) -> None:
        """Let it go."""
        self._database.close()

    # --- Tasks ------------------------------------------------------------------------------------

    def task(self, id: object) -> Task | None:
        """Give a task."""
        if type(id) is not str:
            return None
        row = self._row("SELECT * FROM task WHERE id = ?", _text(id))
        if row is None:
            return None
        _, fields, agent, person, parent, state = row
        fields, agent, person, parent = map(json.loads, (fields, agent, person, parent))
        return Task(id, fields, agent, person, parent, state)

    def put_task(self, task: Task) -> None:
        """Keep a task as it is now."""
        self._database.execute(
            "INSERT OR REPLACE INTO task VALUES (?, ?, ?, ?, ?, ?)",
            (
                *map(_text, (task.id, task.fields, task.agent, task.user, task.parent)),
                task.state,
            ),
        )

    # --- Calls ------------------------------------------------------------------------------------

    def call(self, id: object) -> tuple[int, str, int | None] | None:
        """Give the event of a call, its effect, and the event that told of its outcome."""
        if type(id) is not str:
            return None
        row = self._row("SELECT seq, effect, outcome FROM call WHERE id = ?", _text(id))
        return None if row is None else (row[0], row[1], row[2])

    def put_call(self, id: str, seq: int, effect: str) -> None:
        """Keep a call."""
        self._database.execute("INSERT INTO call VALUES (?, ?, ?, NULL)", (_text(id), seq, effect))

    def put_outcome(self, id: str, seq: int) -> None:
        """Keep that something became of a call."""
        self._database.execute("UPDATE call SET outcome = ? WHERE id = ?", (seq, _text(id)))

    # --- Bodies that are not there ----------------------------------------------------------------

    def put_missing(self, seq: int, time: int) -> None:
        """Keep that the body of an event is not there."""
        self._database.execute("INSERT OR REPLACE INTO missing VALUES (?, ?)", (seq, time))

    def was_pruned(self, first: int, last: int, before: int) -> None:
        """Let go of those that were pruned: within these numbers, and from before a time."""
        sql = "DELETE FROM missing WHERE seq >= ? AND seq <= ? AND time < ?"
        self._database.execute(sql, (first, last, before))

    def missing(self) -> tuple[int, int | None]:
        """How many are left, and the first of them."""
        found: tuple[int, int | None] = self._database.execute(
            "SELECT count(*), min(seq) FROM missing"
        ).fetchone()
        return found

    # --- Keys and evidence ------------------------------------------------------------------------

    def key(self, caller: str, key: str) -> Key | None:
        """Give what a caller used a key for last."""
        row = self._row("SELECT seq, kind, open FROM key WHERE id = ?", _text([caller, key]))
        return None if row is None else Key(row[0], row[1], bool(row[2]))

    def put_key(self, caller: str, key: str, used: Key) -> None:
        """Keep what a key was used for."""
        self._database.execute(
            "INSERT OR REPLACE INTO key VALUES (?, ?, ?, ?)",
            (_text([caller, key]), used.seq, used.kind, used.open),
        )

    def use(self, evidence: object, seq: int) -> int | None:
        """Keep that a permit used evidence up; give the event that did so before, if one did."""
        id = _text(evidence)
        row = self._row("SELECT seq FROM evidence WHERE id = ?", id)
        if row is None:
            self._database.execute("INSERT INTO evidence VALUES (?, ?)", (id, seq))
        return None if row is None else row[0]

    def _row(self, sql: str, value: str) -> Any:
        return self._database.execute(sql, (value,)).fetchone()


def _text(value: object) -> str:
    """A value as a database can hold it, whatever characters it is made of."""
    return json.dumps(value)
