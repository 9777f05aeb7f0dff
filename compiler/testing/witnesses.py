"""Requests that show what no test shows yet, or why there is none: asked of the analysis.

A test makes well-formed requests, so that what only a malformed one could show is shown by none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

from ..analysis.procedure.asked_of_rules.coverage import Region, fewest, is_empty
from ..analysis.procedure.cubes.clauses import known_now, valid
from ..analysis.procedure.cubes.cube import NOW_KEY, Cube, cheaply_empty, conjunction, key_of, union
from ..analysis.procedure.domains.values import Values
from ..analysis.procedure.proofs.existence import surely_possible
from ..analysis.procedure.rules.rule_cubes import lacking
from ..analysis.procedure.search.avoid import Avoid, permits
from ..analysis.procedure.verdict import Doubts
from ..analysis.procedure.world import World
from ..ir import nodes as ir
from ..ir.walk import attributes
from ..meaning import interpreter
from ..meaning.conditions import definitely_true, possibly_true
from ..meaning.evidence import is_there
from ..meaning.request import Call
from ..structs import Struct
from ..text.counted import first_of
from .coverage_points import Point, Result, result
from .variants import Change, at_any_time, dropped, flipped, variant, without

FEW_ALLOWS = 3  # that are looked at for a call in which a forbid makes the difference
MOST_NAMED = 3  # rules in a reason
ABSENT = Values(True, False, None)


class WitnessSearch(Struct):
    """Requests to look for: in a region, without what must be avoided."""

    region: Region
    avoid: tuple[Avoid, ...] = ()


MakesSearch: TypeAlias = Callable[[], WitnessSearch]
"""A search to be made, which may already be undetermined."""


class NoWitness(Exception):
    """No test can show it; the message says why."""


class Witnesses:
    """Finds requests that show points of one policy."""

    def __init__(self, policy: ir.Policy) -> None:
        """Prepare a policy for questions."""
        self.world = World(policy)

    def find(self, point: Point, wanted: Result) -> dict[str, Any]:
        """A small request that shows it. Raises `NoWitness`, and `Undetermined`."""
        doubts = Doubts()
        for needed, asked in self._searches(point, wanted):
            found = None
            if needed:
                with doubts:
                    found = self._run(asked(), shown=True)
            else:
                with Doubts():  # the ones that are needed decide
                    found = self._run(asked(), shown=True)
            if found is not None:
                return found
        doubts.settle()
        raise NoWitness(self._reason(point, wanted))

    def check(self, point: Point, wanted: Result) -> None:
        """Nothing, if some request shows it. Raises `NoWitness`, and `Undetermined`."""
        doubts = Doubts()
        for needed, asked in self._searches(point, wanted):
            if not needed:
                continue
            with doubts:
                search = asked()
                cubes, avoid = search.region.cubes, search.avoid
                if surely_possible(cubes, avoid, self.world.effort):
                    return
                if self._run(search, shown=False) is not None:
                    return
        doubts.settle()
        raise NoWitness(self._reason(point, wanted))

    def _run(self, search: WitnessSearch, *, shown: bool) -> dict[str, Any] | None:
        region = search.region
        return self.world.find(region.scope, region.cubes, region.holds, search.avoid, shown=shown)

    # --- What to look for -------------------------------------------------------------------------

    def _searches(self, point: Point, wanted: Result) -> Iterator[tuple[bool, MakesSearch]]:
        """The searches in order. Those that are needed are together all requests; others are preferred to them."""
        rule = point.rule
        if point.kind == "decides":
            if isinstance(rule, ir.Allow):
                yield True, lambda: self._permitted(rule)
                if rule.requirements:
                    yield True, lambda: self._challenged(rule)
                return
            for allow in islice(self._opened(rule), FEW_ALLOWS):
                yield False, self._overridden(rule, allow, alone=True)
            for allow in islice(self._opened(rule), FEW_ALLOWS):
                yield False, self._overridden(rule, allow)
            yield True, lambda: WitnessSearch(self._applies(rule))
        elif point.kind == "overrides":
            assert isinstance(rule, ir.Forbid)
            for allow in islice(self._opened(rule), FEW_ALLOWS):
                yield False, self._overridden(rule, allow, alone=True)
            for allow in self._opened(rule):
                yield True, self._overridden(rule, allow)
        else:
            yield from self._of_part(point, wanted)

    def _of_part(self, point: Point, wanted: Result) -> Iterator[tuple[bool, MakesSearch]]:
        """Where the part makes a difference, if there is such a request; else wherever it is asked for."""
        rule = point.rule

        def shows(call: Call) -> bool:
            return result(point, call) == wanted

        def within(*rules: ir.Rule) -> MakesSearch:
            def make() -> WitnessSearch:
                avoid = [
                    each
                    for allow in rules
                    if isinstance(allow, ir.Allow)
                    for each in self._others_than(rule, allow)
                ]
                return WitnessSearch(
                    joined([self._asked(point, wanted, shows), *map(self._applies, rules)]),
                    tuple(avoid),
                )

            return make

        for other in self._others(point, wanted):
            if isinstance(rule, ir.Forbid):
                for allow in islice(self._opened(rule), FEW_ALLOWS):
                    yield False, within(*other, allow)
            if other:
                yield False, within(*other)
        yield True, lambda: WitnessSearch(self._asked(point, wanted, shows))

    def _others(self, point: Point, wanted: Result) -> Iterator[list[ir.Rule]]:
        """Rules of which one should apply: the rule itself, or what it would be with another part there."""
        rule, judged = point.rule, point.judged
        if isinstance(judged, ir.Requirement):
            if isinstance(rule, ir.Forbid):
                yield []
            else:
                yield [rule if wanted == "met" else without(rule, judged)]
            return
        if point.kind == "time" and isinstance(rule, ir.Allow):
            yield [rule if wanted == "true" else at_any_time(rule)]
            return
        yield [rule]
        if point.kind == "atom":
            change: Change = dropped if wanted == "unknown" else flipped
            yield [variant(rule, point.clause, point.number, change)]

    def _asked(self, point: Point, wanted: Result, shows: Callable[[Call], bool]) -> Region:
        """All requests that show a part: of evidence, those in which all else holds."""
        cubes = self._cubes(point, wanted)
        rule = point.rule
        if point.kind == "requirement":
            if isinstance(rule, ir.Allow):
                cubes = conjunction([self.world.rules.applies(rule), cubes])
            else:
                cubes = conjunction([self.world.cubes.of(rule.condition, "not false"), cubes])
        return Region(self.world.rules.scope(rule), well_formed(cubes), shows)

    def _cubes(self, point: Point, wanted: Result) -> list[Cube]:
        """The cubes in which a part comes to what is wanted."""
        match point.judged, wanted:
            case (ir.Approval() | ir.StepUp() | ir.Confirmation()) as requirement, _:
                met = self.world.rules.met(requirement)
                return [met if wanted == "met" else lacking(requirement)]
            case ir.Validity() | ir.Window(), "unknown":
                return [Cube({NOW_KEY: ABSENT})]
            case ir.Window() as window, _:
                return [known_now((window, wanted == "true"))]
            case ir.Validity() as validity, _:
                inside = valid(validity)
                body = inside if wanted == "true" else inside.complement()[0]
                return [Cube({NOW_KEY: Values(False, False, body)})]
            case condition, "true" | "false":
                assert condition is not None and not isinstance(condition, ir.Validity | ir.Window)
                return self.world.cubes.of(condition, "true" if wanted == "true" else "false")
            case condition, _:
                assert condition is not None and not isinstance(condition, ir.Validity | ir.Window)
                read = dict.fromkeys(each for each, _ in attributes(condition) if each.optional)
                return [Cube({key_of(each): ABSENT}) for each in read]

    def _applies(self, rule: ir.Rule) -> Region:
        """The requests to which a rule applies, and of an allow those that it permits."""
        rules = self.world.rules
        if isinstance(rule, ir.Allow):
            return self._permits(rule)
        return Region(
            rules.scope(rule),
            well_formed(rules.forbids(rule)),
            lambda call: interpreter.forbid_applies(rule, call),
        )

    def _permits(self, allow: ir.Allow) -> Region:
        rules = self.world.rules
        return Region(
            rules.scope(allow),
            well_formed(rules.permits(allow)),
            lambda call: permits(allow, call),
        )

    def _fulfilled(self, forbid: ir.Forbid) -> Region:
        """The requests to which a forbid applies because its condition is true, and not for want of values."""
        applies, condition = self._applies(forbid), forbid.condition
        true = Region(
            applies.scope,
            self.world.cubes.of(condition, "true"),
            lambda call: definitely_true(condition, call),
        )
        return joined([applies, true])

    def _permitted(self, allow: ir.Allow) -> WitnessSearch:
        """What an allow permits, and no forbid denies."""
        avoid = map(self.world.avoid.forbid, self.world.near.forbids(allow))
        return WitnessSearch(self._permits(allow), tuple(avoid))

    def _challenged(self, allow: ir.Allow) -> WitnessSearch:
        """What an allow would permit with more evidence, and nothing else permits or denies."""
        world = self.world
        rest = union([[lacking(each)] for each in allow.requirements])
        region = Region(
            world.rules.scope(allow),
            well_formed(conjunction([world.rules.applies(allow), rest])),
            lambda call: bool(
                interpreter.allow_applies(allow, call) and interpreter.missing(allow, call)
            ),
        )
        avoid = [
            *map(world.avoid.forbid, world.near.forbids(allow)),
            *map(world.avoid.permit, world.near.allows(allow)),
        ]
        return WitnessSearch(region, tuple(avoid))

    def asking(self, allow: ir.Allow, requirement: ir.Requirement) -> dict[str, Any] | None:
        """A request that an allow challenges, where one thing that it asks for is missing. Raises `Undetermined`."""
        lacks = Region(
            self.world.rules.scope(allow),
            well_formed([lacking(requirement)]),
            lambda call: not is_there(requirement, call),
        )
        search = self._challenged(allow)
        return self._run(WitnessSearch(joined([search.region, lacks]), search.avoid), shown=True)

    def _others_than(self, rule: ir.Rule, allow: ir.Allow) -> list[Avoid]:
        """What keeps a request out of the forbids that an allow meets, but for one."""
        near = self.world.near.forbids(allow)
        return [self.world.avoid.forbid(each) for each in near if each is not rule]

    def _opened(self, forbid: ir.Forbid) -> Iterator[ir.Allow]:
        return self.world.near.each_allow(forbid)

    def _overridden(
        self, forbid: ir.Forbid, allow: ir.Allow, *, alone: bool = False
    ) -> MakesSearch:
        """What an allow would open if there were no forbid; where it is alone, if there were not this one.

        Alone it is also seen at its best: its condition is true.
        """

        def make() -> WitnessSearch:
            avoid = self._others_than(forbid, allow) if alone else []
            applies = self._fulfilled(forbid) if alone else self._applies(forbid)
            rules = self.world.rules
            opened = Region(
                rules.scope(allow),
                well_formed(rules.applies(allow)),
                lambda call: interpreter.allow_applies(allow, call),
            )
            return WitnessSearch(joined([opened, applies]), tuple(avoid))

        return make

    # --- Why there is none ------------------------------------------------------------------------

    def _reason(self, point: Point, wanted: Result) -> str:
        """Say why no test can show it."""
        rule = point.rule
        if point.kind == "decides":
            return self._undecided(rule)
        if point.kind == "overrides":
            return "no allow is open where it applies"
        if point.kind == "requirement":
            return f"the evidence is {wanted} in no call to which all else of the rule applies"
        if all(
            any(map(cheaply_empty, each.values.values())) for each in self._cubes(point, wanted)
        ):
            return f"no value makes it {wanted}"
        what = f"makes it {wanted}" if wanted != "unknown" else "leaves it unknown"
        return f"no call that the rule names {what}"

    def _undecided(self, rule: ir.Rule) -> str:
        world = self.world
        scope = world.rules.scope(rule)
        if not scope:
            return "it names no call"
        condition = rule.condition
        if condition is not None:
            opens = isinstance(rule, ir.Allow)
            region = Region(
                scope,
                well_formed(world.cubes.of(condition, "true" if opens else "not false")),
                lambda call: (
                    definitely_true(condition, call) if opens else possibly_true(condition, call)
                ),
            )
            if is_empty(world, region):
                return f"its condition is {'never true' if opens else 'always false'}"
        if isinstance(rule, ir.Forbid):
            return "no request comes under it"
        applies = self._permits(rule)
        if not applies.cubes or is_empty(world, applies):
            return "no request meets all its clauses"
        avoid = [world.avoid.forbid(each) for each in world.near.forbids(rule)]
        least = fewest(world, applies, avoid)
        by = [each for each in world.near.forbids(rule) if world.avoid.forbid(each) in least]
        names = [f"`{each.id}`" for each in by]
        return f"it is always forbidden, by {first_of(names, MOST_NAMED)}"


def joined(regions: Sequence[Region]) -> Region:
    """What is in all of some regions."""
    scope = regions[0].scope
    for each in regions[1:]:
        scope &= each.scope
    return Region(
        scope,
        conjunction([each.cubes for each in regions]),
        lambda call: all(each.holds(call) for each in regions),
    )


def well_formed(cubes: Iterable[Cube]) -> list[Cube]:
    """Cubes without what is malformed."""
    return [
        Cube(
            {
                key: Values(values.absent, False, values.body) if values.malformed else values
                for key, values in each.values.items()
            },
            each.relations,
        )
        for each in cubes
    ]
