"""Rules that give evidence for no control

## What it means
Neither the rule nor its package names a control of a standard in `controls`. Nobody who has to show
that a control is met finds the rule, and nobody who changes the rule learns that a control depends
on it. It is looked for only where `select` of `agpc.toml` asks for it.

## Example
```agp
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read                       # AGP4202
}
```

## What to do
Name the controls that the package or the rule gives evidence for:

```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
controls owasp-agentic-2026:ASI03
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
}
```

It is reported once for each file, at its first rule without a control.

## How to silence it
`# agpc: allow AGP4202 -- REASON` on the line of the rule that is named.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic
from ....report.fixes import HOLE
from ...grants import once_a_file
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the rules without a control, once for each file."""
    return once_a_file(
        "AGP4202",
        (rule for rule in inquiry.policy.rules if not rule.controls),
        "rule `{}` gives evidence for no control",
        "evidence for nothing",
        "name controls for the package: `controls owasp-agentic-2026:ASI03`",
        line=f"controls {HOLE}",
    )
