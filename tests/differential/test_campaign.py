"""A small campaign in every run; and the campaign notices an emitter that is broken on purpose."""

from __future__ import annotations

from typing import Any

import pytest
from engines.evaluators import Evaluator

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.runtime.decision import Decision
from differential.campaign import ENGINES, Campaign, cases, compare, run
from differential.faults import FAULTS

POLICIES = 8
SEED = 7


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return run(POLICIES, SEED)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_no_target_permits_what_the_policy_denies_and_each_is_as_its_ledger_says(
    campaign: Campaign, engine: Evaluator
) -> None:
    if engine.missing is not None:
        pytest.skip(engine.missing)
    count = campaign.counts[engine.name]
    assert count.wrong == []
    assert count.compared > 100


def test_aws_permits_nothing_that_the_policy_denies(campaign: Campaign) -> None:
    count = campaign.counts["aws-iam, evaluator"]
    assert count.wrong == []
    assert count.compared > 200


def test_the_campaign_compares_ten_thousand_decisions_of_each_effect(campaign: Campaign) -> None:
    assert campaign.compared > 10_000
    assert min(campaign.effects[effect] for effect in ("permit", "challenge", "deny")) > 50


@pytest.fixture(scope="module")
def drawn() -> list[tuple[ir.Policy, list[Any], list[Decision]]]:
    return [
        (policy, asked, [interpreter.decide(policy, each) for each in asked])
        for seed in (
            *range(3, 9),
            16,
            23,
        )  # what one draws after another is alike, and patterns are rare
        for policy, asked in cases(15, SEED + seed)
    ]


IN_CEDAR = {
    *("conditions of allows are left out", "requirements are left out", "forbids are left out"),
    *("conditions of forbids are left out", "an edge is moved", "a not is overlooked"),
    "and is or",
}
IN_AGENTCORE = {"conditions of allows are left out", "requirements are left out"}
"""The faults that show in Cedar: what it leaves to others cannot be broken there."""


def shows(engine: Evaluator, fault: str) -> bool:
    """Whether an emitter with this fault permits more than the policy does."""
    shown = {"cedar": IN_CEDAR, "cedar, on AgentCore": IN_AGENTCORE}
    return fault in shown.get(engine.name, FAULTS)


@pytest.mark.parametrize(
    ("engine", "fault"),
    [
        pytest.param(engine, fault, id=f"{engine.name}-{fault}")
        for engine in ENGINES
        for fault in FAULTS
        if engine.name != "rego on rego-cpp" and shows(engine, fault)
    ],
)
def test_the_campaign_notices_a_broken_emitter(
    drawn: list[tuple[ir.Policy, list[Any], list[Decision]]], engine: Evaluator, fault: str
) -> None:
    if engine.missing is not None:
        pytest.skip(engine.missing)
    for policy, asked, decided in drawn:
        altered = FAULTS[fault](policy)
        if altered == policy:
            continue
        campaign = Campaign()
        compare(campaign, engine, policy, asked, decided, lambda _, broken=altered: broken)
        if campaign.wrong:
            return
    raise AssertionError("nobody noticed")
