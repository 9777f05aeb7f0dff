"""The pairs of brackets in a text, whatever is wrong with it: texts in quotes and comments are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SIGNS = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*+"?|#[^\n]*+|[][(){}]')
_OPENED_BY = {")": "(", "]": "[", "}": "{"}


def pairs(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of each pair, inner ones first; what is not closed has none."""
    opened: list[tuple[str, int]] = []
    for match in _SIGNS.finditer(text):
        sign, at = match[0], match.start()
        if sign in "([{":
            opened.append((sign, at))
        elif sign in _OPENED_BY:
            while opened and opened[-1][0] != _OPENED_BY[sign] and sign == "}":
                opened.pop()  # a block that ends, ends what is open in it
            if opened and opened[-1][0] == _OPENED_BY[sign]:
                yield opened.pop()[1], at
