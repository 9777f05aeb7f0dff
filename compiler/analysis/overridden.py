"""An allow that forbids always meet

## What it means
Whatever this allow would permit is forbidden, by one forbid or by several together. The allow has no
effect: who wrote it thinks that something is possible, and it is not.

## Example
```agp
package finance
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
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
package finance
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
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

from .. import ir
from ..diagnostics import Diagnostic, Label
from .finding import Inquiry
from .possible import surely_possible


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an allow that could permit something if there were no forbids, and cannot."""
    forbids = inquiry.world.forbids_near(allow)
    if not forbids:
        return
    what = f"allow `{allow.id}` is always forbidden"
    if inquiry.ask(what, allow, _is_dead, inquiry, allow, forbids):
        least = _fewest(inquiry, allow, forbids)
        yield Diagnostic(
            "AGP2103",
            f"allow `{allow.id}` can never take effect",
            (
                Label(allow.span, "permitted here"),
                *(Label(each.span, "and always forbidden here") for each in least),
            ),
            "remove the allow, or give the forbid an `unless` that it can meet",
        )


def _is_dead(inquiry: Inquiry, allow: ir.Allow, forbids: list[ir.Forbid]) -> bool:
    """Whether the allow permits something by itself, and nothing under the forbids."""
    world = inquiry.world
    if surely_possible(world.permits(allow), [world.avoid_forbid(each) for each in forbids]):
        return False
    if world.permitted_by(allow, forbids) is not None:
        return False
    return world.permitted_by(allow, []) is not None


def _fewest(inquiry: Inquiry, allow: ir.Allow, forbids: list[ir.Forbid]) -> list[ir.Forbid]:
    """A set of forbids that explains it, of which none can be left out."""
    kept = list(forbids)
    for each in forbids:
        fewer = [other for other in kept if other is not each]
        if fewer and inquiry.world.permitted_by(allow, fewer) is None:
            kept = fewer
    return kept
