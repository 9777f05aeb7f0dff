"""The smallest parts of a condition of which something can be said, and how messages show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field

from ....ir import nodes as ir
from ....ir.print import condition_text
from ....ir.walk import attributes, leaves
from ....meaning.interpreter import truth
from ....records import dataclass
from ....report.diagnostics import Label
from ....report.source import Span
from ..calls.agents_of_conditions import reads_agent_id
from ..calls.scope import Scope
from ..cubes.conditions import (
    Cube,
    Key,
    conjunction,
    key_of,
)
from ..domains.values import Values, body_of
from ..world import World
from .coverage import Region, is_empty

LONGEST = 120  # characters of a condition that a message shows
MOST = 6  # places that a message points at


@dataclass(slots=True)
class Truths:
    """What conditions can be, asked once of each however many rules have it."""

    world: World
    _known: dict[tuple[object, ir.Condition, Scope | None], bool] = field(default_factory=dict)

    def never_true(self, condition: ir.Condition, scope: Scope) -> bool:
        """Whether it is true in no request of a scope. Raises `Undetermined`."""

        def region() -> Region:
            cubes = self.world.cubes.of(condition, "true")
            return Region(scope, cubes, lambda call: truth(condition, call) is True)

        return self._is_empty("never true", condition, scope, region)

    def never_false(self, condition: ir.Condition, scope: Scope) -> bool:
        """Whether it is false in no request of a scope. Raises `Undetermined`."""

        def region() -> Region:
            cubes = self.world.cubes.of(condition, "false")
            return Region(scope, cubes, lambda call: truth(condition, call) is False)

        return self._is_empty("never false", condition, scope, region)

    def true_if_whole(
        self, condition: ir.Condition, scope: Scope, optional: frozenset[Key] = frozenset()
    ) -> bool:
        """Whether it is true in each request of a scope that has what it reads, well-formed.

        What is declared as optional may be absent, and so may others. Raises `Undetermined`.
        """

        def region() -> Region:
            cubes = self.world.cubes.of(condition, "not true")
            return Region(
                scope,
                conjunction([cubes, [self._whole(condition, optional)]]),
                lambda call: truth(condition, call) is not True,
            )

        return self._is_empty(optional, condition, scope, region)

    def _whole(self, condition: ir.Condition, optional: frozenset[Key]) -> Cube:
        """The cube of requests that have what a condition reads, well-formed."""
        may_be_absent = {
            *optional,
            *(key_of(each) for each, _ in attributes(condition) if each.optional),
        }
        return Cube(
            {
                key: Values(key in may_be_absent, False, body_of(key.type, self.world.policy))
                for key in (key_of(attribute) for attribute, _ in attributes(condition))
            }
        )

    def _is_empty(
        self, question: object, condition: ir.Condition, scope: Scope, region: Callable[[], Region]
    ) -> bool:
        key = (question, condition, scope if reads_agent_id(condition) else None)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = is_empty(self.world, region())
        return found


def asked_for(condition: ir.Condition) -> frozenset[Key]:
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


def shown(condition: ir.Condition) -> str:
    """A condition as the language writes it, cut where a message would be too long."""
    text = condition_text(condition)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def places(condition: ir.Condition, text: str, rule: ir.Rule) -> tuple[Label, ...]:
    """Where the tests of a condition stand, but for the rule itself."""
    found: list[Span] = [leaf.span for leaf in leaves(condition) if leaf.span is not None]
    return tuple(Label(span, text) for span in dict.fromkeys(found) if span != rule.span)[:MOST]
