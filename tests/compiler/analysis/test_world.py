"""What `World` proves, compared with asking about every request, and with requests of every kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from generators import policies, requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.search.avoid import Avoid
from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.request import Call
from agpc.compiler.report.source import Source

from .enumerated.small_policies import every_call, small_policies


def permits(allow: ir.Allow, call: Call) -> bool:
    return interpreter.allow_applies(allow, call) and not interpreter.missing(allow, call)


def check(
    world: World,
    found: dict[str, Any] | None,
    holds: Callable[[Call], bool],
    avoid: Sequence[Avoid],
    calls: Sequence[Call],
) -> None:
    """A witness is one; where there is none, no call is one."""
    if found is not None:
        call = Call.read(world.policy, found)
        assert call is not None
        assert holds(call)
        assert not any(each.happens(call) for each in avoid)
        return
    for call in calls:
        assert not holds(call) or any(each.happens(call) for each in avoid), call.request


@given(small_policies())
def test_every_answer_is_that_of_enumeration(policy: ir.Policy) -> None:
    world, calls = World(policy), list(every_call(policy))
    for allow in policy.allows:
        others = [each for each in policy.allows if each is not allow]
        questions = [[], [world.avoid.forbid(each) for each in policy.forbids]]
        questions += [[world.avoid.permit(each)] for each in others]
        questions.append([world.avoid.permit(each) for each in others])
        questions.append(questions[1] + questions[-1])
        mine = [call for call in calls if permits(allow, call)]
        for avoid in questions:
            found = world.permitted_by(allow, [], avoid)
            check(world, found, lambda call, rule=allow: permits(rule, call), avoid, mine)
    for forbid in policy.forbids:
        rest = [world.avoid.forbid(each) for each in policy.forbids if each is not forbid]
        denied = [call for call in calls if interpreter.forbid_applies(forbid, call)]

        def applies(call: Call, forbid: ir.Forbid = forbid) -> bool:
            return interpreter.forbid_applies(forbid, call)

        for avoid in ([], rest):
            found = world.find(
                world.rules.scope(forbid), world.rules.forbids(forbid), applies, avoid
            )
            check(world, found, applies, avoid, denied)


@given(st.data())
def test_a_proof_is_never_refuted_by_a_request(data: st.DataObject) -> None:
    policy: ir.Policy = data.draw(policies())
    drawn = data.draw(st.lists(requests(policy, recorded=True), min_size=3, max_size=6))
    calls = [call for each in drawn if (call := Call.read(policy, each)) is not None]
    world = World(policy)
    for allow in policy.allows:

        def holds(call: Call, allow: ir.Allow = allow) -> bool:
            return permits(allow, call)

        forbids = [world.avoid.forbid(each) for each in policy.forbids]
        others = [world.avoid.permit(each) for each in policy.allows if each is not allow]
        for avoid in ([], forbids, others):
            try:
                found = world.permitted_by(allow, [], avoid, shown=True)
            except Undetermined:
                continue
            check(world, found, holds, avoid, calls)


POLICY = """package p
agent bot = "spiffe://acme.example/bot"
agents bots = "spiffe://acme.example/bots/*"
intent pay "Pay"
tool t {{ name: string d: duration action x(at: time) }}
grant g {{
    to {agent}
    for pay
    allow t.x when {condition}
{clauses}
}}
"""


def answer(condition: str, agent: str = "bot", clauses: str = "") -> str:
    text = POLICY.format(condition=condition, agent=agent, clauses=clauses)
    compilation = compile_sources([Source("p.agp", text)])
    assert compilation.policy is not None, compilation.diagnostics
    world = World(compilation.policy)
    try:
        found = world.permitted_by(compilation.policy.allows[0], [])
    except Undetermined:
        return "undetermined"
    return "never" if found is None else "possible"


@pytest.mark.parametrize(
    ("condition", "agent", "wanted"),
    [
        ("agent.id == resource.name", "bot", "possible"),
        ('agent.id == resource.name and resource.name like "*/bot"', "bot", "possible"),
        ('agent.id == resource.name and resource.name == "x"', "bot", "never"),
        ("agent.id == resource.name", "bots", "possible"),
        ("resource.d > 1m and resource.d < 61s", "bot", "never"),
        ("resource.d > 1m and resource.d <= 61s", "bot", "possible"),
    ],
)
def test_questions_that_once_went_unanswered(condition: str, agent: str, wanted: str) -> None:
    assert answer(condition, agent) == wanted


def test_a_member_of_a_family_is_not_forgotten_where_identities_are_compared() -> None:
    condition = 'agent.id == resource.name and resource.name like "*/bots/x*"'
    assert answer(condition, "bots") != "never"


def test_a_witness_is_not_made_smaller_until_a_forbid_applies() -> None:
    text = POLICY.format(
        agent="bot", condition='resource.name == "a" or not has args.at', clauses=""
    )
    text += 'forbid f { deny t.x when resource.name == "b" }\n'
    policy = compile_sources([Source("p.agp", text)]).policy
    assert policy is not None
    (allow,) = policy.allows
    found = World(policy).permitted_by(allow, policy.forbids, shown=True)
    assert found is not None
    assert interpreter.decide(policy, found).effect == "permit"


def test_a_forbid_is_met_where_a_text_goes_on_with_the_last_of_all_characters() -> None:
    condition = " and ".join(
        f'resource.name like "{each}"' for each in ("a*", "*\U0010ffffb", "???")
    )
    text = POLICY.format(agent="bot", condition=condition, clauses="")
    text += 'forbid f { deny t.x when resource.name == "a\U0010ffffb" }\n'
    policy = compile_sources([Source("p.agp", text)]).policy
    assert policy is not None
    (allow,) = policy.allows
    world = World(policy)
    assert world.permitted_by(allow, world.near.forbids(allow)) is None


def test_a_window_and_a_time_that_is_now() -> None:
    clauses = '    during mon..fri 09:00..17:00 "UTC"'
    assert answer("args.at == now", clauses=clauses) == "possible"
    assert answer("args.at == now and args.at > now", clauses=clauses) in ("never", "undetermined")
