"""Which task a request belongs to: that of the process, of the URL, of `_meta`, or of a signed token; never one that an argument names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..enforcing.enforcement import Enforcement, Refused, Task

META = "agpc/task"
"""The key of `_meta` that names a task."""
MOST_KNOWN = 10_000
NOT_LENT = "the task token that came with it stands for other calls"


class NoTask(Exception):
    """A request does not say which task it belongs to, or one that it cannot belong to; the message says so."""


@dataclass(frozen=True, slots=True)
class From:
    """Where a request came from: the task that the URL names, and who may name which."""

    task: str | None = None
    caller: str = ""
    speaks_for: Callable[[str], bool] | None = field(default=None, compare=False)
    """For which agents the caller may call; for all if nobody has to say who they are."""
    lent: frozenset[str] | None = None
    """The capabilities that a task token stands for; None of who brings none."""

    def may_call(self, capability: str) -> bool:
        """Whether a call may be decided at all."""
        return self.lent is None or capability in self.lent


ANYBODY = From()
"""Whoever is at the other end of standard input, or of this machine."""


class Tasks:
    """Finds the task of each request."""

    def __init__(self, enforcement: Enforcement, own: Task | None) -> None:
        """Take the task of the process, if it has one."""
        self._enforcement, self.own = enforcement, own
        self._known: dict[str, Task] = {}

    async def of(self, source: From, meta: Mapping[str, Any] | None) -> Task:
        """Give the task of a request. Raises `NoTask` and `Unavailable`."""
        named = (meta or {}).get(META)
        if named is not None and type(named) is not str:
            raise NoTask(f"`{META}` is no text")
        if source.task is not None and named not in (None, source.task):
            raise NoTask(f"the URL or a token names one task, and `{META}` another")
        id = source.task or named
        if id is None and self.own is None:
            raise NoTask(
                f"no task is named: by the URL, `/mcp/TASK`, by `{META}` of `_meta`, by a task token, or by `agpc guard --intent`"
            )
        if self.own is not None:
            if id not in (None, self.own.id):
                raise NoTask("this guard serves one task alone, and the request names another")
            return self._allowed(self.own, source)
        assert id is not None
        task = self._known.get(id)
        if task is None:
            try:
                task = await self._enforcement.task(id)
            except Refused as error:
                raise NoTask(str(error)) from None
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[id] = task  # of which what decides is read anew with each call
        return self._allowed(task, source)

    @staticmethod
    def _allowed(task: Task, source: From) -> Task:
        if source.speaks_for is not None and not source.speaks_for(task.agent):
            raise NoTask("there is no such task")
        return task
