"""The smallest parts of a condition of which something can be said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ....ir import nodes as ir
from ....ir.walk import attributes
from ..cubes.cube import CubeKey, key_of


def asked_for(condition: ir.Condition) -> frozenset[CubeKey]:
    """The attributes that a condition asks `has` of."""
    return frozenset(
        key_of(attribute) for attribute, leaf in attributes(condition) if isinstance(leaf, ir.Has)
    )


def conjuncts(condition: ir.Condition | None) -> Iterator[ir.Condition]:
    """What has to be true for a condition to be true; nothing, if there is no condition."""
    if isinstance(condition, ir.And):
        for part in condition.parts:
            yield from conjuncts(part)
    elif condition is not None:
        yield condition


def smallest(
    condition: ir.Condition | None,
    joined: type[ir.And | ir.Or],
    is_so: Callable[[ir.Condition], bool | None],
    negated: bool = False,
    known: bool = False,
) -> Iterator[ir.Condition]:
    """The smallest parts of which something is so, a part under `not` as its opposite.

    Parts that are joined the one way make the whole so if one of them is; joined the other way it
    takes all. `known` says that it is not so of the condition.
    """
    match condition:
        case None:
            return
        case ir.Not(part):
            yield from smallest(part, joined, is_so, not negated, known)
        case ir.And(parts) | ir.Or(parts):
            asked = opposite_if(negated, condition)
            one_is_enough = (isinstance(condition, ir.And) != negated) == (joined is ir.And)
            if one_is_enough and not known:
                answer = is_so(asked)
                if answer is None:
                    return  # as undetermined as its parts would be
            else:
                answer = False
            of_parts = one_is_enough and not answer
            found = [
                each for part in parts for each in smallest(part, joined, is_so, negated, of_parts)
            ]
            yield from found
            if answer and not found:
                yield asked
        case _:
            asked = opposite_if(negated, condition)
            if not known and is_so(asked):
                yield asked


def opposite_if(negated: bool, condition: ir.Condition) -> ir.Condition:
    """The condition, or `not` it."""
    return ir.Not(condition) if negated else condition
