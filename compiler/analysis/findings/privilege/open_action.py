"""An open action that nothing closes

## What it means
The action ends in `...` and takes arguments that nobody declared. The allow permits a call with any of them: no condition
closes it, and nobody approves the call.

## Example
```agp
tool shell { write action run(cmd: string, ...) }

grant running {
    to bot
    for pay
    allow shell.run when args.cmd in ["ls", "pwd"]             # AGP3212
}
```

## What to do
Say which arguments a call may have, or let a person approve it:

```agp
tool shell { write action run(cmd: string, ...) }

grant running {
    to bot
    for pay
    allow shell.run when args.cmd in ["ls", "pwd"] and has only args.cmd
}
```

## How to silence it
`# agpc: allow AGP3212 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, at
from ...inquiry import Inquiry


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an allow of an open action that neither a condition closes nor a person approves."""
    policy = inquiry.policy
    for capability in sorted(policy.expand(allow.capabilities)):
        if not policy.declared_actions[capability].is_open:
            continue
        from ...exposure import REST, how_bound, is_seen  # which few policies need

        if not is_seen(allow) and how_bound(policy, allow, (ir.EACH,)) != "bound":
            yield at(
                "AGP3212",
                allow.span,
                f"allow `{allow.id}` permits `{capability}` with arguments that nobody declared",
                label=f"`{REST}` takes any others",
                help="name those that a call may have, as in `has only args.a, args.b`, or ask for an approval",
            )
