"""Tasks: they start by a decision, hear what the person says, and end with all that was started inside them."""

from __future__ import annotations

import json
from typing import Any

from ....monitor.values import is_plain
from ....runtime.call import fields_of
from ....runtime.time_text import format_time
from ....runtime.values import is_identity, is_text
from ...store import Task, Turn
from ..approvals.questions import lapse_with
from ..deciding.asked import as_asked, task_id_of
from ..deciding.deciding import checked, is_id, judged
from ..leases.ending import ended_with
from ..leases.leases import MOST_CONTEXT, reported
from ..operations.callers import Caller
from ..operations.operations import Move, Report, Say, Start
from ..operations.problem import Problem, malformed, not_found
from ..people.names import why_no_name
from ..people.people import nobody_like
from ..turns.once import task_id
from ..turns.step import Step
from .calls import recorded, refused

NEW = "new"


def start(step: Step[Start]) -> dict[str, Any]:
    """Decide whether a task may start, record it, and start it if it may."""
    operation, turn = step.operation, step.turn
    request = checked(operation.request)
    agent, parent_id = request["subject"]["id"], task_id_of(request)
    operation.caller.require_agent(agent)
    if request["action"]["name"] != "start" or request["resource"]["id"] != NEW:
        raise malformed(
            'a start is the action "start" on a resource whose type is the intent and whose id is "new"'
        )
    if parent_id is None:
        operation.caller.require("start")
        return _first(step, request)
    operation.caller.require("start", "decide")
    if operation.said is not None:
        raise malformed("only a starter hands over what was said, to the task that it started")
    if operation.agent is not None and (
        not is_identity(operation.agent) or "\0" in operation.agent
    ):
        raise malformed("the agent of a task is its SPIFFE ID")
    parent = turn.get(Task, parent_id) if is_id(parent_id) else None
    if parent is None or parent.agent != agent:
        return refused(step, turn.tick(), "the task is not one of that agent's", None)
    asked = as_asked(step.active.generation.attributes, turn, request, parent)
    return _started(step, request, asked, parent, operation.agent or agent, parent.user)


def _first(step: Step[Start], request: dict[str, Any]) -> dict[str, Any]:
    """Start a task where there is none: its starter names the person, and hands over what was said."""
    operation = step.operation
    if operation.agent is not None:
        raise malformed("the agent of a first start is its subject")
    if operation.said is not None and not is_text(operation.said):
        raise malformed("what was said is text")
    context = request.get("context")
    if context is not None and type(context) is not dict:
        raise malformed("the context of a start is an object")
    user = fields_of(context).get("user")
    if user is not None and (type(user) is not dict or not is_identity(user.get("id"))):
        raise malformed("a user is an object with an id")
    if user is not None:
        if why := why_no_name(user["id"]):
            raise malformed(f"the id of the user {why}")
        nobody_like(step.turn, user["id"])
    asked = as_asked(step.active.generation.attributes, step.turn, request, None)
    asked["context"]["starter"] = operation.caller.name
    if user is not None:
        asked["context"]["user"] = user
    as_text = None if user is None else json.dumps(user)
    return _started(step, request, asked, None, request["subject"]["id"], as_text)


def _started(
    step: Step[Start],
    request: dict[str, Any],
    asked: dict[str, Any],
    parent: Task | None,
    agent: str,
    user: str | None,
) -> dict[str, Any]:
    """Decide, record, and start if it was permitted."""
    turn = step.turn
    id, at = task_id(step.key, step.settings.secret), turn.tick()
    asked["resource"] = {**asked["resource"], "id": id}
    found = judged(step.active, turn, asked, parent, at)
    answer, seq = recorded(step, found, parent, at)
    if answer["decision"] is not True:  # with what people have said to it
        return answer
    fields = fields_of(request["action"].get("properties"))
    task = Task(
        id=id,
        run=id if parent is None else parent.run,
        parent=None if parent is None else parent.id,
        agent=agent,
        user=user,
        intent=request["resource"]["type"],
        fields=json.dumps(fields),
        state="active",
        caller=step.operation.caller.name,
        context="{}",
        seq=step.trail.next,
        started=turn.tick(),
        ended=None,
    )
    told: dict[str, Any] = {"task": {**fields, "id": id, "intent": task.intent}, "agent": agent}
    if user is not None:
        told["user"] = json.loads(user)
    if parent is not None:
        told["parent"] = parent.id
    step.append("task", task.started, told, task=id)
    turn.add(task)
    step.active.facts.started(turn, task)
    if step.operation.said is not None:
        _said(step, task, step.operation.said)
    return step.answered({**answer, "task": shown(task)}, seq)


def shown(task: Task) -> dict[str, Any]:
    """Give a task as callers see it."""
    found: dict[str, Any] = {
        "id": task.id,
        "intent": task.intent,
        "state": task.state,
        "agent": task.agent,
        "fields": json.loads(task.fields),
        "started_at": format_time(task.started),
        "starter": task.caller,
    }
    if task.user is not None:
        found["user"] = json.loads(task.user)
    if task.parent is not None:
        found["parent"] = task.parent
    if task.context != "{}":
        found["context"] = json.loads(task.context)
    if task.ended is not None:
        found["ended_at"] = format_time(task.ended)
    return found


def say(step: Step[Say]) -> dict[str, Any]:
    """Take in what the person said."""
    if not is_text(step.operation.text):
        raise malformed("what was said is text")
    task = _task(step.turn, step.operation.task)
    if not _is_starter(step.turn, step.operation.caller, task):
        raise not_found("task")
    _require_active(task)
    seq = _said(step, task, step.operation.text)
    return step.answered({"task": task.id, "event": seq}, seq)


def report(step: Step[Report]) -> dict[str, Any]:
    """Take in what `revoke when` reads, in place of what was reported before."""
    context, turn = step.operation.context, step.turn
    if type(context) is not dict or not is_plain(context):
        raise malformed("a report is an object of JSON")
    if (
        len(json.dumps(context)) > MOST_CONTEXT
    ):  # each lease of the task is decided, and recorded, with it
        raise malformed(f"a report is JSON of {MOST_CONTEXT} bytes at most")
    task = _task(turn, step.operation.task)
    if not step.operation.caller.speaks_for(task.agent):
        raise not_found("task")
    _require_active(task)
    told = {"task": task.id, "context": context}
    seq = step.append("context", turn.tick(), told, task=task.id)
    before = json.loads(task.context)
    task.context = json.dumps(context)
    turn.put(task)
    reported(step, task, before)
    return step.answered({"task": task.id, "event": seq}, seq)


def move(step: Step[Move]) -> dict[str, Any]:
    """End a task, or say that it has drifted, with all that were started inside it."""
    operation, turn, caller = step.operation, step.turn, step.operation.caller
    task = _task(turn, operation.task)
    if not (
        "admin" in caller.roles
        or ("start" in caller.roles and _is_starter(turn, caller, task))
        or ("decide" in caller.roles and caller.speaks_for(task.agent))
    ):
        raise not_found("task")
    if task.state in ("ended", operation.state):
        raise Problem(409, "has_ended", f"the task is {task.state} already")
    seq = step.trail.next
    inside = {task.id: operation.why}
    open = turn.find(Task, "run = ? AND state = 'active' ORDER BY seq", (task.run,), kept=True)
    for each in open:  # in the order of their starts, so that a parent comes first
        if each.parent in inside:
            inside.setdefault(each.id, f"{task.id} is {operation.state}")
    for id, why in inside.items():
        _moved(step, _task(turn, id), why)
    for id in inside:
        ended_with(step, id, operation.state)
        lapse_with(step, id)
    return step.answered({"task": shown(task)}, seq)


def _moved(step: Step[Move], task: Task, why: str | None) -> None:
    at, state = step.turn.tick(), step.operation.state
    told = {"task": task.id, "state": state}
    if why is not None:
        told["why"] = why
    step.append("state", at, told, task=task.id)
    task.state, task.ended = state, at
    step.turn.put(task)
    step.active.facts.ended(step.turn, task)


def _said(step: Step[Start] | Step[Say], task: Task, text: str) -> int:
    told = {"task": task.id, "text": text}
    seq = step.append("said", step.turn.tick(), told, task=task.id)
    step.active.facts.said(step.turn, task, text)
    return seq


def _task(turn: Turn, id: object) -> Task:
    task = turn.get(Task, id) if is_id(id) else None
    if task is None:
        raise not_found("task")
    return task


def _is_starter(turn: Turn, caller: Caller, task: Task) -> bool:
    """Whether a caller started the task, or the first of those that it was started inside."""
    first = turn.get(Task, task.run)
    return first is not None and first.caller == caller.name


def _require_active(task: Task) -> None:
    if task.state != "active":
        raise Problem(409, "has_ended", f"the task is {task.state}")
