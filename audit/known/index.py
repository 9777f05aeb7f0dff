"""What has to be looked up while a trail is read: on disk, so that memory does not grow with the trail."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from ...runtime.call import fields_of

_TABLES = """
CREATE TABLE task (
    id TEXT PRIMARY KEY, fields TEXT, agent TEXT, user TEXT, person TEXT, parent TEXT, state TEXT, reported TEXT
);
CREATE INDEX task_inside ON task (parent);
CREATE INDEX task_of_agent ON task (agent);
CREATE INDEX task_of_person ON task (person);
CREATE TABLE call (id TEXT PRIMARY KEY, seq INTEGER, effect TEXT, outcome INTEGER, digest TEXT) WITHOUT ROWID;
CREATE TABLE key (id TEXT PRIMARY KEY, seq INTEGER, kind TEXT, open INTEGER) WITHOUT ROWID;
CREATE TABLE asked (id TEXT PRIMARY KEY, told TEXT) WITHOUT ROWID;
CREATE TABLE verdict (id TEXT PRIMARY KEY, seq INTEGER, told TEXT, used INTEGER) WITHOUT ROWID;
CREATE TABLE lease (id TEXT PRIMARY KEY, task TEXT, told TEXT, agent TEXT) WITHOUT ROWID;
CREATE INDEX lease_of_task ON lease (task);
CREATE INDEX lease_of_agent ON lease (agent);
CREATE TABLE chained (task TEXT, lease TEXT, PRIMARY KEY (task, lease)) WITHOUT ROWID;
CREATE TABLE out (person TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID;
CREATE TABLE session (id TEXT PRIMARY KEY, told TEXT) WITHOUT ROWID;
CREATE TABLE person (id TEXT PRIMARY KEY, roles TEXT, until INTEGER, active INTEGER, source TEXT) WITHOUT ROWID;
CREATE TABLE has_role (role TEXT, person TEXT, PRIMARY KEY (role, person)) WITHOUT ROWID;
CREATE INDEX role_of_person ON has_role (person);
CREATE TABLE passkey (id TEXT PRIMARY KEY, person TEXT, told TEXT) WITHOUT ROWID;
CREATE INDEX passkey_of_person ON passkey (person);
CREATE TABLE folded (id TEXT PRIMARY KEY, person TEXT) WITHOUT ROWID;
CREATE TABLE once (name TEXT, id TEXT, PRIMARY KEY (name, id)) WITHOUT ROWID;
CREATE TABLE answered (id TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID;
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
    reported: dict[str, Any] = field(default_factory=dict)
    """What was reported of it last."""


@dataclass(frozen=True, slots=True)
class LastUse:
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
        sql = "SELECT fields, agent, user, parent, reported, state FROM task WHERE id = ?"
        row = self._row(sql, _text(id))
        if row is None:
            return None
        *texts, state = row
        fields, agent, user, parent, reported = map(json.loads, texts)
        return Task(id, fields, agent, user, parent, state, reported)

    def put_task(self, task: Task) -> None:
        """Keep a task as it is now."""
        self._database.execute(
            "INSERT OR REPLACE INTO task VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *map(_text, (task.id, task.fields, task.agent, task.user)),
                *map(_text, (fields_of(task.user).get("id"), task.parent)),
                task.state,
                _text(task.reported),
            ),
        )

    def goes_on_inside(self, id: str) -> str | None:
        """Give a task that was started inside of another one and is active, if there is one."""
        sql = "SELECT id FROM task WHERE parent = ? AND state = 'active' ORDER BY id LIMIT 1"
        row = self._row(sql, _text(id))
        return None if row is None else json.loads(row[0])

    # --- Calls ------------------------------------------------------------------------------------

    def call(self, id: object) -> tuple[int, str, int | None] | None:
        """Give the event of a call, its effect, and the event that told of its outcome."""
        if type(id) is not str:
            return None
        row = self._row("SELECT seq, effect, outcome FROM call WHERE id = ?", _text(id))
        return None if row is None else (row[0], row[1], row[2])

    def digest_of(self, id: str) -> Any:
        """Give the digest of a call that is there, as it was told."""
        return json.loads(self._row("SELECT digest FROM call WHERE id = ?", _text(id))[0])

    def put_call(self, id: str, seq: int, effect: str, digest: object) -> None:
        """Keep a call."""
        row = (_text(id), seq, effect, _text(digest))
        self._database.execute("INSERT INTO call VALUES (?, ?, ?, NULL, ?)", row)

    def put_outcome(self, id: str, seq: int) -> None:
        """Keep that something became of a call."""
        self._database.execute("UPDATE call SET outcome = ? WHERE id = ?", (seq, _text(id)))

    def asked(self, request: str) -> dict[str, Any] | None:
        """Give what people were asked."""
        row = self._row("SELECT told FROM asked WHERE id = ?", _text(request))
        return None if row is None else json.loads(row[0])

    def put_asked(self, request: str, told: dict[str, Any]) -> None:
        """Keep what people were asked: of which task and which capability, and until when."""
        self._database.execute(
            "INSERT OR IGNORE INTO asked VALUES (?, ?)", (_text(request), _text(told))
        )

    # --- Verdicts ---------------------------------------------------------------------------------

    def verdict(self, id: object) -> tuple[dict[str, Any], int | None] | None:
        """Give what a person said, and the event by which a call was permitted for it."""
        if type(id) is not str:
            return None
        row = self._row("SELECT told, used FROM verdict WHERE id = ?", _text(id))
        return None if row is None else (json.loads(row[0]), row[1])

    def put_verdict(self, id: str, seq: int, told: dict[str, Any]) -> None:
        """Keep what a person said."""
        self._database.execute(
            "INSERT INTO verdict VALUES (?, ?, ?, NULL)", (_text(id), seq, _text(told))
        )

    def use_verdict(self, id: str, seq: int) -> None:
        """Keep that a call was permitted for it."""
        self._database.execute("UPDATE verdict SET used = ? WHERE id = ?", (seq, _text(id)))

    # --- Leases -----------------------------------------------------------------------------------

    def lease(self, id: object) -> dict[str, Any] | None:
        """Give what is known of a lease."""
        if type(id) is not str:
            return None
        row = self._row("SELECT told FROM lease WHERE id = ?", _text(id))
        return None if row is None else json.loads(row[0])

    def put_lease(self, id: str, task: str, told: dict[str, Any]) -> None:
        """Keep a lease as it is now."""
        values = (_text(id), _text(task), _text(told), _text(told.get("agent")))
        self._database.execute("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?)", values)

    def chain_lease(self, id: str, task: str) -> None:
        """Keep that the agent of a lease acts for that of another task."""
        values = (_text(task), _text(id))
        self._database.execute("INSERT OR IGNORE INTO chained VALUES (?, ?)", values)

    def leases_of(self, task: str) -> list[dict[str, Any]]:
        """Give the leases that rest on a task: its own, and those whose agents act for its agent in it."""
        sql = (
            "SELECT told FROM lease WHERE task = ?1"
            " OR id IN (SELECT lease FROM chained WHERE task = ?1) ORDER BY id"
        )
        return [json.loads(told) for (told,) in self._database.execute(sql, (_text(task),))]

    def leases_held(self, agent: str) -> list[dict[str, Any]]:
        """Give the leases of an agent, and of those who act for it."""
        sql = (
            "SELECT told FROM lease WHERE agent = ?1 OR id IN (SELECT chained.lease FROM chained"
            " JOIN task ON task.id = chained.task WHERE task.agent = ?1) ORDER BY id"
        )
        return [json.loads(told) for (told,) in self._database.execute(sql, (_text(agent),))]

    def leases_for(self, person: str) -> list[dict[str, Any]]:
        """Give the leases of tasks that are on behalf of a person."""
        sql = (
            "SELECT told FROM lease JOIN task ON task.id = lease.task"
            " WHERE task.person = ? ORDER BY lease.id"
        )
        return [json.loads(told) for (told,) in self._database.execute(sql, (_text(person),))]

    def answered(self, request: str) -> int | None:
        """Give the event by which a request was open no more: a refusal, or the use of an approval."""
        row = self._row("SELECT seq FROM answered WHERE id = ?", _text(request))
        return None if row is None else row[0]

    def answer(self, request: str, seq: int) -> None:
        """Keep that a request is open no more."""
        self._database.execute(
            "INSERT OR IGNORE INTO answered VALUES (?, ?)", (_text(request), seq)
        )

    # --- People -----------------------------------------------------------------------------------

    def session(self, id: object) -> dict[str, Any] | None:
        """Give what a session of a person is."""
        row = (
            self._row("SELECT told FROM session WHERE id = ?", _text(id))
            if type(id) is str
            else None
        )
        found: dict[str, Any] | None = None if row is None else json.loads(row[0])
        return found

    def put_session(self, id: str, told: dict[str, Any]) -> None:
        """Keep a session as it is now."""
        self._database.execute(
            "INSERT OR REPLACE INTO session VALUES (?, ?)", (_text(id), _text(told))
        )

    def out(self, person: str) -> int | None:
        """Give the event by which the sessions of a person ended that had begun before it."""
        row = self._row("SELECT seq FROM out WHERE person = ?", _text(person))
        return None if row is None else row[0]

    def put_out(self, person: str, seq: int) -> None:
        """Keep that the sessions of a person have ended."""
        self._database.execute("INSERT OR REPLACE INTO out VALUES (?, ?)", (_text(person), seq))

    def roles(self, id: str, at: int) -> list[str] | None:
        """Give the roles that a person has at a time; None if they are not there by then."""
        row = self._row("SELECT roles, until FROM person WHERE id = ?", _text(id))
        if row is None or (row[1] is not None and row[1] <= at):
            return None
        found: list[str] = json.loads(row[0])
        return found

    def known_until(self, id: str) -> int | None:
        """Give until when a person is known; None if there is no end of it, or nobody has said who they are."""
        row = self._row("SELECT until FROM person WHERE id = ?", _text(id))
        return None if row is None else row[0]

    def has_left(self, id: str) -> bool:
        """Whether somebody is said not to be there any more."""
        row = self._row("SELECT active FROM person WHERE id = ?", _text(id))
        return row is not None and not row[0]

    def known(self, id: str) -> tuple[list[str], bool, str] | None:
        """Give what was said of a person last: their roles, whether they are still there, and who says so."""
        row = self._row("SELECT roles, active, source FROM person WHERE id = ?", _text(id))
        return None if row is None else (json.loads(row[0]), bool(row[1]), json.loads(row[2]))

    def put_person(
        self, id: str, roles: list[str], until: int | None, *, active: bool = True, source: str = ""
    ) -> None:
        """Keep what is known of a person now, and until when that counts; None for as long as nobody says otherwise."""
        row = (_text(id), _text(roles), until, active, _text(source))
        self._database.execute("INSERT OR REPLACE INTO person VALUES (?, ?, ?, ?, ?)", row)
        self._database.execute("DELETE FROM has_role WHERE person = ?", row[:1])
        self._database.executemany(
            "INSERT OR IGNORE INTO has_role VALUES (?, ?)",
            [(_text(each), row[0]) for each in roles],
        )

    def is_role(self, name: str) -> bool:
        """Whether somebody has a role of this name."""
        return self._row("SELECT 1 FROM has_role WHERE role = ? LIMIT 1", _text(name)) is not None

    def folded(self, folded: str, id: str) -> str:
        """Give who was called so first, as ids are that people take for one: this one, if nobody was before."""
        values = (_text(folded), _text(id))
        self._database.execute("INSERT OR IGNORE INTO folded VALUES (?, ?)", values)
        found: str = json.loads(self._row("SELECT person FROM folded WHERE id = ?", values[0])[0])
        return found

    def passkey(self, id: str) -> dict[str, Any] | None:
        """Give what is known of a passkey."""
        row = self._row("SELECT told FROM passkey WHERE id = ?", _text(id))
        return None if row is None else json.loads(row[0])

    def passkeys_of(self, person: str) -> list[dict[str, Any]]:
        """Give the passkeys of a person, also those that were taken away."""
        sql = "SELECT told FROM passkey WHERE person = ?"
        return [json.loads(told) for (told,) in self._database.execute(sql, (_text(person),))]

    def put_passkey(self, id: str, person: str, told: dict[str, Any]) -> None:
        """Keep a passkey as it is now."""
        values = (_text(id), _text(person), _text(told))
        self._database.execute("INSERT OR REPLACE INTO passkey VALUES (?, ?, ?)", values)

    def put_once(self, name: str, id: str) -> bool:
        """Keep that something was there; tell whether it is for the first time."""
        values = (name, _text(id))
        done = self._database.execute("INSERT OR IGNORE INTO once VALUES (?, ?)", values)
        return done.rowcount == 1

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

    def key(self, caller: str, key: str) -> LastUse | None:
        """Give what a caller used a key for last."""
        row = self._row("SELECT seq, kind, open FROM key WHERE id = ?", _text([caller, key]))
        return None if row is None else LastUse(row[0], row[1], bool(row[2]))

    def put_key(self, caller: str, key: str, used: LastUse) -> None:
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
