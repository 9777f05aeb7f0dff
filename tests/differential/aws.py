"""The AWS documents on an evaluator of IAM's documented logic, for calls of bound policies."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

from engines.aws_cases import bound_policies, calls
from engines.bound_calls import agp_request, aws_request
from engines.evaluators import is_said
from engines.iam import Evaluator
from hypothesis import HealthCheck, Phase, given, seed, settings

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import has_errors
from agpc.targets.aws_iam import TARGET
from agpc.targets.emission import Options

if TYPE_CHECKING:
    from .campaign import Count

CALLS = 60


def compare_aws(count: Count, amount: int, rng: Random) -> None:
    """Compare what identity and session policies permit together with what the policy does."""
    found: list[ir.Policy] = []

    @seed(rng.randrange(2**32))
    @settings(
        max_examples=amount,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(bound_policies())
    def draw(policy: ir.Policy) -> None:
        found.append(policy)

    draw()
    for policy in found:
        _compare(count, policy, rng)


def _compare(count: Count, policy: ir.Policy, rng: Random) -> None:
    emission = TARGET.emit(policy, Options())
    if has_errors(list(emission.diagnostics)):
        count.skipped += CALLS
        return
    documents: dict[tuple[str, str | None, str | None], list[object]] = {}
    for path, artifact in emission.artifacts.items():
        key = (artifact.kind, artifact.agent, artifact.intent)
        documents.setdefault(key, []).append(json.loads(emission.files[path]))
    evaluator = Evaluator(star_stops_at_colon=False)
    for call in calls(policy, rng, CALLS):
        decision = decide(policy, agp_request(policy, call))
        identity = documents.get(("identity policy", call.agent, None), [])
        session = documents.get(("session policy", call.agent, call.intent), [])
        permits = evaluator.effective(identity, session, aws_request(policy, call)) == "allow"
        count.compared += 1
        if permits == decision.decision:
            count.agreed += 1
        elif permits:
            count.looser += 1
            count.wrong.append(f"aws-iam: looser: {call} -> {decision}")
        elif is_said(emission, policy, decision):
            count.stricter += 1
        else:
            count.wrong.append(f"aws-iam: different: {call} -> {decision}")
