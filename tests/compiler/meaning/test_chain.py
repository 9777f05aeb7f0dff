"""Chains of delegation: nothing is permitted that one of the agents may not do, and nothing of it is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from generators import policies, requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.chain import flaw_of_chain, of_each
from agpc.compiler.meaning.explain import explain
from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.meaning.request import Call
from agpc.compiler.report.source import Source
from agpc.compiler.testing.coverage import Coverage

BOSS, HAND = "spiffe://t.example/boss", "spiffe://t.example/hand"
TEXT = f"""\
language 2
package p
agent boss = "{BOSS}"
agent hand = "{HAND}"
intent plan "plan"
intent work "work"
tool t {{ action see, pay }}
meter pays = count of t.pay per agent within 1h
grant g {{ to boss for plan allow t.see, t.pay as all when pays <= 1 }}
grant h {{ to hand for work allow t.* as all }}
"""
DELEGATE = "delegate boss for plan to hand for work\n"
NOW = "2026-11-24T10:00:00Z"


def compiled(text: str) -> ir.Policy:
    found = compile_sources([Source("p.agp", text)]).policy
    assert found is not None
    return found


def request(action: str, chain: Any) -> dict[str, Any]:
    context = {"time": NOW, "task": {"id": "t-1", "intent": "p.work", "state": "active"}}
    return {
        "subject": {"type": "agent", "id": HAND, "properties": {}},
        "action": {"name": action, "properties": {}},
        "resource": {"type": "p.t", "id": "r", "properties": {}},
        "context": {**context, "delegation": chain},
    }


LINK = {"agent": BOSS, "task": {"id": "t-0", "intent": "p.plan", "state": "active"}}


@given(st.data())
def test_a_chain_permits_nothing_that_one_of_its_agents_may_not_do(data: st.DataObject) -> None:
    policy = data.draw(policies())
    asked = data.draw(requests(policy))
    call = Call.read(policy, asked)
    if call is None or decide(policy, asked).effect != "permit":
        return
    assert flaw_of_chain(policy, call.request) is None
    alone = replace(policy, delegations=())
    for each in of_each(call.request):
        assert decide(alone, each).effect == "permit"
    found = decide(policy, asked)
    for each in of_each(call.request):
        one = decide(alone, each)
        assert set(one.rules) <= set(found.rules)
        assert all(duty in found.obligations for duty in one.obligations)
        if found.credential is not None:
            assert one.credential is not None
            assert all(found.credential[key] <= one.credential[key] for key in found.credential)


def test_each_link_has_facts_of_its_own() -> None:
    policy = compiled(TEXT + DELEGATE)
    before = request("pay", [LINK])
    line = {"time": "2026-11-24T09:59:00Z", "event": "call", "id": "c", "effect": "permit"}
    known = facts(policy, [{**line, "request": before}], request("pay", [LINK]))
    (key,) = (each.key for each in policy.meters)
    assert known["context"]["meters"][key] == {"before": 1, "with": 2}
    (link,) = known["context"]["delegation"]
    assert link["meters"][key] == {"before": 1, "with": 2}  # what was done for it counts as its own
    assert decide(policy, known).effect == "deny"
    first = facts(policy, [], {**before, "context": {**before["context"], "delegation": [{**LINK, "meters": {key: {"before": 0, "with": 0}}}]}})  # fmt: skip
    assert first["context"]["delegation"][0]["meters"][key] == {"before": 0, "with": 1}
    assert decide(policy, first).effect == "permit"


def test_an_explanation_tells_of_each_agent() -> None:
    policy = compiled(TEXT + DELEGATE)
    found = explain(policy, request("see", [LINK]))
    assert [agent for agent, _ in found.links] == [BOSS]
    assert found.links[0][1].decision.effect == "deny"  # the meter is unknown
    undeclared = explain(compiled(TEXT), request("see", [LINK]))
    assert "no `delegate` declares link 1" in undeclared.notes[0]


def test_a_difference_doubts_chains_that_came_or_went() -> None:
    base, head = compiled(TEXT), compiled(TEXT + DELEGATE)
    for one, other in ((base, head), (head, base)):
        found = compare(one, other)
        assert found.verdict == "undetermined"
        assert [(each.agent, each.intent) for each in found.undetermined] == [("p.hand", "p.work")]
    assert compare(head, head).verdict == "equivalent"


def test_coverage_counts_what_is_asked_of_every_agent() -> None:
    test = 'test "t" { agent hand for work after [boss for plan] call t.see() at 2026-11-24T10:00:00Z expect permit }'
    policy = compiled(TEXT + DELEGATE + test)
    shown = Coverage.of_tests(policy, policy.tests)
    assert all(
        "decides" in record.shown for record in shown.records if record.point.kind == "decides"
    )
