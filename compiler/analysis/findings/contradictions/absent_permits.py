"""An allow that absence opens

## What it means
An allow holds where an attribute is absent, and asks something of it where it is there: `not has x or …`.
So a request that says less can be permitted more, and whoever wants more leaves it out. Everywhere else
what is absent is *unknown*, and no allow applies. A `revoke when has x and …` is the same the other way
round: nothing is taken back as long as nothing is said.

That is right for what a trusted enforcement point fills in, or where absence is the narrower call. It is
a hole where the agent chooses what to leave out.

## Example
```agp
tool ledger { action post(amount: number, memo?: string) }

grant posting {
    to bot
    for pay
    allow ledger.post when args.amount <= 500 and (not has args.memo or args.memo == "ok")   # AGP2109
}
```

## What to do
Ask for the value, so that what is absent stays unknown:

```agp
tool ledger { action post(amount: number, memo?: string) }

grant posting {
    to bot
    for pay
    allow ledger.post when args.amount <= 500 and args.memo == "ok"
}
```

Where absence is meant to be permitted, give it an allow of its own, whose condition is `not has args.memo`
and which says all else that has to hold then; or silence the finding with the reason.

## How to silence it
`# agpc: allow AGP2109 -- REASON` on the line of the allow, or above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ....ir import nodes as ir
from ....ir.printing.conditions import term_text
from ....ir.walk import attributes
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...wording import labels_of_tests


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report each attribute that an allow asks something of only where it is there."""
    del inquiry  # it is seen in the condition itself
    if allow.condition is not None:
        for part, attribute in dict.fromkeys(opened(allow.condition, True)):
            yield _finding(allow, part, attribute, "holds", "`not has … or`")
    for condition in allow.revoke:
        for part, attribute in dict.fromkeys(opened(condition, False)):
            yield _finding(allow, part, attribute, "is not revoked", "`has … and`")


def opened(condition: ir.Condition, wanted: bool) -> Iterator[tuple[ir.Condition, ir.Attribute]]:
    """Attributes whose absence makes a part what is wanted, where another part reads them."""
    match condition:
        case ir.Not(part):
            yield from opened(part, not wanted)
        case ir.And(parts) | ir.Or(parts):
            if isinstance(condition, ir.Or) is wanted:
                for part in parts:
                    found = asked(part, wanted)
                    others = (other for other in parts if other is not part)
                    if found is not None and any(found in read_by(other) for other in others):
                        yield condition, found
            for part in parts:
                yield from opened(part, wanted)
        case (
            ir.Compare()
            | ir.In()
            | ir.ListTest()
            | ir.Like()
            | ir.Under()
            | ir.Within()
            | ir.Has()
            | ir.Quantified()
        ):
            pass
        case _:
            assert_never(condition)


def asked(condition: ir.Condition, wanted: bool) -> ir.Attribute | None:
    """The attribute whose mere absence makes a condition what is wanted."""
    match condition:
        case ir.Not(part):
            return asked(part, not wanted)
        case ir.Has(attribute):
            return None if wanted else attribute
        case (
            ir.And()
            | ir.Or()
            | ir.Compare()
            | ir.In()
            | ir.ListTest()
            | ir.Like()
            | ir.Under()
            | ir.Within()
            | ir.Quantified()
        ):
            pass
        case _:
            assert_never(condition)
    return None


def read_by(condition: ir.Condition) -> set[ir.Attribute]:
    """The attributes that a condition reads, but for asking whether they are there."""
    return {found for found, leaf in attributes(condition) if not isinstance(leaf, ir.Has)}


def _finding(
    allow: ir.Allow, condition: ir.Condition, attribute: ir.Attribute, what: str, form: str
) -> Diagnostic:
    name = term_text(attribute)
    return Diagnostic(
        "AGP2109",
        f"allow `{allow.id}` {what} where `{name}` is absent, and asks about it where it is there",
        (
            Label(allow.span, "opened by what is left out"),
            *labels_of_tests(condition, "here", allow),
        ),
        f"leave {form} out if the agent chooses whether to say it: what is absent is unknown",
    )
