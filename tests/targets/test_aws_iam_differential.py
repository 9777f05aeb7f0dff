"""Whatever AWS permits, the interpreter permits; and where the ledger says exact, no less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engines.aws_cases import bound_policies, calls
from engines.bound_calls import BoundCall, agp_request, aws_request
from engines.iam import Evaluator, Request
from engines.iam_documents import problems
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from agpc.compiler import ir
from agpc.compiler.diagnostics import has_errors
from agpc.compiler.interpreter import decide
from agpc.runtime.decision import Decision
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.limits import MANAGED_POLICY_SIZE, SESSION_POLICY_SIZE
from agpc.targets.emission import Emission, Options

READINGS = (Evaluator(star_stops_at_colon=True), Evaluator(star_stops_at_colon=False))


def documents(emission: Emission, kind: str, agent: str, intent: str | None) -> list[Any]:
    """The documents of one kind for an agent (and an intent)."""
    return [
        json.loads(emission.files[path])
        for path, artifact in emission.artifacts.items()
        if (artifact.kind, artifact.agent, artifact.intent) == (kind, agent, intent)
    ]


def rights(
    evaluator: Evaluator, emission: Emission, call: BoundCall, request: Request
) -> Iterator[tuple[str, str]]:
    """What each artifact decides by itself, and what both do together."""
    identity = documents(emission, "identity policy", call.agent, None)
    session = documents(emission, "session policy", call.agent, call.intent)
    yield "identity", evaluator.decide(identity, request)
    yield "session", evaluator.decide(session, request)
    yield "both", evaluator.effective(identity, session, request)


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies(), st.data())
def test_aws_never_permits_what_the_policy_denies(policy: ir.Policy, data: st.DataObject) -> None:
    emission = TARGET.emit(policy, Options())
    assume(not has_errors(list(emission.diagnostics)))
    for _ in range(10):
        call = data.draw(calls(policy))
        decision = decide(policy, agp_request(policy, call))
        without = data.draw(st.sampled_from(((), (), (), ("task",), ("agent",), ("intent",))))
        request = aws_request(policy, call, without_tags=without)
        for evaluator in READINGS:
            for artifact, right in rights(evaluator, emission, call, request):
                if right == "allow":
                    event(f"{artifact} allows")
                    assert decision.effect == "permit", (artifact, evaluator, request, decision)


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies(), st.data())
def test_aws_permits_all_that_exact_rules_permit(policy: ir.Policy, data: st.DataObject) -> None:
    emission = TARGET.emit(policy, Options())
    assume(not has_errors(list(emission.diagnostics)))
    for _ in range(10):
        call = data.draw(calls(policy))
        decision = decide(policy, agp_request(policy, call))
        if decision.effect != "permit":
            continue
        request = aws_request(policy, call)
        for evaluator in READINGS:
            right = dict(rights(evaluator, emission, call, request))["both"]
            event(f"permitted: {right}")
            assert right == "allow" or is_explained(emission, policy, decision), (request, right)


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies())
def test_every_document_is_one_that_iam_takes(policy: ir.Policy) -> None:
    emission = TARGET.emit(policy, Options())
    again = TARGET.emit(policy, Options())
    assert again == emission
    rules = {each.id for each in policy.rules}
    sids = json.loads(emission.files.get("sids.json", "{}"))
    for path, artifact in emission.artifacts.items():
        if artifact.kind == "source map":
            continue
        is_session = artifact.kind == "session policy"
        limit = SESSION_POLICY_SIZE if is_session else MANAGED_POLICY_SIZE
        text = emission.files[path]
        assert problems(text, limit, count_space=is_session) == []
        written = {each["Sid"] for each in json.loads(text)["Statement"]}
        assert written == set(sids[path])
        assert {each["rule"] for each in sids[path].values()} <= rules
    if not has_errors(list(emission.diagnostics)):
        assert [each.rule for each in emission.ledger] == [each.id for each in policy.rules]


def is_explained(emission: Emission, policy: ir.Policy, decision: Decision) -> bool:
    """Whether the ledger says that one of the rules at work is stricter on AWS."""
    ledger = {each.rule: each.enforcement for each in emission.ledger}
    return all(ledger[rule] != "exact" for rule in decision.rules) or any(
        ledger[rule.id] != "exact" for rule in policy.forbids
    )
