"""An analysis that the next edit ends leaves nothing behind that is not true."""

from __future__ import annotations

import contextlib

import pytest

from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.review.review import ReviewKept, review
from agpc.compiler.report.source import Source
from agpc.lsp.background import Cancelled, PausingAnswers
from lsp.random_edits import FILES


class Patience:
    """Ends an analysis at some question."""

    def __init__(self) -> None:
        self.left = 10**9

    def pause(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55])
def test_an_analysis_after_one_that_was_cancelled_finds_what_a_fresh_one_does(turns: int) -> None:
    patience = Patience()
    kept = ReviewKept(answers=PausingAnswers(patience.pause))
    for number in range(8):
        texts = {**FILES, "rules.agp": FILES["rules.agp"].replace("1_000", f"{number}_000")}
        if number % 3 == 2:
            texts["vocabulary.agp"] = texts["vocabulary.agp"].replace("\n", "\n\n", number)
        sources = [Source(name, text) for name, text in texts.items()]
        patience.left = turns * (number + 1)
        with contextlib.suppress(Cancelled):
            review(sources, Settings(), kept=kept)
        patience.left = 10**9
        if number % 2:
            found = review(sources, Settings(), kept=kept)
            assert repr(found.diagnostics) == repr(review(sources, Settings()).diagnostics)
