"""A grant that never ends

## What it means
The grant has no `valid until`, so it holds until somebody remembers to take it out. Credentials that
end soon do not help: each one that ends is followed by the next. Access that nobody has to ask for
again is *standing access*, and outlives the reason for which it was given.

## Example
```agp
context { confidence: number }
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read                       # AGP4101
    credential ttl 15m
    revoke when context.confidence < 0.8
}
```

## What to do
Say how long the reason lasts. When the day comes, somebody looks at the grant and renews it, or does
not:

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
`# agpc: allow AGP4101 -- REASON` on the line of the allow, or above the grant.
"""

from __future__ import annotations

from collections.abc import Iterator

from .....runtime.time_text import format_time
from .....runtime.values import NANOSECONDS
from ....report.diagnostics import Diagnostic
from ...grants import Grant
from ...inquiry import Inquiry


def about_grant(inquiry: Inquiry, grant: Grant) -> Iterator[Diagnostic]:
    """Report a grant whose validity has no end."""
    if grant.end is None:
        yield grant.finding(
            "AGP4101",
            f"grant `{grant.name}` never ends",
            "permitted for good",
            "say until when: `valid until 2027-06-30`",
            clause=None
            if inquiry.at is None or grant.first.validity is not None
            else f"valid until {_in_a_quarter(inquiry.at)}",
        )


QUARTER = 91  # days


def _in_a_quarter(at: int) -> str:
    """The day a quarter from a time: soon enough to be asked again, and for somebody to change."""
    return format_time(at + QUARTER * 86_400 * NANOSECONDS)[:10]
