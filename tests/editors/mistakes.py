"""Statements of policies with a few mistakes in them."""

from __future__ import annotations

import re
from pathlib import Path

from generators.mistakes import ODD, PIECE, with_mistakes, words_of
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
FILES = [
    *sorted((ROOT / "examples").rglob("*.agp")),
    *sorted((ROOT / "tests" / "policies").rglob("*.agp")),
]
PIECES = [PIECE.findall(path.read_text(encoding="utf-8")) for path in FILES]
WORDS = [each for each in words_of(PIECES) if len(each) < 40]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Some statements of a file with a mistake in it, most often."""
    whole = draw(st.sampled_from(PIECES))
    start = draw(st.integers(0, max(0, len(whole) - 300)))
    pieces = list(whole if draw(st.integers(0, 3)) == 0 else whole[start : start + 300])
    if start and len(pieces) == 300:  # from the first statement on
        text = "".join(pieces)
        found = re.search(r"^(?=[a-z])", text[1:], re.MULTILINE)
        end = text.rfind("\n}\n")
        if found and found.end() < end:
            pieces = PIECE.findall(text[1 + found.end() : end + 3])
    return with_mistakes(draw, pieces, [*WORDS, *ODD], 3, 3)
