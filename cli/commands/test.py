"""`agpc test`: the `test` blocks of a policy, and which rule decided each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ...compiler.records import dataclass
from .. import exits
from ..input.policies import PATHS, compiled, read

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir
    from ...compiler.meaning.explain import Explanation
    from ...compiler.report import Report
    from ...runtime.decision import Decision

FORMATS = ("text", "json", "junit")
MOST_RULES = 3  # that are shown of a test that failed, beside those that it expects


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test and the decision that its request got; `place` is where the test stands.

    `why` explains the decision of a test that failed.
    """

    test: ir.Test
    got: Decision
    place: str
    report: Report
    why: Explanation | None = None

    @property
    def passed(self) -> bool:
        """Whether the effect is the expected one, and so are the rules if the test names them."""
        return self.got.effect == self.test.effect and (
            self.test.rules is None or set(self.got.rules) == set(self.test.rules)
        )


@click.command()
@PATHS
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "-k",
    "--keyword",
    "keyword",
    metavar="PATTERN",
    help="Run only tests with this in their names; `*` is anything.",
)
@click.option(
    "--request",
    metavar="NAME",
    help="Print the request of this test, as `agpc explain` takes it, and run nothing.",
)
def test(paths: tuple[str, ...], format: str, keyword: str | None, request: str | None) -> None:
    """Run the tests that policies hold, and say which rule decided; exit 4 if one fails.

    Of a test that fails it says why, as `agpc explain` does.
    """
    from ...compiler.report import Report

    files = read(paths)
    policy, _ = compiled(files)
    report = Report.of((), files)
    tests = sorted(policy.tests, key=lambda test: test.span)
    if request is not None:
        click.echo(json.dumps(named(tests, request).request, indent=2))
        return
    if keyword is not None:
        tests = list(matching(tests, keyword))
    outcomes = [outcome(policy, each, report) for each in tests]
    click.echo(RENDERERS[format](outcomes), nl=False)
    if not outcomes:
        click.echo("warning: the policy has no tests", err=True)
    if not all(each.passed for each in outcomes):
        raise exits.Stop(exits.FAILED)


def outcome(policy: ir.Policy, test: ir.Test, report: Report) -> Outcome:
    """Run one test, and find out why if it fails."""
    from ...compiler.meaning.explain import explain
    from ...compiler.meaning.interpreter import decide

    place = f"{report.path(test.span.file)}:{test.span.line}"
    found = Outcome(test, decide(policy, test.request), place, report)
    return found if found.passed else replace(found, why=explain(policy, test.request))


def matching(tests: Sequence[ir.Test], pattern: str) -> Iterator[ir.Test]:
    """The tests whose names hold a pattern. Ends the command if there are none."""
    parts = map(re.escape, pattern.casefold().split("*"))
    wanted = re.compile(".*?".join(parts), re.DOTALL)
    found = [each for each in tests if wanted.search(each.name.casefold())]
    if not found:
        raise exits.Failure(f"no test has `{pattern}` in its name")
    yield from found


def named(tests: Sequence[ir.Test], name: str) -> ir.Test:
    """The test of a name. Ends the command if there is none, or more than one."""
    from ...compiler.meaning.observed import nearest

    found = [each for each in tests if each.name == name]
    if not found:
        near = nearest(name, (each.name for each in tests))
        raise exits.Failure(f"no test is named `{name}`{near}")
    if len(found) > 1:
        raise exits.Failure(f"{len(found)} tests are named `{name}`")
    return found[0]


def render_text(outcomes: Sequence[Outcome]) -> str:
    """Render a line for each test, more for one that failed, and the count."""
    from ...compiler.text.visible import visible

    lines = []
    for each in outcomes:
        name = visible(each.test.name)
        if each.passed:
            lines.append(f"pass  {name}: {answer(each.got.effect, each.got.rules)}")
            continue
        lines.append(f"FAIL  {name}")
        lines.append(f"      at {visible(each.place)}")
        lines.append(f"      expected {answer(each.test.effect, each.test.rules or ())}")
        lines.append(f"      got      {visible(got_in_words(each.got))}")
        lines += [f"      {line}".rstrip() for line in why_lines(each)]
    failed = sum(not each.passed for each in outcomes)
    lines.append(f"{len(outcomes) - failed} passed, {failed} failed")
    return "\n".join(lines) + "\n"


def why_lines(failed: Outcome) -> Iterator[str]:
    """Say of a test that failed what is odd about its request, and what became of the nearest rules."""
    from ...compiler.text.visible import visible
    from .explain import rule_lines

    assert failed.why is not None
    expected = failed.test.rules or ()
    yield from (f"note: {visible(note)}" for note in failed.why.notes)
    near = failed.why.reports
    shown = {each.rule.id for each in near[:MOST_RULES]} | set(expected)
    for each in near:
        if each.rule.id in shown:
            yield from rule_lines(each, failed.report)
    for rule in expected:
        if rule not in {each.rule.id for each in near}:
            yield f"- {rule}: does not name this call"


def render_json(outcomes: Sequence[Outcome]) -> str:
    """Render `{"tests": [...], "summary": {"passed": n, "failed": n}}`."""
    from .explain import to_json

    failed = sum(not each.passed for each in outcomes)
    tests = [
        {
            "name": each.test.name,
            "place": each.place,
            "passed": each.passed,
            "expected": {
                "effect": each.test.effect,
                "rules": None if each.test.rules is None else list(each.test.rules),
            },
            "got": each.got.to_authzen(),
            "why": None if each.why is None else to_json(each.why, each.why.reports, each.report),
        }
        for each in outcomes
    ]
    document = {"tests": tests, "summary": {"passed": len(outcomes) - failed, "failed": failed}}
    return json.dumps(document, indent=2) + "\n"


def render_junit(outcomes: Sequence[Outcome]) -> str:
    """Render JUnit XML with a case for each test."""
    from ...compiler.report.junit import Case, render_cases

    return render_cases(
        "agpc test",
        [
            Case(
                each.place,
                each.test.name,
                None
                if each.passed
                else f"expected {answer(each.test.effect, each.test.rules or ())}, "
                f"got {got_in_words(each.got)}",
                output="\n".join(
                    [
                        answer(each.got.effect, each.got.rules),
                        *(() if each.passed else why_lines(each)),
                    ]
                ),
            )
            for each in outcomes
        ],
    )


def answer(effect: str, rules: Sequence[str]) -> str:
    """Say an effect, and by which rules."""
    return f"{effect} by {', '.join(rules)}" if rules else effect


def got_in_words(decision: Decision) -> str:
    """Say a decision with its reasons and with what it asks for."""
    asks = [json.dumps(each, ensure_ascii=False) for each in decision.requirements]
    why = "; ".join([*decision.reasons, *asks])
    return answer(decision.effect, decision.rules) + (f" ({why})" if why else "")


RENDERERS: dict[str, Callable[[Sequence[Outcome]], str]] = {
    "text": render_text,
    "json": render_json,
    "junit": render_junit,
}
