"""A forbid that may ask people without end

## What it means
The forbid is lifted by a person's yes, and nothing ends the questions: an agent that is steered asks again and again, each
time a little differently, until somebody who is tired says yes. No meter of what was `asked` closes the allows of the
call, and no other forbid does.

It is looked for only where a project asks for it (`select = ["AGP4304"]`), as the same of an allow is (AGP4303).

## Example
```agp
tool ledger { action void }

grant voids {
    to bot
    for pay
    allow ledger.void
}

forbid final {                                              # AGP4304
    deny    ledger.void
    unless  approval by "role:controller" within 1h
    because "A void cannot be undone."
}
```

## What to do
Count the questions, and let another forbid, which nobody lifts, end them:

```agp
tool ledger { action void }
meter questions = count of asked ledger.void per task

grant voids {
    to bot
    for pay
    allow ledger.void
}

forbid final {
    deny    ledger.void
    unless  approval by "role:controller" within 1h
    because "A void cannot be undone."
}

forbid enough {
    deny    ledger.void
    when    questions.before >= 3
    because "That was asked often enough."
}
```

## How to silence it
`# agpc: allow AGP4304 -- REASON` on the first line of the forbid or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic
from ...inquiry import Inquiry
from ...unbounded import asking


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each forbid that may ask people without end."""
    return asking(inquiry.policy, inquiry.policy.forbids, "AGP4304")
