"""A meter or a source that nothing can ever feed

## What it means
A meter counts calls, or a source names results of calls, that no allow of the policy ever permits. The meter stays as it
is of no calls, and the origin gives nothing: whoever reads the policy believes in a limit, or in a way to vouch for a value,
that is not there.

What a meter counts as `denied` needs no allow. What it counts as `asked` needs one that asks people.

## Example
```agp
tool shop { read action look(id: string) -> { customer: string } send action mail(to: string) }
source vouched = said, shop.look.customer   # AGP2202

grant answer {
    to bot
    for pay
    allow shop.mail when args.to from vouched
}
```

## What to do
Grant the call, or take the origin or the meter out:

```agp
tool shop { read action look(id: string) -> { customer: string } send action mail(to: string) }
source vouched = said, shop.look.customer

grant answer {
    to bot
    for pay
    allow shop.look when args.id from said
    allow shop.mail when args.to from vouched
}
```

## How to silence it
`# agpc: allow AGP2202 -- REASON` on the line of the declaration or above it; of `after` on the line where it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ....ir import nodes as ir
from ....ir.printing.facts import origin_text
from ....report.diagnostics import Diagnostic, Label
from ....structs import changed
from ...inquiry import Inquiry
from ...wording import listed


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the meters that stay as they are of nothing, and the origins that no call gives."""
    policy = inquiry.policy
    if not (policy.meters or policy.sources):
        return
    permitted = {each for allow in policy.allows for each in policy.expand(allow.capabilities)}
    asked = capabilities_asked(policy)
    for meter in policy.meters:
        if not is_fed(meter, permitted, asked):
            verb = "challenges" if meter.counted == "asked" else "permits"
            calls = listed([f"`{each}`" for each in meter.capabilities])
            yield Diagnostic(
                "AGP2202",
                f"nothing ever counts in `{meter.name}`, since no allow {verb} {calls}",
                (Label(meter.span, "counts nothing"),),
                "grant the call, or take this out",
            )
    for source in policy.sources:
        missing = [
            result_text(each)
            for each in source.origins
            if each.capability is not None and each.capability not in permitted
        ]
        if missing:
            yield Diagnostic(
                "AGP2202",
                f"no value ever comes from {listed([f'`{each}`' for each in missing])} of "
                f"`{source.name}`, since no allow permits the call",
                (Label(source.span, "nothing comes from there"),),
                "grant the call, or take the origin out",
            )


def is_fed(meter: ir.Meter, permitted: Collection[str], asked: Collection[str]) -> bool:
    """Whether some call can count in a meter: of those that are permitted, or that people are asked about."""
    match meter.counted:
        case "denied":
            return True
        case "asked":
            return any(each in asked for each in meter.capabilities)
        case _:
            return any(each in permitted for each in meter.capabilities)


def capabilities_asked(policy: ir.Policy) -> set[str]:
    """The calls that may be challenged: an allow, or a forbid that evidence lifts, asks for something."""
    asking: list[ir.Rule] = [each for each in policy.allows if each.requirements]
    asking += [each for each in policy.forbids if each.unless_evidence]
    return {each for rule in asking for each in policy.expand(rule.capabilities)}


def result_text(origin: ir.Origin) -> str:
    """An origin in what a call gives back, as the language writes it, without its condition."""
    return origin_text(changed(origin, condition=None))
