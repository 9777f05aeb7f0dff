"""A forbid that does not say why

## What it means
The forbid has no `because`. Whoever is denied by it, and whoever finds it in two years, has to guess
what it is for, and a rule that nobody understands is taken out by the first who is in its way. The
reason is also part of every answer that the forbid decides.

## Example
```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
tool ledger { action void }

forbid voids {                              # AGP4301
    deny ledger.void
}
```

## What to do
```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
tool ledger { action void }

forbid voids {
    deny ledger.void
    because "A void cannot be undone."
}
```

## How to silence it
`# agpc: allow AGP4301 -- REASON` on the first line of the forbid or above it. But then the reason had
better be a `because`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic, Label
from ....report.fixes import HOLE, Edit, Fix
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each forbid without a reason."""
    for forbid in inquiry.policy.forbids:
        if not forbid.because:
            yield Diagnostic(
                "AGP4301",
                f"forbid `{forbid.id}` does not say why",
                (Label(forbid.span, "denied without a reason"),),
                'give whoever is denied a reason: `because "…"`',
                fixes=(
                    Fix(
                        'say why: `because "…"`',
                        (Edit(forbid.span, f'because "{HOLE}"', "last line in"),),
                    ),
                ),
            )
