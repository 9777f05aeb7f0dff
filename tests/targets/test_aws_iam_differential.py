"""Whatever AWS permits, the interpreter permits; and where the ledger says exact, no less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from engines.aws_cases import BOT, allow, bound_policies, calls, policy
from engines.bound_calls import BoundCall, agp_request, aws_request
from engines.iam import Evaluator, Request
from engines.iam_documents import problems
from generators import hostile_text
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from agpc.compiler import ir
from agpc.compiler.diagnostics import has_errors
from agpc.compiler.interpreter import decide
from agpc.runtime.decision import Decision
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.limits import MANAGED_POLICY_SIZE, SESSION_POLICY_SIZE
from agpc.targets.emission import Emission, Options

CALLS = 40
"""Calls that each generated policy is tried with."""

MISSING_TAGS: tuple[tuple[str, ...], ...] = ((), (), (), (), ("task",), ("agent",), ("intent",))
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
@given(bound_policies(), st.integers(0, 2**32))
def test_aws_never_permits_what_the_policy_denies(bound: ir.Policy, seed: int) -> None:
    emission = TARGET.emit(bound, Options())
    assume(not has_errors(list(emission.diagnostics)))
    rng = Random(seed)
    for call in calls(bound, rng, CALLS):
        decision = decide(bound, agp_request(bound, call))
        request = aws_request(bound, call, without_tags=rng.choice(MISSING_TAGS))
        for evaluator in READINGS:
            for artifact, right in rights(evaluator, emission, call, request):
                if right == "allow":
                    event(f"{artifact} allows")
                    assert decision.effect == "permit", (artifact, evaluator, request, decision)


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies(), st.integers(0, 2**32))
def test_aws_permits_all_that_exact_rules_permit(bound: ir.Policy, seed: int) -> None:
    emission = TARGET.emit(bound, Options())
    assume(not has_errors(list(emission.diagnostics)))
    for call in calls(bound, Random(seed), CALLS):
        decision = decide(bound, agp_request(bound, call))
        if decision.effect != "permit":
            continue
        request = aws_request(bound, call)
        for evaluator in READINGS:
            right = dict(rights(evaluator, emission, call, request))["both"]
            event(f"permitted: {right}")
            assert right == "allow" or is_explained(emission, bound, decision), (request, right)


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies())
def test_every_document_is_one_that_iam_takes(bound: ir.Policy) -> None:
    emission = TARGET.emit(bound, Options())
    again = TARGET.emit(bound, Options())
    assert again == emission
    rules = {each.id for each in bound.rules}
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
        assert [each.rule for each in emission.ledger] == [each.id for each in bound.rules]


NAMES = {
    "location": "arn:aws:s3:::acme${path}",
    "action": "s3:GetObject",
    "key": "aws:RequestedRegion",
    "tag": "agp:intent",
    "role": "arn:aws:iam::111122223333:role/bot",
    "rule": "docs.a.b",
}


@st.composite
def attacked_names(draw: st.DrawFn) -> dict[str, str]:
    """The names of a binding, of which one has something hostile in it."""
    which = draw(st.sampled_from(sorted(NAMES)))
    place = draw(st.integers(0, len(NAMES[which])))
    attack = draw(hostile_text())
    return {**NAMES, which: NAMES[which][:place] + attack + NAMES[which][place:]}


@settings(suppress_health_check=list(HealthCheck))
@given(attacked_names())
def test_no_text_of_a_binding_escapes_from_its_place(names: dict[str, str]) -> None:
    region = ir.Attribute("context", ("region",), ir.STRING)
    rule = allow("g.r", "docs.file.read", when=ir.Has(region))
    bound = policy(
        replace(rule, id=names["rule"]),
        location=names["location"],
        actions=(ir.ActionBinding("read", (names["action"],)),),
        context=(("region", names["key"]),),
        tags=(("intent", names["tag"]),),
        agents=((BOT, names["role"]),),
    )
    emission = TARGET.emit(bound, Options())
    if has_errors(list(emission.diagnostics)):
        assert emission.files == {}
        return
    event("emitted")
    for path, artifact in emission.artifacts.items():
        if artifact.kind != "source map":
            assert problems(emission.files[path], SESSION_POLICY_SIZE, count_space=False) == []
            (statement,) = json.loads(emission.files[path])["Statement"]
            assert statement["Effect"] == "Allow"
            assert statement["Action"] == names["action"]


def is_explained(emission: Emission, policy: ir.Policy, decision: Decision) -> bool:
    """Whether the ledger says that one of the rules at work is stricter on AWS."""
    ledger = {each.rule: each.enforcement for each in emission.ledger}
    return all(ledger[rule] != "exact" for rule in decision.rules) or any(
        ledger[rule.id] != "exact" for rule in policy.forbids
    )
