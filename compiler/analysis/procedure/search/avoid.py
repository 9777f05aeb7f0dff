"""What a witness must not do: come under a forbid, or be permitted by an allow."""

from __future__ import annotations

from collections.abc import Callable

from ....ir import nodes as ir
from ....ir.walk import conditions_of_rule
from ....meaning import interpreter
from ....meaning.request import Call
from ....structs import Struct
from ..calls.scope import Scope
from ..cubes.costs import judging
from ..cubes.cube import Cube
from ..cubes.disjointness import Points, points_of
from ..cubes.facts_read import facts_of
from ..rules.rule_cubes import RuleCubes
from ..verdict import Undetermined


class Avoid(Struct):
    """Something that a witness must not do: where it can, whether it does, and how not to."""

    scope: Scope
    happens: Callable[[Call], bool]
    escapes: Callable[[], list[Cube]]
    points: Callable[[], Points]
    steps: int
    """What it takes to ask whether it happens."""
    facts: frozenset[str] = frozenset()
    """The facts that it reads."""

    def may_happen(self, cube: Cube) -> bool:
        """Whether it may happen in a cube, as far as can be seen without a search."""
        from ..cubes.containment import lies_in  # which few policies need

        try:
            return not any(lies_in(cube, each) for each in self.escapes())
        except Undetermined:  # too many to say
            return True


class Avoids:
    """How to keep a witness out of each rule of a policy."""

    def __init__(self, rules: RuleCubes) -> None:
        """Take what the rules are about."""
        self._rules = rules
        self._known: dict[str, Avoid] = {}
        self._points: dict[str, Points] = {}

    def forbid(self, forbid: ir.Forbid) -> Avoid:
        """Keep a witness out of a forbid."""
        if forbid.id not in self._known:
            self._known[forbid.id] = Avoid(
                self._rules.scope(forbid),
                lambda call: interpreter.forbid_applies(forbid, call),
                lambda: self._rules.spares(forbid),
                lambda: self._points_of(forbid, lambda: self._rules.forbids(forbid)),
                judging(conditions_of_rule(forbid)),
                facts_of(conditions_of_rule(forbid)),
            )
        return self._known[forbid.id]

    def permit(self, allow: ir.Allow) -> Avoid:
        """Keep a witness from being permitted by an allow."""
        if allow.id not in self._known:
            self._known[allow.id] = Avoid(
                self._rules.scope(allow),
                lambda call: permits(allow, call),
                lambda: self._rules.does_not_permit(allow),
                lambda: self._points_of(allow, lambda: self._rules.permits(allow)),
                judging(conditions_of_rule(allow)),
                facts_of(conditions_of_rule(allow)),
            )
        return self._known[allow.id]

    def _points_of(self, rule: ir.Rule, cubes: Callable[[], list[Cube]]) -> Points:
        if rule.id not in self._points:
            try:
                self._points[rule.id] = points_of(cubes())
            except Undetermined:  # too many to say
                self._points[rule.id] = {}
        return self._points[rule.id]


def permits(allow: ir.Allow, call: Call) -> bool:
    """Whether an allow permits a call, if no forbid applies."""
    return interpreter.allow_applies(allow, call) and not interpreter.missing(allow, call)
