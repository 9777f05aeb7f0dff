"""A forbid that others cover

## What it means
Whatever this forbid denies, other forbids deny too: one of them, or several together; then the
fewest that do are named. So it changes no decision. Forbids that mean the same are reported once,
together.

A forbid applies where its condition is unknown too. One about an attribute that may be missing is
therefore not covered by one that asks `has` of it first. And one that an approval lifts is covered
by none that evidence lifts as well: each asks for somebody else.

## Example
```agp
language 2
package finance
agents bots = "spiffe://acme.example/bots/*"
tool ledger { action post(amount: number), void(entry: string) }

forbid no_voids {
    to bots
    deny ledger.void                                        # AGP2104
    because "A void cannot be undone."
}

forbid no_ledger {
    to bots
    deny ledger.*
    because "Bots do not keep the books."
}
```

## What to do
Remove the forbid that is covered, or, if it was to be the only one, the one that covers it:

```agp
language 2
package finance
agents bots = "spiffe://acme.example/bots/*"
tool ledger { action post(amount: number), void(entry: string) }

forbid no_ledger {
    to bots
    deny ledger.*
    because "Bots do not keep the books."
}
```

## How to silence it
`# agpc: allow AGP2104 -- REASON` on the line of the forbid or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.coverage import (
    CoveredRule,
    closed,
    covered,
    describe,
    forbidden,
)
from ...procedure.search.evidence import asks_people


def about_forbid(inquiry: Inquiry, forbid: ir.Forbid) -> Iterator[Diagnostic]:
    """Report a forbid that others cover, and forbids that mean the same once."""
    is_first = inquiry.world.twins.is_first(forbid)
    if not is_first or next(inquiry.world.near.each_forbid(forbid), None) is None:
        return
    what = f"other forbids cover forbid `{forbid.id}`"
    found = inquiry.ask(what, forbid, _covered, inquiry, forbid)
    if found is not None:
        yield describe(found, "forbid", "AGP2104")


def _covered(inquiry: Inquiry, forbid: ir.Forbid) -> CoveredRule[ir.Forbid] | None:
    world = inquiry.world
    return covered(
        world,
        forbid,
        world.near.each_forbid,
        lambda each: closed(world, each) if asks_people(each) else forbidden(world, each),
        world.avoid.forbid,
        lambda _other, _forbid: True,
    )
