"""The `test` blocks of a policy, run on the reference interpreter."""

from __future__ import annotations

from collections.abc import Iterable

from ...runtime.decision import Decision
from ..ir import nodes as ir
from ..meaning.explain import Explanation, explain
from ..meaning.interpreter import decide
from ..structs import Struct
from .expected import Mismatch, differences


class Outcome(Struct):
    """A test and the decision that its request got; `why` explains that of a test that failed."""

    test: ir.Test
    got: Decision
    why: Explanation | None = None

    @property
    def passed(self) -> bool:
        """Whether the test got what it expects."""
        return passes(self.test, self.got)

    @property
    def differences(self) -> tuple[Mismatch, ...]:
        """What the decision says otherwise than expected."""
        return differences(self.test, self.got)


def passes(test: ir.Test, got: Decision) -> bool:
    """Whether the decision is the expected one, in all that the test says of it."""
    return not differences(test, got)


def run_tests(policy: ir.Policy) -> list[Outcome]:
    """Run all tests of a policy, in the order in which they are written."""
    return [run_test(policy, each) for each in in_order(policy.tests)]


def in_order(tests: Iterable[ir.Test]) -> list[ir.Test]:
    """Tests as they are written."""
    return sorted(tests, key=lambda test: test.span)


def run_test(policy: ir.Policy, test: ir.Test) -> Outcome:
    """Run one test, and find out why if it fails."""
    got = decide(policy, test.request)
    why = None if passes(test, got) else explain(policy, test.request)
    return Outcome(test, got, why)
