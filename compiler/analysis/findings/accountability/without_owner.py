"""Rules that nobody owns

## What it means
Neither the rule nor its package has an `owner`. Nobody answers for it: nobody reviews it when it ends,
and whoever is denied by it has nobody to ask. A decision of the rule names no owner either.

## Example
```agp
language 2
package finance
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read                       # AGP4201
}
```

## What to do
Name an owner, for the package or for the rule alone:

```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
}
```

It is reported once for each file, at its first rule without an owner.

## How to silence it
`# agpc: allow AGP4201 -- REASON` on the line of the rule that is named.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic
from ....report.fixes import HOLE
from ...grants import once_a_file
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the rules without an owner, once for each file."""
    return once_a_file(
        "AGP4201",
        (rule for rule in inquiry.policy.rules if rule.owner is None),
        "rule `{}` has no owner",
        "nobody answers for this",
        'name one for the package: `owner "team" contact "team@example.org"`',
        line=f'owner "{HOLE}" contact "{HOLE}"',
    )
