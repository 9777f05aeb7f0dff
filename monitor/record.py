"""The record of what was before, read strictly: a monitor that begins with it knows what the one before it knew.

A line that is broken may have said anything. Who begins to watch learns of it, instead of beginning with less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..runtime.call import fields_of
from ..runtime.facts import ABSENT, MALFORMED, Nothing, is_request
from ..runtime.record_lines import Broken, Line, check_fields
from ..runtime.strict_json import NotJSON, read_request
from ..runtime.values import is_identity, is_json, is_text, is_too_deep, read_time
from .calls import Recorded
from .shares import task_of
from .store import Store


class BrokenRecord(ValueError):
    """A record with a line that is none; the message says which, and why."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What a policy says of the calls of a record: what they are about, and whether people agreed to a permit."""

    capability: Callable[[str, str], str | None]
    agreed: Callable[[dict[str, Any], int], bool]


def replay(lines: Iterable[Line], store: Store, judge: Judge) -> int | None:
    """Take a record in, and give the time of its last line. Raises `BrokenRecord`. Blank lines are passed over."""
    latest: int | None = None
    for number, line in enumerate(lines, start=1):
        if isinstance(line, str | bytes) and not line.strip():
            continue
        try:
            data = _object(line)
            time = read_time(data.get("time"))
            if time is None:
                raise Broken("its `time` is not a time")
            if latest is not None and time < latest:
                raise Broken("it is earlier than a line before it")
            check_fields(data)
            _TAKEN[data["event"]](store, time, data, judge)
        except Broken as error:
            raise BrokenRecord(f"line {number} of the record is broken: {error}") from None
        latest = time
    return latest


def _object(line: Line) -> dict[str, Any]:
    if isinstance(line, str | bytes):
        try:
            found = read_request(line)
        except NotJSON as error:
            raise Broken(str(error)) from None
    else:
        found = dict(line)
    if type(found) is not dict or not is_json(found) or is_too_deep(found):
        raise Broken("it is no object of JSON, or has too many levels")
    return found


def _started(store: Store, time: int, data: dict[str, Any], _: object) -> None:
    task, parent, user = data["task"], data.get("parent"), data.get("user")
    if type(task) is not dict or not is_identity(task.get("id")):
        raise Broken("its `task` is no object with an `id`")
    if not is_text(data["agent"]):
        raise Broken("its `agent` is no text")
    if parent is not None and not is_identity(parent):
        raise Broken("its `parent` is no task")
    if user is not None and (type(user) is not dict or not is_identity(user.get("id"))):
        raise Broken("its `user` is no object with an `id`")
    if store.is_used(task["id"]) or parent == task["id"]:
        raise Broken(f"task `{task['id']}` was started or used before")
    store.started(time, task, data["agent"], None if user is None else user["id"], parent)


def _said(store: Store, time: int, data: dict[str, Any], _: object) -> None:
    if not is_identity(data["task"]) or not is_text(data["text"]):
        raise Broken("its `task` or its `text` is no text")
    store.said(time, data["task"], data["text"])


def _called(store: Store, time: int, data: dict[str, Any], judge: Judge) -> None:
    request = data["request"]
    if not is_identity(data["id"]) or data["effect"] not in ("permit", "challenge", "deny"):
        raise Broken("its `id` is no text, or its `effect` is none")
    if not is_request(request):
        raise Broken("its `request` is none")
    if store.call(data["id"]) is not None:
        raise Broken(f"call `{data['id']}` was recorded before")
    if is_of_another(store, request):
        raise Broken("its agent or its user is not that of its task")
    capability = judge.capability(request["resource"]["type"], request["action"]["name"])
    own = {} if capability is None else store.own(capability, store.look(request))
    agreed = (
        capability is not None
        and data["effect"] == "permit"
        and store.definitions.starts(capability)
        and judge.agreed(request, time)
    )
    store.called(time, data["id"], data["effect"], capability, request, own, agreed)


def is_of_another(store: Store, request: dict[str, Any]) -> bool:
    """Whether the task of a request is known to be of another agent, or another person's."""
    task = task_of(request)
    started = None if isinstance(task, Nothing) else store.task(task)
    if started is None:
        return False
    user = fields_of(request.get("context")).get("user")
    person = user.get("id") if type(user) is dict else None
    return started.agent != request["subject"]["id"] or started.user not in (None, person)


def _outcome(store: Store, time: int, data: dict[str, Any], _: object) -> None:
    found = _call_of(store, data)
    outcome, unreadable = data["outcome"], data.get("unreadable")
    if outcome not in ("done", "failed", "withdrawn"):
        raise Broken("its `outcome` is none")
    if found.effect != "permit":
        raise Broken(f"call `{found.id}` was not permitted, so that nothing became of it")
    if found.outcome is not None:
        raise Broken(f"what became of call `{found.id}` was said before")
    if unreadable not in (None, False, True):
        raise Broken("its `unreadable` is neither true nor false")
    if outcome == "withdrawn" and ("result" in data or unreadable):
        raise Broken("a call that was never sent gave nothing back")
    store.became(time, found, outcome, MALFORMED if unreadable else data.get("result", ABSENT))


def _verdict(store: Store, time: int, data: dict[str, Any], _: object) -> None:
    found = _call_of(store, data)
    if not is_identity(data["by"]) or data["verdict"] not in ("approve", "refuse"):
        raise Broken("its `by` is nobody, or its `verdict` is none")
    if data["verdict"] == "refuse":
        store.refused(time, found)


def _call_of(store: Store, data: dict[str, Any]) -> Recorded:
    found = store.call(data["call"]) if type(data["call"]) is str else None
    if found is None:
        raise Broken("its `call` was not recorded")
    return found


_TAKEN: dict[str, Callable[[Store, int, dict[str, Any], Any], None]] = {
    "task": _started,
    "said": _said,
    "call": _called,
    "outcome": _outcome,
    "verdict": _verdict,
}
