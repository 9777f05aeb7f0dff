"""A grant for any intent

## What it means
The grant is `for any intent`: the access does not depend on what the task is for. An agent that was led
away from its task keeps it, as long as it declares some intent or other, and intents that are declared
later get it too.

## Example
```agp
intent close "Close the books"
tool ledger { action post }

grant posting {
    to bot
    for any intent
    allow ledger.post                       # AGP3206
}
```

## What to do
Name the intents that need it:

```agp
intent close "Close the books"
tool ledger { action post }

grant posting {
    to bot
    for pay, close
    allow ledger.post
}
```

## How to silence it
`# agpc: allow AGP3206 -- REASON` on the line of the grant's first allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic
from ...grants import Grant
from ...inquiry import Inquiry


def about_grant(_: Inquiry, grant: Grant) -> Iterator[Diagnostic]:
    """Report a grant that is for any intent."""
    if grant.first.intents is ir.DECLARED:
        yield grant.finding(
            "AGP3206",
            f"grant `{grant.name}` is for any intent",
            "permitted whatever the task is for",
            "name the intents that need it",
        )
