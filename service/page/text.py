"""Text from outside as a page shows it: nothing in it hides, moves its neighbours, or passes for another letter.

A character that cannot be seen stands as its number, in a frame that no text can draw. A letter that looks like
one of the Latin alphabet, and is none, keeps its shape and has its number beside it. Words that are written from right to left
are so, and what stands beside them stays in its order: of a list, or of two numbers, none changes places.
"""

from __future__ import annotations

import re
from unicodedata import bidirectional, category, combining, name, normalize

from markupsafe import Markup, escape

from ...runtime.hidden import HIDDEN

_SPACES = r"\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"  # look like a space, and are another one
_UNSEEN = re.compile(rf"[{HIDDEN}{_SPACES}\r\ue000-\uf8ff\U000f0000-\U0010ffff]", re.UNICODE)
_CONTROLS = re.compile(r"([\x00-\x08\x0b-\x1f\x7f])\1*")
_WORD = re.compile(r"\w+")
_MOST_MARKS = 2
"""Combining marks on one letter that are drawn; a pile of them covers the lines around it."""
ALPHABETS = frozenset({"ARMENIAN", "CHEROKEE", "COPTIC", "CYRILLIC", "GREEK", "LISU"})
"""Those with letters that are drawn as Latin ones."""
LOOKALIKES = frozenset(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝӏҮүЬ"  # Cyrillic
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιανυρκγτϲ"  # Greek
    "օսոռհցքԱՕՍՏ"  # Armenian
)


OWN_WAYS = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
"""Those whose letters stand in a word with those of the Latin alphabet, as people write."""
DRAWN_AS_ASCII = frozenset(
    "ɑɡɩɪʏʀɢʜʙʟɴᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱȷĸǀǃ"  # of the Latin alphabet itself
    "ːˑ꞉∶։׃⁄∕⧸⟋〳∖⧵⟍∣❘‚،٫٬꓿꓾𐩐⁎∗⎽ʹʼˋ؛٪⁃‐‑‒−⹀"  # what stands between parts of a path, an address or a number
)
"""What is drawn as a character of ASCII, and means something else; but for the dashes and quotes that people write."""


def shown(text: str) -> Markup:
    """A text as markup in which every character can be told from every other one.

    >>> print(shown("a\\u202eb<i>"))
    a<mark>U+202E</mark>b&lt;i&gt;
    >>> print(shown("p\\u0430y"))
    p<mark class="letter">а<span>U+0430</span></mark>y
    >>> print(shown("год"), shown("a" + "\\u200b" * 3))
    год a<mark>U+200B ×3</mark>
    >>> print(shown("\u05d0 \u05d1 1"))
    <bdi>א ב</bdi> 1
    """
    if text.isascii():
        return Markup(_CONTROLS.sub(_number, escape(text)))
    impostors = _impostors(text)
    pieces: list[str] = []
    plain = 0  # where the text begins that is shown as it is
    at = 0
    marks = 0
    while at < len(text):
        character = text[at]
        marks = marks + 1 if combining(character) or category(character) == "Me" else 0
        if _is_unseen(character) or marks > _MOST_MARKS:
            end = at + 1
            while end < len(text) and text[end] == character:
                end += 1
            times = f" ×{end - at}" if end - at > 1 else ""
            pieces += [escape(text[plain:at]), f"<mark>U+{ord(character):04X}{times}</mark>"]
            at = plain = end
            continue
        if at not in impostors and _is_from_right(text, at):
            end = _end_of_words(text, at, impostors)
            pieces += [escape(text[plain:at]), f"<bdi>{escape(text[at:end])}</bdi>"]
            at = plain = end
            continue
        if at in impostors:
            pieces += [
                escape(text[plain:at]),
                f'<mark class="letter">{escape(character)}<span>U+{ord(character):04X}</span></mark>',
            ]
            plain = at + 1
        at += 1
    pieces.append(escape(text[plain:]))
    return Markup("".join(pieces))


def _is_from_right(text: str, at: int) -> bool:
    """Whether a letter is written from right to left."""
    return at < len(text) and bidirectional(text[at]) in ("R", "AL") and not _is_unseen(text[at])


def _end_of_words(text: str, at: int, impostors: set[int]) -> int:
    """Where words end that are written from right to left, with no more between them than a space each."""
    end = at + 1
    while end < len(text) and end not in impostors:
        marks = end
        while marks < len(text) and combining(text[marks]):
            marks += 1
        if 0 < marks - end <= _MOST_MARKS:
            end = marks
        elif _is_from_right(text, end) or (text[end] == " " and _is_from_right(text, end + 1)):
            end += 1
        else:
            break
    return end


def _number(match: re.Match[str]) -> str:
    times = f" ×{len(match[0])}" if len(match[0]) > 1 else ""
    return f"<mark>U+{ord(match[1]):04X}{times}</mark>"


def _is_unseen(character: str) -> bool:
    if character < "\x7f":
        return character < " " and character not in "\n\t"
    return _UNSEEN.match(character) is not None or category(character) in ("Cn", "Cf", "Cc", "Zl")


def _impostors(text: str) -> set[int]:
    """Where letters stand that look like Latin ones, in words where they mislead.

    Those that are a compatible form of an ASCII character (a wide or a mathematical letter) or drawn as one always do.
    Those of another alphabet do in a word with Latin letters, and where the whole text has no letter that shows it is of
    that alphabet; digits do likewise.
    """
    found: set[int] = set()
    others = {at: alphabet for at, each in enumerate(text) if (alphabet := _alphabet(each))}
    honest = {
        alphabet
        for at, alphabet in others.items()
        if text[at].isalpha() and text[at] not in LOOKALIKES
    }
    for word in _WORD.finditer(text):
        places = range(*word.span())
        is_latin = any(text[at].isascii() and text[at].isalpha() for at in places)
        has_digits = any(text[at].isascii() and text[at].isdigit() for at in places)
        for at in places:
            alphabet = others.get(at)
            if alphabet is None:
                continue
            if text[at].isalpha():
                is_own = alphabet in honest or alphabet not in ALPHABETS
                is_mixed = is_latin
            else:
                is_own, is_mixed = alphabet in honest, is_latin or has_digits
            if is_mixed or not is_own:
                found.add(at)
    for at, each in enumerate(text):
        is_one = each > "\xff" and each not in "…™№" and normalize("NFKC", each).isascii()
        if is_one or each in DRAWN_AS_ASCII:
            found.add(at)
    return found


def _alphabet(character: str) -> str | None:
    """The alphabet of a letter or a digit, where it is another one than the Latin."""
    if character < "\u0370" or not (character.isalpha() or character.isdecimal()):
        return None
    word = re.split("[ -]", name(character, "").removeprefix("EXTENDED "), maxsplit=1)[0]
    return None if word in OWN_WAYS else word
