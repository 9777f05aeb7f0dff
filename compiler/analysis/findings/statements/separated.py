"""One agent that may do what has to be separate

## What it means
`separate` says that no one agent may have more than one of these capabilities, under any intent and with
any request (`per task`: in tasks of one intent, and those that they may start). Some agent may have two. Each is
shown with a request that is permitted.

## Example
```agp
tool ledger { action post, approve }

grant all_of_it {
    to bot
    for pay
    allow ledger.post, ledger.approve
}

separate ledger.post, ledger.approve        # AGP3301
```

## What to do
Give the capabilities to different agents:

```agp
language 2
package finance
agent bot = "spiffe://acme.example/bot"
agent checker = "spiffe://acme.example/checker"
intent pay "Pay"
tool ledger { action post, approve }

grant posting {
    to bot
    for pay
    allow ledger.post
}

grant approving {
    to checker
    for pay
    allow ledger.approve
}

separate ledger.post, ledger.approve
```

## How to silence it
An error is not silenced: take the constraint out if it is not what you mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from ....ir import nodes as ir
from ....ir.starts import KIND
from ....report.diagnostics import Diagnostic, Label
from ....structs import Struct
from ...inquiry import Inquiry
from ...procedure.calls.scope import Scope, bits, lowest
from ...procedure.verdict import Undetermined
from ...procedure.world import World
from ...records import past
from ...statements import Statement, stated
from ...wording import agent_in_words, listed, witness_note

if TYPE_CHECKING:
    from ...runs import Task


class FoundCapability(Struct):
    """A capability that an agent may have: by which allow, in which request, and where its task was started in another."""

    capability: str
    allow: ir.Allow
    witness: dict[str, Any]
    started: ir.Allow | None = None


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report, for each `separate`, the agents that have two of its capabilities, by which two."""
    world = inquiry.world
    for separation in inquiry.policy.separations:
        broken: dict[tuple[str, str], dict[int, list[FoundCapability]]] = {}
        with stated(inquiry, separation) as statement:
            runs = _runs(statement, separation)
            for agent, allows in _by_agent(world, separation).items():
                for within in _intents(world, separation, allows):
                    found = _two(statement, allows, 1 << agent, within)
                    if len(found) == 2:
                        broken.setdefault(_names(found), {})[agent] = found
                        break
                else:
                    found = _in_one_run(statement, runs, agent, allows)
                    if len(found) == 2:
                        broken.setdefault(_names(found), {})[agent] = found
        statement.doubt()
        for by_agent in broken.values():
            yield _broken(world, separation, by_agent)


Allows = dict[str, list[ir.Allow]]
"""Of each capability that is to be separate, the allows that give it."""


def _names(found: list[FoundCapability]) -> tuple[str, str]:
    return found[0].capability, found[1].capability


def _by_agent(world: World, separation: ir.Separation) -> dict[int, Allows]:
    """The allows of each agent, by its bit, that gives a separated capability."""
    found: dict[int, Allows] = {}
    for capability in world.policy.expand(separation.capabilities):
        for allow in world.near.allows_at(lowest(world.names.capabilities_of((capability,)))):
            for agent in bits(world.rules.scope(allow).agents):
                found.setdefault(agent, {}).setdefault(capability, []).append(allow)
    return dict(sorted(found.items()))


def _intents(world: World, separation: ir.Separation, allows: Allows) -> Iterator[int]:
    """The intents, as bits, within which two capabilities may come together."""
    masks = [sum_of(world.rules.scope(each).intents for each in some) for some in allows.values()]
    declared = world.names.intents_of()
    if not separation.per_task:
        yield declared
        return
    for at in bits(sum_of(masks) & declared):
        if sum(mask >> at & 1 for mask in masks) > 1:
            yield 1 << at


def sum_of(masks: Iterable[int]) -> int:
    """All bits of some masks."""
    return reduce(or_, masks, 0)


def _two(statement: Statement, allows: Allows, agent: int, intents: int) -> list[FoundCapability]:
    """Two capabilities that an agent may have, each with its allow and a witness, if there are."""
    world = statement.inquiry.world
    found: list[FoundCapability] = []
    for capability, giving in allows.items():
        scope = Scope(agent, intents, world.names.capabilities_of((capability,)))
        for allow in giving:
            if not world.rules.scope(allow).meets(scope):
                continue
            witness = statement.ask(("AGP3301", scope), (allow,), _permitted, world, allow, scope)
            if witness is not None:
                found.append(FoundCapability(capability, allow, witness))
                break
        if len(found) == 2:
            break
    return found


def _in_one_run(
    statement: Statement, runs: list[list[Task]], agent: int, allows: Allows
) -> list[FoundCapability]:
    """Two capabilities that an agent may have in tasks of which one starts the other, if there are."""
    world = statement.inquiry.world
    for run in runs if len(allows) > 1 else ():
        found: dict[str, FoundCapability] = {}
        for task in (each for each in run if each.agent == agent):
            for capability in allows.keys() - found.keys():
                number = lowest(world.names.capabilities_of((capability,)))
                for allow in allows[capability]:
                    witness = _in_task(statement, allow, task, number)
                    if witness is not None:
                        found[capability] = FoundCapability(
                            capability, allow, witness, task.started
                        )
                        break
        if len(found) > 1:
            return [found[capability] for capability in allows if capability in found][:2]
    return []


def _runs(statement: Statement, separation: ir.Separation) -> list[list[Task]]:
    """The runs of several tasks, within each of which a `per task` has to hold.

    Without a start there is none: a task that is handed on acts for who handed it on, who may then do as much by himself.
    """
    world = statement.inquiry.world
    if not separation.per_task or not _starts_tasks(world.policy):
        return []
    from ...runs import runs_of  # which few policies need

    return list(
        runs_of(world, lambda allow, task, number: _in_task(statement, allow, task, number))
    )


def _starts_tasks(policy: ir.Policy) -> bool:
    """Whether a task may start another one by a call."""
    starts = {f"{each.name}.start" for each in policy.resources if each.kind == KIND}
    return any(not starts.isdisjoint(policy.expand(each.capabilities)) for each in policy.allows)


def _in_task(
    statement: Statement, allow: ir.Allow, task: Task, capability: int
) -> dict[str, Any] | None:
    """What is permitted in a task; None also where that is not known, which is noted."""
    from ...runs import permitted

    world = statement.inquiry.world
    if not task.chain:
        question = ("AGP3301", task.scope(capability))
        return statement.ask(question, (allow,), permitted, world, allow, task, capability)
    try:  # and asked anew each time, since it rests on the rules of other agents, too
        return permitted(world, allow, task, capability)
    except Undetermined as undetermined:
        statement.leave_open(allow, str(undetermined))
        return None


def _permitted(world: World, allow: ir.Allow, scope: Scope) -> dict[str, Any] | None:
    return world.permitted_by(allow, world.near.forbids(allow), scope=scope, shown=True)


def _broken(
    world: World, separation: ir.Separation, by_agent: dict[int, list[FoundCapability]]
) -> Diagnostic:
    one, other = found = next(iter(by_agent.values()))
    started = dict.fromkeys(each.started for each in found if each.started is not None)
    who = listed([agent_in_words(world.policy, world.universe.agents[agent]) for agent in by_agent])
    return Diagnostic(
        "AGP3301",
        f"{who} may do both `{one.capability}` and `{other.capability}`, which have to be separate",
        (
            Label(separation.span),
            *(Label(each.allow.span, f"may `{each.capability}` here") for each in found),
            *(Label(each.span, "starts a task in the same run here") for each in started),
        ),
        "give them to different agents",
        (
            *(witness_note(each.witness) for each in found),
            *dict.fromkeys(note for each in found for note in past(world.policy, each.witness)),
        ),
    )
