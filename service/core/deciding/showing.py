"""What an agent may ever be permitted in a task: what a list of its tools shows, before there is a call."""

from __future__ import annotations

from typing import Any

from ...store import Reading, Task
from ..operations.callers import Caller
from ..operations.problem import not_found
from ..turns.state import Active
from .asked import as_known
from .deciding import is_id


def possible(active: Active, reading: Reading, caller: Caller, id: str) -> dict[str, Any]:
    """Give it as the wire has it. Raises `Problem`. No facts are read, so that it tells nothing of what was counted."""
    task = reading.get(Task, id) if is_id(id) else None
    if task is None or not caller.speaks_for(task.agent):
        raise not_found("task")
    generation = active.generation
    found = generation.engine.possible(as_known(generation.attributes, reading, task))
    # What is there for conformance tests alone is refused at `/v1/calls`.
    listed = (each for each in found if each.rpartition(".")[0] not in generation.conformance)
    return {"task": task.id, "policy": generation.digest, "capabilities": sorted(listed)}
