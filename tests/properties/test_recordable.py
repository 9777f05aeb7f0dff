"""What is proved of facts holds of every record: no record gives what a witness has to avoid."""

from __future__ import annotations

from generators.facts import ATOMS, FROM, HEAD, draw_text, fact_policies
from generators.records import recorded_requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.calls.scope import Scope
from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.conditions import definitely_true, truth
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.meaning.request import Call
from agpc.compiler.report.source import Source


def world_of(*conditions: str) -> World:
    rules = "".join(
        f"grant g{number} {{ to bot for work allow t.* when {each} }}\n"
        for number, each in enumerate(conditions)
    )
    found = compile_sources([Source("p.agp", HEAD + rules)])
    assert found.policy is not None, found.diagnostics
    return World(found.policy)


EVERY_ATOM = world_of(*ATOMS, *FROM)
"""Reads each meter in each way, and each source."""


@given(st.data())
def test_no_record_gives_what_a_witness_avoids(data: st.DataObject) -> None:
    world = EVERY_ATOM
    assert world.recordable is not None
    request = data.draw(recorded_requests(world.policy))
    call = Call.read(world.policy, request)
    assert call is not None and call.capability is not None
    here = world.names.capabilities_of((call.capability,))
    for avoid in world.recordable.near([], [everything_asked(world)]):
        if avoid.scope.capabilities & here:
            assert not avoid.happens(call), request
            assert any(fits(cube, call) for cube in avoid.escapes()), request


def everything_asked(world: World):  # type: ignore[no-untyped-def]
    """Something to avoid that reads every fact."""
    from dataclasses import replace

    one = world.avoid.permit(world.policy.allows[0])
    every = frozenset().union(*(world.avoid.permit(each).facts for each in world.policy.allows))
    return replace(one, facts=every)


def fits(cube, call: Call) -> bool:  # type: ignore[no-untyped-def]
    """Whether a call is in a cube, as far as single attributes and leaves say it."""
    from agpc.compiler.analysis.procedure.asked_of_rules.pairs import exactly
    from agpc.compiler.analysis.procedure.cubes.cube import Growth

    for key, values in cube.values.items():
        if (exactly(key, call, call.policy) & values).is_empty():
            return False
    for what, wanted in cube.relations:
        if isinstance(what, Growth):
            grown = call.read_attribute(what.after) - call.read_attribute(what.before)
            if not what.least <= grown <= what.most:
                return False
        elif truth(what, call) is not wanted:
            return False
    return True


@given(st.data())
def test_what_is_proved_never_to_be_is_not_after_any_record(data: st.DataObject) -> None:
    world = world_of(data.draw(st.builds(lambda text: text, texts())))
    (allow,) = world.policy.allows
    calls = [data.draw(recorded_requests(world.policy)) for _ in range(4)]
    try:
        found = world.find(
            world.rules.scope(allow),
            world.rules.permits(allow),
            lambda call: definitely_true(allow.condition, call),
        )
    except Undetermined:
        return
    if found is None:
        for request in calls:
            assert decide(world.policy, request).effect != "permit", request
    else:
        assert decide(world.policy, found).effect == "permit"


@st.composite
def texts(draw: st.DrawFn) -> str:
    return draw_text(draw, (*ATOMS, *FROM))


@given(st.data())
def test_what_is_permitted_after_a_record_is_found(data: st.DataObject) -> None:
    policy = data.draw(fact_policies())
    world = World(policy)
    request = data.draw(recorded_requests(policy))
    if decide(policy, request).effect != "permit":
        return
    call = Call.read(policy, request)
    assert call is not None and call.capability is not None
    here = Scope(
        world.names.agents_of(),
        world.names.intents_of(),
        world.names.capabilities_of((call.capability,)),
    )
    try:
        ways = [
            world.permitted_by(each, world.near.forbids(each), scope=here)
            for each in policy.allows
            if world.rules.scope(each).meets(here)
        ]
    except Undetermined:
        return
    assert any(each is not None for each in ways)
    assert isinstance(policy, ir.Policy)
