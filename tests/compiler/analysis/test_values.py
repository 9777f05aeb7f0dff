"""Sets of values, compared with brute force over small stretches of each kind."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.domains.texts import Glob, OneOf, Texts
from agpc.compiler.analysis.procedure.domains.values import (
    EDGES,
    MAPPED,
    V4_END,
    V6_START,
    Body,
    Finite,
    Intervals,
    Kind,
    Lists,
    Values,
    after,
    before,
    everything,
    intervals,
    is_empty,
    meet,
    one_of,
)
from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.ir import nodes as ir
from agpc.runtime.values import MAX_DURATION, MAX_INT, NANOSECONDS

KINDS: tuple[Kind, ...] = ("int", "number", "time", "duration", "age", "ip")
HIGHEST = math.nextafter(math.inf, 0)


def stretch(start: float, kind: Kind, length: int = 6) -> list[float]:
    """Some numbers of a kind that follow each other."""
    found = [start]
    while len(found) < length:
        found.append(after(found[-1], kind))
    return found


INTERESTING: dict[Kind, list[float]] = {
    "int": [*stretch(-MAX_INT, "int"), *stretch(-3, "int"), *stretch(MAX_INT - 5, "int")],
    "number": [
        -HIGHEST,
        *stretch(math.nextafter(math.nextafter(0.0, -1), -1), "number"),
        *stretch(1.0, "number"),
        before(HIGHEST, "number"),
        HIGHEST,
    ],
    "time": [*stretch(-(2**63), "time"), *stretch(0, "time"), *stretch(2**63 - 6, "time")],
    "duration": [
        *stretch(0, "duration"),
        *stretch(MAX_DURATION - 5 * NANOSECONDS, "duration"),
    ],
    "age": [*stretch(0, "age"), *stretch(2**64 - 6, "age")],
    "ip": [
        *stretch(0, "ip"),
        *stretch(V4_END - 2, "ip"),
        *stretch(MAPPED[0] - 6, "ip"),
        *stretch(MAPPED[1] + 1, "ip"),
        *stretch(V6_START + 2**128 - 6, "ip"),
    ],
}


@st.composite
def spans(draw: st.DrawFn, kind: Kind) -> Intervals:
    """A few intervals; many are single points, touch, overlap or stand twice."""
    points = st.sampled_from(INTERESTING[kind])
    ends = draw(st.lists(st.tuples(points, points), max_size=4))
    return intervals(kind, [*ends, *((low, low) for low, _ in ends[:1])])


pairs = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(spans(kind), spans(kind)))


@given(pairs)
def test_intervals_are_sorted_apart_and_within_the_kind(pair: tuple[Intervals, Intervals]) -> None:
    one, other = pair
    for each in (one, other, one & other, *one.complement()):
        assert all(low <= high for low, high in each.spans)
        assert all(a[1] < b[0] for a, b in zip(each.spans, each.spans[1:], strict=False))
        assert each == each & Intervals(each.kind, EDGES[each.kind])


@given(pairs)
def test_meet_and_complement_of_intervals(pair: tuple[Intervals, Intervals]) -> None:
    one, other = pair
    both = one & other
    (outside,) = one.complement()
    for value in INTERESTING[one.kind]:
        assert both.contains(value) == (one.contains(value) and other.contains(value))
        assert outside.contains(value) != one.contains(value)
    (again,) = outside.complement()
    assert [again.contains(v) for v in INTERESTING[one.kind]] == [
        one.contains(v) for v in INTERESTING[one.kind]
    ]
    assert is_empty(one & outside)


@given(pairs)
def test_members_of_intervals(pair: tuple[Intervals, Intervals]) -> None:
    both = pair[0] & pair[1]
    found = list(islice(both.members(), 40))
    assert all(map(both.contains, found))
    assert len(set(found)) == len(found)
    assert bool(found) == any(map(both.contains, INTERESTING[both.kind])) == (not is_empty(both))


@given(pairs)
def test_few_members_are_given_whole(pair: tuple[Intervals, Intervals]) -> None:
    small = [v for v in INTERESTING[pair[0].kind][:6] if pair[0].contains(v)]
    points = intervals(pair[0].kind, [(v, v) for v in small])
    assert sorted(points.members()) == sorted(small)


def test_no_duration_lies_between_two_seconds() -> None:
    between = Intervals(
        "duration", ((after(60 * NANOSECONDS, "duration"), MAX_DURATION),)
    ) & Intervals("duration", ((0, before(61 * NANOSECONDS, "duration")),))
    assert is_empty(between)


def test_an_address_range_holds_no_mapped_address() -> None:
    whole = intervals("ip", [(V6_START, V6_START + 2**128 - 1)])
    assert not any(map(whole.contains, (MAPPED[0], MAPPED[1])))
    assert whole.contains(MAPPED[0] - 1)
    assert whole.contains(MAPPED[1] + 1)


@given(st.integers(1, 4), st.integers(0, 15), st.integers(0, 15))
def test_finite_sets(size: int, left: int, right: int) -> None:
    limit = (1 << size) - 1
    one, other = Finite(left & limit, size), Finite(right & limit, size)
    (outside,) = one.complement()
    for rank in range(size):
        assert (one & other).contains(rank) == (one.contains(rank) and other.contains(rank))
        assert outside.contains(rank) != one.contains(rank)
    assert [rank for rank in range(size) if one.contains(rank)] == list(one.members())


ELEMENTS: dict[str, list[Any]] = {"bits": [0, 1, 2], "int": [0, 1, 2, 3], "text": ["", "a", "ab"]}


@st.composite
def bodies(draw: st.DrawFn, of: str) -> Body:
    if of == "bits":
        return Finite(draw(st.integers(0, 7)), 3)
    if of == "int":
        small = st.integers(-1, 4)
        return intervals("int", draw(st.lists(st.tuples(small, small), max_size=3)))
    language = draw(
        st.sampled_from([Glob("*"), Glob("a*"), Glob("?"), OneOf(frozenset(("", "a")))])
    )
    outside = draw(st.booleans())
    return Texts(
        frozenset() if outside else frozenset((language,)),
        frozenset((language,)) if outside else frozenset(),
    )


@st.composite
def list_sets(draw: st.DrawFn) -> tuple[str, Lists, Lists]:
    of = draw(st.sampled_from(sorted(ELEMENTS)))

    def lists() -> Lists:
        return Lists(draw(bodies(of)), tuple(draw(st.lists(bodies(of), max_size=2))))

    return of, lists(), lists()


def every_list(of: str) -> list[list[Any]]:
    """All lists of some elements, as sets."""
    elements = ELEMENTS[of]
    return [
        [each for bit, each in enumerate(elements) if chosen >> bit & 1]
        for chosen in range(1 << len(elements))
    ]


@given(list_sets())
@example(("bits", Lists(Finite(0, 3)), Lists(Finite(0, 3), (Finite(0, 3),))))
def test_lists(sets: tuple[str, Lists, Lists]) -> None:
    of, one, other = sets
    both = one & other
    try:
        outside = one.complement()
    except Undetermined:
        outside = None
    for value in every_list(of):
        assert both.contains(value) == (one.contains(value) and other.contains(value))
        if outside is not None:
            assert any(each.contains(value) for each in outside) != one.contains(value)
    found = list(both.members())
    assert all(map(both.contains, found))
    if not found:
        assert is_empty(both)
        assert not any(map(both.contains, every_list(of)))


@given(st.data())
def test_values_meet_state_by_state(data: st.DataObject) -> None:
    of = data.draw(st.sampled_from(sorted(ELEMENTS)))

    def values() -> Values:
        body = data.draw(st.none() | bodies(of))
        return Values(data.draw(st.booleans()), data.draw(st.booleans()), body)

    one, other = values(), values()
    both = one & other
    assert (both.absent, both.malformed) == (
        one.absent and other.absent,
        one.malformed and other.malformed,
    )
    for element in ELEMENTS[of]:
        expected = all(
            each.body is not None and each.body.contains(element) for each in (one, other)
        )
        assert (both.body is not None and both.body.contains(element)) == expected


@pytest.mark.parametrize(
    ("type_", "values", "members"),
    [
        (ir.INT, (3, 1, 3, 2), [1, 2, 3]),
        (ir.NUMBER, (0.5, 0.5, -0.0, 0.0), [0.0, 0.5]),
        (ir.BOOL, (True, True), [1]),
        (ir.STRING, ("b", "a", "b"), ["a", "b"]),
        (ir.IP, ((128, 1), (32, 1), (32, 1)), [1, V6_START + 1]),
        (ir.EnumType(ir.TASK_STATE), ("drifted", "active"), [0, 2]),
        (ir.INT, (), []),
    ],
)
def test_sets_of_constants(type_: ir.Type, values: tuple[Any, ...], members: list[Any]) -> None:
    body = one_of(values, type_, ir.Policy())
    assert sorted(body.members()) == members
    assert is_empty(meet(body, body)) == (not members)
    assert not is_empty(everything(body))
