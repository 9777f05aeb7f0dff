"""What no record gives, as something that a witness avoids: so a proof is about the facts that there can be.

A monitor works out facts from a record, and some values do not come together: a meter that is less with the
call at hand than without it, a value that comes from a source and not from another one that has its origins.
Absence and malformed values are always possible: a fact may be lost on the way, and is never made up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from ....ir import nodes as ir
from ....ir.walk import attributes, conditions_of, leaves
from ....meaning.conditions import truth
from ....meaning.request import Absent, Call, Malformed
from ....structs import Struct
from ..calls.names import CallNames
from ..calls.scope import Scope
from ..cubes.conditions import Cubes
from ..cubes.cube import Cube, Growth, conjunction, key_of
from ..cubes.facts_read import fact_of, facts_in
from ..domains.values import Values
from ..search.avoid import Avoid
from .meter_order import ordered_pairs

if TYPE_CHECKING:
    from .closed_sources import FromSource

MANY = 9_007_199_254_740_991  # more than any meter of whole numbers is
UNKNOWN = Values(True, True, None)
Counting = tuple[int, int]
"""The capabilities, as bits, whose calls surely count in a meter if its `when` holds, and those whose calls may."""


class Unrecordable(Struct):
    """Something that no record gives, and the keys of the facts that have to be asked about for it to matter."""

    facts: frozenset[str]
    avoid: Avoid


class Recordable:
    """What no record gives of the facts that the rules of one policy read."""

    def __init__(
        self,
        policy: ir.Policy,
        intents: tuple[ir.Intent, ...],
        cubes: Cubes,
        names: CallNames,
        counting: Callable[[ir.Meter], Counting],
    ) -> None:
        """Take a policy with facts."""
        self._policy = policy
        self._intents = intents
        self._cubes = cubes
        self._everyone = (names.agents_of(ir.ANYONE), names.intents_of(ir.ANYONE))
        self._whole = (1 << len(names.universe.capabilities)) - 1
        self._counting = counting
        self._read = {
            attribute.path[1:]
            for condition in conditions_of(policy)
            for attribute, _ in attributes(condition)
            if ir.is_fact(attribute)
        }
        self._all = [*self._of_meters(), *self._of_pairs(), *self._of_sources()]

    def near(self, cubes: Iterable[Cube], avoid: Iterable[Avoid]) -> list[Avoid]:
        """What a witness in some cubes has to avoid, beside something else that it has to."""
        if not self._all:
            return []
        asked = facts_in(cubes).union(*(each.facts for each in avoid))
        return [each.avoid for each in self._all if each.facts <= asked]

    def _never(
        self,
        facts: Collection[str],
        capabilities: int,
        happens: Callable[[Call], bool],
        escapes: Callable[[], list[Cube]],
    ) -> Iterator[Unrecordable]:
        if capabilities:
            scope = Scope(*self._everyone, capabilities)
            yield Unrecordable(frozenset(facts), Avoid(scope, happens, escapes, dict, 1))

    # --- meters ---

    def _of_meters(self) -> Iterator[Unrecordable]:
        for meter in self._policy.meters:
            if not meter.has_with or (meter.key, "with") not in self._read:
                continue
            surely, may = self._counting(meter)
            cases = ((surely, True), (may, None), (self._whole & ~may & ~surely, False))
            for scope, counts in cases:
                yield from self._never(
                    [fact_of(meter.read("before")), fact_of(meter.read("with"))],
                    scope,
                    partial(_grows_otherwise, meter, counts),
                    partial(self._growing, meter, counts),
                )
            own = _own_value(meter)
            if own is not None or meter.aggregate == "count":
                yield from self._never(
                    [fact_of(meter.read("with"))],
                    surely,
                    partial(_is_less_than_own, meter, own),
                    partial(self._not_less_than_own, meter, own),
                )

    def _of_pairs(self) -> Iterator[Unrecordable]:
        """Meters that count all that others count are no less than these."""
        for few, many in ordered_pairs(self._policy.meters):
            for reading in ("before", "with") if few.has_with else ("before",):
                one, other = few.read(reading), many.read(reading)
                if {one.path[1:], other.path[1:]} <= self._read:
                    yield from self._never(
                        [fact_of(one), fact_of(other)],
                        self._whole,
                        partial(_is_more, one, other),
                        partial(self._no_more, one, other),
                    )

    def _no_more(self, one: ir.Attribute, other: ir.Attribute) -> list[Cube]:
        unknown = [self._cubes.cube(each, UNKNOWN) for each in (one, other)]
        return [*unknown, self._related(ir.Compare("<=", one, other))]

    def _growing(self, meter: ir.Meter, counts: bool | None) -> list[Cube]:
        """The cubes in which a meter is with the call what a record gives, or either value is not known."""
        before, after = meter.read("before"), meter.read("with")
        found = [self._cubes.cube(each, UNKNOWN) for each in (before, after)]
        same = self._related(ir.Compare("==", before, after))
        if counts is False:
            return [*found, same]
        if counts is None:
            return [*found, self._grown(meter, least=0)]
        if meter.condition is not None:
            found += conjunction([[same], self._cubes.of(meter.condition, "not true")])
        return [*found, *conjunction([self._counted(meter), self._cubes.of(meter.condition, "true")])]  # fmt: skip

    def _counted(self, meter: ir.Meter) -> list[Cube]:
        """The cubes in which a meter grows by a call that surely counts."""
        own = _own_value(meter)
        if meter.aggregate != "max" or own is None:
            return [self._grown(meter, least=1)]
        before, after = meter.read("before"), meter.read("with")
        raised = [ir.Compare("==", after, own), ir.Compare(">=", own, before)]
        kept = [ir.Compare("==", after, before), ir.Compare("<=", own, before)]
        return [
            each
            for pair in (raised, kept)
            if (each := self._related(pair[0]) & self._related(pair[1])) is not None
        ]

    def _grown(self, meter: ir.Meter, *, least: int) -> Cube:
        """A meter that is no less with the call than before it; a count by one at most."""
        before, after = meter.read("before"), meter.read("with")
        most = _most(meter)
        if most is None:
            return self._related(ir.Compare("<=", before, after))
        least = least if meter.aggregate == "count" else 0
        values = {key_of(each): Values(False, False, self._cubes.body(each)) for each in (before, after)}  # fmt: skip
        return Cube(values, frozenset(((Growth(before, after, least, most), True),)))

    def _not_less_than_own(self, meter: ir.Meter, own: ir.Attribute | None) -> list[Cube]:
        after = meter.read("with")
        found = [self._cubes.cube(after, UNKNOWN)]
        if meter.condition is not None:
            found += self._cubes.of(meter.condition, "not true")
        if own is None:
            return [*found, *self._cubes.of(ir.Compare(">=", after, ir.Constant(ir.INT, 1)), "true")]  # fmt: skip
        return [*found, self._related(ir.Compare(">=", after, own))]

    def _related(self, leaf: ir.Compare) -> Cube:
        read = [each for each in (leaf.left, leaf.right) if isinstance(each, ir.Attribute)]
        values = {key_of(each): Values(False, False, self._cubes.body(each)) for each in read}
        return Cube(values, frozenset(((leaf, True),)))

    # --- sources ---

    def _of_sources(self) -> Iterator[Unrecordable]:
        if not self._policy.sources:
            return
        from .closed_sources import meaning_of, members_of  # which few policies need

        asked = list(asked_of_sources(self._policy))
        for one in asked:
            mine = self._policy.sources_by_key.get(one.source)
            if mine is None:
                continue
            for other in asked:
                theirs = self._policy.sources_by_key.get(other.source)
                if (
                    theirs is not None
                    and one != other
                    and one.name == other.name
                    and set(mine.origins) <= set(theirs.origins)
                ):
                    yield from self._implies(one.leaf, other.leaf, [one.source, other.source])
            if one.name.links:
                continue
            if (means := meaning_of(self._intents, mine, one.name.of)) is not None:
                yield from self._implies(one.leaf, means, [one.source])
            for member in members_of(mine, one.name.of):
                yield from self._implies(member, one.leaf, [one.source])

    def _implies(
        self, one: ir.Condition, other: ir.Condition, facts: list[str]
    ) -> Iterator[Unrecordable]:
        """Where one is true, the other is too; of a fact that is lost on the way, it is unknown."""
        may_be_lost = any(ir.is_fact(each) for each, _ in attributes(other))
        broken = (False,) if may_be_lost else (False, None)

        def happens(call: Call) -> bool:
            return truth(one, call) is True and truth(other, call) in broken

        def escapes() -> list[Cube]:
            kept = self._cubes.of(other, "not false" if may_be_lost else "true")
            return [*self._cubes.of(one, "not true"), *kept]

        yield from self._never(facts, self._whole, happens, escapes)


def asked_of_sources(policy: ir.Policy) -> Iterator[FromSource]:
    """What the rules of a policy ask of sources, each once."""
    from .closed_sources import FromSource

    found: dict[FromSource, None] = {}
    for condition in conditions_of(policy):
        for leaf in leaves(condition):
            if isinstance(leaf, ir.In) and isinstance(leaf.item, ir.NameOf):
                assert isinstance(leaf.of, ir.Attribute)
                found.setdefault(FromSource(leaf.item, leaf.of.path[1], leaf))
    yield from found


def _own_value(meter: ir.Meter) -> ir.Attribute | None:
    """What a call adds, where that compares with the meter."""
    return meter.attribute if meter.aggregate in ("sum", "max") else None


def _most(meter: ir.Meter) -> int | None:
    """By how much a call raises a meter of whole numbers at most; None where its numbers are not whole."""
    if meter.type != ir.INT:
        return None
    if meter.aggregate == "count":
        return 1
    is_list = meter.attribute is not None and isinstance(meter.attribute.type, ir.ListType)
    return 1 if meter.aggregate == "distinct" and not is_list else MANY


def _grows_otherwise(meter: ir.Meter, counts: bool | None, call: Call) -> bool:
    """Whether a meter is with the call what it cannot be after what it is before it."""
    before = call.read_attribute(meter.read("before"))
    after = call.read_attribute(meter.read("with"))
    if isinstance(before, Absent | Malformed) or isinstance(after, Absent | Malformed):
        return False
    if counts and meter.condition is not None:
        counts = truth(meter.condition, call) is True
    if counts is False:
        return bool(before != after)
    if after < before:
        return True
    if meter.aggregate == "max" and counts and meter.attribute is not None:
        own = call.read_attribute(meter.attribute)
        return isinstance(own, Absent | Malformed) or after != max(before, own)
    most = _most(meter)
    if most is None:
        return False
    least = 1 if counts and meter.aggregate == "count" else 0
    return not least <= after - before <= most


def _is_more(one: ir.Attribute, other: ir.Attribute, call: Call) -> bool:
    left, right = call.read_attribute(one), call.read_attribute(other)
    is_known = not isinstance(left, Absent | Malformed) and not isinstance(
        right, Absent | Malformed
    )
    return is_known and bool(left > right)


def _is_less_than_own(meter: ir.Meter, own: ir.Attribute | None, call: Call) -> bool:
    after = call.read_attribute(meter.read("with"))
    if isinstance(after, Absent | Malformed):
        return False
    if meter.condition is not None and truth(meter.condition, call) is not True:
        return False
    if own is None:
        return bool(after < 1)
    value = call.read_attribute(own)
    return isinstance(value, Absent | Malformed) or bool(after < value)
