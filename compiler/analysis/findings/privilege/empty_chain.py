"""A `delegate` whose chain permits nothing

## What it means
A call of a chain is decided for every agent in it, and the strictest answer holds. Here the one side is permitted
nothing that the other side is permitted, so that every call of the chain is denied or waits for ever.

## Example
```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
agent  clerk   = "spiffe://acme.example/clerk"
agent  reader  = "spiffe://acme.example/reader"
intent inquire "Answer"
intent look_up "Look up"
tool ledger { action read, post }

grant clerical {
    to clerk
    for inquire
    allow ledger.post
}

grant reading {
    to reader
    for look_up
    allow ledger.read
}

delegate clerk for inquire to reader for look_up    # AGP3208
```

## What to do
Grant the delegator what it is to hand on, or take the `delegate` out:

```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
agent  clerk   = "spiffe://acme.example/clerk"
agent  reader  = "spiffe://acme.example/reader"
intent inquire "Answer"
intent look_up "Look up"
tool ledger { action read, post }

grant clerical {
    to clerk
    for inquire
    allow ledger.read, ledger.post
}

grant reading {
    to reader
    for look_up
    allow ledger.read
}

delegate clerk for inquire to reader for look_up
```

## How to silence it
`# agpc: allow AGP3208 -- REASON` on the line of the `delegate` or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic, Label
from ...chains import allows_of, passed_on, side
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each `delegate` of which no allow of the delegate leaves anything."""
    world = inquiry.world
    if not inquiry.policy.delegations:
        return
    from ....ir.printing.rules import constraint_text  # which few policies need

    for each in inquiry.policy.delegations:
        below = side(world, each.delegate, each.delegate_intent)
        some = inquiry.ask(
            f"`{constraint_text(each)}` permits something",
            None,
            lambda each, below: any(passed_on(world, each, a) for a in allows_of(world, below)),
            each,
            below,
        )
        if some is False:
            yield Diagnostic(
                "AGP3208",
                "the chain of this `delegate` permits nothing",
                (Label(each.span),),
                "grant both sides what is handed on, or take it out",
            )
