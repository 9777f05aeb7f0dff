"""What may ever be permitted: never less than some call is, and the same wherever it is asked."""

from __future__ import annotations

from typing import Any

from generators.general import general_policies, general_requests
from generators.values import chance
from hypothesis import event, given
from hypothesis import strategies as st

from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.meaning.possible import possible
from agpc.targets.python import evaluator


def stub_of(data: st.DataObject, request: Any) -> Any:
    """What is known of a call before it is made, or less."""
    if type(request) is not dict or type(request.get("subject")) is not dict:
        return request
    subject, context = dict(request["subject"]), request.get("context")
    known: dict[str, Any] = {}
    if type(context) is dict:
        names = ("task", "user", "delegation")
        known = {name: context[name] for name in names if name in context}
    for holder, name in ((subject, "properties"), (known, "user"), (known, "delegation")):
        if chance(data.draw, 30):
            holder.pop(name, None)
    if type(known.get("delegation")) is list:
        known["delegation"] = [
            {name: value for name, value in link.items() if name != "properties"}
            if type(link) is dict and chance(data.draw, 30)
            else link
            for link in known["delegation"]
        ]
    return {"subject": subject, "context": known}


@given(st.data())
def test_nothing_is_left_out_that_a_call_gets_a_permit_or_a_challenge_for(
    data: st.DataObject,
) -> None:
    policy = data.draw(general_policies())
    engine = evaluator(policy)
    for _ in range(4):
        request = data.draw(general_requests(policy))
        decision = decide(policy, request)
        event(decision.effect)
        if decision.effect == "deny":
            continue
        capability = engine.capability(request["resource"]["type"], request["action"]["name"])
        stub = stub_of(data, request)
        assert capability in possible(policy, stub), (capability, stub)
        assert capability in engine.possible(stub), (capability, stub)


@given(st.data())
def test_the_engine_finds_what_the_policy_means(data: st.DataObject) -> None:
    policy = data.draw(general_policies())
    engine = evaluator(policy)
    for _ in range(4):
        stub = stub_of(data, data.draw(general_requests(policy)))
        found = possible(policy, stub)
        event(f"{'some' if found else 'none'} of {'few' if len(policy.resources) < 2 else 'more'}")
        assert engine.possible(stub) == found, stub


@given(st.data())
def test_less_that_is_known_rules_no_more_out(data: st.DataObject) -> None:
    policy = data.draw(general_policies())
    request = data.draw(general_requests(policy))
    assert possible(policy, request) <= possible(policy, stub_of(data, request))


@given(st.data())
def test_facts_tell_nothing(data: st.DataObject) -> None:
    policy = data.draw(general_policies())
    request = data.draw(general_requests(policy))
    if type(request) is dict and type(request.get("context")) is dict:
        context = {**request["context"], "meters": {"m": 1}, "sources": {}, "time": "never"}
        context |= {"approvals": [], "step_up": [], "confidence": 0}
        other = {**request, "context": context, "action": None, "resource": []}
        assert possible(policy, request) == possible(policy, other)
        assert evaluator(policy).possible(request) == evaluator(policy).possible(other)
