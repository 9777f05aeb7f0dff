"""A text that leaves, and that nothing reads

## What it means
The policy says where values come from, and permits a call that sends a text of which no condition reads anything. Whoever
steers the agent writes it: a link in it goes wherever they like, with whatever the agent has read. To whom it is sent is
vouched for, and what is sent is not.

## Example
```agp
tool mail { send action send(to: string, body: string) }
source vouched = said, task

grant answer {
    to bot
    for pay
    allow mail.send when args.to from vouched       # AGP2210
}
```

## What to do
Ask where the links in it come from, take the text from a set, or let a person see the call:

```agp
tool mail { send action send(to: string, body: string) }
source vouched = said, task

grant answer {
    to bot
    for pay
    allow mail.send when args.to from vouched and links args.body from vouched
}
```

It is looked for in policies that have sources, of actions marked `send`, and not where a person sees each call. A forbid
that reads the text is enough. Links are hygiene: a text can say *evil dot com*, and a secret needs no link.

## How to silence it
`# agpc: allow AGP2210 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.walk import attributes, conditions_of_rule
from ....report.diagnostics import Diagnostic, at
from ....text.counted import first_of
from ...exposure import Exposure, exposed, is_about, is_seen
from ...inquiry import Inquiry

LISTED = 6
TEXTS = (ir.STRING, ir.JSON, ir.URL)


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an allow that lets texts leave which neither it nor a forbid reads, and nobody sees."""
    policy = inquiry.policy
    if not policy.sources or is_seen(allow):
        return
    found = dict.fromkeys(
        f"`{each.argument}`" for each in exposed(policy, allow) if _leaves_unread(policy, each)
    )
    if found:
        yield at(
            "AGP2210",
            allow.span,
            f"`{allow.id}` lets {first_of(list(found), LISTED)} leave, and no condition reads it",
            label="whoever steers the agent writes it",
            help="ask where its links come from, as in `links args.body from …`, or let a person confirm the call",
        )


def _leaves_unread(policy: ir.Policy, argument: Exposure) -> bool:
    return (
        argument.bound == "free"
        and argument.type in TEXTS
        and "send" in policy.declared_actions[argument.capability].kinds
        and not any(
            is_about(attribute, argument.path)
            for forbid in policy.forbids
            if argument.capability in policy.expand(forbid.capabilities)
            for condition in conditions_of_rule(forbid)
            for attribute, _ in attributes(condition)
        )
    )
