"""A request as it is decided: what the store knows is the store's, whatever a caller says of it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Protocol

from ....runtime.call import fields_of
from ....runtime.chain import MOST_LINKS
from ...policies.directory import Attributes
from ...policies.mapping import RESERVED
from ...store import Task


class Tasks(Protocol):
    """Where tasks are looked up."""

    def get(self, cls: type[Task], key: str, /) -> Task | None:
        """Give a task."""


def task_id_of(request: dict[str, Any]) -> Any:
    """Give what a request says that its task is called; None if nothing."""
    return fields_of(fields_of(request.get("context")).get("task")).get("id")


def as_stored(task: Task) -> dict[str, Any]:
    """Give a task as requests have it."""
    return {**_read(task.fields), "id": task.id, "intent": task.intent, "state": task.state}


@lru_cache(maxsize=1024)
def _read(text: str) -> dict[str, Any]:
    """Read an object of a task. INVARIANT: nobody changes what is in it, as it is in other requests, too."""
    found: dict[str, Any] = json.loads(text)
    return found


def as_asked(
    attributes: Attributes,
    reading: Tasks,
    request: dict[str, Any],
    task: Task | None,
    *,
    known_id: str | None = None,
) -> dict[str, Any]:
    """Give a request with its task, user and chain as they are stored, and nothing else of what is the store's.

    The `attributes` are those that the directory gives. Of a task that a caller names its id is read, of a chain who its
    agents are. A task that is not stored has the id that was asked for, and no state, so that nothing is permitted in it.
    """
    given = fields_of(request.get("context"))
    context = {name: value for name, value in given.items() if name not in RESERVED}
    if task is None:
        if known_id is not None:
            context["task"] = {"id": known_id}
    else:
        context["task"] = as_stored(task)
        if task.user is not None:
            context["user"] = {**_read(task.user)}
        chain = _chain(reading, task, given.get("delegation"))
        if chain is not None:
            context["delegation"] = chain
        elif given.get("delegation") is not None:
            context["delegation"] = given["delegation"]  # malformed, by which nothing is permitted
    return {
        "subject": attributes.applied("subject", request["subject"]),
        "action": request["action"],
        "resource": attributes.applied("resource", request["resource"]),
        "context": context,
    }


def as_known(attributes: Attributes, reading: Tasks, task: Task) -> dict[str, Any]:
    """Give what is known of every call in a task before there is one: what `as_asked` gives, whatever a caller says.

    What a caller may say is left open: properties of agents but those that the directory alone says, and the
    chain of a task that was not started inside that of another agent.
    """
    subject: dict[str, Any] = {"type": "agent", "id": task.agent}
    properties = attributes.of_agent(task.agent)
    if properties is not None:
        subject["properties"] = properties
    user = None if task.user is None else {**_read(task.user)}
    context: dict[str, Any] = {"task": as_stored(task), "user": user}
    chain = _chain(reading, task, None)
    if chain:
        context["delegation"] = chain
    return {"subject": subject, "context": context}


def _chain(reading: Tasks, task: Task, given: Any) -> list[dict[str, Any]] | None:
    """Give the chain of those for whom the agent of a task acts, the nearest first; None if nobody says.

    Where a task was started inside that of another agent the store knows the chain. Else it is what whoever enforces
    says, with the tasks of its links as they are stored.
    """
    links = given if type(given) is list else None
    above = task.parent and reading.get(Task, task.parent)
    found: list[dict[str, Any]] = []
    agent, inside = task.agent, False
    while above and len(found) <= MOST_LINKS:
        inside = True
        if above.agent != agent:
            said = links[len(found)] if links is not None and len(found) < len(links) else None
            found.append(_link(above, said))
            agent = above.agent
        above = above.parent and reading.get(Task, above.parent)
    if found or (inside and links is None):
        return found
    if links is None:
        return None
    for each in links[: MOST_LINKS + 1]:
        of_link = task_id_of({"context": each})
        stored = reading.get(Task, of_link) if type(of_link) is str else None
        if stored is None or stored.agent != fields_of(each).get("agent"):
            found.append({"agent": fields_of(each).get("agent"), "task": {"id": of_link}})
        else:
            found.append(_link(stored, each))
    return found


def _link(task: Task, said: Any) -> dict[str, Any]:
    """A link with its task as it is stored; its properties are what whoever enforces says of the very agent."""
    link: dict[str, Any] = {"agent": task.agent, "task": as_stored(task)}
    if type(said) is dict and said.get("agent") == task.agent and "properties" in said:
        link["properties"] = said["properties"]
    return link
