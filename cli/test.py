"""`agpc test`: the `test` blocks of a policy, and which rule decided each."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from . import exits
from .policies import PATHS, compiled, read

if TYPE_CHECKING:
    from ..compiler import ir
    from ..runtime.decision import Decision

FORMATS = ("text", "json", "junit")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test and the decision that its request got; `place` is where the test stands."""

    test: ir.Test
    got: Decision
    place: str

    @property
    def passed(self) -> bool:
        """Whether the effect is the expected one, and so are the rules if the test names them."""
        return self.got.effect == self.test.effect and (
            self.test.rules is None or set(self.got.rules) == set(self.test.rules)
        )


@click.command()
@PATHS
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
def test(paths: tuple[str, ...], format: str) -> None:
    """Run the tests that policies hold, and say which rule decided; exit 4 if one fails."""
    from ..compiler.interpreter import decide
    from ..compiler.report import Report

    files = read(paths)
    policy, _ = compiled(files)
    report = Report.of((), files)
    outcomes = [
        Outcome(
            each, decide(policy, each.request), f"{report.path(each.span.file)}:{each.span.line}"
        )
        for each in sorted(policy.tests, key=lambda test: test.span)
    ]
    click.echo(RENDERERS[format](outcomes), nl=False)
    if not outcomes:
        click.echo("warning: the policy has no tests", err=True)
    if not all(each.passed for each in outcomes):
        raise exits.Stop(exits.FAILED)


def render_text(outcomes: Sequence[Outcome]) -> str:
    """Render a line for each test, more for one that failed, and the count."""
    from ..compiler.visible import visible

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
    failed = sum(not each.passed for each in outcomes)
    lines.append(f"{len(outcomes) - failed} passed, {failed} failed")
    return "\n".join(lines) + "\n"


def render_json(outcomes: Sequence[Outcome]) -> str:
    """Render `{"tests": [...], "summary": {"passed": n, "failed": n}}`."""
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
        }
        for each in outcomes
    ]
    document = {"tests": tests, "summary": {"passed": len(outcomes) - failed, "failed": failed}}
    return json.dumps(document, indent=2) + "\n"


def render_junit(outcomes: Sequence[Outcome]) -> str:
    """Render JUnit XML with a case for each test."""
    from ..compiler.report.junit import Case, render_cases

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
                output=answer(each.got.effect, each.got.rules),
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
