"""Texts that are nearly policies, or policies with white space anywhere."""

from __future__ import annotations

from pathlib import Path

from generators.mistakes import ODD, PIECE, with_mistakes, words_of
from hypothesis import strategies as st

HERE = Path(__file__).parents[1]
TEXTS = [
    path.read_text(encoding="utf-8")
    for folder in ("format/formatted", "errors", "syntax/errors")
    for path in sorted((HERE / folder).glob("*.agp"))
]
PIECES = [PIECE.findall(text) for text in TEXTS]
WORDS = words_of(PIECES)
WRONG = (*ODD, "\r", ":=", "\u202e", "//", "/*", "*/", "\x00", "\ufeff", "\ud800")
SOUP = st.lists(st.sampled_from([*WORDS, *WRONG, " ", "\n", " # note\n"]), max_size=60).map("".join)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid file with a few pieces taken out, put in, or exchanged."""
    pieces = list(draw(st.sampled_from(PIECES)))
    return with_mistakes(draw, pieces, [*WORDS, *WRONG], 4, 4)


@st.composite
def relaid(draw: st.DrawFn) -> str:
    """A file with white space and comments put in anywhere between its pieces."""
    pieces = list(draw(st.sampled_from(PIECES)))
    fillers = st.sampled_from([" ", "\n", "\n\n\n", " # note\n", "\n# own\n", "\r\n", "\t"])
    for _ in range(draw(st.integers(1, 6))):
        pieces.insert(draw(st.integers(0, len(pieces))), draw(fillers))
    return "".join(pieces)
