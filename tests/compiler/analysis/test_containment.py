"""Cubes that lie in others, and what is seen of it from their outlines."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.cubes.containment import lie_in, may_lie_in, outline
from agpc.compiler.analysis.procedure.cubes.cube import Cube, CubeKey
from agpc.compiler.analysis.procedure.domains.texts import OneOf, Texts
from agpc.compiler.analysis.procedure.domains.values import Body, Finite, Intervals, Lists, Values
from agpc.compiler.ir import nodes as ir

NUMBERS: list[Body] = [
    Intervals("int", spans)
    for spans in [(), ((0, 1),), ((2, 3),), ((0, 1), (2, 3)), ((0, 3),), ((0, 9),), ((5, 5),)]
]
BODIES: dict[str, list[Body]] = {
    "int": NUMBERS,
    "bool": [Finite(mask, 2) for mask in range(4)],
    "string": [
        Texts(),
        Texts(frozenset([OneOf(frozenset("a"))])),
        Texts(frozenset([OneOf(frozenset("a"))]), frozenset([OneOf(frozenset("b"))])),
    ],
    "list": [Lists(Finite(3, 2)), Lists(Finite(1, 2)), Lists(Finite(3, 2), (Finite(1, 2),))],
}


@st.composite
def cubes(draw: st.DrawFn) -> list[Cube]:
    """A few cubes over attributes of each kind."""

    def cube() -> Cube:
        kinds = draw(st.lists(st.sampled_from(sorted(BODIES)), unique=True, max_size=2))
        return Cube(
            {
                CubeKey("args", (kind,), ir.INT): Values(
                    draw(st.booleans()),
                    draw(st.booleans()),
                    draw(st.none() | st.sampled_from(BODIES[kind])),
                )
                for kind in kinds
            }
        )

    return [cube() for _ in range(draw(st.integers(0, 3)))]


@given(cubes(), cubes(), st.booleans())
def test_outlines_say_no_only_where_cubes_do_not_lie_in_others(
    some: list[Cube], others: list[Cube], are_more: bool
) -> None:
    others = [*some, *others] if are_more else others
    lie = lie_in(some, others)
    may = may_lie_in(outline(some), outline(others))
    event(f"lie: {lie}, may: {may}")
    assert may or not lie


def test_outlines_tell_tiles_apart() -> None:
    def tile(low: int) -> list[Cube]:
        body = Intervals("int", ((low, low),))
        key = CubeKey("args", ("n",), ir.INT)
        return [Cube({key: Values(True, False, None)}), Cube({key: Values(False, False, body)})]

    assert not may_lie_in(outline(tile(0)), outline(tile(1)))
    assert may_lie_in(outline(tile(0)), outline(tile(0)))
