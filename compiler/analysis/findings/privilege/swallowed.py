"""An agent's limits that a family's grant makes pointless

## What it means
One allow gives something to few agents, within limits. Another gives the same capability for the same
intent to a family that these agents belong to, and permits all of that and more. The limits limit
nothing: the agents get around them as members of the family. The witness is a request that is beyond the
limits and permitted.

## Example
```agp
language 2
package finance
agent intern_bot = "spiffe://acme.example/ns/finance/sa/intern"
agents bots = "spiffe://acme.example/ns/finance/sa/*"
intent pay "Pay"
tool ledger { action post(amount: number) }

grant small_payments {
    to intern_bot
    for pay
    allow ledger.post                       # AGP3207
        when args.amount <= 50
}

grant payments {
    to bots
    for pay
    allow ledger.post
        when args.amount <= 10_000
}
```

## What to do
A limit on some members of a family is a forbid:

```agp
language 2
package finance
agent intern_bot = "spiffe://acme.example/ns/finance/sa/intern"
agents bots = "spiffe://acme.example/ns/finance/sa/*"
intent pay "Pay"
tool ledger { action post(amount: number) }

grant payments {
    to bots
    for pay
    allow ledger.post
        when args.amount <= 10_000
}

forbid large_payments_by_interns {
    to intern_bot
    deny ledger.post
    when args.amount > 50
    because "The intern's bot makes small payments."
}
```

## How to silence it
`# agpc: allow AGP3207 -- REASON` on the line of the limited allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.coverage import (
    Region,
    covers,
    permitted,
    some,
)
from ...procedure.world import World
from ...wording import witness_note


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report a limited allow that one to a family around its agents goes beyond."""
    found = swallowing(inquiry, allow)
    if found is not None:
        yield _describe(allow, *found)


def swallowing(inquiry: Inquiry, allow: ir.Allow) -> tuple[ir.Allow, dict[str, Any]] | None:
    """The allow to a family that goes beyond the limits of another, with a witness."""
    if not _has_limits(allow):
        return None
    for other in inquiry.world.twins.firsts(inquiry.world.near.allows_around(allow)):
        if not _is_to_a_family(inquiry.policy, other):
            continue
        what = f"allow `{other.id}` goes beyond the limits of `{allow.id}`"
        witness = inquiry.ask(what, allow, _beyond, inquiry.world, allow, other)
        if witness is not None:
            return other, witness
    return None


def _is_to_a_family(policy: ir.Policy, allow: ir.Allow) -> bool:
    return allow.agents is ir.DECLARED or not policy.family_names.isdisjoint(allow.agents)


def _has_limits(allow: ir.Allow) -> bool:
    return bool(
        allow.condition or allow.requirements or allow.revoke or allow.validity or allow.window
    )


def _beyond(world: World, allow: ir.Allow, other: ir.Allow) -> dict[str, Any] | None:
    """A request beyond an allow's limits that another permits, if that permits all within them too."""
    common = world.rules.scope(allow) & world.rules.scope(other)
    mine, theirs = permitted(world, allow), permitted(world, other)
    within = Region(common, mine.cubes, mine.holds)
    if not covers(world, within, [world.avoid.permit(other)]):
        return None
    forbids = world.denials(other)
    outside = Region(common, theirs.cubes, theirs.holds)
    return some(world, outside, [world.avoid.permit(allow), *forbids], shown=True)


def _describe(allow: ir.Allow, other: ir.Allow, witness: dict[str, Any]) -> Diagnostic:
    named = () if other.agents is ir.DECLARED else other.agents
    names = ", ".join(f"`{each}`" for each in named) or "any agent"
    return Diagnostic(
        "AGP3207",
        f"the limits of allow `{allow.id}` limit nothing, since its agents belong to {names}",
        (Label(allow.span, "limited here"), Label(other.span, "and permitted beyond that here")),
        "limit members of a family by a forbid, or narrow the family's allow",
        (witness_note(witness),),
    )
