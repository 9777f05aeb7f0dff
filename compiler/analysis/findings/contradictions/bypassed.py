"""A requirement that another allow makes pointless

## What it means
This allow asks for an approval, or for another requirement, and it is never needed: whatever the
allow would permit with it, other allows permit without it. The reviewer who reads the allow believes
that somebody looks at these calls, and nobody does. The witness is a call that this allow asks the
requirement for and that is permitted without it.

Nothing is wrong where only a part of the calls does without, as where small payments need no
approval and large ones do. An allow that gives a credential is bypassed only by others that give one.

## Example
```agp
tool ledger { action read(entry: string), post(amount: number) }

grant payments {
    to bot
    for pay
    allow ledger.post                                       # AGP2108
        when args.amount <= 10_000
        require approval by "role:controller" within 1h
}

grant everything {
    to bot
    for pay
    allow ledger.*
}
```

## What to do
Narrow the allow that requires less, so that it leaves out what needs the approval:

```agp
tool ledger { action read(entry: string), post(amount: number) }

grant payments {
    to bot
    for pay
    allow ledger.post
        when args.amount <= 10_000
        require approval by "role:controller" within 1h
}

grant everything {
    to bot
    for pay
    allow ledger.read
}
```

## How to silence it
`# agpc: allow AGP2108 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ....ir import nodes as ir
from ....ir.printing.conditions import requirement_text
from ....ir.walk import approvals_of
from ....meaning.request import Call
from ....report.diagnostics import Diagnostic, Label
from ....structs import Struct, changed
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.coverage import (
    Region,
    covers,
    fewest,
    names_all,
    some,
)
from ...procedure.cubes.cube import conjunction
from ...procedure.rules.rule_cubes import lacking
from ...procedure.search.avoid import permits
from ...procedure.search.evidence import implies, together
from ...procedure.world import World
from ...wording import witness_note


class Pointless(Struct):
    """A requirement that is never needed, the fewest allows that permit without, and a call."""

    requirement: ir.Requirement
    others: tuple[ir.Allow, ...]
    witness: dict[str, Any]


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an allow of which some requirement is never needed."""
    if not allow.requirements or next(inquiry.world.near.each_allow(allow), None) is None:
        return
    what = f"the requirements of allow `{allow.id}` can be bypassed"
    found = inquiry.ask(what, allow, pointless, inquiry, allow)
    if found:
        yield _describe(allow, found)


def pointless(inquiry: Inquiry, allow: ir.Allow) -> list[Pointless]:
    """The requirements of an allow that are never needed. Raises `Undetermined`."""
    near = inquiry.world.near.allows(allow)
    found = (
        _bypass(inquiry.world, allow, requirement, near)
        for requirement in dict.fromkeys(allow.requirements)
    )
    return [each for each in found if each is not None]


def _bypass(
    world: World, allow: ir.Allow, requirement: ir.Requirement, near: Sequence[ir.Allow]
) -> Pointless | None:
    able = [
        other
        for other in world.twins.firsts(near)
        if (allow.credential is None or other.credential is not None)
        and (is_by_others(requirement, allow) or not asks_for(other, requirement))
    ]
    avoids = {other.id: world.avoid.permit(other) for other in able}
    if not names_all(world.rules.scope(allow), list(avoids.values())):
        return None  # seen without making cubes
    waiting = _waits_for(world, allow, requirement)
    if not covers(world, waiting, list(avoids.values())):
        return None
    forbids = world.denials(allow)
    witness = some(world, waiting, forbids, shown=True)
    if witness is None:
        return None  # forbids see to it that it is needed all the same
    kept = fewest(world, waiting, list(avoids.values()))
    return Pointless(
        requirement, tuple(other for other in able if avoids[other.id] in kept), witness
    )


def _waits_for(world: World, allow: ir.Allow, requirement: ir.Requirement) -> Region:
    """The requests that lack one requirement, and that an allow would permit with it."""
    rest = list(allow.requirements)
    rest.remove(requirement)
    easier = changed(allow, requirements=tuple(rest))
    met = [[world.rules.met(each)] for each in (*rest, *together(rest, True))]
    lacks = [lacking(requirement), *map(lacking, together(allow.requirements, False))]

    def holds(call: Call) -> bool:
        return permits(easier, call) and not permits(allow, call)

    return Region(
        world.rules.scope(allow), conjunction([world.rules.applies(allow), *met, lacks]), holds
    )


def asks_for(other: ir.Allow, requirement: ir.Requirement) -> bool:
    """Whether an allow asks for what meets a requirement."""
    return any(implies(each, requirement) for each in other.requirements)


def is_by_others(requirement: ir.Requirement, allow: ir.Allow) -> bool:
    """Whether a requirement is for somebody else than an allow asks for as well, so that it may lack him alone."""
    return bool(approvals_of([requirement])) and len(approvals_of(allow.requirements)) > 1


def _describe(allow: ir.Allow, found: list[Pointless]) -> Diagnostic:
    labels = [Label(allow.span, "required here")]
    for each in found:
        labels += [Label(other.span, "and permitted without here") for other in each.others]
    needless = " and ".join(f"`{requirement_text(each.requirement)}`" for each in found)
    return Diagnostic(
        "AGP2108",
        f"what allow `{allow.id}` requires is never needed: {needless}",
        tuple(dict.fromkeys(labels)),
        "narrow the allow that requires less, or stop requiring it here",
        tuple(witness_note(each.witness) for each in found),
    )
