"""An effect of which nothing binds an argument

## What it means
The allow permits a call that writes, sends or destroys, and no condition reads an argument of it: whoever steers the
agent, with a page that it reads or a mail, chooses that argument freely. Nobody approves the call. `agpc exposure` lists
all such arguments, and those that are bound in part. What an open action takes beside them
is what AGP3212 is about.

## Example
```agp
tool mail { send action post(to: string, text: string) }

grant posting {
    to bot
    for pay
    allow mail.post when args.to == "team@acme.example"        # AGP3211
}
```

## What to do
Bind what matters: to a constant, to a field of the task, to a set, or to a source; or let a person approve the call.

```agp
tool mail { send action post(to: string, text: string) }

grant posting {
    to bot
    for pay
    allow mail.post
        when args.to == "team@acme.example"
        require approval by "role:lead" within 1h
}
```

## How to silence it
It is off until a project asks for it. `# agpc: allow AGP3211 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, at
from ....text.counted import counted, first_of
from ...exposure import REST, exposed
from ...inquiry import Inquiry

LISTED = 6


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an allow that leaves arguments free, of a call that nobody approves."""
    found = [
        each for each in exposed(inquiry.policy, allow) if each.bound == "free" and not each.is_seen
    ]
    names = list(dict.fromkeys(each.argument for each in found if each.argument != REST))
    if names:
        listed = first_of([f"`{each}`" for each in names], LISTED)
        yield at(
            "AGP3211",
            allow.span,
            f"allow `{allow.id}` leaves {counted(len(names), 'argument')} free",
            label=f"nothing binds {listed}",
            help="whoever steers the agent chooses them: bind them, or let a person approve the call",
        )
