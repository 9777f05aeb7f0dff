"""A vouched source whose tool others can write

## What it means
A source takes what a call gives back for vouched, and an agent may write to the same tool without anybody's approval:
what is written there comes back as if the tool vouched for it. What a run itself has written is left out; what another
run wrote is not.

## Example
```agp
tool contacts {
    read  action find(name: string) -> { email: string, verified: bool }
    write action add(name: string, email: string)
}
tool mail { send action send(to: string) }
source vouched = said, contacts.find.email  # AGP2204

grant answer {
    to bot
    for pay
    allow contacts.find when args.name from said
    allow contacts.add
    allow mail.send when args.to from vouched
}
```

## What to do
Say which records count, by something that the agent cannot write, or ask a person before anything is written:

```agp
tool contacts {
    read  action find(name: string) -> { email: string, verified: bool }
    write action add(name: string, email: string)
}
tool mail { send action send(to: string) }
source vouched = said, contacts.find.email when it.verified

grant answer {
    to bot
    for pay
    allow contacts.find when args.name from said
    allow contacts.add
    allow mail.send when args.to from vouched
}
```

An action that does not say what it does writes. What is `quoted` vouches for nothing, and is left out.

## How to silence it
`# agpc: allow AGP2204 -- REASON` on the line of the source or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.walk import approvals_of, attributes
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from .unfed import result_text

MOST = 4  # allows that are pointed at


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each origin that vouches for what some allow lets an agent write."""
    policy = inquiry.policy
    if not policy.sources:
        return
    writing: dict[str, list[tuple[str, ir.Allow]]] = {}
    for allow in policy.allows:
        if approvals_of(allow.requirements):
            continue
        for capability in policy.expand(allow.capabilities):
            if writes(policy.declared_actions[capability]):
                tool = capability.rpartition(".")[0]
                writing.setdefault(tool, []).append((capability, allow))
    for source in policy.sources:
        for origin in source.origins:
            tool = str(origin.capability).rpartition(".")[0]
            if origin.kind != "result" or _says_which(origin) or tool not in writing:
                continue
            by = writing[tool]
            yield Diagnostic(
                "AGP2204",
                f"`{source.name}` vouches for `{result_text(origin)}`, and agents may write it "
                f"by `{by[0][0]}` without approval",
                (
                    Label(source.span, "vouches for it"),
                    *(Label(allow.span, f"permits `{name}`") for name, allow in by[:MOST]),
                ),
                "say which records count, as in `when it.verified`, or require approval of the writing",
            )


def writes(action: ir.Action) -> bool:
    """Whether an action may put something into its tool; one that does not say what it does may."""
    return not action.kinds or not {"write", "send"}.isdisjoint(action.kinds)


def _says_which(origin: ir.Origin) -> bool:
    """Whether an origin reads the record that holds the value, so that not every record counts."""
    return origin.condition is not None and any(
        each.root == "context" and each.path[:1] == ("it",)
        for each, _ in attributes(origin.condition)
    )
