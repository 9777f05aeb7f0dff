"""Tasks: each is started by a permit, and what is asked in one is asked of it as it was started and moved."""

from __future__ import annotations

from typing import Any, TypeAlias

from ...runtime.call import fields_of
from ...runtime.chain import MOST_LINKS
from ...runtime.values import json_equal
from ..known.index import Index, Task
from ..reading.events import Event
from ..reading.findings import Findings
from ..reading.requests import links_of, named_by

Body: TypeAlias = dict[str, Any]


class Tasks:
    """Follows the starts of tasks, and the calls in them."""

    def __init__(self, index: Index, findings: Findings) -> None:
        """Begin before the first event."""
        self._index, self._findings = index, findings

    def asked(self, event: Event, effect: str, request: Body, *, followed: bool) -> None:
        """The task in a request is the one that was started, in the state that it was in.

        `followed` is whether all before it could be read.
        """
        context = fields_of(request.get("context"))
        given = context.get("task")
        self._check_chain(event, request, followed=followed)
        if given is None:
            return
        found = self._index.task(fields_of(given).get("id"))
        if found is None:
            if not followed:
                self._unfollowed()
            elif effect != "deny" or "state" in fields_of(given):
                self._wrong(event, "the task of the call was never started")
            return
        if found.state != "active" and effect == "permit":
            self._wrong(event, f"a call was permitted in a task that had {found.state}")
        if not json_equal(given, {**found.fields, "state": found.state}):
            self._wrong(event, "the task in the request is not as it was started and moved")
        if _leaves_out(self._index, request, found):
            self._wrong(
                event, "those for whom the agent acts are not the ones of whom it got the task"
            )
        if fields_of(request.get("subject")).get("id") != found.agent:
            self._wrong(event, "the call is in a task of another agent")
        elif found.user is not None and not json_equal(context.get("user"), found.user):
            self._wrong(event, "the person in the request is not the one of the task")
        else:
            self._findings.is_proved("tasks")

    def _check_chain(self, event: Event, request: Body, *, followed: bool) -> None:
        """The tasks of those whom an agent acts for are as they were; of one that has no state nothing was permitted."""
        for each in links_of(request):
            task = fields_of(each.get("task"))
            if "state" not in task:
                continue
            found = self._index.task(task.get("id"))
            if found is None and not followed:
                self._unfollowed()
            elif (
                found is None
                or each.get("agent") != found.agent
                or not json_equal(task, {**found.fields, "state": found.state})
            ):
                self._wrong(
                    event, "a task that an agent acts for is not as it was started and moved"
                )

    def started(self, event: Event, body: Body, before: Event | None) -> None:
        """A task is started by a permit to start it, which is the event `before`."""
        task, agent, parent = body.get("task"), body.get("agent"), body.get("parent")
        id = fields_of(task).get("id")
        if type(task) is not dict or type(id) is not str or type(agent) is not str:
            self._wrong(event, "a task has no id, or no agent")
            return
        if self._index.task(id) is not None:
            self._wrong(event, f"the task `{id}` was started before")
        if parent is not None and type(parent) is not str:
            self._wrong(event, "the parent of the task is none")
            parent = None
        if before is None or before.kind != "call":
            self._wrong(event, "no permit to start the task stands right before it")
        elif before.body is None:
            self._unfollowed()
        elif not _is_start_of(before, before.body, body):
            self._wrong(event, "the call before it is no permit to start this task")
        self._index.put_task(Task(id, task, agent, body.get("user"), parent, "active"))

    def _wrong(self, event: Event, what: str) -> None:
        self._findings.is_wrong(event.seq, what)

    def _unfollowed(self) -> None:
        self._findings.is_undetermined("unfollowed")


def _is_start_of(call: Event, told: Body, body: Body) -> bool:
    """Whether a call permitted the start of a task."""
    request, task = fields_of(told.get("request")), body["task"]
    action, resource = fields_of(request.get("action")), fields_of(request.get("resource"))
    given = {**fields_of(action.get("properties")), "id": task["id"], "intent": task.get("intent")}
    parent = fields_of(fields_of(request.get("context")).get("task")).get("id")
    return (
        told.get("effect") == "permit"
        and action.get("name") == "start"
        and resource.get("type") == task.get("intent")
        and resource.get("id") == task["id"]
        and parent == body.get("parent")
        and (parent is not None or fields_of(request.get("subject")).get("id") == body["agent"])
        and (call.is_redacted or json_equal(given, task))
    )


def _leaves_out(index: Index, request: Body, task: Task) -> bool:
    """Whether a request does not name, the nearest first, whom its agent acts for by where the task was started."""
    known: list[tuple[Any, Any]] = []
    agent, above = task.agent, index.task(task.parent)
    while above is not None and len(known) <= MOST_LINKS:
        if above.agent != agent:
            known.append((above.agent, above.id))
            agent = above.agent
        above = index.task(above.parent)
    return bool(known) and list(map(named_by, links_of(request))) != known
