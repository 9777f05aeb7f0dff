"""Files with a few pieces taken out, put in or exchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hypothesis import strategies as st

from .values import integers

PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|\s+|[A-Za-z_][\w.]*|.', re.DOTALL)
"""What a text is cut into: texts in quotes, comments, white space, names, and single signs."""

ODD = (
    '"', "'", "#", "\n", "\r\n", "{", "}", "(", ")", "[", "]", ",", ":", "=", "\\", "é", "а", "&&", "||", "!", ";",
    "-", ".", "..", "1", "5m", "not ", "\U0001f600", "\xa0",
)  # fmt: skip
"""Pieces that are seldom right."""


def words_of(texts: Sequence[Sequence[str]]) -> list[str]:
    """The pieces of some texts, but for white space."""
    return sorted({piece for pieces in texts for piece in pieces if not piece.isspace()})


def with_mistakes(
    draw: st.DrawFn, pieces: list[str], others: Sequence[str], times: int, most: int
) -> str:
    """A text of pieces after up to so many changes, of which one takes out no more than `most` pieces."""
    for _ in range(draw(integers(1, times))):
        at = draw(integers(0, len(pieces) - 1))
        match draw(st.sampled_from(["take", "put", "swap"])):
            case "take":
                del pieces[at : at + draw(integers(1, most))]
            case "put":
                pieces.insert(at, draw(st.sampled_from(others)))
            case _:
                other = draw(integers(0, len(pieces) - 1))
                pieces[at], pieces[other] = pieces[other], pieces[at]
        if not pieces:
            break
    return "".join(pieces)


# NOIMPORT
