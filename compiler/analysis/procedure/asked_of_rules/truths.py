"""What conditions can be in the calls of a scope, asked once of each however many rules have it."""

from __future__ import annotations

from collections.abc import Callable

from ....ir import nodes as ir
from ....ir.walk import attributes
from ....meaning.conditions import definitely_true, possibly_true
from ....structs import Struct, field
from ..calls.agents_of_conditions import reads_agent_id
from ..calls.scope import Scope
from ..cubes.cube import Cube, CubeKey, conjunction, key_of
from ..domains.values import Values, body_of
from ..world import World
from .coverage import Region, is_empty


class Truths(Struct, frozen=False):
    """What conditions can be."""

    world: World
    _known: dict[tuple[object, ir.Condition, Scope | None], bool] = field(default_factory=dict)

    def never_true(self, condition: ir.Condition, scope: Scope) -> bool:
        """Whether it is true in no request of a scope. Raises `Undetermined`."""

        def region() -> Region:
            cubes = self.world.cubes.of(condition, "true")
            return Region(scope, cubes, lambda call: definitely_true(condition, call))

        return self._is_empty("never true", condition, scope, region)

    def never_false(self, condition: ir.Condition, scope: Scope) -> bool:
        """Whether it is false in no request of a scope. Raises `Undetermined`."""

        def region() -> Region:
            cubes = self.world.cubes.of(condition, "false")
            return Region(scope, cubes, lambda call: not possibly_true(condition, call))

        return self._is_empty("never false", condition, scope, region)

    def true_if_whole(
        self, condition: ir.Condition, scope: Scope, optional: frozenset[CubeKey] = frozenset()
    ) -> bool:
        """Whether it is true in each request of a scope that has what it reads, well-formed.

        What is declared as optional may be absent, and so may others. Raises `Undetermined`.
        """

        def region() -> Region:
            cubes = self.world.cubes.of(condition, "not true")
            return Region(
                scope,
                conjunction([cubes, [self._whole(condition, optional)]]),
                lambda call: not definitely_true(condition, call),
            )

        return self._is_empty(optional, condition, scope, region)

    def _whole(self, condition: ir.Condition, optional: frozenset[CubeKey]) -> Cube:
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
