"""What can be relied on of facts: one that is taken away opens nothing, and one more call opens no upper bound."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engines.conformance_cases import (
    files_with_records,
    load,
    policy_of,
    record_of,
    requests_of,
)
from engines.evaluators import EVALUATORS, Evaluator
from generators.facts import fact_policies, requests_with_facts
from generators.records import record_of as draw_record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.ir_json import dumps, loads
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.facts.reader import read_record
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.meaning.request import ABSENT, Call
from agpc.targets.python import evaluator

FILES = files_with_records()
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
    policy = policy_of(path)
    python = evaluator(policy)
    closed = [each for each in requests_of(path) if decide(policy, each).effect != "permit"]
    for request in closed:
        for made in fewer(request):
            assert decide(policy, made).effect != "permit"
            assert python.decide(made).effect != "permit"


def test_many_requests_are_closed() -> None:
    closed = [
        each
        for path in FILES
        for each in requests_of(path)
        if decide(policy_of(path), each).effect != "permit"
    ]
    assert len(closed) > 200


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


UPWARD = ("count", "sum", "sum size", "distinct", "max")


def lowered(policy: ir.Policy, before: Any, after: Any) -> list[str]:
    """The meters that one more record has made less, so that an upper bound would be opened."""
    calls = [Call.read(policy, each) for each in (before, after)]
    found = []
    for meter in policy.meters:
        for reading in ("before", "with") if meter.has_with else ("before",):
            values = [each.read_attribute(meter.read(reading)) for each in calls if each]  # type: ignore[arg-type]
            less, more = values
            if meter.aggregate in UPWARD and more is not ABSENT and (less is ABSENT or more < less):
                found.append(f"{meter.name}.{reading}: {less} and then {more}")
    return found


def with_one_more(lines: list[Any], at: int) -> list[Any]:
    """The lines of a record with one of them once more, as another call."""
    return [*lines[: at + 1], {**lines[at], "id": "one more"}, *lines[at + 1 :]]


def is_call(line: Any) -> bool:
    return isinstance(line, dict) and line.get("event") == "call"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_one_more_call_lowers_nothing_that_has_an_upper_bound(path: Path) -> None:
    policy, data = policy_of(path), load(path)
    for case, request in zip(data["cases"], requests_of(path), strict=True):
        lines = record_of(data, case)
        for at in [number for number, line in enumerate(lines) if is_call(line)]:
            again = facts(policy, with_one_more(lines, at), request)
            if Call.read(policy, request) is not None:
                assert lowered(policy, request, again) == [], (case["name"], at)


@given(st.data())
def test_one_more_call_lowers_nothing_in_any_history(data: st.DataObject) -> None:
    policy = data.draw(fact_policies())
    lines, request = draw_record(data.draw)
    calls = [number for number, line in enumerate(lines) if is_call(line)]
    before = facts(policy, lines, request)
    for at in calls:
        after = facts(policy, with_one_more(lines, at), request)
        assert lowered(policy, before, after) == []


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_whatever_a_record_holds_it_is_read_and_nothing_is_raised(path: Path) -> None:
    """Each line with each of its parts replaced by each of a few values."""
    policy, data = policy_of(path), load(path)
    odd = (None, 7, "", [], {}, "x", True)
    request = requests_of(path)[0]
    lines = [each for each in record_of(data, data["cases"][1]) if isinstance(each, dict)]
    for number, line in enumerate(lines):
        for name in line if isinstance(line, dict) else ():
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
    @settings(suppress_health_check=list(HealthCheck))
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        policy = data.draw(fact_policies())
        requests = [data.draw(requests_with_facts(policy)) for _ in range(8)]
        with one.open(policy, one.emit(policy)) as ask:
            answers = ask(requests)
        for request, answer in zip(requests, answers, strict=True):
            if answer is not None and decide(policy, one.reads(request)) == decide(policy, request):
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
