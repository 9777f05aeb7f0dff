"""A condition that always holds

## What it means
A condition, or a part of one, says nothing. In an allow, or in an `unless`, it is true whenever what
it reads is there and well-formed. In a forbid, or in a revocation, it is never false, so that the
rule applies as it would without it. Whoever reads the rule believes that something is checked.

Attributes that are declared as optional may be absent, and so may those that the same condition asks
`has` of: asking whether something is there is never reported.

## Example
```agp
language 2
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
language 2
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

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.starts import is_of_its_type
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.condition_parts import asked_for, smallest
from ...wording import labels_of_tests, shown


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report the smallest parts of an allow's conditions that make no difference."""
    yield from _needless(inquiry, allow, allow.condition, "allow")
    for revoke in allow.revoke:
        yield from _unconditional(inquiry, allow, revoke, "revocation of allow")


def about_forbid(inquiry: Inquiry, forbid: ir.Forbid) -> Iterator[Diagnostic]:
    """Report the smallest parts of a forbid's conditions that make no difference."""
    yield from _unconditional(inquiry, forbid, forbid.condition, "forbid")
    yield from _needless(inquiry, forbid, forbid.unless, "`unless` of forbid")


def _needless(
    inquiry: Inquiry, rule: ir.Rule, condition: ir.Condition | None, kind: str
) -> Iterator[Diagnostic]:
    """Parts that are true whenever what they read is there."""
    if condition is None:
        return
    scope, optional = inquiry.world.rules.scope(rule), asked_for(condition)

    def always(part: ir.Condition) -> bool | None:
        what = f"`{shown(part)}` in `{rule.id}` always holds"
        return inquiry.ask(what, rule, inquiry.truths.true_if_whole, part, scope, optional)

    yield from _describe(rule, smallest(condition, ir.Or, always), kind)


def _unconditional(
    inquiry: Inquiry, rule: ir.Rule, condition: ir.Condition | None, kind: str
) -> Iterator[Diagnostic]:
    """Parts that are never false."""
    scope = inquiry.world.rules.scope(rule)

    def always(part: ir.Condition) -> bool | None:
        what = f"`{shown(part)}` in `{rule.id}` can be false"
        return inquiry.ask(what, rule, inquiry.truths.never_false, part, scope)

    if condition is None or (isinstance(rule, ir.Allow) and always(condition)):
        return  # an allow that is always revoked never applies, which AGP2105 says
    yield from _describe(rule, smallest(condition, ir.Or, always), kind)


def _describe(rule: ir.Rule, parts: Iterator[ir.Condition], kind: str) -> Iterator[Diagnostic]:
    for part in dict.fromkeys(parts):
        if is_of_its_type(part):
            continue  # which is unknown of what is malformed
        yield Diagnostic(
            "AGP2106",
            f"`{shown(part)}` in the {kind} `{rule.id}` always holds",
            (
                Label(rule.span, "has a condition that says nothing"),
                *labels_of_tests(part, "here", rule),
            ),
            "write what was meant, or remove it",
        )
