"""Whatever AWS permits, the interpreter permits; and where the ledger says exact, no less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from engines.aws_cases import (
    AUDIT,
    BOT,
    LOCATIONS,
    TAGS,
    allow,
    attribute,
    bound_policies,
    calls,
    forbid,
    policy,
    text,
)
from engines.bound_calls import BoundCall, agp_request, aws_request
from engines.evaluators import NO_ACCESS_POINTS, is_said
from engines.iam import Evaluator, Request, together
from engines.iam_documents import problems
from generators import hostile_text
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import has_errors
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.limits import MANAGED_POLICY_SIZE, SESSION_POLICY_SIZE
from agpc.targets.emission import Emission, Options

CALLS = 40
"""Calls that each generated policy is tried with."""

MISSING_TAGS: tuple[tuple[str, ...], ...] = ((), (), (), (), ("task",), ("agent",), ("intent",))
UNCHECKED = Options({"reference": "none"})
"""The generated policies ask for keys that the actions do not have, to have some of each type."""

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
    one, other = evaluator.decide(identity, request), evaluator.decide(session, request)
    yield from (("identity", one), ("session", other), ("both", together((one, other))))


def check_never_looser(bound: ir.Policy, emission: Emission, rng: Random, count: int) -> None:
    """Each artifact by itself, and both together, permit nothing that the policy does not."""
    for call in calls(bound, rng, count):
        decision = decide(bound, agp_request(bound, call))
        request = aws_request(bound, call, without_tags=rng.choice(MISSING_TAGS))
        for evaluator in READINGS:
            for artifact, right in rights(evaluator, emission, call, request):
                if right == "allow":
                    assert decision.effect == "permit", (artifact, evaluator, request, decision)


def check_exact(bound: ir.Policy, emission: Emission, rng: Random, count: int) -> None:
    """Both together permit all that the policy does, unless the ledger says why not."""
    for call in calls(bound, rng, count):
        decision = decide(bound, agp_request(bound, call))
        if decision.effect != "permit":
            continue
        request = aws_request(bound, call)
        for evaluator in READINGS:
            right = dict(rights(evaluator, emission, call, request))["both"]
            assert right == "allow" or is_said(emission, bound, decision, NO_ACCESS_POINTS), (
                request,
                right,
            )


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies(), st.sampled_from(("inline", "managed")), st.integers(0, 2**32))
def test_both_together_permit_no_more_where_denies_are_in_one(
    bound: ir.Policy, session: str, seed: int
) -> None:
    left = {"session": session, "session-denies": "identity", "reference": "none"}
    emission = TARGET.emit(bound, Options(left))
    assume(not has_errors(list(emission.diagnostics)))
    for call in calls(bound, Random(seed), CALLS):
        request = aws_request(bound, call)
        for evaluator in READINGS:
            if dict(rights(evaluator, emission, call, request))["both"] == "allow":
                assert decide(bound, agp_request(bound, call)).effect == "permit"


PATH, TENANT = attribute("resource", "path"), attribute("resource", "tenant")
KIND, SOURCE_IP = attribute("resource", "kind"), attribute("context", "source_ip")
INSIDE, INSIDE_KEY = ir.Under(PATH, "/a"), ir.Under(TENANT, "/a")


def one_of(*values: str) -> ir.In:
    """Membership of the tenant."""
    return ir.In(TENANT, ir.Constants(ir.STRING, values))


def inside(*ranges: str) -> ir.Within:
    """Where the call comes from."""
    return ir.Within(SOURCE_IP, ir.Constants(ir.IP, ranges))


HARD: dict[str, ir.Condition] = {
    "path in the ARN": INSIDE,
    "root in the ARN": ir.Under(PATH, "/"),
    "no path in the ARN": ir.Not(INSIDE),
    "pattern in the ARN": ir.Like(PATH, "/a*b"),
    "path and value in the ARN": ir.And((INSIDE, ir.Compare("==", PATH, text("/a/b")))),
    "path in a key": INSIDE_KEY,
    "no path in a key": ir.Not(INSIDE_KEY),
    "two sets with nothing in common": ir.And((one_of("a", "*"), one_of("b", "?"))),
    "two sets that meet": ir.And((one_of("a", "*"), one_of("*", "?"))),
    "neither of two sets": ir.And((ir.Not(one_of("a", "*")), ir.Not(one_of("b")))),
    "one character": ir.Like(TENANT, "/a?b"),
    "text that no policy holds": one_of("日本", "a"),
    "one segment of the ARN": ir.Compare("==", KIND, ir.Constant(KIND.type, "plan")),
    "mapped addresses": inside("10.0.0.0/8"),
    "no mapped addresses": ir.Not(inside("10.0.0.0/8", "2001:db8::/32")),
    "one address": ir.Compare("==", SOURCE_IP, ir.Constant(ir.IP, "10.0.0.1")),
    "all addresses of IPv6": inside("::/0"),
    "those and some of IPv4": inside("::/0", "10.0.0.0/8"),
    "all addresses": inside("::/0", "0.0.0.0/0"),
}


@pytest.mark.parametrize("location", LOCATIONS)
@pytest.mark.parametrize("name", HARD)
def test_hard_conditions_are_never_looser_and_exact_where_they_say_so(
    name: str, location: str
) -> None:
    condition = HARD[name]
    anybody: dict[str, Any] = {"agents": None, "intents": None}
    for rules in (
        [allow("a", "any", when=condition, **anybody)],
        [allow("a", "any", revoke=(condition,), **anybody)],
        [allow("a", "any", **anybody), forbid("f", "any", when=condition)],
        [allow("a", "any", **anybody), forbid("f", "any", unless=condition)],
    ):
        bound = policy(*rules, location=location)
        emission = TARGET.emit(bound, UNCHECKED)
        assert not has_errors(list(emission.diagnostics))
        check_never_looser(bound, emission, Random(name), CALLS)
        check_exact(bound, emission, Random(name), CALLS)


def test_an_arn_that_stands_for_nothing_is_never_permitted() -> None:
    location = "arn:aws:dynamodb:eu-west-1:111122223333:table/${kind}/index/${path}"
    kind = ir.In(KIND, ir.Constants(KIND.type, ("plan", "bill")))
    for rules in ([allow("g.a", "any")], [allow("g.a", "any", when=kind)]):
        emission = TARGET.emit(policy(*rules, location=location), UNCHECKED)
        for table in ("plan/x", "plan:x", "", "x/plan", "plan/index/y"):
            arn = location.replace("${kind}", table).replace("${path}", "p")
            tags = {"agent": "spiffe://acme.example/bot", "intent": AUDIT, "task": "t-1"}
            context = {f"aws:PrincipalTag/{name}": tags[what] for what, name in TAGS}
            # "plan", and "y/index/p" in it
            stands_for_something = table == "plan/index/y" and rules[0].condition is not None
            for evaluator in READINGS:
                found = evaluator.decide(
                    documents(emission, "identity policy", BOT, None),
                    Request("s3:GetObject", arn, context),
                )
                assert (found == "allow") is stands_for_something


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies())
def test_every_document_is_one_that_iam_takes(bound: ir.Policy) -> None:
    emission = TARGET.emit(bound, UNCHECKED)
    again = TARGET.emit(bound, UNCHECKED)
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
        assert {each["rule"] for behind in sids[path].values() for each in behind} <= rules
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
@example({**NAMES, "tag": "\u0130agp:intent"})  # letters that only look past their case like ASCII
@example({**NAMES, "tag": "agp:inten\u017f"})
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
    emission = TARGET.emit(bound, UNCHECKED)
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
