"""Chains: whom the agent of a task acts for, as the trail tells it by where tasks were started."""

from __future__ import annotations

from typing import Any

from ...runtime.chain import MOST_LINKS
from ..known.index import Index, Task
from ..reading.requests import links_of, named_by


def leaves_out(index: Index, request: dict[str, Any], task: Task) -> bool:
    """Whether a request does not name, the nearest first, whom its agent acts for by where the task was started."""
    known: list[tuple[Any, Any]] = []
    agent, above = task.agent, index.task(task.parent)
    while above is not None and len(known) <= MOST_LINKS:
        if above.agent != agent:
            known.append((above.agent, above.id))
            agent = above.agent
        above = index.task(above.parent)
    return bool(known) and list(map(named_by, links_of(request))) != known
