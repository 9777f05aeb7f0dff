"""A limit below one call

## What it means
An allow asks of a meter that it be less than one, and the call at hand counts itself: `mails` is the value as if this
call went ahead, so it is one at least, and nothing is ever permitted. `mails <= 1` permits the first call, and
`mails.before` is without the call at hand.

## Example
```agp
tool mail { send action send(to: string) }
meter mails = count of mail.send per task

grant answer {
    to bot
    for pay
    allow mail.send when mails < 1          # AGP2201
}
```

## What to do
Say how many calls pass, this one included:

```agp
tool mail { send action send(to: string) }
meter mails = count of mail.send per task

grant answer {
    to bot
    for pay
    allow mail.send when mails <= 1
}
```

A meter that has a `when` may leave the call at hand out, and nothing is said of it.

## How to silence it
`# agpc: allow AGP2201 -- REASON` on the line of the comparison or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.definite import HOLDS, comparison
from ....ir.walk import Leaf
from ....report.diagnostics import Diagnostic, Label
from ...demands import demands, meter_read
from ...inquiry import Inquiry
from ...wording import shown


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each comparison of an allow that every call it names fails by counting itself."""
    policy = inquiry.policy
    if not policy.meters:
        return
    for allow in policy.allows:
        for leaf, wanted in demands(allow):
            meter = below_one(policy, allow, leaf, wanted)
            if meter is not None:
                yield Diagnostic(
                    "AGP2201",
                    f"`{shown(leaf)}` permits no call, since each counts itself in `{meter.name}`",
                    (Label(leaf.span or allow.span, "less than one"),),
                    f"say how many calls pass, as in `{_short(meter)} <= 1`, or read `{_short(meter)}.before`",
                )


def below_one(policy: ir.Policy, allow: ir.Allow, leaf: Leaf, wanted: bool) -> ir.Meter | None:
    """The meter that a comparison wants to be less than one of calls that all count in it."""
    if not isinstance(leaf, ir.Compare):
        return None
    left, sign, right = comparison(leaf, wanted)
    read = meter_read(policy, left)
    if read is None or not isinstance(right, ir.Constant):
        return None
    meter, reading = read
    counts = (
        reading == "with"
        and meter.aggregate == "count"
        and meter.condition is None
        and all(each.recorded == each.called for each in meter.keys)
        and set(policy.expand(allow.capabilities)) <= set(meter.capabilities)
    )
    if not counts:
        return None
    value = float(right.value)
    can_be = HOLDS[sign](1, value) or sign in (">", ">=", "!=") or (sign == "==" and value >= 1)
    return None if can_be else meter


def _short(meter: ir.Meter) -> str:
    return meter.name.rpartition(".")[2]
