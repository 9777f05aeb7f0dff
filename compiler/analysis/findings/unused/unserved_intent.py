"""An intent that no grant serves

## What it means
No grant stands for this intent, so a task that declares it can do nothing. Either the grant was
forgotten, or was taken out and the intent stayed behind, where the next grant `for any intent` opens
it again.

## Example
```agp
intent close_month "Close the books"        # AGP4401
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
}
```

## What to do
Write the grant, or take the intent out:

```agp
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
}
```

## How to silence it
`# agpc: allow AGP4401 -- REASON` on the line of the intent or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each intent for which nothing is allowed."""
    policy = inquiry.policy
    served: set[str] = set()
    for allow in policy.allows:
        if allow.intents is ir.DECLARED:
            return
        served.update(allow.intents)
    for intent in policy.intents:
        if intent.name not in served:
            yield Diagnostic(
                "AGP4401",
                f"no grant serves intent `{intent.name}`",
                (Label(intent.span),),
                "write a grant for it, or take it out",
            )
