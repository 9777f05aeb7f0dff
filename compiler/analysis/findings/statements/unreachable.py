"""Something asserted to be possible that is not

## What it means
The policy says of itself `assert … can …`, and no request that fits is permitted: no allow covers it, or
forbids always meet it. This is proved, not sampled.

## Example
```agp
tool ledger { action read, post }

grant look {
    to bot
    for pay
    allow ledger.read
}

assert bot can ledger.post for pay          # AGP3102
```

## What to do
Grant what is meant to be possible, or take the assertion out:

```agp
tool ledger { action read, post }

grant look {
    to bot
    for pay
    allow ledger.read, ledger.post
}

assert bot can ledger.post for pay
```

## How to silence it
An error is not silenced: take the assertion out if it is not what you mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic, Label
from ...first_starts import OPEN
from ...inquiry import Inquiry
from ...records import ASSUMED, assumes_facts
from ...statements import stated
from .asserted import fitting_once, near, started


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each `assert … can` that no permitted request meets."""
    for assertion in inquiry.policy.assertions:
        if not assertion.possible:
            continue
        allows = list(near(inquiry.world, assertion))
        with stated(inquiry, assertion) as statement:
            found = [(each, fitting_once(statement, assertion, each)) for each in allows]
            ways = [(allow, request) for allow, request in found if request is not None]
            if any(not assumes_facts(inquiry.policy, request) for _, request in ways):
                continue  # one way is enough, whatever the others are
            starts = list(started(inquiry.world, assertion))
            if any(isinstance(each.found, dict) for each in starts):
                continue
            for start in starts:
                if start.found == "open":
                    statement.leave_open(start.rule, OPEN)
            for allow, _ in ways:
                statement.leave_open(allow, ASSUMED)
        statement.doubt()
        if not statement.open:
            yield Diagnostic(
                "AGP3102",
                "this is asserted to be possible, and no request that fits is permitted",
                (
                    Label(assertion.span),
                    *(Label(each.span, "never that way") for each in allows[:3]),
                ),
                "grant it, or take the assertion out",
            )
