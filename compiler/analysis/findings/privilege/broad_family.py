"""A grant to everybody below a path, or to any agent

## What it means
The allow is `to any agent`, or to a family with a pattern that ends in `**`. That is every workload that
gets such an identity, today or later, whoever deploys it. Being able to start a workload there is then
enough to get the access.

## Example
```agp
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
from ....report.diagnostics import Diagnostic, Label
from ...grants import Grant
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each grant to any agent, and each to a family that is open below some path."""
    policy = inquiry.policy
    open_families = {
        each.name: each for each in policy.families if any(map(_is_open, each.patterns))
    }
    for grant in inquiry.grants:
        agents = grant.first.agents
        if agents is None:
            yield Diagnostic(
                "AGP3204",
                f"grant `{grant.name}` is to any agent",
                grant.labels("any agent may do this"),
                "name the agents that need it",
            )
            continue
        for name in agents:
            if name in open_families:
                yield _open(grant, open_families[name])


def _is_open(pattern: str) -> bool:
    return pattern.endswith("/**")


def _open(grant: Grant, family: ir.Family) -> Diagnostic:
    pattern = next(filter(_is_open, family.patterns))
    return Diagnostic(
        "AGP3204",
        f"grant `{grant.name}` is to everybody below a path, by `{pattern}` of family "
        f"`{family.name}`",
        (*grant.labels("permitted here"), Label(family.span, "the family")),
        "name the agents, or the path down to its last segment",
    )
