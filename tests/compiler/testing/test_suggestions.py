"""Suggested tests are tests, and show what they are for; what is said to be never shown never is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from generators import FEATURES, WRITTEN, cases, policies
from hypothesis import given

from agpc.cli.output.suggestions import render
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.ir.walk import leaves
from agpc.compiler.meaning.explain import explain
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source
from agpc.compiler.testing.coverage import Coverage
from agpc.compiler.testing.coverage_points import PointRecord, Result
from agpc.compiler.testing.impossible import note_impossible
from agpc.compiler.testing.run import run_test
from agpc.compiler.testing.suggest import suggest as as_test
from agpc.compiler.testing.suggestions import Suggestions, is_asked, suggest
from agpc.compiler.testing.tidy import Unwritable
from agpc.compiler.testing.witnesses import Witnesses

TOLD = WRITTEN - {"facts", "start"}
"""What is always shown: of what a record tells, and of starts, a test is written where one is found."""
KLEENE = {"true": True, "false": False, "unknown": None}


def suggested(policy: ir.Policy) -> tuple[Coverage, Suggestions]:
    """What is suggested for a policy, and the coverage with it."""
    coverage = Coverage.of_tests(policy, policy.tests)
    found = suggest(coverage, Witnesses(policy))
    return coverage, found


def with_suggestions(policy: ir.Policy, found: Suggestions) -> ir.Policy:
    """The policy with the suggestions as they are printed, compiled again."""
    files = re.split(r"(?m)^(?=language 2$)", render(found))
    sources = [Source(f"suggested-{number}.agp", text) for number, text in enumerate(files[1:])]
    compilation = compile_sources((*policy_sources(policy), *sources))
    assert compilation.policy is not None, (files, compilation.diagnostics)
    return compilation.policy


@given(policies(features=TOLD))
def test_with_what_is_suggested_everything_is_shown_that_can_be(policy: ir.Policy) -> None:
    before = Coverage.of_tests(policy, policy.tests)
    note_impossible(before, Witnesses(policy))
    _, found = suggested(policy)
    grown = with_suggestions(policy, found)
    after = Coverage.of_tests(grown, grown.tests)
    left = {(each.point.key, each.result) for each in (*found.never, *found.open)}
    for record in after.records:
        for result in record.point.results:
            if is_asked(record.point, result):
                assert (result in record.shown) is not ((record.point.key, result) in left)
    if any(each.point.counted for one in found.tests for each in one.closes):
        assert after.score.covered > before.score.covered
    said = {(each.point.key, each.result): each.why for each in found.never}
    for record in before.records:
        for result, why in record.never.items():
            assert said.get((record.point.key, result), why) == why


@given(policies(features=TOLD))
def test_suggested_tests_pass_and_make_the_requests_that_were_found(policy: ir.Policy) -> None:
    _, found = suggested(policy)
    grown = with_suggestions(policy, found)
    compiled = {each.name: each for each in grown.tests}
    for each in found.tests:
        test = compiled[each.test.test.name]
        assert test == each.test.test
        assert run_test(grown, test).passed
        alone = Coverage.of_tests(grown, [test])
        shows = {(one.point.key, result) for one in alone.records for result in one.shown}
        assert (each.closes[0].point.key, each.closes[0].result) in shows


@given(cases(features=TOLD))
def test_no_test_shows_what_is_said_to_be_never_shown(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    coverage = Coverage(policy)
    note_impossible(coverage, Witnesses(policy))
    wrong = [each for each, found in coverage.shown_by(request) if found in each.never]

    def shows(request: dict[str, Any]) -> bool:
        return any(found in each.never for each, found in coverage.shown_by(request))

    if wrong:
        with pytest.raises(Unwritable):
            as_test(policy, request, shows=shows)


@given(cases(features=FEATURES - {"start"}))
def test_coverage_says_of_a_request_what_the_interpreter_and_its_explanation_say(
    case: tuple[ir.Policy, Any],
) -> None:
    policy, request = case
    coverage = Coverage(policy)
    coverage.observe("it", request)
    decided = {each.point.rule.id for each in coverage.records if "decides" in each.shown}
    assert decided == set(decide(policy, request).rules)
    if is_of_a_chain(request):  # each agent of it shows something
        return
    for rule, records in coverage.of.items():
        for record in records:
            if record.point.kind == "condition":
                assert only(record) == combined(record, records), rule
    atoms = {
        (each.point.rule.id, each.point.clause, id(each.point.judged)): only(each)
        for each in coverage.records
        if each.point.kind == "atom"
    }
    for report in explain(policy, request).reports:
        for finding in report.findings:
            for test in finding.part.tests if finding.part is not None else ():
                key = (report.rule.id, finding.clause, id(test.leaf))
                if atoms.get(key) is not None:
                    assert KLEENE[str(atoms[key])] is test.truth


def is_of_a_chain(request: Any) -> bool:
    """Whether rules are asked about more than one agent."""
    context = request.get("context") if isinstance(request, dict) else None
    return isinstance(context, dict) and bool(context.get("delegation"))


def only(record: PointRecord) -> Result | None:
    """What one request showed."""
    assert len(record.shown) <= 1
    return next(iter(record.shown), None)


def combined(condition: PointRecord, records: list[PointRecord]) -> Result | None:
    """What a condition comes to by what was shown of its atoms alone."""
    clause, number = condition.point.clause, condition.point.number[0]
    atoms = [
        only(each)
        for each in records
        if each.point.kind == "atom"
        and (each.point.clause, each.point.number[0]) == (clause, number)
    ]
    if None in atoms:
        assert atoms == [None] * len(atoms)
        return None
    left = [KLEENE[str(each)] for each in atoms]

    def value(part: ir.Condition) -> bool | None:
        match part:
            case ir.Not(inner):
                found = value(inner)
                return None if found is None else not found
            case ir.And(parts) | ir.Or(parts):
                values = [value(each) for each in parts]
                strong = isinstance(part, ir.Or)
                return strong if strong in values else None if None in values else not strong
            case _:
                return left.pop(0)

    whole = condition.point.judged
    assert isinstance(whole, ir.And | ir.Or | ir.Not)
    assert len(left) == sum(1 for _ in leaves(whole))
    found = value(whole)
    assert left == []
    return {True: "true", False: "false", None: "unknown"}[found]  # type: ignore[return-value]
