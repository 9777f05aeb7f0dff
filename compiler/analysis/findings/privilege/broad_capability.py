"""A grant of every action

## What it means
The allow names no actions: it gives `any`, or all the actions of a resource. It covers what it needs, and
everything else there is, and whatever is declared later. No intent needs that, and nobody sees in review
what it comes to.

Nothing is said of a resource that has one action, nor of forbids, where a wide net is what one wants.

## Example
```agp
tool ledger { action read, post, void }

grant bookkeeping {
    to bot
    for pay
    allow ledger.*                          # AGP3203
}
```

## What to do
Name the actions that the intent needs:

```agp
tool ledger { action read, post, void }

grant bookkeeping {
    to bot
    for pay
    allow ledger.read, ledger.post
}
```

## How to silence it
`# agpc: allow AGP3203 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.identities import grant_of
from ....report.diagnostics import Diagnostic, Label
from ....report.fixes import Edit, Fix
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each allow that gives all capabilities, or all those of a resource."""
    for allow in inquiry.policy.allows:
        for written in allow.capabilities:
            given = _given(inquiry.policy, written)
            if given:
                yield Diagnostic(
                    "AGP3203",
                    f"allow `{allow.id}` gives `{written}`, which is "
                    f"{_count(given)} now and whatever is declared later",
                    (Label(allow.span),),
                    "name the actions that the intent needs",
                    fixes=_named(inquiry.policy, allow, written),
                )


def _given(policy: ir.Policy, written: str) -> int:
    """How many capabilities a wide name stands for; 0 if it is not wide."""
    if written == "any":
        return len(policy.capabilities)
    count = len(policy.expand((written,))) if written.endswith(".*") else 0
    return count if count > 1 else 0


def _count(number: int) -> str:
    return f"{number} capabilit{'y' if number == 1 else 'ies'}"


MOST_NAMED = 40
"""Actions that are written out: a longer list nobody goes through."""


def _named(policy: ir.Policy, allow: ir.Allow, written: str) -> tuple[Fix, ...]:
    """Write the actions of today in the place of a wide name."""
    names = policy.expand((written,))
    if len(names) > MOST_NAMED:
        return ()
    grant = grant_of(policy, allow)
    package = f"{grant.rpartition('.')[0]}."
    listed = ", ".join(each.removeprefix(package) for each in names)
    edit = Edit(allow.span, listed, "word", written.removeprefix(package))
    return (Fix(f"name the actions that there are now: `{listed}`", (edit,)),)
