"""Every evaluator runs the cases of tests/conformance, whose README says what is in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from engines.asked import Requests
from engines.conformance_cases import compiled, load, policy_of, requests_of
from engines.evaluators import EVALUATORS, Evaluator
from engines.readers import as_given

from agpc.compiler.check.compiling.ir_json import dumps, loads
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.diagnostics import has_errors
from agpc.targets.emission import Emission

FILES = sorted((Path(__file__).parent / "conformance").glob("*.json"))
KEYS = ("reasons", "requirements", "obligations", "credential", "evidence", "owner")

Answers: TypeAlias = Sequence[dict[str, Any] | None]
"""AuthZEN answers to requests, in order; None to one that the engine is known not to read."""


# --- Evaluators -----------------------------------------------------------------------------------


def by_interpreter(path: Path) -> Answers:
    return decided(policy_of(path), path)


def by_interpreter_of_json(path: Path) -> Answers:
    return decided(loads(dumps(policy_of(path))), path)


def by_interpreter_of_print(path: Path) -> Answers:
    return decided(compiled(policy_sources(policy_of(path))), path)


def decided(policy: ir.Policy, path: Path) -> Answers:
    return [interpreter.decide(policy, each).to_authzen() for each in requests_of(path)]


def by_evaluator(evaluator: Evaluator, path: Path) -> Answers:
    """Its answers; none to a request that its reader takes for another one, as one that rounds numbers does."""
    policy, requests = policy_of(path), requests_of(path)
    with evaluator.open(policy, emission_of(path, evaluator)) as decide:
        answers = decide(requests)
    if evaluator.reads is as_given:
        return answers
    return [
        answer
        if interpreter.decide(policy, evaluator.reads(each)) == interpreter.decide(policy, each)
        else None
        for each, answer in zip(requests, answers, strict=True)
    ]


EMITTED: dict[tuple[Path, str, tuple[str, ...]], Emission] = {}


def emission_of(path: Path, evaluator: Evaluator) -> Emission:
    """What is made of the policy of a file, once for all that evaluate it."""
    key = (path, evaluator.target.name, tuple(evaluator.settings.values()))
    if key not in EMITTED:
        EMITTED[key] = evaluator.emit(policy_of(path))
    return EMITTED[key]


BY_INTERPRETER = (by_interpreter, by_interpreter_of_json, by_interpreter_of_print)
WAYS = [pytest.param(each, id=each.__name__) for each in BY_INTERPRETER] + [
    pytest.param(
        partial(by_evaluator, each),
        id=each.name,
        marks=pytest.mark.skipif(each.missing is not None, reason=str(each.missing)),
    )
    for each in EVALUATORS
    if each.whole
]


@pytest.mark.parametrize("evaluate", WAYS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_evaluator_conforms(path: Path, evaluate: Callable[[Path], Answers]) -> None:
    cases = load(path)["cases"]
    answers = evaluate(path)
    if not any(answers):
        pytest.skip("the engine reads none of these requests")
    wrong = []
    for case, answer in zip(cases, answers, strict=True):
        if answer is None:
            continue
        context = answer["context"]
        found = {key: context[key] for key in ("effect", "rules", *KEYS) if key in case["expect"]}
        assert answer["decision"] is (context["effect"] == "permit")
        if found != case["expect"]:
            wrong.append(f"{case['name']}\n  expected {case['expect']}\n  found    {found}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "evaluator",
    [
        pytest.param(
            each,
            id=each.name,
            marks=pytest.mark.skipif(each.missing is not None, reason=str(each.missing)),
        )
        for each in EVALUATORS
        if not each.whole and isinstance(each.asked, Requests) and each.is_for_many
    ],
)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_platform_permits_no_case_that_is_none_by_the_policy(
    path: Path, evaluator: Evaluator
) -> None:
    """Of platforms that only permit or deny: they may be stricter, as their ledger says, and never looser."""
    policy, emission = policy_of(path), emission_of(path, evaluator)
    if has_errors(list(emission.diagnostics)):
        pytest.skip("nothing of this policy can be said there")
    with evaluator.open(policy, emission) as decide:
        answers = decide(requests_of(path))
    looser = [
        case["name"]
        for case, answer in zip(load(path)["cases"], answers, strict=True)
        if answer is not None
        and evaluator.permits(answer)
        and case["expect"]["effect"] != "permit"
        and not case.get("tags")
    ]
    assert looser == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_facts_follow_from_the_record(path: Path) -> None:
    wrong = []
    for case, request in zip(load(path)["cases"], requests_of(path), strict=True):
        for kind, expected in expected_facts(case):
            known = request["context"].get(kind, {})
            found = {key.rpartition("#")[0]: value for key, value in known.items()}
            picked = {name: found.get(name) for name in expected}
            if picked != expected:
                wrong.append(f"{case['name']}\n  expected {expected}\n  found    {picked}")
        for argument, sources in case.get("facts", {}).get("from", {}).items():
            known = request["context"].get("sources", {})
            found = {key.rpartition("#")[0]: argument in names for key, names in known.items()}
            picked = {name: found.get(name) for name in sources}
            if picked != sources:
                wrong.append(f"{case['name']}\n  expected {sources}\n  found    {picked}")
    assert not wrong, "\n".join(wrong)


def expected_facts(case: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The meters and sources of which a case says what they are."""
    return [each for each in case.get("facts", {}).items() if each[0] != "from"]


def test_cases_are_whole() -> None:
    assert len(FILES) > 30
    for path in FILES:
        data = load(path)
        assert data.keys() - {"record"} == {"about", "policy", "request", "cases"}, path.name
        names = [case["name"] for case in data["cases"]]
        assert len(set(names)) == len(names), path.name
        for case in data["cases"]:
            assert case["expect"].keys() >= {"effect", "rules"}, (path.name, case["name"])
            assert case["expect"].keys() <= {"effect", "rules", *KEYS}, (path.name, case["name"])
            assert case.keys() <= {
                *("name", "tags", "request", "set", "remove", "record", "given", "facts", "expect")
            }
