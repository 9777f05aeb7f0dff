"""A name is not the whole of an ARN: a deny meets what AWS adds to it, and an allow lends it nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from engines.aws_cases import AIDE, AUDIT, BOT, CONTEXT_KEYS, allow, attribute, forbid, policy, text
from engines.bound_calls import BoundCall, agp_request, aws_request
from engines.iam import Evaluator, Request
from engines.real_arns import REAL, Real
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import has_errors
from agpc.runtime.glob import Wildcard, glob_match
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.language.endings import (
    UNKNOWN,
    allowed,
    denied,
    table,
)
from agpc.targets.aws_iam.language.patterns import Glob, write_pattern
from agpc.targets.aws_iam.reference import _SLOT, shipped
from agpc.targets.emission import Emission, Options

READ = "docs.file.read"
NAME = attribute("resource", "tenant")
READINGS = (Evaluator(star_stops_at_colon=True), Evaluator(star_stops_at_colon=False))
NAMES = (
    "prod/root", "prod", "root", "prod/root2", "app", "app-1", "app-x-y", "dev/db", "prod-root", "a1", "Zroot",
    "app-abcdef", "ops", "prod/a",
)  # fmt: skip
PATTERNS = (
    "*", "prod*", "prod/*", "app-*", "*root", "a*1", "prod/root*", "app*", "*-*", "r*t", "app-a*", "ops*",
)  # fmt: skip


def bound(real: Real, *rules: ir.Rule) -> ir.Policy:
    """A policy about things of one kind, by their names."""
    actions = (ir.ActionBinding("read", (real.action,)),)
    return policy(*rules, location=real.location, actions=actions, context=CONTEXT_KEYS)


def emit(bound: ir.Policy) -> Emission:
    """What the target makes, or the errors."""
    emission = TARGET.emit(bound, Options({"reference": "none"}))
    assert not has_errors(list(emission.diagnostics)), emission.diagnostics
    return emission


def permits(bound: ir.Policy, emission: Emission, name: str, arn: str) -> bool:
    """Whether AWS permits a call on an ARN, by identity or session policy or both, in any reading."""
    call = BoundCall(
        BOT, AUDIT, READ, bound.bindings[0].resources[0].actions[0].names[0], {"tenant": name}
    )
    request = replace(aws_request(bound, call), resource=arn)
    identity = [json.loads(v) for k, v in emission.files.items() if k.startswith(f"identity/{BOT}")]
    session = [
        json.loads(v) for k, v in emission.files.items() if k == f"session/{BOT}/{AUDIT}.json"
    ]
    return any(
        evaluator.decide(each, request) == "allow"
        for evaluator in READINGS
        for each in (identity, session)
    )


def decides(bound: ir.Policy, name: str) -> bool:
    """Whether the policy itself permits a call on a name."""
    call = BoundCall(BOT, AUDIT, READ, "", {"tenant": name})
    return decide(bound, agp_request(bound, call)).decision


@st.composite
def conditions(draw: st.DrawFn, names: tuple[str, ...], patterns: tuple[str, ...]) -> ir.Condition:
    """A condition on a name."""
    leaf = st.one_of(
        st.sampled_from(names).map(lambda name: ir.Compare("==", NAME, text(name))),
        st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True).map(
            lambda some: ir.In(NAME, ir.Constants(ir.STRING, tuple(some)))
        ),
        st.sampled_from(patterns).map(lambda pattern: ir.Like(NAME, pattern)),
    )
    some = draw(st.lists(leaf, min_size=1, max_size=2))
    joined = some[0] if len(some) == 1 else draw(st.sampled_from((ir.And, ir.Or)))(tuple(some))
    return ir.Not(joined) if draw(st.integers(0, 5)) == 0 else joined


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, ir.Policy]:
    """A kind of thing, and allows and forbids by names that such things can have."""
    kind = draw(st.sampled_from(sorted(REAL)))
    outside = set(REAL[kind].outside)
    names = tuple(each for each in NAMES if not outside & set(each))
    patterns = tuple(each for each in PATTERNS if not outside & set(each))
    when = conditions(names, patterns)
    everybody: dict[str, Any] = {"agents": None, "intents": None}
    rules: list[ir.Rule] = [
        allow(f"a{n}", "any", when=draw(st.none() | when), **everybody)
        for n in range(draw(st.integers(1, 2)))
    ]
    for n in range(draw(st.integers(0, 2))):
        by = draw(st.sampled_from(("when", "unless")))
        rules.append(forbid(f"f{n}", "any", **{by: draw(when)}))
    return kind, bound(REAL[kind], *rules)


@settings(suppress_health_check=list(HealthCheck))
@given(cases())
def test_nothing_is_permitted_on_a_real_arn_that_the_policy_denies(
    case: tuple[str, ir.Policy],
) -> None:
    kind, policy_ = case
    emission = emit(policy_)
    open_ = replace(
        policy_, allows=(allow("open", "any", agents=ir.DECLARED, intents=ir.DECLARED),)
    )
    for name in NAMES:
        if set(REAL[kind].outside) & set(name):
            continue
        for arn in REAL[kind].arns(name):
            if not permits(policy_, emission, name, arn):
                continue
            path = arn[REAL[kind].within :] if REAL[kind].within else name
            assert decides(open_, name) and decides(open_, path), ("a forbid", name, arn)
            assert decides(policy_, name) or decides(policy_, path), ("an allow", name, arn)


@pytest.mark.parametrize("kind", REAL)
def test_a_forbid_by_name_meets_every_real_arn(kind: str) -> None:
    real = REAL[kind]
    name = "root" if set(real.outside) else "prod/root"
    everything = allow("a", "any", agents=ir.DECLARED, intents=ir.DECLARED)
    by_name = forbid("f", "any", when=ir.Compare("==", NAME, text(name)))
    policy_ = bound(real, everything, by_name)
    emission = emit(policy_)
    for arn in real.arns(name):
        assert not permits(policy_, emission, name, arn), arn
    (ledger,) = [each for each in emission.ledger if each.rule == "docs.f"]
    is_exact = kind in ("queue", "parameter")
    assert (ledger.enforcement == "exact") is is_exact
    assert bool(ledger.reasons) is not is_exact


def test_a_deny_of_a_secret_meets_its_six_characters_and_says_so() -> None:
    secret = REAL["secret"]
    within = allow("a", READ, when=ir.Like(NAME, "prod/*"), agents=(BOT, AIDE), intents=ir.DECLARED)
    root = forbid("f", "any", when=ir.Compare("==", NAME, text("prod/root")))
    emission = emit(bound(secret, within, root))
    deny, grant = json.loads(emission.files[f"identity/{BOT}.json"])["Statement"]
    start = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/"
    assert deny["Resource"] == [start + "root", start + "root-??????"]
    assert grant["Resource"] == start + "*"
    entries = {each.rule: each for each in emission.ledger}
    assert entries["docs.a"].enforcement == "exact"
    assert entries["docs.f"].enforcement == "stricter"
    assert "`-??????`" in entries["docs.f"].reasons[0]


@pytest.mark.parametrize(
    ("kind", "when", "resource", "enforcement"),
    [
        ("secret", ir.Like(NAME, "app-*"), "secret:app-*-??????", "stricter"),
        ("secret", ir.Like(NAME, "prod-x/*"), "secret:prod-x/*", "exact"),
        ("secret", ir.Like(NAME, "*root"), None, "elsewhere"),
        ("secret", ir.Compare("==", NAME, text("app")), "secret:app", "stricter"),
        ("function", ir.Compare("==", NAME, text("app")), "function:app", "stricter"),
        ("function", ir.Like(NAME, "app*"), "function:app*", "exact"),
        ("function", ir.Like(NAME, "*app"), None, "elsewhere"),
        ("function", ir.Like(NAME, "*live*"), None, "elsewhere"),
        ("connection", ir.Like(NAME, "*-*"), None, "elsewhere"),
        ("secret", ir.Like(NAME, "p*-*"), None, "elsewhere"),
        ("of an unknown service", ir.Like(NAME, "*a*"), None, "elsewhere"),
        ("queue", ir.Like(NAME, "*a*"), "*a*", "stricter"),
        ("runtime", ir.Like(NAME, "app-*"), None, "elsewhere"),
        ("runtime", ir.Like(NAME, "app*"), "runtime/app*", "exact"),
        ("of an unknown service", ir.Compare("==", NAME, text("app")), "thing/app", "exact"),
        ("of an unknown service", ir.Like(NAME, "*app"), None, "elsewhere"),
        ("queue", ir.Like(NAME, "*app"), "*app", "stricter"),  # as a `:` may stop it
    ],
)  # fmt: skip
def test_an_allow_stays_as_it_is_or_is_narrowed(
    kind: str, when: ir.Condition, resource: str | None, enforcement: str
) -> None:
    rule = allow("a", READ, when=when, agents=(BOT, AIDE))
    emission = emit(bound(REAL[kind], rule))
    (ledger,) = emission.ledger
    assert ledger.enforcement == enforcement
    if resource is None:
        assert not any(each.startswith("identity") for each in emission.files)
        return
    (statement,) = json.loads(emission.files[f"identity/{BOT}.json"])["Statement"]
    assert statement["Resource"] == REAL[kind].location.partition("eu-west-1:111122223333:")[0] + (
        f"eu-west-1:111122223333:{resource}"
    )


def test_a_deny_of_a_parameter_meets_who_asks_for_all_below_a_path() -> None:
    location = "arn:aws:ssm:eu-west-1:111122223333:parameter/${tenant}"
    actions = (ir.ActionBinding("read", ("ssm:GetParameter", "ssm:GetParametersByPath")),)
    rule = forbid("f", READ, when=ir.Compare("==", NAME, text("prod/root")))
    emission = emit(policy(rule, location=location, actions=actions))
    found = {
        each["Action"]: each["Resource"]
        for each in json.loads(emission.files[f"identity/{BOT}.json"])["Statement"]
    }
    assert found["ssm:GetParameter"].endswith(":parameter/prod/root")
    assert found["ssm:GetParametersByPath"] == "arn:aws:ssm:eu-west-1:111122223333:*"


@pytest.mark.parametrize(
    ("location", "name"),
    [("parameter/${tenant}", "/prod/root"), ("parameter${tenant}", "prod/root")],
)
def test_a_deny_of_a_parameter_meets_it_with_and_without_its_first_slash(
    location: str, name: str
) -> None:
    start = "arn:aws:ssm:eu-west-1:111122223333:"
    actions = (ir.ActionBinding("read", ("ssm:GetParameter",)),)
    rules = (
        allow("a", READ, agents=ir.DECLARED, intents=ir.DECLARED),
        forbid("f", READ, when=ir.Compare("==", NAME, text(name))),
    )
    policy_ = policy(*rules, location=start + location, actions=actions)
    emission = emit(policy_)
    assert not permits(policy_, emission, name, start + "parameter/prod/root")
    assert permits(policy_, emission, name, start + "parameter/prod/other")
    entries = {each.rule: each for each in emission.ledger}
    assert entries["docs.f"].enforcement == "stricter"


def test_every_resource_of_the_reference_has_a_row() -> None:
    for service, entry in shipped().services.items():
        for shape, _ in entry["resources"]:
            arn = _SLOT.sub(lambda match: {"Partition": "aws"}.get(match["name"] or "", "x"), shape)
            assert UNKNOWN not in table().rows((arn,)), (service, shape)
            assert table().rows((*_open(arn),)), shape


def test_every_longer_resource_of_a_service_is_met_by_a_deny_of_a_shorter_one() -> None:
    for entry in shipped().services.values():
        arns = sorted(
            {
                _SLOT.sub(lambda m: {"Partition": "aws"}.get(m["name"] or "", "x"), a)
                for a, _ in entry["resources"]
            }
        )
        for short in arns:
            patterns = denied((short,)).resources
            for long in arns:
                if "events" in short and ":rule/" in short:  # a rule of a bus of that name
                    continue
                if long.startswith((short + "/", short + ":", short + "-")):
                    assert any(glob_match(each, long) for each in patterns), (short, long)


def _open(arn: str) -> Glob:
    """An ARN of which the end is not known."""
    return (arn[:-1], Wildcard.ANY)


def test_the_table_has_a_date_and_sources() -> None:
    assert table().date == "2026-11-27"
    assert table().services.keys() >= {"secretsmanager", "lambda", "dynamodb", "s3", "logs", "kms"}


def test_a_place_that_is_everything_stays_it() -> None:
    anything: Glob = (Wildcard.ANY,)
    assert denied(anything).resources == (anything,)
    assert allowed(anything, ends_in_name=False).resource == anything


def test_a_guard_of_odd_paths_meets_what_aws_adds() -> None:
    location = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:acme${path}"
    actions = (ir.ActionBinding("read", ("secretsmanager:GetSecretValue",)),)
    rule = allow("a", READ, when=ir.Under(attribute("resource", "path"), "/a"))
    emission = emit(policy(rule, location=location, actions=actions))
    context = {
        "aws:PrincipalTag/agp:agent": "spiffe://acme.example/bot",
        "aws:PrincipalTag/agp:intent": AUDIT,
        "aws:PrincipalTag/agp:task": "t-1",
    }
    documents = [json.loads(emission.files[f"identity/{BOT}.json"])]
    for path, is_met in (("/a/b-AbC12f", True), ("/a/..-AbC12f", False), ("/a/b/-AbC12f", False)):
        arn = location.replace("${path}", path)
        request = Request("secretsmanager:GetSecretValue", arn, context)
        for evaluator in READINGS:
            assert (evaluator.decide(documents, request) == "allow") is is_met


def test_patterns_of_the_table_are_such_as_iam_takes() -> None:
    for rows in table().services.values():
        for row in rows:
            for ending in row.then:
                assert set(write_pattern(ending)) <= set("-:/*?")
