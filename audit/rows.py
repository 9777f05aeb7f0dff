"""The rows of a store beside its events: each is what the events say that it is, whoever has written to the store."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeAlias

from ..runtime.call import fields_of
from .events import Event
from .findings import Findings
from .strict import canonical
from .trail import Leaf, Rows

Expected: TypeAlias = dict[str, Any]
_JSON = ("user", "fields", "context")
"""Columns that hold JSON as text."""
_FOLLOWS = {"task": "call", "said": "task", "state": "state"}
"""Events that stand behind another one of the same operation, so that its key leads to that one."""
_UNKNOWN = "null"


class RowCheck:
    """Takes events in, and then compares the tables with what follows from them."""

    def __init__(self, rows: Rows, findings: Findings) -> None:
        """Begin before the first event."""
        self._rows, self._findings = rows, findings
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;"
            "CREATE TABLE row (name TEXT, id TEXT, told TEXT, PRIMARY KEY (name, id)) WITHOUT ROWID; BEGIN"
        )
        self._gap = False
        """Whether a body is missing, so that what is not known may have been told there."""
        self._before: Event | None = None
        self._time = 0
        self._active: str | None = None
        self._size = 0

    def close(self) -> None:
        """Let it go."""
        self._base.close()

    # --- Events -----------------------------------------------------------------------------------

    def take(self, event: Event, leaf: Leaf) -> None:
        """Take an event in, and compare what the store has beside its entry."""
        self._size, self._time = event.seq + 1, event.time
        if event.kind == "generation":
            self._active = event.policy
        take = _TAKEN.get(event.kind)
        if event.body is None:
            self._gap = True
            if event.kind == "call":
                self._put("call", event.seq, None)
        else:
            self._take_key(event, event.body)
            if take is not None:
                take(self, event, event.body)
        self._compare_columns(event, leaf)
        self._before = event

    def _compare_columns(self, event: Event, leaf: Leaf) -> None:
        """The columns by which events are found: what they say stands in the entry and the body."""
        columns = leaf.columns
        if columns is None:
            return
        same = (columns.time, columns.kind) == (event.time, event.kind)
        if event.body is not None and event.kind != "refused":  # which says nothing of its task
            same = same and (columns.task, columns.call) == self._about(event, event.body)
        if not same:
            self._wrong(
                event.seq,
                "the store finds the event by a time, kind, task or call that is not its own",
            )

    def _about(self, event: Event, body: dict[str, Any]) -> tuple[str | None, int | None]:
        """The task and the call that an event is about."""
        if event.kind == "call":
            row = self._get("call", event.seq) or {}
            task = row.get("task")
            if task is None and row.get("effect") == "permit" and _is_start(body):
                task = body["request"]["resource"]["id"]
            return task, event.seq
        if event.kind == "outcome":
            seq = _number(body.get("call"))
            return (self._get("call", seq) or {}).get("task"), seq
        if event.kind == "task":
            return fields_of(body.get("task")).get("id"), None
        return body.get("task") if event.kind in ("said", "context", "state") else None, None

    def _take_key(self, event: Event, body: dict[str, Any]) -> None:
        """A key leads to the first event of its operation; a question to the first, until it is answered."""
        key, before = body.get("key"), self._before
        if type(key) is not str:
            return
        of_before = (
            before.body if before is not None and _FOLLOWS.get(event.kind) == before.kind else None
        )
        if of_before is not None and (of_before["caller"], of_before.get("key")) == (
            body["caller"],
            key,
        ):
            return
        id = sha256(f"{body['caller']}\0{key}".encode()).hexdigest()
        answer = body.get("answer")
        is_open = event.kind == "call" and body.get("effect") == "challenge"
        told: Expected = {"seq": event.seq, "open": is_open}
        if type(answer) is dict and not is_open:
            told["answer"] = answer
        elif event.kind == "refused":
            told["decision"] = False
        self._put("seen", id, told)

    def call(self, event: Event, body: dict[str, Any]) -> None:
        """A decision."""
        request = fields_of(body.get("request"))
        subject, action = fields_of(request.get("subject")), fields_of(request.get("action"))
        context, resource = fields_of(request.get("context")), fields_of(request.get("resource"))
        task = fields_of(context.get("task")).get("id")
        found = self._get("task", task) if type(task) is str else None
        told: Expected = {
            "caller": body["caller"],
            "agent": subject.get("id"),
            "effect": body.get("effect"),
            "at": event.time,
            "outcome": None,
            "refused": False,
            "redacted": event.is_redacted,
            "capability": f"{resource.get('type')}.{action.get('name')}",
        }
        if task is None or found is not None or not self._gap:
            told["task"], told["run"] = (None, None) if found is None else (task, found["run"])
        self._put("call", event.seq, told)

    def task(self, event: Event, body: dict[str, Any]) -> None:
        """A task begins."""
        task = fields_of(body.get("task"))
        parent = body.get("parent")
        above = None if parent is None else self._get("task", parent)
        told: Expected = {
            "parent": parent,
            "agent": body.get("agent"),
            "user": body.get("user"),
            "intent": task.get("intent"),
            "fields": {name: each for name, each in task.items() if name not in ("id", "intent")},
            "state": "active",
            "caller": body["caller"],
            "context": {},
            "seq": event.seq,
            "started": event.time,
            "ended": None,
        }
        if parent is None or above is not None:
            told["run"] = task.get("id") if above is None else above["run"]
        self._put("task", task.get("id"), told)

    def context(self, event: Event, body: dict[str, Any]) -> None:
        """What was reported of a task last."""
        self._change("task", body.get("task"), context=body.get("context"))

    def state(self, event: Event, body: dict[str, Any]) -> None:
        """A task ends, or drifts."""
        self._change("task", body.get("task"), state=body.get("state"), ended=event.time)

    def outcome(self, event: Event, body: dict[str, Any]) -> None:
        """What became of a call."""
        self._change("call", _number(body.get("call")), outcome=body.get("outcome"))

    # --- Rows -------------------------------------------------------------------------------------

    def compare(self, root: bytes) -> None:
        """Compare the tables, when all events were taken in: of the tree `root` is the root."""
        head = self._rows.head
        if (head.seq, head.generation) != (self._size, self._active):
            self._wrong(
                None, "the head of the store has another number of events, or another policy"
            )
        if self._size and not head.time >= self._time:
            self._wrong(None, "the head of the store has another time than the latest event")
        if self._size and self._rows.root() != root:
            self._wrong(None, "the head of the store has another tree than the events make")
        for name in ("task", "call", "seen"):
            self._compare_table(name)
        for each in self._rows.rows("request"):
            told = self._get("call", each.call)
            if told is None and self._gap:
                self._findings.is_undetermined("rows")
            elif told is None or (told["effect"], told.get("task")) != ("challenge", each.task):
                self._wrong(
                    None, f"the row of the question `{each.id}` is of no call that asked it"
                )

    def _compare_table(self, name: str) -> None:
        there: Counter[str] = Counter()
        for row in self._rows.rows(name):
            id = row.seq if name == "call" else row.id
            text = self._text_of(name, id)
            there["all"] += text is not None
            told = None if text is None else json.loads(text)
            where = f"the row of the {_NAMES[name]} `{_id_of(name, id)}`"
            if told is None:
                self._not_told(name, row, where, known=text is not None)
                continue
            other = _differs(row, told) if name != "seen" else _answers_otherwise(row, told)
            if other:
                self._wrong(row.seq, f"{where} has another `{other}` than the events give it")
            else:
                self._findings.is_proved("rows")
        ((expected,),) = self._base.execute("SELECT count(*) FROM row WHERE name = ?", (name,))
        if there["all"] < expected:
            missing = expected - there["all"]
            self._wrong(
                None,
                f"{missing} of the rows of {_NAMES[name]}s that events tell of are not in the store",
            )

    def _not_told(self, name: str, row: Any, where: str, *, known: bool) -> None:
        """Of a row no event is at hand: that may have been pruned, but not that of a task that goes on."""
        if not self._gap or (name == "task" and row.state == "active"):
            self._wrong(row.seq, f"{where} follows from no event")
        else:
            self._findings.is_undetermined("rows")

    def _put(self, name: str, id: object, told: Expected | None) -> None:
        if type(id) in (str, int):
            text = _UNKNOWN if told is None else json.dumps(told)
            self._base.execute(
                "INSERT OR REPLACE INTO row VALUES (?, ?, ?)", (name, json.dumps(id), text)
            )

    def _change(self, name: str, id: object, **changes: Any) -> None:
        found = self._get(name, id)
        if found is not None:
            self._put(name, id, {**found, **changes})

    def _get(self, name: str, id: object) -> Expected | None:
        text = self._text_of(name, id)
        return None if text is None else json.loads(text)

    def _text_of(self, name: str, id: object) -> str | None:
        if type(id) not in (str, int):
            return None
        sql = "SELECT told FROM row WHERE name = ? AND id = ?"
        row = self._base.execute(sql, (name, json.dumps(id))).fetchone()
        return None if row is None else row[0]

    def _wrong(self, seq: int | None, what: str) -> None:
        self._findings.is_wrong(seq, what)


_TAKEN: dict[str, Callable[[RowCheck, Event, dict[str, Any]], None]] = {
    "call": RowCheck.call,
    "task": RowCheck.task,
    "context": RowCheck.context,
    "state": RowCheck.state,
    "outcome": RowCheck.outcome,
}
_NAMES = {"task": "task", "call": "call", "seen": "key"}


def _differs(row: Any, told: Expected) -> str | None:
    """The column in which a row is not what the events say."""
    for name, expected in told.items():
        found = getattr(row, name)
        if name in _JSON:
            found = _read(found)
            same = _is_same(found, expected)
        elif name in ("refused", "redacted"):
            same = bool(found) is expected
        else:  # a call of which its policy knows nothing has no capability
            same = found == expected or (name == "capability" and found is None)
        if not same:
            return name
    return None


def _answers_otherwise(row: Any, told: Expected) -> str | None:
    """Where what a key repeats is not what was recorded. A start says its task as well, which is compared as that."""
    if row.seq != told["seq"]:
        return "seq"
    if (row.answer is None) is not told["open"]:
        return "answer"
    given = fields_of(_read(row.answer))
    expected = told.get("answer", {"decision": told["decision"]} if "decision" in told else {})
    same = all(name in given and _is_same(given[name], each) for name, each in expected.items())
    if "answer" in told and given.get("task") is None:
        same = same and set(given) == set(expected)
    return None if same else "answer"


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are written alike, numbers that are infinite as well."""
    try:
        return canonical(one) == canonical(other)
    except (RecursionError, TypeError, ValueError):
        return False


def _read(text: Any) -> Any:
    """JSON of a column; somebody else may have written something else there."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return text


def _number(call: object) -> int | None:
    """The number of the event of a call by its id."""
    text = call.removeprefix("c-") if type(call) is str else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _is_start(body: dict[str, Any]) -> bool:
    return fields_of(fields_of(body.get("request")).get("action")).get("name") == "start"


def _id_of(name: str, id: object) -> str:
    text = f"c-{id}" if name == "call" else str(id)
    return text if len(text) <= 40 else f"{text[:12]}…"
