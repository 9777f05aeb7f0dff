"""Reads a record: JSON lines in the order of time, strictly. A line that is broken is named, and puts in doubt.

What a line may have said that nobody can read makes the facts that it could matter to unknown, and no other ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ....runtime.record_lines import Broken, Line, check_fields
from ....runtime.strict_json import NotJSON, read_request
from ....runtime.values import is_identity, is_text, is_too_deep, read_time
from ...ir import nodes as ir
from ...structs import changed
from ..request import Call
from .record import Problem, Record, Recorded, Said, Started
from .starts import rests_on_people, was_agreed

EFFECTS = ("permit", "challenge", "deny")
OUTCOMES = ("done", "failed", "withdrawn")
VERDICTS = ("approve", "refuse")


def read_record(policy: ir.Policy, lines: Iterable[Line]) -> Record:
    """Read a record. Lines that are blank are passed over."""
    return RecordReader(policy).read(lines)


class RecordReader:
    """Reads a record line by line; `record` is what it has read so far."""

    def __init__(self, policy: ir.Policy) -> None:
        """Begin with nothing."""
        self.policy = policy
        self.record = Record()
        self.by_id: dict[str, Recorded] = {}
        self.used: set[str] = set()
        self.latest: int | None = None

    def read(self, lines: Iterable[Line]) -> Record:
        """Read all of it."""
        for number, line in enumerate(lines, start=1):
            if isinstance(line, str | bytes) and not line.strip():
                continue
            self.line(number, line)
        return self.record

    def line(self, number: int, line: Line) -> None:
        """Read one line; what is wrong with it is a problem of the record."""
        time: int | None = None
        task: str | None = None
        try:
            data = _object(line)
            task = _task_of(data)
            time = read_time(data.get("time"))
            if time is None:
                raise Broken("its `time` is not a time")
            if self.latest is not None and time < self.latest:
                time = None
                raise Broken("it is earlier than a line before it")
            self.latest = time
            check_fields(data)
            self._take(number, time, data)
        except Broken as error:
            self.record.problems.append(Problem(number, str(error), time, task))

    def _take(self, number: int, time: int, data: dict[str, Any]) -> None:
        takers: dict[str, Callable[[int, int, dict[str, Any]], None]] = {
            "task": self._started,
            "said": self._said,
            "call": self._called,
            "outcome": self._outcome,
            "verdict": self._verdict,
        }
        takers[data["event"]](number, time, data)

    def _started(self, number: int, time: int, data: dict[str, Any]) -> None:
        task, parent, user = data["task"], data.get("parent"), data.get("user")
        if type(task) is not dict or not is_identity(task.get("id")):
            raise Broken("its `task` is no object with an `id`")
        if not is_text(data["agent"]):
            raise Broken("its `agent` is no text")
        if parent is not None and not is_identity(parent):
            raise Broken("its `parent` is no task")
        if user is not None and (type(user) is not dict or not is_identity(user.get("id"))):
            raise Broken("its `user` is no object with an `id`")
        if task["id"] in self.used or task["id"] == parent:
            raise Broken(f"task `{task['id']}` was started or used before")
        person = None if user is None else user["id"]
        started = Started(time, task["id"], data["agent"], task, parent, person)
        if parent is not None and was_agreed(self.policy, self.record, started):
            started = changed(started, agreed=True)
        self.record.tasks[started.id] = started
        self.used.update(each for each in (started.id, parent) if each is not None)

    def _said(self, number: int, time: int, data: dict[str, Any]) -> None:
        if not is_identity(data["task"]) or not is_text(data["text"]):
            raise Broken("its `task` or its `text` is no text")
        self.record.said.append(Said(time, data["task"], data["text"]))
        self.used.add(data["task"])

    def _called(self, number: int, time: int, data: dict[str, Any]) -> None:
        call = Call.read(self.policy, data["request"])
        if not is_identity(data["id"]) or data["effect"] not in EFFECTS:
            raise Broken("its `id` is no text, or its `effect` is none")
        if call is None:
            raise Broken("its `request` is none")
        before = self.by_id.get(data["id"])
        if before is not None:
            before.doubt(time)
            raise Broken(f"call `{data['id']}` was recorded before")
        found = Recorded(number, data["id"], time, data["effect"], call)
        started = self.record.tasks.get(found.task)
        user = call.evidence.get("user")
        if started is not None:
            person = user.get("id") if type(user) is dict else None
            if started.agent != call.agent or (started.user is not None and started.user != person):
                raise Broken("its agent or its user is not that of its task")
        if found.effect == "permit":
            found.agreed = rests_on_people(self.policy, self.record, call, time)
        self.by_id[found.id] = found
        self.record.calls.append(found)
        self.used.add(found.task)

    def _outcome(self, number: int, time: int, data: dict[str, Any]) -> None:
        found = self._call_of(data)
        if data["outcome"] not in OUTCOMES:
            raise Broken("its `outcome` is none")
        if found.effect != "permit":
            found.doubt(time)
            raise Broken(f"call `{found.id}` was not permitted, so that nothing became of it")
        if found.outcomes:
            found.doubt(time)
            raise Broken(f"what became of call `{found.id}` was said before")
        if data.get("unreadable") not in (None, False, True):
            raise Broken("its `unreadable` is neither true nor false")
        if data["outcome"] == "withdrawn" and ("result" in data or data.get("unreadable")):
            found.doubt(time)
            raise Broken("a call that was never sent gave nothing back")
        found.outcomes.append((time, data["outcome"]))
        if data.get("unreadable"):
            found.unreadable.append(time)
        elif "result" in data:
            found.results.append((time, data["result"]))

    def _verdict(self, number: int, time: int, data: dict[str, Any]) -> None:
        found = self._call_of(data)
        if not is_identity(data["by"]) or data["verdict"] not in VERDICTS:
            raise Broken("its `by` is nobody, or its `verdict` is none")
        if data["verdict"] == "refuse":
            found.refused.append(time)

    def _call_of(self, data: dict[str, Any]) -> Recorded:
        found = self.by_id.get(data["call"]) if type(data["call"]) is str else None
        if found is None:
            raise Broken("its `call` was not recorded")
        return found


def _object(line: Line) -> dict[str, Any]:
    if isinstance(line, str | bytes):
        try:
            found = read_request(line)
        except NotJSON as error:
            raise Broken(str(error)) from None
    else:
        found = dict(line)
        if is_too_deep(found):
            raise Broken("nested too deeply")
    if type(found) is not dict:
        raise Broken("it is no object")
    return found


def _task_of(data: dict[str, Any]) -> str | None:
    """The task that a line is about, as far as it can be read even where it is broken."""
    found: Any = None  # of a task, which may have begun inside any other, and of who knows what
    if data.get("event") == "said":
        found = data.get("task")
    elif data.get("event") == "call":
        found = data.get("request")
        for step in ("context", "task", "id"):
            found = found.get(step) if type(found) is dict else None
    return found if is_identity(found) else None
