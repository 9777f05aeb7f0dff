"""A number that any text vouches for

## What it means
An amount has to come from a source, and an origin of the source is a text: what the person said, or what a tool gave back as
prose. Any number in that text will do, the house number, the date and the order's: the source says that the number stood
there, and not that it is the amount.

## Example
```agp
tool shop { write action pay(amount: number) }
source vouched = said

grant buy {
    to bot
    for pay
    allow shop.pay when args.amount from vouched    # AGP2208
}
```

## What to do
Take the number from a field that is one, or bound it:

```agp
language 2
package finance
owner "payments" contact "payments@acme.example"
agent bot = "spiffe://acme.example/bot"
intent pay "Pay" { limit: number }
tool shop { write action pay(amount: number) }

grant buy {
    to bot
    for pay
    allow shop.pay when args.amount <= task.limit
}
```

## How to silence it
`# agpc: allow AGP2208 -- REASON` on the line of the test or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....report.diagnostics import Diagnostic, Label
from ....text.field_names import dotted
from ...demands import demands, source_asked
from ...inquiry import Inquiry
from ...wording import listed
from .unfed import result_text

NUMBERS = (ir.INT, ir.NUMBER)


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each number that has to come from a source with a text among its origins."""
    policy = inquiry.policy
    if not policy.sources:
        return
    for rule in policy.rules:
        for leaf, _ in dict.fromkeys(demands(rule)):
            asked = source_asked(policy, leaf)
            if asked is None:
                continue
            name, source = asked
            texts = [_text(each) for each in source.origins if each.kind in ("said", "quoted")]
            if texts and ir.element_type(name.of.type) in NUMBERS:
                read = dotted(name.of.root, name.of.path)
                yield Diagnostic(
                    "AGP2208",
                    f"any number in {listed([f'`{each}`' for each in texts])} will do for `{read}`",
                    (Label(leaf.span or rule.span, "a number that stands in a text"),),
                    "take it from a field that is a number, or compare it with one",
                )


def _text(origin: ir.Origin) -> str:
    return "said" if origin.kind == "said" else result_text(origin)
