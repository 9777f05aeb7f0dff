"""A condition that a larger count opens

## What it means
A rule opens as soon as a meter is large enough. An agent makes a meter larger by making calls, and a record that is
replayed or counted twice opens it too: history is there to close, and a count that opens is one that the agent can reach
by itself. That there was *some* call before, `after …` or `… .before > 0`, is not reported.

## Example
```agp
tool shop { read action look write action pay }
meter looks = count of shop.look per task

grant buy {
    to bot
    for pay
    allow shop.look
    allow shop.pay when looks.before >= 3   # AGP2206
}
```

## What to do
Ask for what has to have happened, and let limits be upper bounds:

```agp
tool shop { read action look write action pay }
meter pays = count of shop.pay per task

grant buy {
    to bot
    for pay
    allow shop.look
    allow shop.pay when after shop.look and pays <= 3
}
```

## How to silence it
`# agpc: allow AGP2206 -- REASON` on the line of the comparison or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.definite import MIRRORED, comparison
from ....ir.walk import Leaf
from ....report.diagnostics import Diagnostic, Label
from ...demands import demands, meter_read
from ...inquiry import Inquiry
from ...wording import shown

COUNTS = ("count", "sum", "sum size", "distinct")


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each comparison that a larger meter makes open something."""
    policy = inquiry.policy
    if not policy.meters:
        return
    for rule in policy.rules:
        for leaf, wanted in dict.fromkeys(demands(rule)):
            meter = opened_by(policy, leaf, wanted)
            if meter is not None:
                yield Diagnostic(
                    "AGP2206",
                    f"the larger `{meter.name}` is, the more `{rule.id}` opens",
                    (Label(leaf.span or rule.span, f"`{shown(leaf)}` is opened by more calls"),),
                    "write limits as upper bounds, and `after …` for what has to have happened",
                )


def opened_by(policy: ir.Policy, leaf: Leaf, wanted: bool) -> ir.Meter | None:
    """The meter that opens a test when it is larger; None where one call before is all that is asked."""
    if not isinstance(leaf, ir.Compare):
        return None
    left, sign, right = comparison(leaf, wanted)
    read = meter_read(policy, left)
    if read is None:
        left, sign, right = right, MIRRORED[sign], left
        read = meter_read(policy, left)
    if read is None or sign not in (">", ">=") or read[0].aggregate not in COUNTS:
        return None
    if meter_read(policy, right) is not None:  # of two meters it is not known which one grows
        return None
    least = right.value if isinstance(right, ir.Constant) else None
    return None if (sign, least) in ((">", 0), (">=", 1), (">=", 0)) else read[0]
