"""For whom an agent acts: of whom it is asked what is missing for a call, and of whom it is not.

INVARIANT: nobody approves what is done for them. Those are the user of the task, and the users of the tasks of all agents above it.
"""

from __future__ import annotations

import json
from typing import Any

from ....runtime.call import fields_of
from ...store import Person, Task
from ..deciding.asked import Tasks
from ..deciding.deciding import Judged
from ..people.names import may_be_same

_WORKLOAD = "spiffe://"


def chain_of(request: dict[str, Any]) -> list[list[Any]]:
    """Give the agents that the agent of a request acts for, each with its task: the nearest first."""
    return [[each.get("agent"), fields_of(each.get("task")).get("id")] for each in _links(request)]


def user_of(task: Task) -> str | None:
    """Give the id of the person on whose behalf a task is."""
    if task.user is None:
        return None
    found: str = json.loads(task.user)["id"]
    return found


def people_above(reading: Tasks, request: dict[str, Any]) -> list[str]:
    """Give the users of the tasks of the agents above, but for the user of the task itself."""
    own, found = _user_of(request), []
    for agent, id in chain_of(request):
        task = reading.get(Task, id) if type(id) is str else None
        user = user_of(task) if task is not None and task.agent == agent else None
        if user not in (None, own):
            found.append(user)
    return list(dict.fromkeys(found))


def asks_of(reading: Tasks, found: Judged) -> dict[str, Any]:
    """Give what is missing for a call, for whom the agent acts, and the agents, who give nothing."""
    request = found.request
    return {
        "requirements": found.decision.to_authzen()["context"]["requirements"],
        "user": _user_of(request),
        "above": people_above(reading, request),
        "agents": [request["subject"]["id"], *(each.get("agent") for each in _links(request))],
    }


def is_asked(asks: dict[str, Any], person: Person) -> bool:
    """Whether one of the things that are missing is something that this person may give.

    The person is one who is known now. Nobody approves for an agent that acts for them, but they confirm what it does. Who
    may approve may refuse.
    """
    user = asks["user"]
    if any(may_be_same(person.id, each) for each in asks["agents"]):
        return False
    roles = {
        person.id,
        *(each for each in json.loads(person.roles) if not each.startswith(_WORKLOAD)),
    }
    is_other = not any(may_be_same(person.id, each) for each in (user, *asks["above"]))
    for each in asks["requirements"]:
        if each["type"] == "confirmation" and person.id == user:
            return True
        if each["type"] == "approval" and is_other and not roles.isdisjoint(each["by"]):
            return True
    return False


def _user_of(request: dict[str, Any]) -> Any:
    return fields_of(request["context"].get("user")).get("id")


def _links(request: dict[str, Any]) -> list[dict[str, Any]]:
    chain = request["context"].get("delegation")
    return [fields_of(each) for each in (chain if type(chain) is list else ())]
