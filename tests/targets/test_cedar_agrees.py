"""Whatever Cedar permits, the interpreter permits; and where the ledger says exact, no less."""

from __future__ import annotations

from engines.cedar import Engine
from generators import policies, requests
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import has_errors
from agpc.runtime.decision import Decision
from agpc.targets.cedar import TARGET
from agpc.targets.emission import Emission, Options

PLAIN = ("has", "forbid", "revoke", "valid", "credential", "unwritten")


def check(policy: ir.Policy, data: st.DataObject, count: int = 8) -> None:
    emission = TARGET.emit(policy, Options())
    assert not has_errors(list(emission.diagnostics))
    engine = Engine(emission.files)
    assert engine.validation.validation_passed, engine.validation.errors
    for _ in range(count):
        request = data.draw(requests(policy))
        decision = decide(policy, request)
        permits = engine.decide(request)  # raises where Cedar reports an error
        event(f"{decision.effect}, Cedar {'permits' if permits else 'denies'}")
        if permits:
            assert decision.effect == "permit"
        elif decision.effect == "permit":
            assert is_explained(emission, policy, decision)


def is_explained(emission: Emission, policy: ir.Policy, decision: Decision) -> bool:
    """Whether the ledger says that one of the rules at work is stricter on Cedar."""
    ledger = {each.rule: each.enforcement for each in emission.ledger}
    return all(ledger[rule] != "exact" for rule in decision.rules) or any(
        ledger[rule.id] != "exact" for rule in policy.forbids
    )


@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_cedar_never_permits_what_the_policy_denies(data: st.DataObject) -> None:
    check(data.draw(policies()), data)


@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_cedar_decides_as_the_policy_does_where_it_says_so(data: st.DataObject) -> None:
    check(data.draw(policies(features=PLAIN)), data)
