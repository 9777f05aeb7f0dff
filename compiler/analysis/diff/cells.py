"""Where two policies may differ: the calls that some part of one alone is about, cut so that parts name all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...ir import nodes as ir
from ..procedure.calls.scope import Scope, bits, split
from .joint_world import JointWorld
from .openings import Cell
from .sides import Part


@dataclass(frozen=True, slots=True)
class Area:
    """Agents and intents of one call that the same parts are about."""

    scope: Scope
    parts: tuple[Part, ...]

    def cell(self, world: JointWorld, agent: int, intent: int) -> Cell:
        """One agent and one intent of it."""
        return Cell(world, Scope(1 << agent, 1 << intent, self.scope.capabilities), self.parts)


def areas(world: JointWorld) -> Iterator[Area]:
    """Each part of the calls of which both policies say nothing but what it shares."""
    parts = world.joined.parts
    changed = [(each, world.scope(each.rule)) for each in parts.values() if not each.is_shared]
    touched = 0
    for _, scope in changed:
        touched |= scope.capabilities
    declared = (1 << (len(world.intents) - 1)) - 1
    about: dict[int, list[tuple[Part, Scope]]] = {number: [] for number in bits(touched)}
    for part in parts.values():
        scope = world.scope(part.rule)
        for number in bits(scope.capabilities & touched):
            about[number].append((part, scope))
    for number, near in about.items():
        at = 1 << number
        blocks: list[tuple[int, int, list[object]]] = []
        opened = 0
        for part, scope in near:
            if isinstance(part.rule, ir.Allow):
                opened |= scope.agents
        for _, scope in changed:
            if scope.capabilities & at:
                blocks = [*blocks, *_outside(blocks, scope.agents & opened, scope.intents & declared)]
        for scope in dict.fromkeys(scope for _, scope in near):
            blocks = [each for block in blocks for each in split(block, scope, ())]  # type: ignore[arg-type]
        for agents, intents, _ in blocks:
            scope = Scope(agents, intents, at)
            relevant = tuple(part for part, named in near if named.meets(scope))
            if any(not each.is_shared for each in relevant) and any(
                isinstance(each.rule, ir.Allow) for each in relevant
            ):
                yield Area(scope, relevant)


def _outside(
    blocks: list[tuple[int, int, list[object]]], agents: int, intents: int
) -> list[tuple[int, int, list[object]]]:
    """The part of some agents and intents that no block has yet, as blocks."""
    left = [(agents, intents)] if agents and intents else []
    for a, i, _ in blocks:
        rest = []
        for agents, intents in left:
            if not (agents & a and intents & i):
                rest.append((agents, intents))
                continue
            if agents & ~a:
                rest.append((agents & ~a, intents))
            if intents & ~i:
                rest.append((agents & a, intents & ~i))
        left = rest
    return [(agents, intents, []) for agents, intents in left]
