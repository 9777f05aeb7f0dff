"""A small campaign in every run; and the campaign notices an emitter that is broken on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any, Generic, TypeVar

import pytest
from engines.evaluators import Evaluator

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.runtime.decision import Decision
from differential.campaign import ENGINES, Campaign, cases, compare, run
from differential.faults import FAULTS

POLICIES = 5
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
    assert count.compared > 100


def test_the_campaign_compares_thousands_of_decisions_of_each_effect(campaign: Campaign) -> None:
    assert campaign.compared > 5_000
    assert min(campaign.effects[effect] for effect in ("permit", "challenge", "deny")) > 20


SEEDS = (*range(3, 9), 16, 23)  # what one draws after another is alike, and patterns are rare
T = TypeVar("T")
Shown = tuple[ir.Policy, ir.Policy, list[Any], list[Decision]]


def drawn() -> Iterator[tuple[ir.Policy, list[Any], list[Decision]]]:
    """Policies with requests and what the interpreter decides of them."""
    for seed in SEEDS:
        for policy, asked in cases(15, SEED + seed):
            yield policy, asked, [interpreter.decide(policy, each) for each in asked]


def shown(
    fault: str, among: Iterable[tuple[ir.Policy, list[Any], list[Decision]]]
) -> Iterator[Shown]:
    """Policies, each as it is and with a fault, and the requests that the interpreter then decides otherwise."""
    for policy, asked, decided in among:
        altered = FAULTS[fault](policy)
        if altered == policy:
            continue
        other = [
            (request, decision)
            for request, decision in zip(asked, decided, strict=True)
            if interpreter.decide(altered, request) != decision
        ]
        if other:
            yield policy, altered, [each for each, _ in other], [each for _, each in other]


class Remembered(Generic[T]):
    """What an iterator gives, for many to go through, and drawn no further than one of them has gone."""

    def __init__(self, left: Iterator[T]) -> None:
        self._left, self._given = left, list[T]()

    def __iter__(self) -> Iterator[T]:
        for at in count():
            if at == len(self._given):
                self._given.extend(islice(self._left, 1))
            if at == len(self._given):
                return
            yield self._given[at]


@pytest.fixture(scope="module")
def showing() -> dict[str, Iterable[Shown]]:
    """Where each fault shows. Engines are asked about this alone, until somebody notices."""
    every = Remembered(drawn())
    return {fault: Remembered(shown(fault, every)) for fault in FAULTS}


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
    showing: dict[str, Iterable[Shown]], engine: Evaluator, fault: str
) -> None:
    if engine.missing is not None:
        pytest.skip(engine.missing)
    for policy, altered, asked, decided in showing[fault]:
        campaign = Campaign()
        compare(campaign, engine, policy, asked, decided, lambda _, broken=altered: broken)
        if campaign.wrong:
            return
    raise AssertionError("nobody noticed")
