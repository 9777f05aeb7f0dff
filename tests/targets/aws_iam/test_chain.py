"""Service control policy, boundary, identity policy and session policy together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from engines.aws_cases import (
    AIDE,
    AUDIT,
    BOT,
    BUCKET,
    REPORT,
    allow,
    attribute,
    bound_policies,
    calls,
    forbid,
    policy,
)
from engines.bound_calls import BoundCall, agp_request, aws_request
from engines.iam import Decision, Evaluator, Policy, Request
from engines.iam_documents import problems
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import has_errors
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.limits import CONTROL_POLICY_SIZE, MANAGED_POLICY_SIZE
from agpc.targets.emission import Emission, Options

ALL = Options({"artifacts": "identity,session,boundary,scp", "reference": "none"})
CERTIFICATES = Options(
    {**ALL.settings, "trust-anchor": "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a"}
)
READINGS = (Evaluator(star_stops_at_colon=True), Evaluator(star_stops_at_colon=False))
ANYTHING: Policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
CALLS = 30
READ = "docs.file.read"


def documents(
    emission: Emission, kind: str, agent: str | None = None, intent: str | None = None
) -> list[Policy]:
    """The documents of one kind, for an agent and an intent where it has them."""
    return [
        json.loads(emission.files[path])
        for path, artifact in emission.artifacts.items()
        if (artifact.kind, artifact.agent, artifact.intent) == (kind, agent, intent)
    ]


def aws(bound: ir.Policy, call: BoundCall, **changed: Any) -> Request:
    """The call as AWS sees it, with the role that the session is of."""
    request = aws_request(bound, call, **changed)
    role = dict(bound.bindings[0].agents)[call.agent]
    return replace(request, context={**request.context, "aws:PrincipalArn": role})


def chain(
    evaluator: Evaluator,
    emission: Emission,
    call: BoundCall,
    request: Request,
    identity: Sequence[Policy] | None = None,
    session: Sequence[Policy] | None = None,
) -> Decision:
    """What a session has under everything that was made, or with other policies on the role."""
    if identity is None:
        identity = documents(emission, "identity policy", call.agent)
    if session is None:
        session = documents(emission, "session policy", call.agent, call.intent)
    return evaluator.effective(
        identity,
        session,
        request,
        boundary=documents(emission, "permission boundary", call.agent),
        controls=[[ANYTHING, *documents(emission, "service control policy")]],
    )


def emitted(bound: ir.Policy, options: Options = ALL) -> Emission:
    """All kinds of documents; a policy that is too large for one of them is no case."""
    emission = TARGET.emit(bound, options)
    assume(not has_errors(list(emission.diagnostics)))
    return emission


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies(), st.sampled_from((ALL, CERTIFICATES)), st.integers(0, 2**32))
def test_the_whole_chain_permits_nothing_that_the_policy_denies(
    bound: ir.Policy, options: Options, seed: int
) -> None:
    emission, rng = emitted(bound, options), Random(seed)
    for call in calls(bound, rng, CALLS):
        decision = decide(bound, agp_request(bound, call))
        request = aws(bound, call, without_tags=rng.choice(((), (), ("task",), ("intent",))))
        for evaluator in READINGS:
            whole = chain(evaluator, emission, call, request)
            boundary = documents(emission, "permission boundary", call.agent)
            careless = evaluator.effective([ANYTHING], [ANYTHING], request, boundary=boundary)
            if decision.effect != "permit":
                assert whole != "allow", (request, decision)
                assert careless != "allow", ("boundary", request, decision)


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies(), st.sampled_from((ALL, CERTIFICATES)), st.integers(0, 2**32))
def test_boundary_and_control_policies_take_nothing_away(
    bound: ir.Policy, options: Options, seed: int
) -> None:
    emission, rng = emitted(bound, options), Random(seed)
    for call in calls(bound, rng, CALLS):
        request = aws(bound, call)
        for evaluator in READINGS:
            two = evaluator.effective(
                documents(emission, "identity policy", call.agent),
                documents(emission, "session policy", call.agent, call.intent),
                request,
            )
            if two == "allow":
                assert chain(evaluator, emission, call, request) == "allow", request


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies(), st.integers(0, 2**32))
def test_what_a_forbid_meets_a_control_policy_denies_outright(bound: ir.Policy, seed: int) -> None:
    emission, rng = emitted(bound), Random(seed)
    forbids = {each.id for each in bound.forbids}
    controls = documents(emission, "service control policy")
    for call in calls(bound, rng, CALLS):
        if forbids & set(decide(bound, agp_request(bound, call)).rules):
            for evaluator in READINGS:
                assert evaluator.decide(controls, aws(bound, call)) == "explicit deny"


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies())
def test_every_document_is_one_that_aws_takes(bound: ir.Policy) -> None:
    emission = emitted(bound, CERTIFICATES)
    for path, artifact in emission.artifacts.items():
        if artifact.kind in ("permission boundary", "service control policy"):
            is_control = artifact.kind == "service control policy"
            limit = CONTROL_POLICY_SIZE if is_control else MANAGED_POLICY_SIZE
            text = emission.files[path]
            assert problems(text, limit, count_space=is_control, kind=artifact.kind) == []


def test_a_control_policy_fences_what_a_resource_policy_would_give() -> None:
    emission = TARGET.emit(policy(allow("g.r", READ)), ALL)
    controls = documents(emission, "service control policy")
    call = BoundCall(BOT, AUDIT, READ, "s3:GetObject", {"path": "/a"})
    good = aws(policy(), call)
    assert Evaluator().decide(controls, good) == "implicit deny"  # nothing is denied
    for changed in (
        replace(good, action="s3:PutObject"),
        replace(good, resource="arn:aws:s3:::other/a"),
        aws(policy(), replace(call, intent=REPORT)),
        aws(policy(), call, without_tags=("intent",)),
        aws(policy(), call, without_tags=("task",)),
        aws(policy(), call, without_tags=("agent",)),
        aws(policy(), replace(call, agent=AIDE)),
    ):
        assert Evaluator().decide(controls, changed) == "explicit deny", changed


def test_roles_of_others_are_not_touched() -> None:
    emission = TARGET.emit(policy(allow("g.r", READ), forbid("f", READ)), ALL)
    controls = documents(emission, "service control policy")
    context = {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/human"}
    request = Request("s3:GetObject", BUCKET + "/a", context)
    assert Evaluator().decide(controls, request) == "implicit deny"


def test_each_account_has_a_control_policy_of_its_own() -> None:
    agents = ((AIDE, "arn:aws:iam::111122223333:role/a"), (BOT, "arn:aws:iam::444455556666:role/b"))
    emission = TARGET.emit(policy(allow("g.r", READ), agents=agents), ALL)
    found = [path for path in emission.files if path.startswith("scp/")]
    assert found == ["scp/111122223333.json", "scp/444455556666.json"]
    assert "role/b" not in emission.files["scp/111122223333.json"]


def test_the_same_deny_for_several_roles_is_written_once() -> None:
    emission = TARGET.emit(policy(forbid("f", READ)), ALL)
    (document,) = documents(emission, "service control policy")
    (found,) = [each for each in document["Statement"] if each["Sid"] == "F"]
    assert len(found["Condition"]["ArnEqualsIfExists"]["aws:PrincipalArn"]) == 2


def test_an_agent_without_rights_has_a_boundary_that_permits_nothing() -> None:
    emission = TARGET.emit(policy(allow("g.r", READ, agents=(AIDE,))), ALL)
    (document,) = documents(emission, "permission boundary", BOT)
    assert Evaluator().decide([document], Request("s3:GetObject", BUCKET + "/a", {})) != "allow"


def test_a_certificates_session_may_take_the_step_to_its_tags_and_nothing_else() -> None:
    emission = TARGET.emit(policy(allow("g.r", READ)), CERTIFICATES)
    role = dict(policy().bindings[0].agents)[BOT]
    call = BoundCall(BOT, AUDIT, READ, "s3:GetObject", {"path": "/a"})
    step = Request("sts:AssumeRole", role, {"aws:PrincipalArn": role})
    assert chain(Evaluator(), emission, call, step, [ANYTHING], [ANYTHING]) == "allow"
    controls = documents(emission, "service control policy")
    assert Evaluator().decide(controls, step) == "implicit deny"
    away = replace(step, resource=role + "2")
    assert Evaluator().decide(controls, away) == "explicit deny"
    for other in (
        away,
        replace(step, action="sts:GetFederationToken"),
        aws(policy(), call, without_tags=("intent",)),
    ):
        assert chain(Evaluator(), emission, call, other, [ANYTHING], [ANYTHING]) != "allow"


@pytest.mark.parametrize("kind", ["boundary", "scp"])
def test_what_does_not_fit_is_an_error(kind: str) -> None:
    tenant, region = attribute("resource", "tenant"), attribute("context", "region")
    rules = [
        allow(
            f"g.r{n}",
            READ,
            when=ir.And(
                tuple(
                    ir.Compare("==", each, ir.Constant(ir.STRING, f"value-{n}"))
                    for each in (tenant, region)
                )
            ),
        )
        if kind == "boundary"
        else forbid(f"f{n}", READ, when=ir.And((ir.Has(region), ir.Like(tenant, "x" * n + "*"))))
        for n in range(40 if kind == "boundary" else 250)
    ]
    emission = TARGET.emit(policy(*rules), Options({"artifacts": kind, "reference": "none"}))
    assert {each.code for each in emission.diagnostics if each.code == "AGP5002"} == {"AGP5002"}
    assert emission.files == {}
