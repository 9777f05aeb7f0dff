"""A grant that is over

## What it means
The grant was valid until a day that has passed, so it permits nothing any more. Whoever reads it takes
it for something that holds, and one new date makes all of it hold again, unread.

It is asked for the day of `agpc check --at DATE`, which is today if nothing is said.

## Example
```agp
context { confidence: number }
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read                       # AGP4105
    credential ttl 15m
    revoke when context.confidence < 0.8
    valid until 2020-01-01
}
```

## What to do
Remove the grant. Where the access is still needed, read what it permits, and say until when:

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

## How to silence it
`# agpc: allow AGP4105 -- REASON` on the line of the allow, or above the grant.
"""

from __future__ import annotations

from collections.abc import Iterator

from .....runtime.values import read_time
from ....report.diagnostics import Diagnostic
from ...grants import Grant
from ...inquiry import Inquiry


def about_grant(inquiry: Inquiry, grant: Grant) -> Iterator[Diagnostic]:
    """Report a grant whose validity has ended at the time of the inquiry."""
    end = read_time(grant.end)
    if end is not None and inquiry.at is not None and end <= inquiry.at:
        yield grant.finding(
            "AGP4105",
            f"grant `{grant.name}` ended at {grant.end}",
            "permitted no more",
            "remove the grant, or read it and say until when it holds now",
        )
