"""What tests came to, and what they reach: kept as long as the policy is the one that they ran on."""

from __future__ import annotations

import threading
from time import monotonic

from ...compiler.analysis.procedure.world import World
from ...compiler.ir import nodes as ir
from ...compiler.structs import Struct, field
from ...compiler.testing.coverage import Coverage
from ...compiler.testing.run import Outcome, in_order, run_test

WAIT = 10.0
"""Seconds for which tests are run, before the rest is left."""


class Known(Struct, frozen=False):
    """What is known of one policy."""

    policy: ir.Policy
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    """By the block that a test stands in."""

    coverage: Coverage | None = None
    meeting: dict[str, tuple[ir.Rule, ...]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Of the world, which answers one question at a time."""

    _world: World | None = None

    @property
    def world(self) -> World:
        """The policy, prepared for questions."""
        if self._world is None:
            self._world = World(self.policy)
        return self._world


class Results:
    """What is known of the policy of each set; the next edit makes another policy, of which nothing is."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[str, Known] = {}
        self._lock = threading.Lock()

    def of(self, key: str, policy: ir.Policy) -> Known:
        """What is known of a policy."""
        with self._lock:
            known = self._known.get(key)
            if known is None or known.policy is not policy:
                known = self._known[key] = Known(policy)
            return known


def block_of(test: ir.Test) -> str:
    """The block that a test stands in; several tests are of one that makes a table."""
    return test.name if test.cell is None else test.cell.block


def run(known: Known, file: str | None, block: str | None) -> tuple[list[Outcome], int]:
    """Run the tests of a set, a file or a block; give the outcomes, and how many there was no time for."""
    until = monotonic() + WAIT
    wanted = [
        each
        for each in in_order(known.policy.tests)
        if file in (None, each.span.file) and block in (None, block_of(each))
    ]
    found: list[Outcome] = []
    for each in wanted:
        if monotonic() > until:
            break
        found.append(run_test(known.policy, each))
    by_block: dict[str, list[Outcome]] = {}
    for outcome in found:
        by_block.setdefault(block_of(outcome.test), []).append(outcome)
    known.outcomes.update(by_block)
    return found, len(wanted) - len(found)


def coverage_of(known: Known, wait: float = WAIT) -> Coverage | None:
    """What the tests show of the rules; None where there is no time for it."""
    if known.coverage is None:
        until = monotonic() + wait
        coverage = Coverage(known.policy)
        for each in known.policy.tests:
            coverage.observe(each.name, each.request)
            if monotonic() > until:
                return None
        known.coverage = coverage
    return known.coverage


def reaching(coverage: Coverage, rules: list[ir.Rule]) -> tuple[str, ...]:
    """The tests that some of these rules decide."""
    found: dict[str, None] = {}
    for rule in rules:
        for record in coverage.of.get(rule.id, ()):
            if record.point.kind == "decides":
                found.update(dict.fromkeys(record.shown.get("decides", ())))
    return tuple(found)
