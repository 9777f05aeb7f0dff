"""Tests that would show what no test shows yet, for a person to keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..analysis.procedure.verdict import Undetermined
from ..garbage import seldom_collected
from ..structs import Struct
from .coverage import Coverage
from .coverage_points import Point, Result
from .homes import home_of, name_at_home
from .suggest import Suggested
from .suggest import suggest as as_test
from .tidy import Unwritable
from .witnesses import NoWitness, Witnesses

WORDS: dict[Result, str] = {
    "decides": "it decides",
    "overrides": "it overrides an allow",
    "true": "is true",
    "false": "is false",
    "unknown": "is unknown",
    "met": "is met",
    "missing": "is missing",
}


class Gap(Struct):
    """Something that no test shows of a part of a rule; `why` says what is in the way, if it cannot be shown."""

    point: Point
    result: Result
    why: str = ""

    @property
    def text(self) -> str:
        """Say it, after the name of the rule."""
        part = f"{self.point.clause} {self.point.text} " if self.point.judged is not None else ""
        return f"{part}{WORDS[self.result]}"


class SuggestedTest(Struct):
    """A test, and the gaps that it would close; first the one that it is for."""

    test: Suggested
    closes: tuple[Gap, ...]


class Suggestions(Struct):
    """Tests, what no test can show, and what could not be determined."""

    tests: tuple[SuggestedTest, ...]
    never: tuple[Gap, ...]
    open: tuple[Gap, ...]


def suggest(coverage: Coverage, witnesses: Witnesses) -> Suggestions:
    """Suggest tests for all that is not covered. What they show is noted in the coverage."""
    with seldom_collected():
        return _Search(coverage, witnesses).run()


def is_asked(point: Point, result: Result) -> bool:
    """Whether a test is suggested for it: for what counts, evidence, times, and an allow that is overridden."""
    if point.kind == "condition":
        return False  # its atoms say more
    return result in point.counted or (not point.counted and result != "unknown")


class _Search:
    def __init__(self, coverage: Coverage, witnesses: Witnesses) -> None:
        self.coverage = coverage
        self.witnesses = witnesses
        self.taken = {each.name for each in coverage.policy.tests}
        self.tests: list[SuggestedTest] = []

    def run(self) -> Suggestions:
        never: list[Gap] = []
        open_: list[Gap] = []
        for gap in self._gaps():
            try:
                self._take(gap, self.witnesses.find(gap.point, gap.result))
            except NoWitness as reason:
                never.append(Gap(gap.point, gap.result, str(reason)))
            except (Undetermined, Unwritable) as reason:
                open_.append(Gap(gap.point, gap.result, str(reason)))
        shown = {
            (each.point.key, result) for each in self.coverage.records for result in each.shown
        }
        left = (each for each in open_ if (each.point.key, each.result) not in shown)
        return Suggestions(tuple(self.tests), tuple(never), tuple(left))

    def _gaps(self) -> Iterator[Gap]:
        """What is still not shown, as far as the tests that are suggested already go."""
        for record in self.coverage.records:
            point = record.point
            for result in point.results:
                if is_asked(point, result) and result not in record.shown:
                    yield Gap(point, result)

    def _take(self, gap: Gap, request: dict[str, Any]) -> None:
        """Make a request a test. Raises `Unwritable` where none makes it that shows the same."""

        def shows(request: dict[str, Any]) -> bool:
            return gap in self._closed_by(request)

        policy, rule = self.coverage.policy, gap.point.rule.id
        made = as_test(
            policy,
            request,
            name=f"{name_at_home(policy, rule)}: {gap.text}",
            home=home_of(policy, rule),
            taken=self.taken,
            shows=shows,
        )
        also = [each for each in self._closed_by(made.test.request) if each != gap]
        self.coverage.observe(made.test.name, made.test.request)
        self.tests.append(SuggestedTest(made, (gap, *also)))
        self.taken.add(made.test.name)

    def _closed_by(self, request: dict[str, Any]) -> Iterator[Gap]:
        """What a request shows that nothing showed before."""
        for record, result in self.coverage.shown_by(request):
            if is_asked(record.point, result) and result not in record.shown:
                yield Gap(record.point, result)
