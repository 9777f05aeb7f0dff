"""A credential that lives too long

## What it means
A credential that is issued under this grant lives longer than the limit of the project, which is 12
hours if `agpc.toml` says nothing. Until it ends, it works wherever nobody asks the policy again.
Renewals do not count, since each is decided anew.

## Example
```agp
context { confidence: number }
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read                       # AGP4103
    credential ttl 7d
    revoke when context.confidence < 0.8
    valid until 2027-06-30
}
```

## What to do
Give it minutes, and let it be renewed as often as the task needs:

```agp
context { confidence: number }
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
    credential ttl 15m renew 20
    revoke when context.confidence < 0.8
    valid until 2027-06-30
}
```

The limit is `max-ttl` of `limits` in `agpc.toml`: `limits = { max-ttl = "1h" }`.

## How to silence it
`# agpc: allow AGP4103 -- REASON` on the line of the allow, or above the grant.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir.printing.conditions import duration_text
from ....report.diagnostics import Diagnostic
from ...grants import Grant
from ...inquiry import Inquiry


def about_grant(inquiry: Inquiry, grant: Grant) -> Iterator[Diagnostic]:
    """Report a grant whose credentials live longer than the limit."""
    limit, credential = inquiry.limits.max_ttl, grant.first.credential
    if credential is not None and credential.ttl > limit:
        yield grant.finding(
            "AGP4103",
            f"credentials of grant `{grant.name}` live for {duration_text(credential.ttl)}",
            "permitted here",
            f"the limit is {duration_text(limit)}: give them less, and let them be renewed",
        )
