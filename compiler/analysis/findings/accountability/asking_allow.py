"""An allow that may ask people without end

## What it means
The allow asks for a person's yes, and nothing ends the questions: an agent that is steered asks again and again, each
time a little differently, until somebody who is tired says yes. No meter of what was `asked` closes the allow, and no
forbid does.

It is looked for only where a project asks for it (`select = ["AGP4303"]`), since most policies that ask people have
no such limit, and where few agents ask rarely none is needed.

## Example
```agp
tool ledger { action void }

grant voids {
    to bot
    for pay
    allow ledger.void
        require approval by "role:controller" within 1h     # AGP4303
}
```

## What to do
Count the questions, and let them end:

```agp
tool ledger { action void }
meter questions = count of asked ledger.void per task

grant voids {
    to bot
    for pay
    allow ledger.void
        require approval by "role:controller" within 1h
    revoke when questions.before >= 3
}
```

A `forbid` with `when questions.before >= 3` does it for all grants at once.

## How to silence it
`# agpc: allow AGP4303 -- REASON` on the first line of the allow, or above it or its grant.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic
from ...inquiry import Inquiry
from ...unbounded import asking


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each allow that may ask people without end."""
    return asking(inquiry.policy, inquiry.policy.allows, "AGP4303")
