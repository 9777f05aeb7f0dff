"""What is promised of every target, of everything that evaluates what one makes.

Evaluators that are asked alike are asked about one policy, which is drawn for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from engines.asked import Call
from engines.evaluators import EVALUATORS, Evaluator, is_said
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import has_errors
from agpc.runtime.decision import Decision
from agpc.targets.emission import Emission
from agpc.targets.registry import enforces, load_target, target_names

ALIKE = [
    [each for each in EVALUATORS if each.asked is asked]
    for asked in {id(each.asked): each.asked for each in EVALUATORS}.values()
]
of_all_that_are_asked_alike = pytest.mark.parametrize(
    "alike", ALIKE, ids=lambda alike: "; ".join(each.name for each in alike)
)
as_drawn = settings(suppress_health_check=list(HealthCheck))


@pytest.fixture
def here(alike: list[Evaluator]) -> Iterator[list[Evaluator]]:
    """Those of them that can be run here; that others are missing is said when these have passed."""
    yield [each for each in alike if each.missing is None]
    if missing := [f"{each.name}: {each.missing}" for each in alike if each.missing is not None]:
        pytest.skip("; ".join(missing))


def emissions(here: list[Evaluator], policy: ir.Policy) -> Iterator[tuple[Evaluator, Emission]]:
    """What each evaluator runs of a policy; what several run is made once."""
    made: dict[tuple[str, ...], Emission] = {}
    for each in here:
        key = (each.target.name, *each.settings.values())
        emission = made.get(key) or each.emit(policy)
        made[key] = emission
        is_refused = has_errors(list(emission.diagnostics))
        assert not is_refused or each.asked.may_be_refused, (each.name, emission.diagnostics)
        assume(not is_refused)
        yield each, emission


def answered(
    evaluator: Evaluator, policy: ir.Policy, emission: Emission, calls: Sequence[Call]
) -> Iterator[tuple[Call, Decision, Any]]:
    """Each call that the evaluator can be given, the interpreter's decision, and the answer."""
    with evaluator.open(policy, emission) as ask:
        answers = ask([each.given for each in calls])
    for call, answer in zip(map(evaluator.read, calls), answers, strict=True):
        if answer is not None:
            decision = decide(policy, call.request)
            event(f"{decision.effect}, {'permitted' if evaluator.permits(answer) else 'denied'}")
            yield call, decision, answer


@of_all_that_are_asked_alike
def test_no_target_permits_what_the_policy_denies_and_each_is_exact_where_its_ledger_says_so(
    here: list[Evaluator],
) -> None:
    @as_drawn
    @given(st.data())
    def check(data: st.DataObject) -> None:
        asked = here[0].asked
        policy = data.draw(asked.policies())
        calls = asked.calls(data, policy)
        for each, emission in emissions(here, policy):
            for call, decision, answer in answered(each, policy, emission, calls):
                case = (each.name, call.given, decision, answer)
                assert decision.effect == "permit" or not each.permits(answer), case
                assert (
                    not each.is_held_exact
                    or each.agrees(answer, decision)
                    or is_said(emission, policy, decision, each.unexplaining)
                ), case

    check()


@of_all_that_are_asked_alike
def test_missing_or_malformed_input_never_opens_anything(here: list[Evaluator]) -> None:
    @as_drawn
    @given(st.data())
    def check(data: st.DataObject) -> None:
        asked = here[0].asked
        policy = data.draw(asked.policies(sees_absence=False))
        whole, spoiled = asked.spoiled(data, policy)
        for each, emission in emissions(here, policy):
            is_open = decide(policy, each.read(whole).request).decision
            for call, decision, answer in answered(each, policy, emission, spoiled):
                if each.permits(answer):
                    assert decision.effect == "permit", (each.name, call.given)
                    assert is_open or not call.is_less, (each.name, call.given)

    check()


def test_every_target_that_enforces_something_has_an_evaluator() -> None:
    ours = {name for name in target_names() if enforces(load_target(name))}
    assert ours <= {each.target.name for each in EVALUATORS}
