"""A few planted defects of each kind: all are found, and nothing else is said of them."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from agpc.compiler.analysis.run import FINDINGS

from .clean import clean
from .defects.all import DEFECTS
from .measurement import findings

ALSO = {"AGP4304": {"AGP2102"}, "AGP2210": {"AGP3211"}, "AGP3211": {"AGP2210"}}
"""What a defect is besides: a forbid that asks people about what an allow permits forbids a part of it until they answer,
and a text that nothing reads is an argument that nothing binds.
"""


def test_every_finding_has_a_defect() -> None:
    assert set(DEFECTS) == set(FINDINGS)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_found_in_a_clean_policy(seed: int) -> None:
    assert findings(clean(Random(f"clean {seed}"))) == Counter()


@pytest.mark.parametrize("code", DEFECTS)
def test_a_planted_defect_is_found_and_nothing_else(code: str) -> None:
    for seed in range(2):
        draft = clean(Random(f"test {code} {seed}"))
        DEFECTS[code](draft)
        new = findings(draft)
        assert new[code], draft.text()
        assert set(new) - ALSO.get(code, set()) == {code}, draft.text()
