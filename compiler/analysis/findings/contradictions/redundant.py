"""An allow that others cover

## What it means
Whatever this allow permits, other allows permit too, with nothing more required. So it changes no
decision, and who edits it, or takes it away to end an access, changes nothing either.

One other allow may cover it, or several together; then the fewest that do are named. Allows that
mean the same are reported once, together. An allow counts as covered only by those that carry all
of its obligations, and, if it has credential terms, give credentials that live no longer and are
renewed no more often. What forbids take away plays no part.

Where an approval or another requirement is what the others do without, AGP2108 says so instead, and
AGP3207 where an allow to a family takes away the limits of one to some of its members.

## Example
```agp
tool ledger { action post(amount: number) }

grant small {
    to bot
    for pay
    allow ledger.post as petty when args.amount <= 100      # AGP2101
    allow ledger.post as small when args.amount <= 500
}
```

## What to do
Remove the allow that is covered, or say in the other one what was meant to be left out:

```agp
tool ledger { action post(amount: number) }

grant small {
    to bot
    for pay
    allow ledger.post as small when args.amount <= 500
}
```

## How to silence it
`# agpc: allow AGP2101 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.coverage import (
    CoveredRule,
    covered,
    describe,
    permitted,
)
from ..privilege.swallowed import swallowing
from .bypassed import pointless


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an allow that others cover, and allows that mean the same once."""
    is_first = inquiry.world.twins.is_first(allow)
    if not is_first or next(inquiry.world.near.each_allow(allow), None) is None:
        return
    what = f"other allows cover allow `{allow.id}`"
    found = inquiry.ask(what, allow, _covered, inquiry, allow)
    if found is not None:
        yield describe(found, "allow", "AGP2101")


def _covered(inquiry: Inquiry, allow: ir.Allow) -> CoveredRule[ir.Allow] | None:
    world = inquiry.world
    found = covered(
        world,
        allow,
        world.near.each_allow,
        lambda each: permitted(world, each),
        world.avoid.permit,
        may_replace,
    )
    if found is None or (allow.requirements and pointless(inquiry, allow)):
        return None  # AGP2108 says more
    if len(found.equals) == 1 and swallowing(inquiry, allow) is not None:
        return None  # AGP3207 says more
    return found


def may_replace(other: ir.Allow, allow: ir.Allow) -> bool:
    """Whether all that comes with what one allow permits comes with another as well."""
    return set(allow.obligations) <= set(other.obligations) and (
        allow.credential is None
        or (
            other.credential is not None
            and other.credential.ttl <= allow.credential.ttl
            and other.credential.renew <= allow.credential.renew
        )
    )
