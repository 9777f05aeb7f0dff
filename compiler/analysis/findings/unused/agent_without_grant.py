"""An agent without a grant

## What it means
No grant names this agent, nor a family that it belongs to, nor `any agent`. It is declared and can do
nothing. Either its grant was forgotten, or was taken out and the agent stayed behind. A family is not
reported: it may be there for a `forbid` or an `isolate`.

## Example
```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
agent bot     = "spiffe://acme.example/bot"
agent old_bot = "spiffe://acme.example/old-bot"     # AGP4402
intent pay "Pay"
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
}
```

## What to do
Write the grant, or take the agent out:

```agp
tool ledger { action read }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
}
```

## How to silence it
`# agpc: allow AGP4402 -- REASON` on the line of the agent or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each agent that nothing is allowed to."""
    world, granted = inquiry.world, 0
    for allow in inquiry.policy.allows:
        granted |= world.rules.scope(allow).agents
    for agent in inquiry.policy.agents:
        if not world.names.agents_of((agent.name,)) & granted:
            yield Diagnostic(
                "AGP4402",
                f"no grant names agent `{agent.name}`",
                (Label(agent.span),),
                "write a grant to it, or take it out",
            )
