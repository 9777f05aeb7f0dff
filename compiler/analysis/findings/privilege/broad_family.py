"""A grant to everybody below a path, or to any agent

## What it means
The allow is `to any agent`, or to a family with a pattern that ends in `**`. That is every workload that
gets such an identity, today or later, whoever deploys it. Being able to start a workload there is then
enough to get the access.

## Example
```agp
language 2
package finance
agents bots = "spiffe://acme.example/ns/finance/**"
intent pay "Pay"
tool ledger { action post }

grant posting {
    to bots
    for pay
    allow ledger.post                       # AGP3204
}
```

## What to do
Name the agents, or the path down to its last segment:

```agp
language 2
package finance
agents bots = "spiffe://acme.example/ns/finance/sa/*"
intent pay "Pay"
tool ledger { action post }

grant posting {
    to bots
    for pay
    allow ledger.post
}
```

## How to silence it
`# agpc: allow AGP3204 -- REASON` on the line of the grant's first allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.spiffe import parted
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each grant to any agent, and each to a family that is open below some path."""
    is_open = {
        family.name: (family, pattern)
        for family in inquiry.policy.families
        for pattern in reversed(family.patterns)  # the first that is open stays
        if parted(pattern)[0].endswith("/**")
    }
    for grant in inquiry.grants:
        agents = grant.first.agents
        if agents is ir.DECLARED:
            yield grant.finding(
                "AGP3204",
                f"grant `{grant.name}` is to any agent",
                "any agent may do this",
                "name the agents that need it",
            )
        for family, pattern in (
            is_open[name] for name in ir.named(agents) or () if name in is_open
        ):
            yield grant.finding(
                "AGP3204",
                f"grant `{grant.name}` is to everybody below a path, by `{pattern}` of family "
                f"`{family.name}`",
                "permitted here",
                "name the agents, or the path down to its last segment",
                Label(family.span, "the family"),
            )
