"""Evidence of any age

## What it means
An approval, a confirmation or a step-up is asked for without `within`, so one from last year counts. An approval or a confirmation is for
one exact call of one task, which bounds it as long as the task lasts; a step-up and an approval `per
task` are not even bound to the call.

## Example
```agp
tool ledger { action void }

grant voids {
    to bot
    for pay
    allow ledger.void
        require approval by "role:controller"       # AGP4302
}
```

## What to do
Say how old it may be:

```agp
tool ledger { action void }

grant voids {
    to bot
    for pay
    allow ledger.void
        require approval by "role:controller" within 1h
}
```

The same holds for `unless approval` and `unless step_up` of a forbid.

## How to silence it
`# agpc: allow AGP4302 -- REASON` on the line of the requirement, or above the allow, the grant or the
forbid that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.printing.conditions import evidence_word
from ....ir.walk import evidence_of_rule
from ....report.diagnostics import Diagnostic, Label
from ....report.fixes import Edit, Fix, end_of
from ....report.source import Span
from ...inquiry import Inquiry


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each piece of evidence of a rule that may be of any age."""
    for span, requirement in sorted(unlimited(inquiry.policy).items(), key=lambda each: each[0]):
        word = evidence_word(requirement)
        yield Diagnostic(
            "AGP4302",
            f"{'an' if word == 'approval' else 'a'} {word} counts however old it is",
            (Label(span),),
            "say how old it may be: `within 1h`",
            fixes=()
            if requirement.span is None
            else (Fix("write `within 1h`", (Edit(end_of(requirement.span), " within 1h"),)),),
        )


def unlimited(policy: ir.Policy) -> dict[Span, ir.Requirement]:
    """The requirements without `within`, by place; what stands once for a grant is there once."""
    return {
        requirement.span or rule.span: requirement
        for rule in policy.rules
        for requirement in evidence_of_rule(rule)
        if requirement.within is None
    }
