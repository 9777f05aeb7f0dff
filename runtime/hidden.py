"""The characters that nobody sees, or that change how their neighbours are seen."""

from __future__ import annotations

# Controls, bidirectional controls, joiners and other marks of no width, fillers, variation selectors, tags,
# lone surrogates.
HIDDEN = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Ranges of a class of characters, as `re` writes them; a carriage return that ends no line is hidden, too."""
