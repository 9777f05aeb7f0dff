"""Runs: which tasks may be started inside which, by whom, and for whom their agents then act.

A task starts others in two ways: a `delegate` hands a part of it on, whose agent acts for those above it; and an allow of
`INTENT.start` opens a task of the same agent, with the rights that this has for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ..ir import nodes as ir
from ..structs import Struct
from .procedure.asked_of_rules.chained import Chained, Link
from .procedure.calls.scope import Scope, bits, lowest
from .procedure.world import World

MOST_TASKS = 256
"""Kinds of tasks of one run."""


class Task(Struct):
    """A task of an agent for an intent, each by its bit; for whom it acts; and the allow by which it was started."""

    agent: int
    intent: int
    chain: tuple[Link, ...] = ()
    started: ir.Allow | None = None

    def scope(self, capability: int) -> Scope:
        """The calls of a capability, by its bit, in such a task."""
        return Scope(1 << self.agent, 1 << self.intent, 1 << capability)


Permitted: TypeAlias = Callable[[ir.Allow, Task, int], "dict[str, Any] | None"]
"""A request of a capability, by its bit, that an allow permits in a task; None if there is none, or it is not known."""


def permitted(world: World, allow: ir.Allow, task: Task, capability: int) -> dict[str, Any] | None:
    """A request that an allow permits in a task, also to those for whom its agent acts. Raises `Undetermined`."""
    here = task.scope(capability)
    if not world.rules.scope(allow).meets(here):
        return None
    if not task.chain:
        return world.permitted_by(allow, world.near.forbids(allow), scope=here, shown=True)
    return Chained(world, here, task.chain).find_any(allow, shown=True)


def runs_of(world: World, ask: Permitted) -> Iterator[list[Task]]:
    """The tasks of each run, the first with which it begins; those with one task alone are left out."""
    for agent in bits(world.names.agents_of()):
        for intent in bits(world.names.intents_of()):
            run = [Task(agent, intent)]
            for task in run:
                known = {(each.agent, each.intent, each.chain) for each in run}
                for inner in _started(world, task, ask):
                    key = (inner.agent, inner.intent, inner.chain)
                    if key not in known and len(run) < MOST_TASKS:
                        known.add(key)
                        run.append(inner)
            if len(run) > 1:
                yield run


def _started(world: World, task: Task, ask: Permitted) -> Iterator[Task]:
    """The tasks that one may start: of agents to whom it hands a part on, and further ones of its own agent."""
    names = world.names
    here = Link(task.agent, task.intent)
    for each in world.policy.delegations:
        is_its = names.agents_of((each.delegator,)) >> task.agent & 1
        if is_its and names.intents_of((each.intent,)) >> task.intent & 1:
            chain = (here, *task.chain)
            for agent in bits(names.agents_of((each.delegate,))):
                for intent in bits(names.intents_of((each.delegate_intent,))):
                    if Link(agent, intent) not in chain:
                        yield Task(agent, intent, chain)
    for intent in bits(names.intents_of()):
        capability = f"{world.universe.intents[intent]}.start"
        if capability not in world.universe.capability_bits:
            continue
        number = lowest(names.capabilities_of((capability,)))
        for allow in world.near.allows_at(number):
            if world.rules.scope(allow).meets(task.scope(number)) and ask(allow, task, number):
                yield Task(task.agent, intent, (), allow)
                break
