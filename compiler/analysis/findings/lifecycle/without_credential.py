"""A grant without credential terms

## What it means
The grant has no `credential ttl`. What it allows can be used, but no credential is issued for it, so
there is no lease that a change of mind could end: the agent works with whatever credential it has
anyway, for as long as that lives.

## Example
```agp
context { confidence: number }
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read                       # AGP4102
    revoke when context.confidence < 0.8
    valid until 2027-06-30
}
```

## What to do
Say how long a credential for it may live:

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

Where an enforcement point asks for every single call and issues no credentials at all, the code can be
ignored for the project: `ignore = ["AGP4102"]` in `agpc.toml`.

## How to silence it
`# agpc: allow AGP4102 -- REASON` on the line of the allow, or above the grant.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic
from ...grants import Grant
from ...inquiry import Inquiry


def about_grant(_: Inquiry, grant: Grant) -> Iterator[Diagnostic]:
    """Report a grant that says nothing of credentials."""
    if grant.first.credential is None:
        yield grant.finding(
            "AGP4102",
            f"grant `{grant.name}` has no `credential ttl`",
            "permitted with no lease that could end",
            "say how long a credential may live: `credential ttl 15m`",
            clause="credential ttl 15m",
        )
