"""Actions that no rule mentions

## What it means
A tool, an API or a dataset has actions that no grant allows and no forbid denies, by name, by `.*` or by
`any`. They are denied by default, which is often what is meant: the tool list of a server has more
tools than an agent needs. So it is looked for only where `select` of `agpc.toml` asks for it, as one
does to see whether a new tool was thought of.

## Example
```agp
tool ledger { action read, void }           # AGP4501

grant read_ledger {
    to bot
    for pay
    allow ledger.read
}
```

## What to do
Say what becomes of each, or leave out what nobody may call:

```agp
tool ledger { action read, void }

grant read_ledger {
    to bot
    for pay
    allow ledger.read
}

forbid voids {
    deny ledger.void
    because "A void cannot be undone."
}
```

It is reported once for each tool, at the first action that no rule mentions.

## How to silence it
`# agpc: allow AGP4501 -- REASON` on the line of that action, or above the tool.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir.starts import KIND
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the actions of each resource that are in the scope of no rule."""
    policy = inquiry.policy
    written = {name for rule in policy.rules for name in rule.capabilities}
    mentioned = set(policy.expand(tuple(written)))
    for resource in policy.resources:
        if resource.kind == KIND:
            continue  # whose start is open to whom the grants for it name
        unmentioned = [
            action
            for action in sorted(resource.actions, key=lambda each: each.span)
            if f"{resource.name}.{action.name}" not in mentioned
        ]
        if unmentioned:
            names = ", ".join(f"`{action.name}`" for action in unmentioned)
            yield Diagnostic(
                "AGP4501",
                f"no rule mentions {names} of {resource.kind} `{resource.name}`",
                (Label(unmentioned[0].span),),
                "allow or forbid what is meant to be, or take it out",
            )
