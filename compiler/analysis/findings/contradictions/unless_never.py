"""An `unless` that can never be met

## What it means
Wherever this forbid could apply, its `unless` is not met, so the forbid has no exception. Who wrote
it thinks that there is one. The `unless` contradicts itself, or it contradicts the forbid's `when`,
or the evidence that it asks for cannot be given.

## Example
```agp
language 2
package finance
level sensitivity = public < internal < restricted
dataset invoices {
    sensitivity: sensitivity
    action read
}

forbid restricted_reads {
    deny invoices.read
    when resource.sensitivity >= restricted
    unless resource.sensitivity <= internal                 # AGP2107
    because "Restricted invoices stay where they are."
}
```

## What to do
Remove the `unless`, or write the exception that was meant:

```agp
language 2
package finance
level sensitivity = public < internal < restricted
dataset invoices {
    sensitivity: sensitivity
    action read
}

forbid restricted_reads {
    deny invoices.read
    when resource.sensitivity >= restricted
    unless approval by "role:controller" within 15m
    because "Restricted invoices stay where they are."
}
```

## How to silence it
`# agpc: allow AGP2107 -- REASON` on the line of the forbid or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....meaning.conditions import definitely_true, possibly_true
from ....meaning.interpreter import in_window, is_lifted
from ....meaning.request import Call
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.coverage import Region, forbidden, is_empty
from ...procedure.cubes.cube import Cube, conjunction
from ...procedure.search.evidence import together
from ...procedure.world import World
from ...wording import labels_of_tests


def about_forbid(inquiry: Inquiry, forbid: ir.Forbid) -> Iterator[Diagnostic]:
    """Report a forbid that its `unless` never keeps from applying."""
    if forbid.unless is None and not forbid.unless_evidence:
        return
    what = f"the `unless` of forbid `{forbid.id}` can be met"
    if inquiry.ask(what, forbid, never_met, inquiry.world, forbid):
        parts = () if forbid.unless is None else (forbid.unless,)
        yield Diagnostic(
            "AGP2107",
            f"the `unless` of forbid `{forbid.id}` can never be met where it could apply",
            (
                Label(forbid.span, "forbidden without exception"),
                *(
                    label
                    for part in parts
                    for label in labels_of_tests(part, "never true where it could apply", forbid)
                ),
            ),
            "remove the `unless`, or write the exception that was meant",
        )


def never_met(world: World, forbid: ir.Forbid) -> bool:
    """Whether a forbid applies to some requests, and to no fewer for its `unless`."""
    when = world.rules.named(forbid)
    asked = (*forbid.unless_evidence, *together(forbid.unless_evidence, True))
    unless: list[list[Cube]] = [[world.rules.met(each)] for each in asked]
    if forbid.unless is not None:
        unless.append(world.cubes.of(forbid.unless, "true"))

    def spared(call: Call) -> bool:
        return (
            possibly_true(forbid.condition, call)
            and in_window(forbid.window, call.now) is not False
            and definitely_true(forbid.unless, call)
            and (not forbid.unless_evidence or is_lifted(forbid, call))
        )

    met = Region(world.rules.scope(forbid), conjunction([when, *unless]), spared)
    return is_empty(world, met) and not is_empty(world, forbidden(world, forbid))
