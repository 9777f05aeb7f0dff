"""An allow that forbids meet in part

## What it means
Some of what this allow permits is forbidden, and some is not. That is how a broad rule and its
exceptions are written, so it is information, and off unless it is asked for. It says which part, as
the language writes it: the condition of each forbid that meets the allow. The witness is a call that
the first of them denies.

A forbid that meets the allow only where its condition is unknown, because something is missing or
malformed, is not listed.

## Example
```agp
tool ledger { action post(amount: number) }

grant payments {
    to bot
    for pay
    allow ledger.post when args.amount <= 500               # AGP2102
}

forbid large {
    deny ledger.post
    when args.amount > 400
    because "Not without the treasury."
}
```

## What to do
Nothing, if the forbid is an exception. If the allow was meant to hold, narrow the forbid; if not,
the allow:

```agp
tool ledger { action post(amount: number) }

grant payments {
    to bot
    for pay
    allow ledger.post when args.amount <= 400
}

forbid large {
    deny ledger.post
    when args.amount > 400
    because "Not without the treasury."
}
```

## How to silence it
`# agpc: allow AGP2102 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....ir import nodes as ir
from ....ir.printing.conditions import requirement_text, window_text
from ....meaning.conditions import definitely_true
from ....meaning.interpreter import forbid_applies
from ....meaning.request import Call
from ....report.diagnostics import Diagnostic, Label
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.coverage import (
    Region,
    covers,
    is_empty,
    permitted,
    some,
)
from ...procedure.cubes.cube import conjunction
from ...procedure.world import World
from ...wording import shown, witness_note


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an allow of which forbids take a part away, and not all."""
    world = inquiry.world
    near = world.near.forbids(allow)
    met = []
    for forbid in near:
        what = f"forbid `{forbid.id}` meets allow `{allow.id}`"
        if inquiry.ask(what, allow, _meet, world, allow, forbid):
            met.append(forbid)
    if not met:
        return
    what = f"allow `{allow.id}` is always forbidden"
    avoid = [world.avoid.forbid(each) for each in near]
    if inquiry.ask(what, allow, covers, world, permitted(world, allow), avoid) is not False:
        return
    what = f"forbid `{met[0].id}` meets allow `{allow.id}` in a request that can be shown"
    witness = inquiry.ask(what, allow, _witness, world, allow, met[0])
    if witness is None:
        return
    yield Diagnostic(
        "AGP2102",
        f"allow `{allow.id}` is forbidden in part",
        (
            Label(allow.span, "permitted here"),
            *(Label(forbid.span, "and forbidden in part here") for forbid in met),
        ),
        "narrow the allow if the forbid is meant, or the forbid if the allow is",
        (
            *(f"forbidden is {part_text(forbid)}" for forbid in met),
            witness_note(witness),
        ),
    )


def _meet(world: World, allow: ir.Allow, forbid: ir.Forbid) -> bool:
    return not is_empty(world, meeting(world, allow, forbid))


def _witness(world: World, allow: ir.Allow, forbid: ir.Forbid) -> dict[str, Any] | None:
    return some(world, meeting(world, allow, forbid), shown=True)


def meeting(world: World, allow: ir.Allow, forbid: ir.Forbid) -> Region:
    """The requests that an allow permits and a forbid denies, its condition being true."""
    mine = permitted(world, allow)
    cubes = [mine.cubes, world.cubes.of(forbid.condition, "true"), world.rules.forbids(forbid)]

    def both(call: Call) -> bool:
        return (
            mine.holds(call)
            and forbid_applies(forbid, call)
            and definitely_true(forbid.condition, call)
        )

    return Region(mine.scope & world.rules.scope(forbid), conjunction(cubes), both)


def part_text(forbid: ir.Forbid) -> str:
    """What a forbid takes away, as the language writes it."""
    text = "all that" if forbid.condition is None else f"what is `when {shown(forbid.condition)}`,"
    if forbid.window is not None:
        text += f" `during {window_text(forbid.window)}`,"
    if forbid.unless is not None:
        text += f" `unless {shown(forbid.unless)}`,"
    if forbid.unless_evidence:
        needed = " and ".join(map(requirement_text, forbid.unless_evidence))
        text += f" `unless {needed}`,"
    return f"{text} `{forbid.id}` denies"
