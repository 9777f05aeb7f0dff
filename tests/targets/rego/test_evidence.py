"""Evidence in OPA: weighed as the interpreter weighs it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import AGENT, FORBID
from engines.rego import Opa

from agpc.compiler.ir import nodes as ir
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

from .deciding import by_opa, by_rego_cpp, decisions
from .opa import OPA, needs_opa
from .policies import ALLOW, POLICY, X, request


def approval(**changes: Any) -> dict[str, Any]:
    whole = {
        "by": "user:ann",
        "roles": ["role:a"],
        "at": "2026-11-24T09:30:00Z",
        "task": "t",
        "capability": "p.ledger.post",
        "resource": "main",
        "args": {X: 1},
    }
    return {**whole, **changes}


WANTED = ir.Approval(("role:a", "user:ann"), 1, 3600)
DEEP: Any = 1
for _ in range(200):
    DEEP = [DEEP]
EVIDENCE = [
    request(1),
    *(
        request(1, approvals=[each])
        for each in [
            approval(),
            approval(args={X: 1.0}),
            approval(args={X: True}),
            approval(args={X: 1, "y": None}),
            approval(args=None),
            approval(args=[]),
            approval(by=AGENT),
            approval(by=5),
            approval(by="user:zoe", roles=None),
            approval(roles="role:a"),
            approval(roles=["role:a", 5]),
            approval(roles=["role:b"]),
            approval(by="user:zoe", roles=["role:b"]),
            approval(at="2026-11-24T09:00:00Z"),
            approval(at="2026-11-24T08:59:59.999999999Z"),
            approval(at="2026-11-24T10:00:00.000000001Z"),
            approval(at=None),
            approval(task="u"),
            approval(capability="p.ledger.void"),
            approval(resource="other"),
            {},
            5,
        ]
    ),
    request(1, approvals={"0": approval()}),
    request(1, approvals=None),
    request(2**53 + 1, approvals=[approval(args={X: 2**53 + 1})]),
    request(1e400, approvals=[approval(args={X: 1e400})]),
    request("\ud800", approvals=[approval(args={X: "\ud800"})]),
    request({"\ud800": 1}, approvals=[approval(args={X: {"\ud800": 1}})]),
    request(0.1, approvals=[approval(args={X: 0.1})]),
    request({"a": [1, {}], "b": {}}, approvals=[approval(args={X: {"b": {}, "a": [1.0, {}]}})]),
    request({"0": 1}, approvals=[approval(args={X: [1]})]),
    request(DEEP, approvals=[approval(args={X: DEEP})]),
    request(1, user={"id": "user:ann"}, approvals=[approval()]),
    request(1, user={"id": 5}, approvals=[approval()]),
    request(1, user=[], approvals=[approval()]),
    request(1, user={"id": "user:joe"}, approvals=[approval(), approval(by="user:bea")]),
    request(1, approvals=[approval(), approval(by="user:bea"), approval(by="user:cat")]),
    request(1, step_up=[{"method": "mfa", "at": "2026-11-24T09:59:00Z"}]),
    request(1, step_up=[{"method": "mfa", "at": "2026-11-24T09:58:59Z"}]),
    request(1, step_up={"0": {"method": "mfa", "at": "2026-11-24T09:59:00Z"}}),
]
REQUIREMENTS: list[tuple[ir.Requirement, ...]] = [
    (WANTED,),
    (replace(WANTED, count=2),),
    (replace(WANTED, per_task=True, within=None),),
    (ir.StepUp("mfa", 60),),
    (WANTED, ir.StepUp("mfa")),
]
EVIDENCE_POLICIES = [
    replace(each, user=user)
    for wanted in REQUIREMENTS
    for user in (None, ())
    for each in (
        replace(POLICY, allows=(replace(ALLOW, requirements=wanted),)),
        replace(POLICY, forbids=(replace(FORBID, unless_evidence=wanted),)),
    )
]


@needs_opa
@pytest.mark.parametrize("policy", EVIDENCE_POLICIES)
def test_opa_weighs_evidence_as_the_interpreter(policy: ir.Policy) -> None:
    assert by_opa(policy, EVIDENCE) == decisions(policy, EVIDENCE)


@pytest.mark.parametrize("policy", EVIDENCE_POLICIES)
def test_rego_cpp_weighs_evidence_as_the_interpreter(policy: ir.Policy) -> None:
    answers, able = by_rego_cpp(policy, EVIDENCE)
    assert answers == decisions(policy, able)


@needs_opa
@pytest.mark.parametrize("approved", ["9007199254740993.0", "9007199254740993"])
@pytest.mark.parametrize("called", ["9007199254740993.0", "9007199254740993"])
def test_an_approval_is_not_for_a_number_spelled_otherwise(
    approved: str, called: str, tmp_path: Path
) -> None:
    policy = replace(POLICY, allows=(replace(ALLOW, requirements=(WANTED,)),))
    opa = Opa(OPA, TARGET.emit(policy, Options()).files, tmp_path)
    asked = json.dumps(request("called", approvals=[approval(args={X: "approved"})]))
    opa.input.write_text(asked.replace('"approved"', approved).replace('"called"', called))
    query = "data.agp.decision.context.effect"
    done = opa.run("eval", "--bundle", opa.folder, "--input", opa.input, query)
    effect = json.loads(done)["result"][0]["expressions"][0]["value"]
    both_are_doubles = approved == called == "9007199254740993.0"
    assert effect == ("permit" if both_are_doubles else "challenge")
