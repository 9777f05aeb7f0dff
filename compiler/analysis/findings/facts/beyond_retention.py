"""A window longer than records are kept

## What it means
A meter looks back further than the project keeps its records, as `retention` of `limits` in `agpc.toml` says. Of what is
gone nothing counts, so that a limit over ninety days holds for thirty: the window promises what no monitor can know.

## Example
```agp
tool shop { write action pay(amount: number) }
meter spent = sum args.amount of shop.pay per user within 3650d     # AGP2205

grant buy {
    to bot
    for pay
    allow shop.pay when spent <= 1000
}
```

## What to do
Shorten the window, or keep the records for as long:

```agp
tool shop { write action pay(amount: number) }
meter spent = sum args.amount of shop.pay per user within 30d

grant buy {
    to bot
    for pay
    allow shop.pay when spent <= 1000
}
```

It is looked for only where the project says how long it keeps records: `limits = { retention = "90d" }`.

## How to silence it
`# agpc: allow AGP2205 -- REASON` on the line of the meter or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir.printing.conditions import duration_text
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each meter whose window is longer than records are kept."""
    kept = inquiry.limits.retention
    if kept is None:
        return
    for meter in inquiry.policy.meters:
        if meter.within is not None and meter.within > kept:
            yield Diagnostic(
                "AGP2205",
                f"`{meter.name}` looks back {duration_text(meter.within)}, and records are kept for "
                f"{duration_text(kept)}",
                (Label(meter.span, "looks back further than there are records"),),
                "shorten the window, or keep records for as long",
            )
