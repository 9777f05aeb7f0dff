"""A look-up that vouches for whatever is asked

## What it means
A source takes what a call gives back for vouched, and an allow permits that call with any argument. Whoever steers the agent
then chooses what is looked up: the address comes from the directory, of a person that a stranger named. A source says where a
value stood, not who chose it.

## Example
```agp
tool contacts { read action find(name: string) -> { email: string } }
tool mail { send action send(to: string) }
source vouched = said, contacts.find.email

grant answer {
    to bot
    for pay
    allow contacts.find                     # AGP2209
    allow mail.send when args.to from vouched
}
```

## What to do
Say where the arguments of the look-up come from:

```agp
tool contacts { read action find(name: string) -> { email: string } }
tool mail { send action send(to: string) }
source vouched = said, contacts.find.email

grant answer {
    to bot
    for pay
    allow contacts.find when args.name from said, task
    allow mail.send when args.to from vouched
}
```

It is reported of texts and numbers that no condition of the allow reads.

## How to silence it
`# agpc: allow AGP2209 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.walk import attributes, conditions_of_rule
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...wording import listed

CHOSEN = (ir.STRING, ir.INT, ir.NUMBER, ir.JSON)


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each allow of a call that a source trusts and whose arguments nothing reads."""
    policy = inquiry.policy
    vouching = {
        str(origin.capability): source
        for source in policy.sources
        for origin in source.origins
        if origin.kind == "result"
    }
    if not vouching:
        return
    for allow in policy.allows:
        read = {
            attribute.path[0]
            for condition in conditions_of_rule(allow)
            for attribute, _ in attributes(condition)
            if attribute.root == "args" and attribute.path
        }
        for capability in policy.expand(allow.capabilities):
            if capability not in vouching:
                continue
            free = [
                f"`args.{each.name}`"
                for each in policy.declared_actions[capability].parameters
                if each.name not in read and _is_chosen(each.type)
            ]
            if free:
                source = vouching[capability]
                yield Diagnostic(
                    "AGP2209",
                    f"`{source.name}` trusts what `{capability}` gives back, and `{allow.id}` leaves "
                    f"{listed(free)} of it to the agent",
                    (
                        Label(allow.span, "whatever is looked up"),
                        Label(source.span, "vouches for what it gives back"),
                    ),
                    "say where they come from, as in `args.name from said, task`",
                )


def _is_chosen(type_: ir.Type) -> bool:
    inner = ir.element_type(type_)
    return inner in CHOSEN or isinstance(inner, ir.RecordType)
