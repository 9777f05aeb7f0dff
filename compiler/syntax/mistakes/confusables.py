"""Letters of other alphabets that look like ASCII ones.

A name with such a letter reads like another name, which is how a reviewer is misled; so names are
ASCII, and this table serves the message that says so.
"""

from __future__ import annotations

import unicodedata

_LOOK_ALIKES = {
    # Cyrillic
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "һ": "h", "і": "i", "ј": "j", "к": "k",
    "ӏ": "l", "м": "m", "о": "o", "р": "p", "ԛ": "q", "ѕ": "s", "т": "t", "ѵ": "v", "ԝ": "w",
    "х": "x", "у": "y", "А": "A", "В": "B", "С": "C", "Е": "E", "Н": "H", "І": "I", "Ј": "J",
    "К": "K", "М": "M", "О": "O", "Р": "P", "Ѕ": "S", "Т": "T", "Х": "X", "У": "Y",
    # Greek
    "α": "a", "γ": "y", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p",
    "τ": "t", "υ": "u", "χ": "x", "ω": "w", "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H",
    "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X",
    # Latin letters that carry no mark to be taken off
    "ı": "i", "ɑ": "a", "ɡ": "g", "ł": "l", "ø": "o", "ǀ": "l",
}  # fmt: skip


def ascii_name(name: str) -> str | None:
    """Give the ASCII name that a name looks like, if each of its letters looks like one."""
    letters = [_ascii_letter(letter) for letter in name]
    return None if None in letters else "".join(filter(None, letters))


def _ascii_letter(letter: str) -> str | None:
    if letter.isascii():
        return letter
    if letter in _LOOK_ALIKES:
        return _LOOK_ALIKES[letter]
    plain = unicodedata.normalize("NFKD", letter)  # full-width and mathematical letters, accents
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    kept = _LOOK_ALIKES.get(kept, kept)
    return kept if kept.isascii() and kept.isalnum() else None
