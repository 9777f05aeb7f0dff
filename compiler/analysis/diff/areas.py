"""Where two policies may differ: the calls that some part of one alone is about, cut so that parts name all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...ir import nodes as ir
from ...structs import Struct
from ..procedure.calls.scope import Scope, bits
from ..procedure.search.ways_to_match import Block, split
from .cell import Cell
from .joint.joint_world import JointWorld
from .joint.sides import RulePart


class Area(Struct):
    """Agents and intents of one call that the same parts are about."""

    scope: Scope
    parts: tuple[RulePart, ...]

    def cell(self, world: JointWorld, agent: int, intent: int) -> Cell:
        """One agent and one intent of it."""
        return Cell(world, Scope(1 << agent, 1 << intent, self.scope.capabilities), self.parts)


def areas(world: JointWorld) -> Iterator[Area]:
    """Each part of the calls of which both policies say nothing but what it shares."""
    parts = world.joined.parts
    changed = [
        (each, world.rules.scope(each.rule)) for each in parts.values() if not each.is_shared
    ]
    retaken = 0  # calls that have other arguments now, under rules that may be the same
    for number, capability in enumerate(world.universe.capabilities):
        if capability in world.joined.taken:
            retaken |= 1 << number
    for each in parts.values():
        scope = world.rules.scope(each.rule)
        if each.is_shared and isinstance(each.rule, ir.Allow) and scope.capabilities & retaken:
            changed.append((each, replace(scope, capabilities=scope.capabilities & retaken)))
    touched = 0
    for _, scope in changed:
        touched |= scope.capabilities
    declared = (1 << (len(world.universe.intents) - 1)) - 1
    about: dict[int, list[tuple[RulePart, Scope]]] = {number: [] for number in bits(touched)}
    for part in parts.values():
        scope = world.rules.scope(part.rule)
        for number in bits(scope.capabilities & touched):
            about[number].append((part, scope))
    for number, near in about.items():
        at = 1 << number
        blocks: list[Block] = []
        opened = 0
        for part, scope in near:
            if isinstance(part.rule, ir.Allow):
                opened |= scope.agents
        for _, scope in changed:
            if scope.capabilities & at:
                blocks = [
                    *blocks,
                    *_outside(blocks, scope.agents & opened, scope.intents & declared),
                ]
        for scope in dict.fromkeys(scope for _, scope in near):
            blocks = [each for block in blocks for each in split(block, scope, ())]
        for agents, intents, _ in blocks:
            scope = Scope(agents, intents, at)
            relevant = tuple(part for part, named in near if named.meets(scope))
            if (at & retaken or any(not each.is_shared for each in relevant)) and any(
                isinstance(each.rule, ir.Allow) for each in relevant
            ):
                yield Area(scope, relevant)


def _outside(blocks: list[Block], agents: int, intents: int) -> list[Block]:
    """The part of some agents and intents that no block has yet, as blocks."""
    left = [(agents, intents)] if agents and intents else []
    for a, i, _ in blocks:
        rest = []
        for who, why in left:
            if not (who & a and why & i):
                rest.append((who, why))
                continue
            if who & ~a:
                rest.append((who & ~a, why))
            if why & ~i:
                rest.append((who & a, why & ~i))
        left = rest
    return [(agents, intents, []) for agents, intents in left]
