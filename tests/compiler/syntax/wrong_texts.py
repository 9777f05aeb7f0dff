"""Texts that are nearly policies, or policies with white space anywhere."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import strategies as st

HERE = Path(__file__).parents[1]
TEXTS = [
    path.read_text(encoding="utf-8")
    for folder in ("format/formatted", "errors", "syntax/errors")
    for path in sorted((HERE / folder).glob("*.agp"))
]
PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|\s+|[A-Za-z_][\w.]*|.', re.DOTALL)
PIECES = [PIECE.findall(text) for text in TEXTS]
WORDS = sorted({piece for pieces in PIECES for piece in pieces if not piece.isspace()})
ODD = [
    '"', "'", "#", "\n", "\r", "\r\n", "{", "}", "(", ")", "[", "]", ",", ":", ":=", "=", "\\",
    "\u202e", "é", "а", "&&", "||", "!", ";", "//", "/*", "*/", "\x00", "-", ".", "..", "1", "5m",
    "not ", "\ufeff", "\ud800", "\U0001f600", "\xa0",
]  # fmt: skip
SOUP = st.lists(st.sampled_from([*WORDS, *ODD, " ", "\n", " # note\n"]), max_size=60).map("".join)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A valid file with a few pieces taken out, put in, or exchanged."""
    pieces = list(draw(st.sampled_from(PIECES)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(pieces) - 1))
        match draw(st.sampled_from(["take", "put", "swap"])):
            case "take":
                del pieces[at : at + draw(st.integers(1, 4))]
            case "put":
                pieces.insert(at, draw(st.sampled_from([*WORDS, *ODD])))
            case _:
                other = draw(st.integers(0, len(pieces) - 1))
                pieces[at], pieces[other] = pieces[other], pieces[at]
        if not pieces:
            break
    return "".join(pieces)


@st.composite
def relaid(draw: st.DrawFn) -> str:
    """A file with white space and comments put in anywhere between its pieces."""
    pieces = list(draw(st.sampled_from(PIECES)))
    fillers = st.sampled_from([" ", "\n", "\n\n\n", " # note\n", "\n# own\n", "\r\n", "\t"])
    for _ in range(draw(st.integers(1, 6))):
        pieces.insert(draw(st.integers(0, len(pieces))), draw(fillers))
    return "".join(pieces)
