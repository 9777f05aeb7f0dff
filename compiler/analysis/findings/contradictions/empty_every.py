"""An `every` that an empty list meets

## What it means
`every` of no elements is true, so that the allow permits a call with an empty list. Nothing in its condition says that
there is an element.

## Example
```agp
tool mail { send action post(to: [string]) }

grant posting {
    to bot
    for pay
    allow mail.post when every args.to == "team@acme.example"  # AGP2112
}
```

## What to do
Where an empty list should not pass, say so:

```agp
tool mail { send action post(to: [string]) }

grant posting {
    to bot
    for pay
    allow mail.post when every args.to == "team@acme.example" and size args.to > 0
}
```

## How to silence it
It is off until a project asks for it. `# agpc: allow AGP2112 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.printing.conditions import term_text
from ....report.diagnostics import Diagnostic, at
from ....report.fixes import end_of, replaced
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.condition_parts import conjuncts


def about_allow(_: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an `every` that has to hold, of a list that may be empty."""
    asked = list(conjuncts(allow.condition))
    for part in asked:
        if (
            isinstance(part, ir.Quantified)
            and part.is_every
            and not any(_needs_one(other, part.list) for other in asked)
        ):
            yield at(
                "AGP2112",
                part.span or allow.span,
                f"`every {term_text(part.list)}` is true of an empty list",
                label="met by no elements",
                help=f"say that there is one: `and size {term_text(part.list)} > 0`",
                fixes=()
                if part.span is None
                else replaced(
                    f"add `and size {term_text(part.list)} > 0`",
                    end_of(part.span),
                    f" and size {term_text(part.list)} > 0",
                ),
            )


def _needs_one(part: ir.Condition, of: ir.Attribute) -> bool:
    """Whether a condition is true only where a list has an element, as far as can be seen."""
    match part:
        case ir.Quantified(list=attribute):
            return not part.is_every and attribute == of
        case ir.In(_, ir.Attribute() as attribute):
            return attribute == of
        case ir.ListTest("contains all" | "contains any", attribute, _):
            return attribute == of
        case ir.Compare(op, ir.Attribute(of=attribute), ir.Constant(_, int() as least)):
            above = op in ("==", ">=") and least > 0
            return attribute == of and (above or (op == ">" and least >= 0))
        case _:
            return False
