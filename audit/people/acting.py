"""For whom an agent acts: the people of the tasks of those above it, who approve nothing of what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...runtime.call import fields_of
from ..reading.requests import links_of, named_by, user_of


def people_above(
    request: dict[str, Any], known: Callable[[str], tuple[Any, Any] | None]
) -> tuple[list[Any], bool]:
    """Give the users of the tasks of the agents above, but for the user of the task itself; and whether all tasks are known.

    `known` gives the agent of a task and its user.
    """
    own = user_of(request)
    found, are_known = [], True
    for agent, id in map(named_by, links_of(request)):
        task = known(id) if type(id) is str else None
        are_known = are_known and task is not None
        if task is not None and task[0] == agent:
            user = fields_of(task[1]).get("id")
            if user is not None and user != own:
                found.append(user)
    return list(dict.fromkeys(found)), are_known
