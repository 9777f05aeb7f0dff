"""What became of tests, as text for people, as JSON and as JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...runtime.decision import Decision
    from ..ir import nodes as ir
    from ..report import Report
    from ..testing.expected import Mismatch
    from ..testing.run import Outcome

MOST_RULES = 3  # that are shown of a test that failed, beside those that it expects


def render_text(outcomes: Sequence[Outcome], report: Report) -> str:
    """Render a line for each test, more for one that failed, and the count."""
    lines = [line for each in outcomes for line in lines_about(each, report)]
    return "\n".join([*lines, count_line(outcomes)]) + "\n"


def lines_about(outcome: Outcome, report: Report) -> Iterator[str]:
    """Say in a line that a test passed, or in several why it failed."""
    from ..text.visible import visible

    name, got = visible(outcome.test.name), outcome.got
    if outcome.passed:
        yield f"pass  {name}: {answer(got.effect, got.rules)}"
        return
    yield f"FAIL  {name}"
    yield f"      at {visible(place(outcome, report))}"
    yield f"      expected {visible(expected_in_words(outcome.test))}"
    yield f"      got      {visible(got_in_words(got))}"
    yield from (f"      {visible(str(line))}" for line in differing_terms(outcome))
    yield from (f"      {line}".rstrip() for line in why_lines(outcome, report))


def count_line(outcomes: Sequence[Outcome]) -> str:
    """Say how many passed and failed."""
    failed = sum(not each.passed for each in outcomes)
    return f"{len(outcomes) - failed} passed, {failed} failed"


def why_lines(failed: Outcome, report: Report) -> Iterator[str]:
    """Say of a test that failed what is odd about its request, and what became of the nearest rules."""
    from ..text.visible import visible
    from .explanation import rule_lines

    assert failed.why is not None
    expected = failed.test.rules or ()
    yield from (f"note: {visible(note)}" for note in failed.why.notes)
    near = failed.why.reports
    shown = {each.rule.id for each in near[:MOST_RULES]} | set(expected)
    for each in near:
        if each.rule.id in shown:
            yield from rule_lines(each, report)
    for rule in expected:
        if rule not in {each.rule.id for each in near}:
            yield f"- {rule}: does not name this call"


def render_json(outcomes: Sequence[Outcome], report: Report) -> str:
    """Render `{"tests": [...], "summary": {"passed": n, "failed": n}}`."""
    return json.dumps(document(outcomes, report), indent=2) + "\n"


def document(outcomes: Sequence[Outcome], report: Report) -> dict[str, Any]:
    """What `render_json` renders, as data."""
    from dataclasses import asdict

    from ..check.compiling.ir_json import part_to_json
    from .explanation import to_json

    failed = sum(not each.passed for each in outcomes)
    tests = [
        {
            "name": each.test.name,
            "place": place(each, report),
            "passed": each.passed,
            "expected": {
                "effect": each.test.effect,
                "rules": None if each.test.rules is None else list(each.test.rules),
                "terms": None if each.test.terms is None else part_to_json(each.test.terms),
            },
            "got": each.got.to_authzen(),
            "differences": [asdict(difference) for difference in each.differences],
            "why": None if each.why is None else to_json(each.why, each.why.reports, report),
        }
        for each in outcomes
    ]
    return {"tests": tests, "summary": {"passed": len(outcomes) - failed, "failed": failed}}


def render_junit(outcomes: Sequence[Outcome], report: Report) -> str:
    """Render JUnit XML with a case for each test."""
    from ..report.junit import Case, render_cases

    return render_cases(
        "agpc test",
        [
            Case(
                place(each, report),
                each.test.name,
                None
                if each.passed
                else "; ".join(
                    [
                        f"expected {expected_in_words(each.test)}, got {got_in_words(each.got)}",
                        *map(str, differing_terms(each)),
                    ]
                ),
                output="\n".join(
                    [
                        answer(each.got.effect, each.got.rules),
                        *(() if each.passed else why_lines(each, report)),
                    ]
                ),
            )
            for each in outcomes
        ],
    )


def place(outcome: Outcome, report: Report) -> str:
    """Say where a test stands."""
    span = outcome.test.span
    return report.place(span)


def answer(effect: str, rules: Sequence[str]) -> str:
    """Say an effect, and by which rules."""
    return f"{effect} by {', '.join(rules)}" if rules else effect


def expected_in_words(test: ir.Test) -> str:
    """Say what a test expects, as it is written after `expect`."""
    from ..ir.printing.expectations import expectation_text

    return expectation_text(test.effect, test.rules, test.terms)


def got_in_words(decision: Decision) -> str:
    """Say a decision with its reasons and with what it asks for."""
    from ..ir.printing.expectations import asking_text
    from ..testing.expected import terms_of

    asking = terms_of(decision).asking
    asks = f" asking {asking_text(asking)}" if asking else ""
    why = "; ".join(decision.reasons)
    return answer(decision.effect, decision.rules) + asks + (f" ({why})" if why else "")


def differing_terms(outcome: Outcome) -> list[Mismatch]:
    """What differs beside the effect and the rules, which are seen at once."""
    return [each for each in outcome.differences if each.what not in ("effect", "rules")]
