"""What is promised of every target, of everything that evaluates what one makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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

ONES = [
    pytest.param(
        each,
        id=each.name,
        marks=[pytest.mark.skipif(each.missing is not None, reason=str(each.missing))],
    )
    for each in EVALUATORS
]
of_every_evaluator = pytest.mark.parametrize("evaluator", ONES)


def for_drawn(evaluator: Evaluator, check: Callable[[st.DataObject], None]) -> None:
    """Check what Hypothesis draws, as often as the evaluator is fast."""

    @settings(
        max_examples=max(4, settings().max_examples // evaluator.slowness),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        check(data)

    drawn()


def emitted(evaluator: Evaluator, policy: ir.Policy) -> Emission:
    emission = evaluator.emit(policy)
    is_refused = has_errors(list(emission.diagnostics))
    assert not is_refused or evaluator.asked.may_be_refused, emission.diagnostics
    assume(not is_refused)
    return emission


def answered(
    evaluator: Evaluator, policy: ir.Policy, emission: Emission, calls: Sequence[Call]
) -> Iterator[tuple[Call, Decision, Any]]:
    """Each call that the evaluator can be given, the interpreter's decision, and the answer."""
    with evaluator.open(policy, emission) as ask:
        answers = ask([each.given for each in calls])
    for call, answer in zip(calls, answers, strict=True):
        if answer is not None:
            decision = decide(policy, call.request)
            event(f"{decision.effect}, {'permitted' if evaluator.permits(answer) else 'denied'}")
            yield call, decision, answer


@of_every_evaluator
def test_no_target_permits_what_the_policy_denies(evaluator: Evaluator) -> None:
    def check(data: st.DataObject) -> None:
        policy = data.draw(evaluator.asked.policies())
        emission = emitted(evaluator, policy)
        calls = evaluator.asked.calls(data, policy)
        for call, decision, answer in answered(evaluator, policy, emission, calls):
            assert decision.effect == "permit" or not evaluator.permits(answer), call.given

    for_drawn(evaluator, check)


@of_every_evaluator
def test_missing_or_malformed_input_never_opens_anything(evaluator: Evaluator) -> None:
    def check(data: st.DataObject) -> None:
        policy = data.draw(evaluator.asked.policies(sees_absence=False))
        emission = emitted(evaluator, policy)
        whole, spoiled = evaluator.asked.spoiled(data, policy)
        is_open = decide(policy, whole.request).decision
        for call, decision, answer in answered(evaluator, policy, emission, spoiled):
            if evaluator.permits(answer):
                assert decision.effect == "permit", call.given
                assert is_open or not call.is_less, call.given

    for_drawn(evaluator, check)


@of_every_evaluator
def test_a_target_decides_as_the_policy_does_where_its_ledger_says_exact(
    evaluator: Evaluator,
) -> None:
    if not evaluator.is_held_exact:
        pytest.skip("what each policy of AWS permits alone is not what they permit together")

    def check(data: st.DataObject) -> None:
        policy = data.draw(evaluator.asked.policies())
        emission = emitted(evaluator, policy)
        calls = evaluator.asked.calls(data, policy)
        for call, decision, answer in answered(evaluator, policy, emission, calls):
            assert evaluator.agrees(answer, decision) or is_said(
                emission, policy, decision, evaluator.unexplaining
            ), (call.given, decision, answer)

    for_drawn(evaluator, check)


def test_every_target_that_enforces_something_has_an_evaluator() -> None:
    ours = {name for name in target_names() if enforces(load_target(name))}
    assert ours <= {each.target.name for each in EVALUATORS}
