"""What the tests of a policy show of its rules, as the reference interpreter decides their requests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ..ir import nodes as ir
from ..meaning import interpreter
from ..meaning.chain import flaw_of_chain, of_each
from ..meaning.request import Call
from ..structs import Struct
from .coverage_points import PointRecord, Result, points, result


class Score(Struct):
    """How much of what counts was shown. Of nothing, all was."""

    covered: int
    countable: int

    @property
    def percent(self) -> float:
        """The part in a hundred."""
        return 100.0 * self.covered / self.countable if self.countable else 100.0

    @property
    def text(self) -> str:
        """The part in a hundred with one decimal, rounded down: what says 100 lacks nothing."""
        tenths = 1000 * self.covered // self.countable if self.countable else 1000
        return f"{tenths // 10}.{tenths % 10}"

    def is_under(self, percent: float) -> bool:
        """Whether it is less than some part in a hundred."""
        return 100 * self.covered < percent * self.countable


class Coverage:
    """What requests showed of the rules of a policy, or of some of its rules."""

    def __init__(self, policy: ir.Policy, rules: Collection[str] | None = None) -> None:
        """Begin with nothing shown. `rules` are the identities of those that matter; all, if none are given."""
        self.policy = policy
        self.of: dict[str, list[PointRecord]] = {
            rule.id: [PointRecord(point) for point in points(rule)]
            for rule in sorted(policy.rules, key=lambda rule: (rule.span, rule.id))
            if rules is None or rule.id in rules
        }

    @classmethod
    def of_tests(
        cls, policy: ir.Policy, tests: Iterable[ir.Test], rules: Collection[str] | None = None
    ) -> Coverage:
        """What tests show."""
        coverage = cls(policy, rules)
        for test in tests:
            coverage.observe(test.name, test.request)
        return coverage

    def observe(self, test: str, request: dict[str, Any]) -> None:
        """Note what the request of a test shows."""
        once = {(id(record), found): (record, found) for record, found in self.shown_by(request)}
        for record, found in once.values():
            record.shown.setdefault(found, []).append(test)

    def shown_by(self, request: dict[str, Any]) -> Iterator[tuple[PointRecord, Result]]:
        """What a request shows."""
        call = Call.read(self.policy, request)
        if call is None or call.capability is None:
            return
        deciding = set(interpreter.decide(self.policy, request).rules)
        if flaw_of_chain(self.policy, request) is not None:
            return  # no rule was asked
        for each in of_each(request):
            yield from self._shown_by_one(Call(self.policy, each), deciding)

    def _shown_by_one(self, call: Call, deciding: set[str]) -> Iterator[tuple[PointRecord, Result]]:
        """What a call shows for one agent of its chain."""
        assert call.capability is not None
        about = self.policy.rules_about.get(call.capability, ())
        named = [each for each in about if interpreter.matches(each, call)]
        is_opened = any(
            isinstance(each, ir.Allow) and interpreter.allow_applies(each, call) for each in named
        )
        for rule in named:
            for record in self.of.get(rule.id, ()):
                found: Result | None
                if record.point.kind == "decides":
                    found = "decides" if rule.id in deciding else None
                elif record.point.kind == "overrides":
                    found = "overrides" if rule.id in deciding and is_opened else None
                else:
                    found = result(record.point, call)
                if found is not None:
                    yield record, found

    @property
    def records(self) -> Iterator[PointRecord]:
        """What is known of each point, by rule."""
        for each in self.of.values():
            yield from each

    @property
    def score(self) -> Score:
        """How much of what counts was shown."""
        return score(self.records)


def score(records: Iterable[PointRecord]) -> Score:
    """How much of what counts was shown of some points."""
    covered = countable = 0
    for each in records:
        covered += len(each.covered)
        countable += len(each.countable)
    return Score(covered, countable)
