"""One agent that may do what has to be separate

## What it means
`separate` says that no one agent may have more than one of these capabilities, under any intent and with
any request (`per task`: within one intent). Some agent may have two. Each is shown with a request that is
permitted.

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
from typing import Any

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...procedure.calls.scope import Scope, bits, lowest
from ...procedure.world import World
from ...records import past
from ...statements import Statement, stated
from ...wording import agent_in_words, listed, witness_note

Found = tuple[str, ir.Allow, dict[str, Any]]


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report, for each `separate`, the agents that have two of its capabilities, by which two."""
    world = inquiry.world
    for separation in inquiry.policy.separations:
        broken: dict[tuple[str, str], dict[int, list[Found]]] = {}
        with stated(inquiry, separation) as statement:
            for agent, allows in _by_agent(world, separation).items():
                for within in _intents(world, separation, allows):
                    found = _two(statement, allows, 1 << agent, within)
                    if len(found) == 2:
                        broken.setdefault((found[0][0], found[1][0]), {})[agent] = found
                        break
        statement.doubt()
        for by_agent in broken.values():
            yield _broken(world, separation, by_agent)


Allows = dict[str, list[ir.Allow]]
"""Of each capability that is to be separate, the allows that give it."""


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


def _two(statement: Statement, allows: Allows, agent: int, intents: int) -> list[Found]:
    """Two capabilities that an agent may have, each with its allow and a witness, if there are."""
    world = statement.inquiry.world
    found: list[Found] = []
    for capability, giving in allows.items():
        scope = Scope(agent, intents, world.names.capabilities_of((capability,)))
        for allow in giving:
            if not world.rules.scope(allow).meets(scope):
                continue
            witness = statement.ask(("AGP3301", scope), (allow,), _permitted, world, allow, scope)
            if witness is not None:
                found.append((capability, allow, witness))
                break
        if len(found) == 2:
            break
    return found


def _permitted(world: World, allow: ir.Allow, scope: Scope) -> dict[str, Any] | None:
    return world.permitted_by(allow, world.near.forbids(allow), scope=scope, shown=True)


def _broken(
    world: World, separation: ir.Separation, by_agent: dict[int, list[Found]]
) -> Diagnostic:
    (one, first, _), (other, second, _) = found = next(iter(by_agent.values()))
    who = listed([agent_in_words(world.policy, world.universe.agents[agent]) for agent in by_agent])
    return Diagnostic(
        "AGP3301",
        f"{who} may do both `{one}` and `{other}`, which have to be separate",
        (
            Label(separation.span),
            Label(first.span, f"may `{one}` here"),
            Label(second.span, f"may `{other}` here"),
        ),
        "give them to different agents",
        (
            *(witness_note(witness) for _, _, witness in found),
            *dict.fromkeys(note for _, _, each in found for note in past(world.policy, each)),
        ),
    )
