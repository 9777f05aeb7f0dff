"""The tools of a framework, found in the policy by the names that the framework has for them, and called through a guard.

INVARIANT: what a framework calls a tool is one action of the policy, or it is not called. That it was not is recorded.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Literal, Protocol, TypeAlias

from ..enforcing.asking import Asker
from ..enforcing.denials import not_now
from ..enforcing.drift import DRIFTED, UNDECLARED, drift_of
from ..enforcing.enforcement import Asked, Task, Unavailable
from ..enforcing.governed import Guard, NotNow, Perform, Result
from ..enforcing.vocabulary import Tool, Vocabulary

_log = logging.getLogger(__name__)

UNBOUND = "the policy binds no such place"
NO_TASK = "it is not known in which task it is made"

Passed: TypeAlias = Literal["prompts", "resources"]
"""What passes although no policy governs it, where it is said."""
TaskOf: TypeAlias = Callable[[Any], "Task | Awaitable[Task | None] | None"]
"""Gives the task of what a framework hands over with a call: its context, never the arguments."""
PerformAs: TypeAlias = Callable[[Tool], Perform]
"""Makes what performs a call, of what the policy declares of its tool."""
AskerOf: TypeAlias = Callable[[Any], Asker | None]


class Governing(Protocol):
    """What governs: a session of `agpc.guard`, or anything that has a guard and a task."""

    @property
    def guard(self) -> Guard:
        """The guard of the calls."""

    @property
    def task(self) -> Task:
        """The task in which they are made."""


class Tools:
    """What a framework may call."""

    def __init__(
        self,
        session: Governing,
        *,
        task: TaskOf | None = None,
        asker: AskerOf | None = None,
        resources: Collection[str] = (),
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Take what governs; `task` says in which task a call is made where there are several.

        `asker` says how the person at a call is asked, and `resources` which of the policy are meant, where the name of a
        tool is that of several actions. `context` is what the operator says of every call.
        """
        self.context: Mapping[str, Any] = dict(context or {})
        self._session, self._task_of, self._asker_of = session, task, asker
        self._resources = frozenset(resources)
        self._called: tuple[Vocabulary, dict[str, tuple[str, ...]]] | None = None
        self._drifted: dict[str, tuple[tuple[Tool, str], bool]] = {}

    @property
    def guard(self) -> Guard:
        """The guard of the calls."""
        return self._session.guard

    async def task(self, context: Any) -> Task:
        """Give the task of a call. Raises `NotNow`."""
        if self._task_of is None:
            return self._session.task
        try:
            found = self._task_of(context)
            if inspect.isawaitable(found):
                found = await found
        except Exception as error:  # noqa: BLE001 -- whatever it is, there is no task
            _log.warning("the task of a call cannot be found out (%s)", type(error).__name__)
            found = None
        if not isinstance(found, Task):
            await self.guard.refused(None, "a call in no task", {})
            raise NotNow(not_now(NO_TASK))
        return found

    def named(self, name: str) -> Tool | None:
        """Give the action that a tool is; None if the policy declares none by this name, or several."""
        vocabulary = self.guard.enforcement.vocabulary
        if self._called is None or self._called[0] is not vocabulary:
            self._called = vocabulary, vocabulary.called(self._resources)
        capabilities = self._called[1].get(name, ())
        return vocabulary.tools[capabilities[0]] if len(capabilities) == 1 else None

    def is_altered(self, name: str) -> bool:
        """Whether a duty may change what a tool gives back, which is then not what the tool says of itself."""
        tool = self.named(name)
        return tool is not None and tool.capability in self.guard.enforcement.vocabulary.altered

    async def listed(self, context: Any, names: Collection[str]) -> frozenset[str]:
        """Give those of these names that may ever be permitted, or asked about; none where that cannot be known."""
        try:
            possible = await self.guard.enforcement.possible(await self.task(context))
        except (Unavailable, NotNow) as error:
            _log.warning("no tool is listed: %s", error)
            return frozenset()
        found = ((name, self.named(name)) for name in names)
        return frozenset(name for name, tool in found if tool and tool.capability in possible)

    async def call(
        self, context: Any, name: str, arguments: Mapping[str, Any], perform: PerformAs
    ) -> Result:
        """Make a call, if it is permitted. Raises as `Guard.call`."""
        task = await self.task(context)
        tool = self.named(name)
        if tool is None:
            what = {"name": name, "arguments": arguments}
            raise await self.guard.refusal(task, UNDECLARED, what)
        asked = Asked(task, tool.type, tool.action, arguments, context=self.context)
        asker = None if self._asker_of is None else self._asker_of(context)
        return await self.guard.call(asked, perform(tool), asker)

    def is_drifted(self, name: str) -> bool:
        """Whether a tool was another one than the policy declares when it was last looked at; not if it never was."""
        found = self._drifted.get(name)
        return found is not None and found[1]

    def has_drifted(
        self,
        name: str,
        description: str | None,
        takes: Mapping[str, Any],
        gives: Mapping[str, Any] | None,
    ) -> bool:
        """Whether a tool takes or gives something else than what the policy declares of it."""
        tool = self.named(name)
        if tool is None:
            return True
        seen = (tool, json.dumps([name, takes, gives], sort_keys=True, default=str))
        found = self._drifted.get(name)
        if found is None or found[0] != seen:
            vocabulary = self.guard.enforcement.vocabulary
            changes = drift_of(tool, vocabulary, name, description, takes, gives)
            if changes:
                _log.warning("the tool %r is not used: %s: %s", name, DRIFTED, "; ".join(changes))
            found = self._drifted[name] = seen, bool(changes)
        return found[1]
