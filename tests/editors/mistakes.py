"""Files with a few pieces taken out, put in or exchanged."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|\s+|[A-Za-z_][\w.]*|.', re.DOTALL)
FILES = [
    *sorted((ROOT / "examples").rglob("*.agp")),
    *sorted((ROOT / "tests" / "policies").rglob("*.agp")),
]
PIECES = [PIECE.findall(path.read_text(encoding="utf-8")) for path in FILES]
WORDS = sorted(
    {each for pieces in PIECES for each in pieces if not each.isspace() and len(each) < 40}
)
ODD = ['"', "'", "#", "\n", "\r\n", "{", "}", "(", ")", "[", "]", ",", ":", "=", "\\", "é", "а", "&&", "||", "!", ";", "-", ".", "..", "1", "5m", "not ", "\U0001f600", "\xa0"]  # fmt: skip


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
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(pieces) - 1))
        match draw(st.sampled_from(["take", "put", "swap"])):
            case "take":
                del pieces[at : at + draw(st.integers(1, 3))]
            case "put":
                pieces.insert(at, draw(st.sampled_from([*WORDS, *ODD])))
            case _:
                other = draw(st.integers(0, len(pieces) - 1))
                pieces[at], pieces[other] = pieces[other], pieces[at]
        if not pieces:
            break
    return "".join(pieces)
