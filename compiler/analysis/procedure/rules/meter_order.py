"""Which meters count all that others count, so that they are never less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations

from ....ir import nodes as ir

MOST = 30  # meters of one kind that are compared with each other
GROWING = ("count", "sum", "sum size", "distinct", "max")


def counts_all_of(many: ir.Meter, few: ir.Meter) -> bool:
    """Whether every call that counts in one meter surely counts in the other, and for as much."""
    return (
        many.aggregate == few.aggregate
        and many.aggregate in GROWING
        and many.attribute == few.attribute
        and many.counted == few.counted
        and set(few.capabilities) <= set(many.capabilities)
        and {*many.scopes, *many.keys} <= {*few.scopes, *few.keys}
        and many.condition in (None, few.condition)
        and (many.within is None or (few.within is not None and few.within <= many.within))
    )


def ordered_pairs(meters: tuple[ir.Meter, ...]) -> Iterator[tuple[ir.Meter, ir.Meter]]:
    """Pairs of meters of which the first is never more than the second."""
    alike: dict[object, list[ir.Meter]] = defaultdict(list)
    for each in meters:
        alike[each.aggregate, each.attribute, each.counted].append(each)
    for group in alike.values():
        if len(group) <= MOST:
            yield from (pair for pair in permutations(group, 2) if counts_all_of(pair[1], pair[0]))
