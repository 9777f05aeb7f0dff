"""More than another agent may do

## What it means
The policy says of itself `assert A within B`: what is permitted to A is permitted to B. There is a request that
is permitted to A, and not to B; or B lacks evidence that A does not need. Both are shown: they are one request,
with the attributes, the facts and the evidence of A, and differ in who asks and for which intent.

The assertion is about families as a whole: what one of A may do, each of B may do. With `for I within J`, A has
a task of I and B one of J, with fields of the same names; without it both have the same intent, each in turn.

## Example
```agp
language 2
package finance
agent  clerk  = "spiffe://acme.example/clerk"
agent  reader = "spiffe://acme.example/reader"
intent work "Work"
tool ledger { action read, post }

grant clerical {
    to clerk
    for work
    allow ledger.read
}

grant reading {
    to reader
    for work
    allow ledger.read, ledger.post
}

assert reader within clerk                  # AGP3103
```

## What to do
Take from the one what the other may not do, or change the assertion:

```agp
language 2
package finance
agent  clerk  = "spiffe://acme.example/clerk"
agent  reader = "spiffe://acme.example/reader"
intent work "Work"
tool ledger { action read, post }

grant clerical {
    to clerk
    for work
    allow ledger.read
}

grant reading {
    to reader
    for work
    allow ledger.read
}

assert reader within clerk
```

## How to silence it
An error is not silenced: take the assertion out if it is not what you mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.contained import Pair, more_than, others
from ...procedure.calls.scope import Scope, bits
from ...procedure.world import World
from ...records import past
from ...statements import Statement, stated
from ...wording import witness_note

MOST = 8  # places that are pointed at


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each `assert … within` that some permitted request breaks, with the allows that permit one."""
    for containment in inquiry.policy.containments:
        with stated(inquiry, containment) as statement:
            broken = [
                (allow, pair)
                for allow in inquiry.policy.allows
                if (pair := _more(statement, containment, allow)) is not None
            ]
        statement.doubt()
        if broken:
            labels = [Label(allow.span, "permitted here") for allow, _ in broken[:MOST]]
            more = [f"and by {len(broken) - MOST} more allows"] if len(broken) > MOST else []
            yield Diagnostic(
                "AGP3103",
                f"`{containment.inner}` may do what `{containment.outer}` may not",
                (Label(containment.span), *labels),
                "take it from the one, give it to the other, or change the assertion",
                (
                    *more,
                    *map(witness_note, broken[0][1]),
                    *past(inquiry.policy, broken[0][1][0]),
                ),
            )


def _more(statement: Statement, containment: ir.Containment, allow: ir.Allow) -> Pair | None:
    """A request that an allow permits to the one, and that is not permitted to the other, if it can be told."""
    world = statement.inquiry.world
    scope = world.rules.scope(allow)
    inner = world.names.agents_of((containment.inner,)) & scope.agents
    if not inner:
        return None
    outer = list(bits(world.names.agents_of((containment.outer,))))
    for own, intent in _intents(world, containment, scope):
        for other in others(world, allow, outer, intent):
            same = 1 << other.agent if own == intent and _is_one(world, other.agent) else 0
            mine = Scope(inner & ~same, 1 << own, scope.capabilities)
            pair = statement.ask(
                ("AGP3103", mine, *other.alike),
                (allow, *(each for each in other.rules if each is not allow)),
                more_than,
                world,
                allow,
                mine,
                other,
            )
            if pair is not None:
                return pair
    return None


def _is_one(world: World, agent: int) -> bool:
    """Whether it is one agent, and does not stand for many."""
    return world.universe.agents[agent] in world.universe.known_agents


def _intents(world: World, containment: ir.Containment, scope: Scope) -> Iterator[tuple[int, int]]:
    """The intents of the two, by their numbers."""
    if containment.inner_intent is not None and containment.outer_intent is not None:
        own, other = (
            world.names.intents_of((each,)).bit_length() - 1
            for each in (containment.inner_intent, containment.outer_intent)
        )
        if scope.intents >> own & 1:
            yield own, other
        return
    for number in bits(scope.intents & world.names.intents_of()):
        yield number, number
