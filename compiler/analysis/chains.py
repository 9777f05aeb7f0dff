"""What a `delegate` leaves of what its delegate may do: calls that both sides are permitted."""

from __future__ import annotations

from ..ir import nodes as ir
from .procedure.asked_of_rules.pairs import find_pair, side_of
from .procedure.calls.scope import Scope, bits
from .procedure.world import World

SHARED = ("args", "resource")
"""What is one for a chain, and is compared; that the rest may be so for both at once is not asked."""


def side(world: World, agent: str, intent: str) -> Scope:
    """What one side of a `delegate` may be asked for."""
    return Scope(
        world.names.agents_of((agent,)),
        world.names.intents_of((intent,)),
        world.names.capabilities_of(("any",)),
    )


def allows_of(world: World, scope: Scope) -> list[ir.Allow]:
    """The allows of one side."""
    return [each for each in world.policy.allows if world.rules.scope(each).meets(scope)]


def passed_on(world: World, each: ir.Delegation, allow: ir.Allow) -> int:
    """The capabilities, as bits, of an allow to the delegate that the delegator may have as well.

    What is left out is surely cut off. Raises `Undetermined`.
    """
    above = side(world, each.delegator, each.intent)
    below = world.rules.scope(allow) & side(world, each.delegate, each.delegate_intent)
    found = 0
    for number in bits(below.capabilities):
        here = Scope(-1, -1, 1 << number)
        mine = side_of(world, allow, below & here)
        for other in allows_of(world, above & here):
            theirs = side_of(world, other, above & here)
            if find_pair(world, theirs, mine, SHARED) is not None:
                found |= 1 << number
                break
    return found
