"""A grant that ends years from now

## What it means
The grant has a `valid until`, but the day is further away than the limit of the project, which is two
years if `agpc.toml` says nothing. An end that nobody in the team will see is none: the grant is standing
access, and nobody is asked for it again.

The distance is that from the day of `agpc check --at DATE`, which is today if nothing is said.

## Example
```agp
context { confidence: number }
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read                       # AGP4106
    credential ttl 15m
    revoke when context.confidence < 0.8
    valid until 2199-12-31
}
```

## What to do
Say how long the reason lasts, and renew the grant when the day comes:

```agp
context { confidence: number }
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
    credential ttl 15m
    revoke when context.confidence < 0.8
    valid until 2027-06-30
}
```

The limit is `max-validity` of `limits` in `agpc.toml`: `limits = { max-validity = "180d" }`.

## How to silence it
`# agpc: allow AGP4106 -- REASON` on the line of the allow, or above the grant.
"""

from __future__ import annotations

from collections.abc import Iterator

from .....runtime.values import NANOSECONDS, read_time
from ....ir.printing.conditions import duration_text
from ....report.diagnostics import Diagnostic
from ...grants import Grant
from ...inquiry import Inquiry


def about_grant(inquiry: Inquiry, grant: Grant) -> Iterator[Diagnostic]:
    """Report a grant that ends later than the limit, from the time of the inquiry."""
    end, limit = read_time(grant.end), inquiry.limits.max_validity
    if end is not None and inquiry.at is not None and end - inquiry.at > limit * NANOSECONDS:
        yield grant.finding(
            "AGP4106",
            f"grant `{grant.name}` ends at {grant.end}, which is far from now",
            "permitted until then",
            f"the limit is {duration_text(limit)}: say a nearer end, and renew the grant then",
        )
