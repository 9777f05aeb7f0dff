"""A delegate that is granted what the chain always cuts off

## What it means
An agent that others hand tasks to is granted something that none of those who hand them on may do. In a chain it
is denied whatever else holds; the agent has it only where it acts for itself.

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
    allow ledger.read
}

grant reading {
    to reader
    for look_up
    allow ledger.read, ledger.post                  # AGP3209
}

delegate clerk for inquire to reader for look_up
```

## What to do
Take it from the delegate, grant it to who hands the task on, or give the delegate an intent of its own for what
it does for itself:

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
    allow ledger.read
}

grant reading {
    to reader
    for look_up
    allow ledger.read
}

delegate clerk for inquire to reader for look_up
```

## How to silence it
`# agpc: allow AGP3209 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, Label
from ...chains import allows_of, passed_on, side
from ...inquiry import Inquiry
from ...procedure.calls.scope import bits
from ...wording import listed


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each allow to a delegate of which every `delegate` to it cuts off some capability."""
    world = inquiry.world
    sides: dict[tuple[str, str], list[ir.Delegation]] = {}
    for each in inquiry.policy.delegations:
        sides.setdefault((each.delegate, each.delegate_intent), []).append(each)
    for (agent, intent), delegations in sides.items():
        below = side(world, agent, intent)
        for allow in allows_of(world, below):
            passed = inquiry.ask(
                "a chain cuts off what this permits", allow, _passed_on, inquiry, delegations, allow
            )
            if passed is None:
                continue
            lost = (world.rules.scope(allow) & below).capabilities & ~passed
            if lost and _permits_something(inquiry, delegations):
                names = [f"`{world.universe.capabilities[at]}`" for at in bits(lost)]
                yield Diagnostic(
                    "AGP3209",
                    f"`{agent}` for `{intent}` is granted {listed(names)}, which every chain cuts off",
                    (Label(allow.span), *(Label(d.span, "handed on here") for d in delegations)),
                    "take it out, or grant it to who hands the task on",
                )


def _passed_on(inquiry: Inquiry, delegations: list[ir.Delegation], allow: ir.Allow) -> int:
    found = 0
    for each in delegations:
        found |= passed_on(inquiry.world, each, allow)
    return found


def _permits_something(inquiry: Inquiry, delegations: list[ir.Delegation]) -> bool:
    """Whether some chain permits anything; of one that does not that is said already."""
    world = inquiry.world

    def some() -> bool:
        return any(
            passed_on(world, each, allow)
            for each in delegations
            for allow in allows_of(world, side(world, each.delegate, each.delegate_intent))
        )

    return bool(inquiry.ask("a chain permits something", None, some))
