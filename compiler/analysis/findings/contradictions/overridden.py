"""An allow that forbids always meet

## What it means
Whatever this allow would permit is forbidden, by one forbid or by several together. The allow has no
effect: who wrote it thinks that something is possible, and it is not.

## Example
```agp
tool ledger { action void(entry: string) }

grant clean_up {
    to bot
    for pay
    allow ledger.void                       # AGP2103
}

forbid irreversible {
    deny ledger.void
    because "A void cannot be undone."
}
```

## What to do
Remove the allow, or give the forbid an `unless` that it can meet:

```agp
tool ledger { action void(entry: string) }

grant clean_up {
    to bot
    for pay
    allow ledger.void
}

forbid irreversible {
    deny ledger.void
    unless approval by "role:controller" within 15m
    because "A void cannot be undone."
}
```

## How to silence it
`# agpc: allow AGP2103 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.coverage import (
    FEW_MET,
    MOST,
    covers,
    fewest,
    is_empty,
    permitted,
    stands_out,
)
from ...procedure.cubes.cube import Cube
from ...procedure.search.avoid import Avoid
from ...procedure.world import World


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an allow that could permit something if there were no forbids, and cannot."""
    forbids = inquiry.world.near.forbids(allow)
    if not forbids:
        return
    what = f"allow `{allow.id}` is always forbidden"
    avoids = {
        each.id: inquiry.world.avoid.forbid(each) for each in inquiry.world.twins.firsts(forbids)
    }
    if inquiry.ask(what, allow, _is_dead, inquiry.world, allow, list(avoids.values())):
        region = permitted(inquiry.world, allow)
        least = fewest(inquiry.world, region, list(avoids.values()))
        here = [each for each in forbids if each.id in avoids and avoids[each.id] in least]
        yield Diagnostic(
            "AGP2103",
            f"allow `{allow.id}` can never take effect",
            (
                Label(allow.span, "permitted here"),
                *(Label(each.span, "and always forbidden here") for each in here[:MOST]),
            ),
            "remove the allow, or give the forbid an `unless` that it can meet",
            (f"and {len(here) - MOST} more",) if len(here) > MOST else (),
        )


def _is_dead(world: World, allow: ir.Allow, avoids: list[Avoid]) -> bool:
    """Whether the allow permits something by itself, and nothing under the forbids."""
    region = permitted(world, allow)

    def met(cubes: list[Cube]) -> list[Avoid]:
        near = world.near.each_forbid(allow, cubes, FEW_MET)
        return [world.avoid.forbid(each) for each in world.twins.firsts(near)]

    if stands_out(world, region.cubes, met):
        return False
    return covers(world, region, avoids) and not is_empty(world, region)
