"""What conditions and rules become as cubes, compared with the reference interpreter."""

from __future__ import annotations

from typing import Any

from generators import policies, requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.calls.agents_of_conditions import conditions_of
from agpc.compiler.analysis.procedure.cubes.conditions import Ask, Cubes
from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.conditions import truth
from agpc.compiler.meaning.request import Call, strangers

from .enumerated.containment import lies_in

HOLDS: dict[Ask, tuple[bool | None, ...]] = {
    "true": (True,),
    "false": (False,),
    "not true": (False, None),
    "not false": (True, None),
}


def parts_of(condition: ir.Condition) -> list[ir.Condition]:
    """A condition and all that it is made of."""
    match condition:
        case ir.And(parts) | ir.Or(parts):
            return [condition, *(inner for each in parts for inner in parts_of(each))]
        case ir.Not(part):
            return [condition, *parts_of(part)]
    return [condition]


@given(st.data())
def test_a_request_lies_in_a_cube_of_an_ask_exactly_where_the_ask_holds(
    data: st.DataObject,
) -> None:
    policy: ir.Policy = data.draw(policies())
    calls = draw_calls(data, policy)
    cubes = Cubes(policy)
    for whole in conditions_of(policy):
        for condition in parts_of(whole):
            for ask, truths in HOLDS.items():
                try:
                    found = cubes.of(condition, ask)
                except Undetermined:
                    continue
                for call in calls:
                    value = truth(condition, call)
                    inside = any(lies_in(call, cube) for cube in found)
                    assert inside == (value in truths), (condition, ask, value, call.request)


@given(st.data())
def test_the_cubes_of_a_rule_hold_the_requests_to_which_it_applies(data: st.DataObject) -> None:
    policy: ir.Policy = data.draw(policies())
    calls = draw_calls(data, policy)
    world = World(policy)

    def check(make: Any, rule: Any, wanted: Any) -> None:
        try:
            cubes = make(rule)
        except Undetermined:
            return
        for call in whole if isinstance(rule, ir.Allow) else calls:
            if interpreter.matches(rule, call):
                inside = any(lies_in(call, cube) for cube in cubes)
                assert inside == wanted(call), (rule, make.__name__, call.request)

    whole = [call for call in calls if next(strangers(call), None) is None]
    for call in calls:
        if (
            call not in whole
        ):  # cubes speak of declared arguments: the rest is closed whatever they say
            assert not any(interpreter.allow_applies(allow, call) for allow in policy.allows)
    for allow in policy.allows:

        def applies(call: Call, allow: ir.Allow = allow) -> bool:
            return interpreter.allow_applies(allow, call)

        def permits(call: Call, allow: ir.Allow = allow) -> bool:
            return interpreter.allow_applies(allow, call) and not interpreter.missing(allow, call)

        check(world.rules.applies, allow, applies)
        check(world.rules.permits, allow, permits)
        check(world.rules.does_not_permit, allow, lambda call, permits=permits: not permits(call))
    for forbid in policy.forbids:

        def forbids(call: Call, forbid: ir.Forbid = forbid) -> bool:
            return interpreter.forbid_applies(forbid, call)

        check(world.rules.forbids, forbid, forbids)
        check(world.rules.spares, forbid, lambda call, forbids=forbids: not forbids(call))


def draw_calls(data: st.DataObject, policy: ir.Policy) -> list[Call]:
    """A few requests of any kind, as calls."""
    found = data.draw(st.lists(requests(policy, recorded=True), min_size=3, max_size=6))
    return [call for each in found if (call := Call.read(policy, each)) is not None]
