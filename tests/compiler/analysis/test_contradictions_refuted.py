"""No request refutes what a finding says, over all that the language has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from generators import cases, requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.run import FINDINGS, analyze
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide

CODES = [code for code in FINDINGS if code.startswith("AGP2")]
CASES = cases(of=lambda policy: st.lists(requests(policy), min_size=4, max_size=12))


def without(policy: ir.Policy, id: str) -> ir.Policy:
    return replace(
        policy,
        allows=tuple(each for each in policy.allows if each.id != id),
        forbids=tuple(each for each in policy.forbids if each.id != id),
    )


def without_exception(policy: ir.Policy, id: str) -> ir.Policy:
    forbids = (
        replace(each, unless=None, unless_evidence=()) if each.id == id else each
        for each in policy.forbids
    )
    return replace(policy, forbids=tuple(forbids))


CHANGES_NOTHING: dict[str, Callable[[ir.Policy, str], ir.Policy]] = {
    "AGP2101": without,
    "AGP2104": without,
    "AGP2107": without_exception,
}


def permits(policy: ir.Policy, request: Any) -> tuple[object, ...]:
    """What is permitted, and what comes with it, whichever rule says so."""
    decision = decide(policy, request)
    if decision.effect != "permit":
        return ()
    duties = {(each["type"], str(each["properties"])) for each in decision.obligations}
    return (decision.effect, sorted(duties), decision.credential)


@given(CASES)
def test_no_request_refutes_a_finding(case: tuple[ir.Policy, list[Any]]) -> None:
    policy, asked = case
    places = {rule.span: rule.id for rule in policy.rules}
    for each in analyze(policy, codes=CODES):
        if each.code in CHANGES_NOTHING:
            rule = places[each.labels[0].span]
            changed = CHANGES_NOTHING[each.code](policy, rule)
            for request in asked:
                assert permits(changed, request) == permits(policy, request), each
        elif each.code == "AGP2103" or each.message.endswith("can never apply"):
            rule = places[each.labels[0].span]
            for request in asked:
                decision = decide(policy, request)
                assert decision.effect != "permit" or rule not in decision.rules, each
