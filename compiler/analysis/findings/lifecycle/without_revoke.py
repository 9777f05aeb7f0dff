"""A grant that nothing revokes

## What it means
The grant has no `revoke when`. A lease under it ends with its task, its term or its validity, and
nothing that is seen of the agent in between can end it: no low confidence, no suspected injection, no
alarm.

## Example
```agp
context { confidence: number }
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read                       # AGP4104
    credential ttl 15m
    valid until 2027-06-30
}
```

## What to do
Say which signal ends the access before its time:

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
`# agpc: allow AGP4104 -- REASON` on the line of the allow, or above the grant.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic
from ...grants import Grant
from ...inquiry import Inquiry


def about_grant(_: Inquiry, grant: Grant) -> Iterator[Diagnostic]:
    """Report a grant without a revoke condition."""
    if not grant.first.revoke:
        yield grant.finding(
            "AGP4104",
            f"grant `{grant.name}` has no `revoke when`",
            "permitted whatever is seen of the agent",
            "say what takes it back: `revoke when context.confidence < 0.8`",
        )
