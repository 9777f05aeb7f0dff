"""What can be relied on of facts: one that is taken away opens nothing, and one more call opens no upper bound."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engines.asked import Requests, same
from engines.conformance_cases import load, policy_of, requests_of
from engines.evaluators import EVALUATORS, Evaluator
from generators.facts import fact_policies, requests_with_facts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.check.compile import compile_sources
from agpc.compiler.check.ir_json import dumps, loads
from agpc.compiler.ir.print_policy import policy_sources
from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.facts.reader import read_record
from agpc.compiler.meaning.interpreter import decide
from agpc.targets.python import evaluator

FILES = [
    Path(__file__).parents[1] / "conformance" / f"{name}.json" for name in ("meters", "sources")
]
IDS = [each.stem for each in FILES]


def fewer(request: Any) -> Iterator[Any]:
    """The request without each of its facts, without each part of a well-formed one, and without any."""
    for kind in ("meters", "sources"):
        held = request["context"].get(kind)
        for key, value in held.items() if isinstance(held, dict) else ():
            for part in (None, *parts_of(value)):
                made = copy.deepcopy(request)
                if part is None:
                    del made["context"][kind][key]
                else:
                    del made["context"][kind][key][part]
                yield made
        yield {**request, "context": {k: v for k, v in request["context"].items() if k != kind}}


def parts_of(value: Any) -> tuple[Any, ...]:
    """The readings of a meter, and the places of the names that a source has; of what is malformed nothing."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(range(len(value)))
    return tuple(value) if isinstance(value, dict) else ()


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_fact_that_is_taken_away_opens_nothing(path: Path) -> None:
    policy, asked = policy_of(path), 0
    python = evaluator(policy)
    for request in requests_of(path):
        if decide(policy, request).effect == "permit":
            continue
        for made in fewer(request):
            asked += 1
            assert decide(policy, made).effect != "permit"
            assert python.decide(made).effect != "permit"
    assert asked > 100


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_monitor_of_another_policy_says_nothing(path: Path) -> None:
    """Facts whose keys have another digest are none."""
    policy = policy_of(path)
    for request in requests_of(path):
        other = copy.deepcopy(request)
        for kind in ("meters", "sources"):
            if kind in other["context"]:
                held = other["context"][kind]
                other["context"][kind] = {f"{key[:-1]}x": value for key, value in held.items()}
        bare = {**request, "context": {k: v for k, v in request["context"].items() if k not in ("meters", "sources")}}  # fmt: skip
        assert decide(policy, other) == decide(policy, bare)


def test_one_more_call_opens_no_upper_bound() -> None:
    path = FILES[0]
    policy, data = policy_of(path), load(path)
    more = next(
        line
        for case in data["cases"]
        for line in case.get("record", [])
        if isinstance(line, dict) and line.get("event") == "call" and line["effect"] == "permit"
    )
    asked = 0
    for case, request in zip(data["cases"], requests_of(path), strict=True):
        before = decide(policy, request)
        if before.effect == "permit" or request["action"]["name"] != "pay":
            continue
        asked += 1
        lines = [*data["record"], {**more, "id": "one-more", "time": data["record"][0]["time"]}]
        again = facts(policy, [*lines, *case.get("record", [])], request)
        assert decide(policy, again).effect != "permit", case["name"]
    assert asked > 10


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_whatever_a_record_holds_it_is_read_and_nothing_is_raised(path: Path) -> None:
    """Each line with each of its parts replaced by each of a few values."""
    policy, data = policy_of(path), load(path)
    odd = (None, 7, "", [], {}, "x", True)
    request = requests_of(path)[0]
    lines = [*data["record"], *data["cases"][1].get("record", [])]
    for number, line in enumerate(lines):
        for name in line:
            for value in odd:
                made = [*lines[:number], {**line, name: value}, *lines[number + 1 :]]
                facts(policy, made, request)
    assert read_record(policy, [b"\xff", "[]", "{}", "nonsense", '{"a":1,"a":2}']).problems


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(
            each,
            id=each.name,
            marks=pytest.mark.skipif(each.missing is not None, reason=str(each.missing)),
        )
        for each in EVALUATORS
        if each.whole
    ],
)
def test_every_evaluator_reads_facts_as_the_interpreter_does(one: Evaluator) -> None:
    give = one.asked.give if isinstance(one.asked, Requests) else same

    @settings(
        max_examples=max(4, settings().max_examples // one.slowness),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        policy = data.draw(fact_policies())
        requests = [data.draw(requests_with_facts(policy)) for _ in range(8)]
        with one.open(policy, one.emit(policy)) as ask:
            answers = ask(requests)
        for request, answer in zip(requests, answers, strict=True):
            if answer is not None and decide(policy, give(request).request) == decide(
                policy, request
            ):
                assert one.agrees(answer, decide(policy, request)), request

    drawn()


@given(st.data())
def test_policies_with_facts_come_back(data: st.DataObject) -> None:
    policy = data.draw(fact_policies())
    assert loads(dumps(policy)) == policy
    again = compile_sources(policy_sources(policy))
    assert again.policy is not None, again.diagnostics
    request = data.draw(requests_with_facts(policy))
    assert decide(again.policy, request).effect == decide(policy, request).effect


@given(st.data())
def test_no_permit_needs_a_fact_that_is_not_there(data: st.DataObject) -> None:
    policy = data.draw(fact_policies())
    request = data.draw(requests_with_facts(policy))
    if decide(policy, request).effect != "permit":
        for made in fewer(request):
            assert decide(policy, made).effect != "permit"
