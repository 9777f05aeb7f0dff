"""What one policy opens that the other one does not, of one agent, one intent and one call.

An opening is found through the part that makes the difference: an allow that one policy has alone, or a forbid
that the other one has alone. What is shared opens nothing by itself, so nothing is asked about it. Each request
is decided by the interpreter under both policies before it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...ir import nodes as ir
from ...meaning import interpreter
from ..procedure.search.avoid import Avoid
from .cell import Cell, Opening
from .joint.sides import OTHER, RulePart, Side
from .order import Kind, covers, duty, is_as_easy


def openings(cell: Cell, side: Side) -> Iterator[Opening]:
    """What a policy opens over the other one, one request for each way and part that makes it so."""
    yield from _decisions(cell, side)
    yield from _easier_challenges(cell, side)
    yield from _credentials(cell, side)
    yield from _obligations(cell, side)


def _decisions(cell: Cell, side: Side) -> Iterator[Opening]:
    """Requests that a policy permits and the other one does not, or challenges where that one denies."""
    world, other = cell.world, OTHER[side]
    lifted = cell.alone(cell.forbids(other))
    for part in cell.allows(side):
        allow = part.rule
        assert isinstance(allow, ir.Allow)
        causes: list[tuple[RulePart, ...]] = [(part, each) for each in lifted]
        if not part.is_shared:
            causes.insert(0, (part,))
        for cause in causes:
            closed = cause[
                1:
            ]  # a forbid denies it under the other policy, or no allow opens it there
            near = [world.parts.forbids(each.rule) for each in closed]  # type: ignore[arg-type]
            also = [cell.applying(each) for each in closed]
            found = cell.search(
                "permit",
                side,
                cause,
                lambda allow=allow, near=near: [world.parts.permits(allow), *near],  # type: ignore[misc]
                [cell.permitting(part), *also],
                lambda closed=closed: [  # type: ignore[misc]
                    *cell.no_forbids(side),
                    *([] if closed else cell.no_permits(other)),
                ],
            )
            if found is not None:
                yield found
            if not allow.requirements:
                continue
            found = cell.search(
                "challenge",
                side,
                cause,
                lambda allow=allow, near=near: [world.parts.applies(allow), *near],  # type: ignore[misc]
                [cell.applying(part), *also],
                lambda closed=closed: [  # type: ignore[misc]
                    *cell.no_forbids(side),
                    *cell.no_permits(side),
                    *([] if closed else cell.no_applies(other)),
                ],
            )
            if found is not None:
                yield found


def _easier_challenges(cell: Cell, side: Side) -> Iterator[Opening]:
    """Requests that both policies challenge, where one asks for less."""
    world, other = cell.world, OTHER[side]
    for part in cell.alone(cell.allows(side)):
        allow = part.rule
        assert isinstance(allow, ir.Allow)
        if not allow.requirements:
            continue
        as_easy = [
            each
            for each in cell.allows(other)
            if is_as_easy(each.rule.requirements, allow.requirements)  # type: ignore[union-attr]
        ]
        for rival in cell.allows(other):
            if rival in as_easy:
                continue
            found = cell.search(
                "challenge",
                side,
                (part, *own(rival)),
                lambda rival=rival, allow=allow: [  # type: ignore[misc]
                    world.parts.applies(allow),
                    world.parts.applies(rival.rule),
                ],
                [cell.applying(part), cell.applying(rival)],
                lambda as_easy=as_easy: [  # type: ignore[misc]
                    *cell.no_forbids(side, other),
                    *cell.no_permits(side),
                    *cell.no_permits(other),
                    *(world.no_apply(each.rule) for each in as_easy),
                ],
            )
            if found is not None:
                yield found
                break


def _credentials(cell: Cell, side: Side) -> Iterator[Opening]:
    """Permits whose credential is there, lives longer or is renewed more often than the other one's."""
    world, other = cell.world, OTHER[side]
    mine = [each for each in cell.allows(side) if _credential(each) is not None]
    theirs = list(cell.allows(other))
    for part in cell.alone(iter(mine)):
        for rival in theirs:
            if _credential(rival) is None:
                found = _both_permit(
                    cell,
                    "credential",
                    side,
                    (part, rival),
                    part,
                    rival,
                    avoid=lambda: [
                        world.no_permit(each.rule)  # type: ignore[arg-type]
                        for each in theirs
                        if _credential(each) is not None
                    ],
                )
                if found is not None:
                    yield found
                    break
    for short in cell.alone(cell.allows(other)):
        terms = _credential(short)
        if terms is None:
            continue
        for term in ("ttl", "renew"):
            limit = getattr(terms, term)
            tight = [each for each in mine if getattr(_credential(each), term) <= limit]
            longer = [each for each in mine if each not in tight]
            rivals = [each for each in theirs if _credential(each) is not None]
            yield from _without(cell, "credential", side, short, tight, longer, rivals)


def _obligations(cell: Cell, side: Side) -> Iterator[Opening]:
    """Permits that oblige to something under the other policy, and to nothing like it under one."""
    other = OTHER[side]
    for lost in cell.alone(cell.allows(other)):
        assert isinstance(lost.rule, ir.Allow)
        for obligation in lost.rule.obligations:
            wanted = duty(obligation.name, obligation.properties)
            kept = [
                each
                for each in cell.allows(side)
                if any(covers(mine, wanted) for mine in _duties(each))
            ]
            free = [each for each in cell.allows(side) if each not in kept]
            rivals = list(cell.allows(other))
            yield from _without(cell, "obligation", side, lost, kept, free, rivals)


def _without(
    cell: Cell,
    kind: Kind,
    side: Side,
    binding: RulePart,
    as_much: list[RulePart],
    openers: list[RulePart],
    rivals: list[RulePart],
) -> Iterator[Opening]:
    """A permit that is bound by an allow under the other policy, and by none that asks as much under one."""
    for part in openers:
        for rival in sorted(rivals, key=lambda each: each is not binding):
            found = _both_permit(
                cell,
                kind,
                side,
                tuple(dict.fromkeys((*own(part), binding))),
                part,
                rival,
                binding=binding,
                avoid=lambda: [cell.world.no_bind(each.rule) for each in as_much],  # type: ignore[arg-type]
            )
            if found is not None:
                yield found
                return


def _both_permit(
    cell: Cell,
    kind: Kind,
    side: Side,
    cause: tuple[RulePart, ...],
    part: RulePart,
    rival: RulePart,
    *,
    avoid: Callable[[], list[Avoid]],
    binding: RulePart | None = None,
) -> Opening | None:
    """A request that both policies permit, by these allows, under which another binds."""
    world = cell.world
    also = [] if binding is None or binding is rival else [binding]
    return cell.search(
        kind,
        side,
        cause,
        lambda: [
            world.parts.permits(part.rule),  # type: ignore[arg-type]
            world.parts.permits(rival.rule),  # type: ignore[arg-type]
            *(world.parts.binds(each.rule) for each in also),  # type: ignore[arg-type]
        ],
        [
            cell.permitting(part),
            cell.permitting(rival),
            *(world.judged(each, interpreter.allow_binds) for each in also),
        ],
        lambda: [*cell.no_forbids(side, OTHER[side]), *avoid()],
    )


def own(part: RulePart) -> tuple[RulePart, ...]:
    """The part, where it makes a difference."""
    return () if part.is_shared else (part,)


def _credential(part: RulePart) -> ir.Credential | None:
    assert isinstance(part.rule, ir.Allow)
    return part.rule.credential


def _duties(part: RulePart) -> list[Any]:
    assert isinstance(part.rule, ir.Allow)
    return [duty(each.name, each.properties) for each in part.rule.obligations]
