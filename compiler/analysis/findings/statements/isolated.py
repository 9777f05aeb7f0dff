"""Two agents that have to be isolated and share a resource

## What it means
`isolate A from B` says that no request of A and request of B are both permitted on the same kind of
resource with compatible attributes. There is such a pair; both requests are shown, and carry the same
resource.

## Example
```agp
language 2
package finance
agent payer = "spiffe://acme.example/payer"
agent hirer = "spiffe://acme.example/hirer"
intent work "Work"
tool people { action read, update }

grant reading {
    to payer
    for work
    allow people.read
}

grant updating {
    to hirer
    for work
    allow people.update
}

isolate payer from hirer                    # AGP3302
```

## What to do
Take the access away from one of them, tell the resources apart by an attribute, or except what they may
share:

```agp
language 2
package finance
agent payer = "spiffe://acme.example/payer"
agent hirer = "spiffe://acme.example/hirer"
intent work "Work"
tool people { action read, update }

grant reading {
    to payer
    for work
    allow people.read
}

grant updating {
    to hirer
    for work
    allow people.update
}

isolate payer from hirer except people.read
```

## How to silence it
An error is not silenced: take the constraint out if it is not what you mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.pairs import find_pair, side_of
from ...procedure.calls.scope import Scope
from ...records import past
from ...statements import Statement, stated
from ...wording import witness_note


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the first pair of allows on each kind of resource that breaks an `isolate`."""
    world = inquiry.world
    for isolation in inquiry.policy.isolations:
        excepted = world.names.capabilities_of(isolation.excepted)
        found: list[Diagnostic] = []
        with stated(inquiry, isolation) as statement:
            for resource, names in sorted(inquiry.policy.actions_by_resource.items()):
                here = world.names.capabilities_of(names) & ~excepted
                left, right = (
                    Scope(world.names.agents_of((side,)), world.names.intents_of(), here)
                    for side in (isolation.left, isolation.right)
                )
                broken = _broken(statement, isolation, resource, left, right)
                if broken is not None:
                    found.append(broken)
        statement.doubt()
        yield from found


def _broken(
    statement: Statement, isolation: ir.Isolation, resource: str, left: Scope, right: Scope
) -> Diagnostic | None:
    world = statement.inquiry.world
    ones = [each for each in world.policy.allows if world.rules.scope(each) & left]
    others = [each for each in world.policy.allows if world.rules.scope(each) & right]
    for one in ones:
        for other in others:
            pair = statement.ask(
                ("AGP3302", id(other), left, right),
                (one, other),
                find_pair,
                world,
                side_of(world, one, left),
                side_of(world, other, right),
                ("resource",),
            )
            if pair is not None:
                return Diagnostic(
                    "AGP3302",
                    f"`{isolation.left}` and `{isolation.right}` have to be isolated, "
                    f"and both reach the same `{resource}`",
                    (
                        Label(isolation.span),
                        Label(one.span, f"`{isolation.left}` by this"),
                        Label(other.span, f"`{isolation.right}` by this"),
                    ),
                    "take the access away from one of them, tell the resources apart by an "
                    "attribute, or except what they may share",
                    (
                        *map(witness_note, pair),
                        *dict.fromkeys(note for each in pair for note in past(world.policy, each)),
                    ),
                )
    return None
