"""An allow that no record can open

## What it means
The allow asks for something to have happened before that never does: a call that no allow permits, or that only allows
permit which wait for each other. It has been shown that the first of them is never permitted, whatever was done before; and so
none of them is.

## Example
```agp
tool doc { write action draft write action review }

grant write {
    to bot
    for pay
    allow doc.draft when after doc.review   # AGP2203
    allow doc.review when after doc.draft   # AGP2203
}
```

## What to do
Let one of them begin:

```agp
tool doc { write action draft write action review }

grant write {
    to bot
    for pay
    allow doc.draft
    allow doc.review when after doc.draft
}
```

## How to silence it
`# agpc: allow AGP2203 -- REASON` on the line of the allow or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.walk import attributes, conditions_of_rule
from ....report.diagnostics import Diagnostic, Label
from ...demands import demands, source_asked
from ...inquiry import Inquiry
from ...procedure.cubes.cube import Cube, conjunction
from ...procedure.domains.values import Values, nothing_of
from ...procedure.search.avoid import permits
from ...procedure.verdict import Undetermined
from ...procedure.world import World
from ...wording import listed
from .unfed import is_fed


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report the allows that wait for what never comes."""
    policy, world = inquiry.policy, inquiry.world
    if not (policy.meters or policy.sources):
        return
    permitted: set[str] = set()
    asked: set[str] = set()
    left = list(policy.allows)
    while left:
        opened = [each for each in left if _can_open(world, each, permitted, asked)]
        if not opened:
            break
        for each in opened:
            permitted.update(policy.expand(each.capabilities))
            if each.requirements:
                asked.update(policy.expand(each.capabilities))
        left = [each for each in left if each not in opened]
    for allow in left:
        waits = _unfed(policy, allow, permitted, asked)
        if waits and not _is_empty(world, allow, world.rules.permits(allow)):
            names = listed([f"`{each.name}`" for each in waits])
            yield Diagnostic(
                "AGP2203",
                f"no record opens `{allow.id}`, since nothing ever counts in {names}",
                (Label(allow.span, "never permits anything"),),
                "let something begin, or take it out",
            )


def _unfed(
    policy: ir.Policy, allow: ir.Allow, permitted: set[str], asked: set[str]
) -> list[ir.Meter | ir.Source]:
    """The facts that an allow reads and that nothing feeds so far."""
    read = {
        attribute.path[1]: None
        for condition in conditions_of_rule(allow)
        for attribute, _ in attributes(condition)
        if ir.is_fact(attribute)
    }
    found: list[ir.Meter | ir.Source] = []
    for key in read:
        meter, source = policy.meters_by_key.get(key), policy.sources_by_key.get(key)
        if meter is not None and not is_fed(meter, permitted, asked):
            found.append(meter)
        if source is not None and not any(
            each.capability is None or each.capability in permitted for each in source.origins
        ):
            found.append(source)
    return found


def _can_open(world: World, allow: ir.Allow, permitted: set[str], asked: set[str]) -> bool:
    """Whether an allow may permit something while what nothing feeds is as of nothing; if in doubt, it may."""
    unfed = _unfed(world.policy, allow, permitted, asked)
    if not unfed:
        return True
    try:
        unions = [world.rules.permits(allow)]
        for fact in unfed:
            unions += _as_of_nothing(world, allow, fact)
        return not _is_empty(world, allow, conjunction(unions))
    except Undetermined:
        return True


def _as_of_nothing(
    world: World, allow: ir.Allow, fact: ir.Meter | ir.Source
) -> Iterator[list[Cube]]:
    """The cubes in which a fact is as nothing that was done before makes it."""
    if isinstance(fact, ir.Meter):
        before = fact.read("before")
        nothing = nothing_of(world.cubes.body(before))
        yield [world.cubes.cube(before, Values(True, True, nothing))]
        return
    for leaf, _ in demands(allow):
        read = source_asked(world.policy, leaf)
        if read is not None and read[1] == fact:
            yield world.cubes.of(leaf, "not true")


def _is_empty(world: World, allow: ir.Allow, cubes: list[Cube]) -> bool:
    """Whether an allow permits nothing in some cubes. In doubt it does."""
    try:
        found = world.find(world.rules.scope(allow), cubes, lambda call: permits(allow, call))
    except Undetermined:
        return False
    return found is None
