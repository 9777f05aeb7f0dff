"""One call is decided, with its facts: the part of a turn that a pure evaluation shares with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....monitor.values import is_plain
from ....runtime.decision import Decision
from ....runtime.facts import is_request
from ....runtime.time_text import format_time
from ....runtime.values import is_identity, is_text
from ...facts import Own
from ...store import Reading, Task
from ..operations.problem import malformed
from ..turns.state import Active
from .asked import Tasks, task_id_of

LONGEST_ID = 512  # characters


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision, with the request as it was decided, what it is about, and what it adds to facts."""

    decision: Decision
    request: dict[str, Any]
    capability: str | None
    own: Own


def checked(request: Any) -> dict[str, Any]:
    """Give what a caller asks, if it has the form of a request. Raises `Problem`."""
    if not is_request(request):
        raise malformed(
            "a request has a subject, an action and a resource, each with its type, id or name"
        )
    if not is_plain(request):
        raise malformed(
            "a request is JSON of 63 levels at most, with numbers that every reader reads alike"
        )
    if not is_text(request["subject"]["id"]):
        raise malformed("the id of a subject is text")
    if not is_id(request["resource"]["id"]) or "\0" in request["resource"]["id"]:
        raise malformed(f"the id of a resource is text of 1 to {LONGEST_ID} characters")
    found: dict[str, Any] = request
    return found


NOT_ITS_OWN = "the task is another agent's"
"""Why a call in the task of another agent is denied before any rule is asked."""


def task_of(tasks: Tasks, request: dict[str, Any]) -> tuple[str | None, Task | None]:
    """Give the id of the task that a request names, and the task if it is stored. Raises `Problem`."""
    id = task_id_of(request)
    if id is None:
        return None, None
    if not is_id(id):
        raise malformed("the id of a task is text of 1 to 512 characters")
    return id, tasks.get(Task, id)


def is_id(value: object) -> bool:
    """Whether this can be the id of a task."""
    return is_identity(value) and isinstance(value, str) and len(value) <= LONGEST_ID


def judged(
    active: Active, reading: Reading | None, request: dict[str, Any], task: Task | None, now: int
) -> Judged:
    """Decide a request that has all but its time and its facts; without a `reading` it needs none."""
    request["context"]["time"] = format_time(now)
    capability = active.engine.capability(request["resource"]["type"], request["action"]["name"])
    own: Own = {}
    if capability is not None and reading is not None:
        request, own = active.facts.known(reading, capability, request, task, now)
    return Judged(active.engine.decide(request), request, capability, own)
