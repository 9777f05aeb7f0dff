"""What a suggested test tells of before: a short record, told as a test tells it, from which the facts of its request follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...runtime.values import NANOSECONDS, read_time
from ..analysis.procedure.cubes.facts_read import FACTS
from ..analysis.procedure.search.short_record import TIME, short_record
from ..ir import nodes as ir
from ..ir.times import earlier
from ..ir.walk import attributes_of_rule
from ..meaning.evidence import objects
from ..meaning.facts import facts
from ..meaning.request import Call, as_object
from .tidy import Unwritable, rules_about

Line = dict[str, Any]


def with_past(
    policy: ir.Policy, tidy: dict[str, Any], call: Call, record: Sequence[Line]
) -> tuple[dict[str, Any], tuple[Line, ...]]:
    """A tidy request with the facts of a request, and the record from which they follow: one that is known, or a short one.

    Raises `Unwritable` where no short record gives them.
    """
    given = call.request["context"]
    context = {"time": given.get("time", TIME), **tidy["context"]}
    if isinstance(given.get("user"), dict) and "id" in given["user"]:
        context["user"] = {"id": given["user"]["id"], **context.get("user", {})}
    read = _read(policy, call)
    wanted, *of_links = [_wanted(each, read) for each in (given, *_links(given))]
    if not any(wanted.values()) and not any(any(each.values()) for each in of_links):
        return _from_the_beginning(policy, tidy)
    whole = {**tidy, "context": {**context, **wanted}}
    lines = list(record) or (None if of_links else short_record((policy,), whole))
    if lines is None:
        raise Unwritable("no short record gives the facts of it")
    tasks = {  # a record has a task by the id that the request gave it, a short one by that of the test
        as_object(each.get("task")).get("id"): other["task"]
        for one, other in zip((given, *_links(given)), (context, *_links(context)), strict=True)
        for each in (one, other)
    }
    bare = {**tidy, "context": context}
    told = tuple(_told(policy, lines, bare, tasks, _on_the_same))
    found = facts(policy, told, bare)
    if _says(found, wanted):
        return found, told
    own = tuple(_told(policy, lines, bare, tasks, _on_its_own))
    found_of_own = facts(policy, own, bare)
    return (found_of_own, own) if _says(found_of_own, wanted) else (found, told)


def _from_the_beginning(
    policy: ir.Policy, tidy: dict[str, Any]
) -> tuple[dict[str, Any], tuple[Line, ...]]:
    """A request before which there was nothing but the start of its tasks, and the facts that follow from that."""
    context = tidy["context"]
    now, task, user = (context.get(name) for name in ("time", "task", "user"))
    if not isinstance(now, str) or task is None:
        return facts(policy, (), tidy), ()
    person = {"user": {"id": user["id"]}} if isinstance(user, dict) and "id" in user else {}
    started: list[Line] = []
    for each in (*reversed(_links(context)), {"agent": tidy["subject"]["id"], "task": task}):
        parent = {"parent": started[-1]["task"]["id"]} if started else {}
        line = {"time": now, "event": "task", "agent": each["agent"], "task": each["task"]}
        started.append({**line, **parent, **person})
    return facts(policy, started, tidy), tuple(started)


def _links(context: dict[str, Any]) -> list[dict[str, Any]]:
    """For whom else the call is decided, each with a task and with facts of its own."""
    return objects(context.get("delegation"))


def _wanted(whose: dict[str, Any], read: set[str]) -> dict[str, dict[str, Any]]:
    """The facts of an agent that some rule reads."""
    return {
        kind: {key: value for key, value in as_object(whose.get(kind)).items() if key in read}
        for kind in FACTS
    }


def _read(policy: ir.Policy, call: Call) -> set[str]:
    """The keys of the facts that some rule reads which is about a call."""
    matching, _ = rules_about(policy, call)
    return {
        attribute.path[1]
        for rule in matching
        for attribute in attributes_of_rule(rule)
        if ir.is_fact(attribute)
    }


def _says(request: dict[str, Any], wanted: dict[str, dict[str, Any]]) -> bool:
    """Whether a request has these facts."""
    context = request["context"]
    return all(
        as_object(context.get(kind)).get(key) == value
        for kind, values in wanted.items()
        for key, value in values.items()
    )


def _told(
    policy: ir.Policy,
    lines: list[Line],
    request: dict[str, Any],
    tasks: dict[object, Line],
    called: Callable[[ir.Policy, dict[str, Any], dict[str, Any]], dict[str, Any]],
) -> list[Line]:
    """The lines as a test tells them: all was said as the task began, and calls are on the resource of the test, or their own.

    Tasks are those of the test, by what the lines call them.
    """
    now = request["context"]["time"]
    calls = [each for each in lines if each["event"] == "call"]
    ago = max((_seconds(each["time"], now) for each in calls), default=0)
    start = earlier(now, ago)
    found: list[Line] = []
    for each in lines:
        match each["event"]:
            case "task":
                task = _task_of(tasks, as_object(each["task"]).get("id"))
                above = (
                    {"parent": _task_of(tasks, each["parent"])["id"]} if "parent" in each else {}
                )
                found.append({**each, "time": start, "task": task, **above})
            case "said":
                task = _task_of(tasks, each["task"])
                found.append({**each, "time": start, "task": task.get("id")})
            case "call":
                found.append({**each, "request": called(policy, each["request"], request)})
            case _:
                found.append(each)
    return found


def _task_of(tasks: dict[object, Line], id: object) -> Line:
    if id not in tasks:
        raise Unwritable("another task had a part in what was before")
    return tasks[id]


def _on_the_same(
    policy: ir.Policy, called: dict[str, Any], request: dict[str, Any]
) -> dict[str, Any]:
    """A call as a test tells it: what it says of its resource is said of each that declares it."""
    kind = called["resource"]["type"]
    declared = {f.name for each in policy.resources if each.name == kind for f in each.attributes}
    own = request["resource"]
    shared = {name: value for name, value in own["properties"].items() if name in declared}
    resource = {"type": kind, "id": own["id"], "properties": shared}
    context = {**request["context"], "time": called["context"]["time"]}
    return {**called, "subject": request["subject"], "resource": resource, "context": context}


def _on_its_own(
    policy: ir.Policy, called: dict[str, Any], request: dict[str, Any]
) -> dict[str, Any]:
    """A call as a test tells it that names its resource, as far as that is declared."""
    kind = called["resource"]["type"]
    declared = {f.name for each in policy.resources if each.name == kind for f in each.attributes}
    own = as_object(called["resource"].get("properties"))
    properties = {name: value for name, value in own.items() if name in declared}
    resource = {**called["resource"], "properties": properties}
    return {**_on_the_same(policy, called, request), "resource": resource}


def _seconds(then: str, now: str) -> int:
    before, after = read_time(then), read_time(now)
    if before is None or after is None or (after - before) % NANOSECONDS:
        raise Unwritable("what was before is not whole seconds ago")
    return (after - before) // NANOSECONDS
