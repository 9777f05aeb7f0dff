"""What a page says, read from one state of the store: rows and the bodies of events, as people look for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...runtime.strict_json import NotJSON, read_request

if TYPE_CHECKING:
    from ..core import View
    from ..store import Event

LIMIT = 50
"""Rows on a page."""
MOST = 200
"""Of what was said in a task, how much stands on its page: the latest."""
SHORT = 60
"""Characters of a value that stands on one line."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A task or a call among others, with what the body of its event says of it."""

    row: Any
    body: Mapping[str, Any] | None
    """None once retention removed it, or where it cannot be read."""
    is_start: bool = False
    """Whether it is the call that started a task, of which nobody says what became: that is the task."""

    @property
    def answer(self) -> Mapping[str, Any]:
        """What was answered: effect, rules, reasons and the rest."""
        return answer_of(_object(self.body))

    @property
    def request(self) -> Mapping[str, Any]:
        """The request as it was decided."""
        return _object(_object(self.body).get("request"))

    @property
    def is_redacted(self) -> bool:
        """Whether the trail keeps digests in place of what was said."""
        body = _object(self.body)
        return body.get("redacted") is True or self.request.get("redacted") is True

    @property
    def action(self) -> str:
        """What the call asks to do."""
        return str(_object(self.request.get("action")).get("name", "?"))

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments as decided."""
        return _object(_object(self.request.get("action")).get("properties"))

    @property
    def resource(self) -> Mapping[str, Any]:
        """What the call is about."""
        return _object(self.request.get("resource"))

    @property
    def context(self) -> Mapping[str, Any]:
        """What the decision read of the context."""
        return _object(self.request.get("context"))

    @property
    def properties(self) -> Mapping[str, Any]:
        """What the decision read of the agent."""
        return _object(_object(self.request.get("subject")).get("properties"))


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and where the next page of them begins; None if there is none."""

    rows: list[ShownRow]
    before: int | None


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """Something that happened in a task: what was said or reported, or that its state changed."""

    seq: int
    time: int
    kind: str
    body: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class WholeTask:
    """A task with all that is known of it."""

    row: Any
    user: Mapping[str, Any]
    fields: Mapping[str, Any]
    context: Mapping[str, Any]
    said: list[TaskEvent]
    has_more: bool
    """Whether more was said, earlier."""
    calls: Page
    meters: Mapping[str, Any]
    """What the latest decisions of the page saw of each."""


@dataclass(frozen=True, slots=True)
class WholeCall:
    """A call, and what came of it."""

    call: ShownRow
    outcomes: list[TaskEvent]


def task_rows(view: View, state: str | None, before: int | None) -> Page:
    """The tasks of a page."""
    found = view.tasks(state=state, before=before, limit=LIMIT + 1)
    rows = [ShownRow(each, {"user": _object(document(each.user))}) for each in found]
    return _page(rows)


def call_rows(view: View, task: str | None, without_outcome: bool, before: int | None) -> Page:
    """The calls of a page, each with what was decided."""
    found = view.calls(task=task, without_outcome=without_outcome, before=before, limit=LIMIT + 1)
    return _page([ShownRow(each, body_of(view, each.seq), view.is_start(each)) for each in found])


def _page(rows: list[ShownRow]) -> Page:
    kept = rows[:LIMIT]
    return Page(kept, kept[-1].row.seq if len(rows) > LIMIT else None)


def whole_task(view: View, id: str, before: int | None) -> WholeTask | None:
    """A task; None if there is none of this id."""
    row = view.task(id)
    if row is None:
        return None
    told = view.events_of_task(id, kinds=("said", "state"), limit=MOST + 1)
    calls = call_rows(view, id, False, before)
    return WholeTask(
        row,
        _object(document(row.user)),
        _object(document(row.fields)),
        _object(document(row.context)),
        [said(each) for each in reversed(told[:MOST])],
        len(told) > MOST,
        calls,
        meters(calls.rows),
    )


def meters(calls: list[ShownRow]) -> dict[str, Any]:
    """What decisions saw of meters, the latest of each: with the call where it was permitted, else before it."""
    found: dict[str, Any] = {}
    for each in calls:
        for name, value in _object(each.context.get("meters")).items():
            plain = name.partition("#")[0]
            side = "with" if each.row.effect == "permit" else "before"
            if plain not in found and isinstance(value, Mapping):
                found[plain] = value.get(side, value.get("before"))
    return found


def whole_call(view: View, id: str) -> WholeCall | None:
    """A call; None if there is none of this id."""
    row = view.call(id)
    if row is None:
        return None
    told = view.outcomes_of(row) if row.task is not None else ()
    return WholeCall(
        ShownRow(row, body_of(view, row.seq), view.is_start(row)),
        [said(each) for each in told],
    )


def event_rows(view: View, before: int | None) -> tuple[list[TaskEvent], int | None]:
    """The events of a page, the latest first, and where the next begins."""
    size = view.head.seq
    stop = size if before is None else max(0, min(before, size))
    start = max(0, stop - LIMIT)
    return [said(each) for each in reversed(list(view.events(start, stop)))], start or None


def body_of(view: View, seq: int) -> Mapping[str, Any] | None:
    """The body of an event."""
    found = view.event(seq)
    return None if found is None else said(found).body


def said(event: Event) -> TaskEvent:
    """An event, with what its body says."""
    return TaskEvent(event.seq, event.time, event.kind, _body(event.body))


def _body(body: bytes | None) -> Mapping[str, Any] | None:
    if body is None:
        return None
    try:
        found = read_request(body)
    except NotJSON:
        return None
    return found if type(found) is dict else None


def document(text: str | None) -> Any:
    """What a column says as JSON; None where it says nothing."""
    try:
        return None if text is None else read_request(text)
    except NotJSON:
        return None


def answer_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a call was answered, as far as its event says it in the way that events do: a store may be damaged."""
    answer = _object(body.get("answer"))
    context = _object(answer.get("context", answer))
    found: dict[str, Any] = {"effect": context.get("effect"), "owner": context.get("owner")}
    if not isinstance(found["owner"], Mapping):
        found["owner"] = None
    for name in ("rules", "reasons"):
        found[name] = [each for each in _list(context.get(name)) if isinstance(each, str)]
    for name in ("requirements", "obligations", "evidence"):
        found[name] = [each for each in _list(context.get(name)) if isinstance(each, Mapping)]
    return found


def number(text: str) -> int | None:
    """Read a number of an event; what is none is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


# --- as people read it ---


def time_text(nanoseconds: int) -> str:
    """A time to the second, as RFC 3339 has it.

    >>> time_text(1_000_000_000)
    '1970-01-01T00:00:01Z'
    """
    return f"{datetime.fromtimestamp(nanoseconds // 10**9, UTC):%Y-%m-%dT%H:%M:%SZ}"


def values(of: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The values of an object: name, `text` or `json`, and how it is written. In one order, whoever wrote it down."""
    for name, value in sorted(of.items(), key=lambda each: str(each[0])):
        yield str(name), *value_text(value)


def value_text(value: Any) -> tuple[str, str]:
    """A value as it is written: a text of several lines as it is, all else as JSON, so that 5 is not "5".

    The first of both says which: a text may itself look like JSON.
    """
    if type(value) is str and "\n" in value:
        return "text", value
    short = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(short) <= SHORT:
        return "json", short
    return "json", json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


ABOUT = ("what", "verdict", "request", "lease", "passkey", "person", "by", "cause", "why")
"""What an event of other kinds is about: what happened, to what, and whose it is."""


def summary(event: TaskEvent) -> str:
    """What an event of a list is about, in a few words.

    >>> summary(TaskEvent(3, 0, "call", {"answer": {"context": {"effect": "deny", "rules": ["p.f"]}}}))
    ': deny by p.f'
    >>> summary(TaskEvent(4, 0, "verdict", {"verdict": "approve", "request": "q-3", "by": "user:ann"}))
    ': approve, q-3, user:ann'
    """
    body = _object(event.body)
    told: list[str] = []
    match event.kind:
        case "call":
            answer = answer_of(body)
            by = f" by {', '.join(answer['rules'])}" if answer["rules"] else ""
            told = [f"{body.get('effect') or answer['effect'] or '?'}{by}"]
        case "task":
            told = [str(_object(body.get("task")).get("intent", "?")), str(body.get("agent", "?"))]
        case "said":
            told = [f"{len(str(body.get('text', '')))} characters"]
        case "state":
            told = [str(body.get(each)) for each in ("state", "why") if body.get(each)]
        case "outcome":
            told = [str(body.get("outcome", "?"))]
        case "generation":
            told = [str(body.get("policy", "?")), str(body.get("note") or "")]
        case _:
            told = [str(body[each]) for each in ABOUT if type(body.get(each)) is str]
    text = ", ".join(each for each in told if each)
    return f": {text[:300]}{'…' if len(text) > 300 else ''}" if text else ""
