"""The tests of a policy as tests that `opa test` runs."""

from __future__ import annotations

import re

from ...compiler.ir import nodes as ir
from ...compiler.records import dataclass
from . import text

MOST_LINES = 28  # of a rule: Regal wants at most 30


@dataclass(frozen=True, slots=True)
class TestView:
    """One test as a template shows it."""

    __test__ = False  # not for pytest to collect

    number: int
    name: str
    title: str
    source: str
    request: str
    effect: str
    rules: str | None


def test_view(number: int, test: ir.Test) -> TestView:
    """Write a test; its number keeps tests of one name apart."""
    return TestView(
        number=number,
        name=f"{number}_{re.sub('[^a-z0-9]+', '_', test.name.lower()).strip('_')[:60]}".strip("_"),
        title=test.name,
        source=str(test.span),
        request=text.record(test.request, MOST_LINES),
        effect=test.effect,
        rules=None if test.rules is None else text.value(sorted(test.rules), 1),
    )
