"""Tests that would show what no test shows yet, for a person to keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ..analysis.procedure.verdict import Undetermined
from ..garbage import seldom_collected
from ..ir import nodes as ir
from ..meaning.interpreter import decide
from ..records import dataclass
from .coverage import Coverage
from .points import Point, Result
from .witnesses import Never, Witnesses

IsWritable: TypeAlias = Callable[[ir.Test], bool]
WORDS: dict[Result, str] = {
    "decides": "it decides",
    "overrides": "it overrides an allow",
    "true": "is true",
    "false": "is false",
    "unknown": "is unknown",
    "met": "is met",
    "missing": "is missing",
}
NO_TEST = "the request that shows it is none that a test makes"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that no test shows of a part of a rule; `why` says what is in the way, if it cannot be shown."""

    point: Point
    result: Result
    why: str = ""

    @property
    def text(self) -> str:
        """Say it, after the name of the rule."""
        part = f"{self.point.clause} {self.point.text} " if self.point.judged is not None else ""
        return f"{part}{WORDS[self.result]}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A test, the gap that it is for, and all gaps that it would close."""

    test: ir.Test
    of: Gap
    closes: tuple[Gap, ...]

    @property
    def also(self) -> tuple[Gap, ...]:
        """The gaps that it would close beside."""
        return tuple(each for each in self.closes if each != self.of)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Tests, what no test can show, and what could not be determined."""

    tests: tuple[Suggestion, ...]
    never: tuple[Gap, ...]
    open: tuple[Gap, ...]


def suggest(coverage: Coverage, witnesses: Witnesses, is_writable: IsWritable) -> Suggestions:
    """Suggest tests for all that is not covered. What they show is noted in the coverage."""
    with seldom_collected():
        return _Search(coverage, witnesses, is_writable).run()


def is_asked(point: Point, result: Result) -> bool:
    """Whether a test is suggested for it: for what counts, evidence, times, and an allow that is overridden."""
    if point.kind == "condition":
        return False  # its atoms say more
    return result in point.counted or (not point.counted and result != "unknown")


class _Search:
    def __init__(self, coverage: Coverage, witnesses: Witnesses, is_writable: IsWritable) -> None:
        self.coverage = coverage
        self.witnesses = witnesses
        self.is_writable = is_writable
        self.taken = {each.name for each in coverage.policy.tests}
        self.tests: list[Suggestion] = []

    def run(self) -> Suggestions:
        never: list[Gap] = []
        open_: list[Gap] = []
        for gap in self._gaps():
            try:
                request = self.witnesses.find(gap.point, gap.result)
            except Never as reason:
                never.append(Gap(gap.point, gap.result, str(reason)))
                continue
            except Undetermined as reason:
                open_.append(Gap(gap.point, gap.result, str(reason)))
                continue
            if not self._take(gap, request):
                open_.append(Gap(gap.point, gap.result, NO_TEST))
        return Suggestions(tuple(self.tests), tuple(never), tuple(open_))

    def _gaps(self) -> Iterator[Gap]:
        """What is still not shown, as far as the tests that are suggested already go."""
        for record in self.coverage.records:
            point = record.point
            for result in point.results:
                if is_asked(point, result) and result not in record.shown:
                    yield Gap(point, result)

    def _take(self, gap: Gap, request: dict[str, Any]) -> bool:
        """Make a request a test, if one can make it and it shows what it is for."""
        policy = self.coverage.policy
        decision = decide(policy, request)
        name = self._name(f"{gap.point.rule.id}: {gap.text}")
        rules = decision.rules or None
        test = ir.Test(name, request, decision.effect, rules, gap.point.rule.span)
        if not self.is_writable(test):
            return False
        before = {id(each): set(each.shown) for each in self.coverage.records}
        self.coverage.observe(name, request)
        closes = tuple(
            Gap(record.point, result)
            for record in self.coverage.records
            for result in record.shown
            if is_asked(record.point, result) and result not in before[id(record)]
        )
        if not any(
            each.point.key == gap.point.key and each.result == gap.result for each in closes
        ):
            return False
        self.tests.append(Suggestion(test, gap, closes))
        self.taken.add(name)
        return True

    def _name(self, wanted: str) -> str:
        """A name that no other test has."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted} ({number})"
        return name
