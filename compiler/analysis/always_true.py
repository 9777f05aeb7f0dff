"""A condition that always holds

## What it means
A condition, or a part of one, says nothing. In an allow, or in an `unless`, it is true whenever what
it reads is there and well-formed. In a forbid, or in a revocation, it is never false, so that the
rule applies as it would without it. Whoever reads the rule believes that something is checked.

Attributes that are declared as optional may be absent, and so may those that the same condition asks
`has` of: asking whether something is there is never reported.

## Example
```agp
package finance
agent bot = "spiffe://acme.example/bot"
intent read "Read"
level sensitivity = public < internal < restricted
dataset invoices {
    sensitivity: sensitivity
    action read
}

grant reading {
    to bot
    for read
    allow invoices.read when resource.sensitivity <= restricted         # AGP2106
}
```

## What to do
Remove the condition, or write the one that was meant:

```agp
package finance
agent bot = "spiffe://acme.example/bot"
intent read "Read"
level sensitivity = public < internal < restricted
dataset invoices {
    sensitivity: sensitivity
    action read
}

grant reading {
    to bot
    for read
    allow invoices.read when resource.sensitivity < restricted
}
```

## How to silence it
`# agpc: allow AGP2106 -- REASON` on the line of the rule or above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .. import ir
from ..diagnostics import Diagnostic, Label
from .finding import Inquiry
from .parts import Truths, places, shown, smallest
from .world import Scope


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the smallest parts of conditions that make no difference."""
    truths = Truths(inquiry.world)
    for allow in inquiry.policy.allows:
        yield from _always(inquiry, allow, allow.condition, truths.true_if_whole, "allow")
        for revoke in allow.revoke:
            if not inquiry.ask(
                f"`{shown(revoke)}` in `{allow.id}` can be false",
                allow,
                truths.never_false,
                revoke,
                inquiry.world.scope(allow),
            ):  # else the allow never applies, which AGP2105 says
                kind = "revocation of allow"
                yield from _always(inquiry, allow, revoke, truths.never_false, kind)
    for forbid in inquiry.policy.forbids:
        yield from _always(inquiry, forbid, forbid.condition, truths.never_false, "forbid")
        kind = "`unless` of forbid"
        yield from _always(inquiry, forbid, forbid.unless, truths.true_if_whole, kind)


def _always(
    inquiry: Inquiry,
    rule: ir.Rule,
    condition: ir.Condition | None,
    is_so: Callable[[ir.Condition, Scope], bool],
    kind: str,
) -> Iterator[Diagnostic]:
    scope = inquiry.world.scope(rule)

    def always(part: ir.Condition) -> bool | None:
        return inquiry.ask(f"`{shown(part)}` in `{rule.id}` always holds", rule, is_so, part, scope)

    for part in dict.fromkeys(smallest(condition, ir.Or, always)):
        yield Diagnostic(
            "AGP2106",
            f"`{shown(part)}` in the {kind} `{rule.id}` always holds",
            (Label(rule.span, "has a condition that says nothing"), *places(part, "here", rule)),
            "write what was meant, or remove it",
        )
