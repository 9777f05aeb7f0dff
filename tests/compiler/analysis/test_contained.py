"""`assert A within B`: never proved of a policy that permits A a request which it does not permit B."""

from __future__ import annotations

from dataclasses import replace

from generators import policies, requests
from generators.requests import members
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.search.witness import of_another
from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.ir_json import dumps, loads
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.rules import constraint_text
from agpc.compiler.meaning.interpreter import agent_matches, decide

from .finding_fixtures import policy_of, witnesses


@st.composite
def stated(draw: st.DrawFn) -> ir.Policy:
    """A policy that states of two agents or families that one is within the other."""
    policy = draw(policies())
    agents, intents = sorted(policy.identities), [each.name for each in policy.intents]
    sides = draw(st.tuples(st.sampled_from(agents), st.sampled_from(agents)))
    two = draw(st.tuples(st.sampled_from(intents), st.sampled_from(intents)))
    for_both = two if draw(st.booleans()) else (None, None)
    span = next(iter(policy.rules)).span
    return replace(policy, containments=(ir.Containment(*sides, *for_both, span),))


def standing_for(policy: ir.Policy, name: str) -> list[str]:
    """SPIFFE IDs that an agent or a family stands for; a family may leave everybody out."""
    found = members(policy, (name,))
    return [each for each in found if agent_matches(policy, (name,), each)]


@given(st.data())
def test_what_is_proved_holds_and_what_is_not_has_a_witness(data: st.DataObject) -> None:
    policy = data.draw(stated())
    (said,) = policy.containments
    found = analyze(policy, codes=("AGP3103",))
    for each in found:
        if each.code == "AGP3103":
            mine, theirs = witnesses(each)
            intent = said.outer_intent or mine["context"]["task"]["intent"]
            assert theirs == of_another(mine, theirs["subject"]["id"], intent)
            assert decide(policy, mine).effect == "permit"
            assert decide(policy, theirs).effect != "permit"
    if found:
        return
    outer = standing_for(policy, said.outer)
    for _ in range(5):
        request = data.draw(requests(policy, recorded=True))
        if decide(policy, request).effect != "permit" or request["context"].get("delegation"):
            continue
        context = request["context"]
        if "task" not in context:  # a first start
            continue
        intent = said.inner_intent or context["task"].get("intent")
        for agent in standing_for(policy, said.inner):
            mine = of_another(request, agent, intent)
            mine["context"]["delegation"] = []
            if decide(policy, mine).effect == "permit":
                for other in outer:
                    theirs = of_another(mine, other, said.outer_intent or intent)
                    assert decide(policy, theirs).effect == "permit", constraint_text(said)


HEAD = """package p
agent a = "spiffe://t.example/a"
agent b = "spiffe://t.example/b"
intent i "I"
intent j "J"
tool t { action get(n: int) }
"""


def codes(text: str) -> list[str]:
    return [each.code for each in analyze(policy_of(HEAD + text), codes=("AGP3103",))]


def test_what_is_missing_counts() -> None:
    asks = 'require approval by "role:x" within {}'
    text = "grant g {{ to a for i allow t.get {} }} grant h {{ to b for i allow t.get {} }} assert a within b"
    assert codes(text.format(asks.format("1h"), asks.format("2h"))) == []
    assert codes(text.format(asks.format("2h"), asks.format("1h"))) == ["AGP3103"]
    assert codes(text.format("", asks.format("1h"))) == ["AGP3103"]
    assert codes(text.format(asks.format("1h"), "")) == []


def test_a_forbid_of_the_other_counts() -> None:
    text = 'grant g { to a, b for i allow t.get } forbid f { deny t.get to b when args.n > 5 because "x" } '
    assert codes(text + "assert a within b") == ["AGP3103"]
    assert codes(text + "assert b within a") == []


def test_an_identity_is_that_of_who_asks() -> None:
    text = 'grant g { to a, b for i allow t.get when agent.id == "spiffe://t.example/a" } '
    assert codes(text + "assert a within b") == ["AGP3103"]
    assert codes(text + "assert b within a") == []


def test_an_agent_that_may_approve_is_undetermined() -> None:
    asks = 'require approval by "spiffe://t.example/b"'
    text = (
        f"grant g {{ to a for i allow t.get {asks} }} grant h {{ to b for i allow t.get {asks} }} "
    )
    assert codes(text + "assert a within b") == ["AGP2999"]


def test_it_is_written_and_read_back() -> None:
    policy = policy_of(HEAD + "assert a within b for i within j assert b within a")
    assert loads(dumps(policy)) == policy
    texts = [constraint_text(each, "p") for each in policy.containments]
    assert texts == ["assert a within b for i within j", "assert b within a"]


def test_an_answer_is_not_kept_where_the_other_one_changed() -> None:
    from agpc.compiler.analysis.answers import Answers

    answers = Answers()
    text = (
        HEAD
        + "grant g { to a for i allow t.get } grant h { to b for i allow t.get } assert a within b"
    )
    before = policy_of(text)
    less = replace(before, allows=tuple(each for each in before.allows if each.id == "p.g.t.get"))
    found = [analyze(each, codes=("AGP3103",), answers=answers) for each in (before, less, before)]
    assert [[each.code for each in one] for one in found] == [[], ["AGP3103"], []]
