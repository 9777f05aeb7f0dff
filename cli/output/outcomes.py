"""What became of tests, as text for people, as JSON and as JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...compiler.report import Report
    from ...compiler.testing.run import Outcome
    from ...runtime.decision import Decision

MOST_RULES = 3  # that are shown of a test that failed, beside those that it expects


def render_text(outcomes: Sequence[Outcome], report: Report) -> str:
    """Render a line for each test, more for one that failed, and the count."""
    from ...compiler.text.visible import visible

    lines = []
    for each in outcomes:
        name = visible(each.test.name)
        if each.passed:
            lines.append(f"pass  {name}: {answer(each.got.effect, each.got.rules)}")
            continue
        lines.append(f"FAIL  {name}")
        lines.append(f"      at {visible(place(each, report))}")
        lines.append(f"      expected {answer(each.test.effect, each.test.rules or ())}")
        lines.append(f"      got      {visible(got_in_words(each.got))}")
        lines += [f"      {line}".rstrip() for line in why_lines(each, report)]
    failed = sum(not each.passed for each in outcomes)
    lines.append(f"{len(outcomes) - failed} passed, {failed} failed")
    return "\n".join(lines) + "\n"


def why_lines(failed: Outcome, report: Report) -> Iterator[str]:
    """Say of a test that failed what is odd about its request, and what became of the nearest rules."""
    from ...compiler.text.visible import visible
    from ..commands.explain import rule_lines

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
    from ..commands.explain import to_json

    failed = sum(not each.passed for each in outcomes)
    tests = [
        {
            "name": each.test.name,
            "place": place(each, report),
            "passed": each.passed,
            "expected": {
                "effect": each.test.effect,
                "rules": None if each.test.rules is None else list(each.test.rules),
            },
            "got": each.got.to_authzen(),
            "why": None if each.why is None else to_json(each.why, each.why.reports, report),
        }
        for each in outcomes
    ]
    document = {"tests": tests, "summary": {"passed": len(outcomes) - failed, "failed": failed}}
    return json.dumps(document, indent=2) + "\n"


def render_junit(outcomes: Sequence[Outcome], report: Report) -> str:
    """Render JUnit XML with a case for each test."""
    from ...compiler.report.junit import Case, render_cases

    return render_cases(
        "agpc test",
        [
            Case(
                place(each, report),
                each.test.name,
                None
                if each.passed
                else f"expected {answer(each.test.effect, each.test.rules or ())}, "
                f"got {got_in_words(each.got)}",
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
    return f"{report.path(span.file)}:{span.line}"


def answer(effect: str, rules: Sequence[str]) -> str:
    """Say an effect, and by which rules."""
    return f"{effect} by {', '.join(rules)}" if rules else effect


def got_in_words(decision: Decision) -> str:
    """Say a decision with its reasons and with what it asks for."""
    asks = [json.dumps(each, ensure_ascii=False) for each in decision.requirements]
    why = "; ".join([*decision.reasons, *asks])
    return answer(decision.effect, decision.rules) + (f" ({why})" if why else "")


RENDERERS: dict[str, Callable[[Sequence[Outcome], Report], str]] = {
    "text": render_text,
    "json": render_json,
    "junit": render_junit,
}
