"""Text from outside, made fit for a terminal: nothing in it moves, hides or reorders what it shows."""

from __future__ import annotations

from .strings import is_plain

# Controls, format characters (bidi controls among them), surrogates, private use, unassigned, and
# the two separators that some terminals break a line at.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters that show nothing


def visible(text: str) -> str:
    r"""Write every character that cannot be seen, or acts on the terminal, as `<U+202E>`.

    >>> visible("a\x1b[31m")
    'a<U+001B>[31m'
    >>> visible("admin\u3164")
    'admin<U+3164>'
    """
    if is_plain(text):
        return text
    return "".join(map(visible_character, text))


def visible_lines(text: str) -> str:
    """Do the same, but keep the ends of lines."""
    return "\n".join(map(visible, text.split("\n")))


def visible_character(character: str) -> str:
    """Make one character visible."""
    from unicodedata import category  # for text that is not plain

    if category(character) in _HIDDEN or character in _BLANK:
        return f"<U+{ord(character):04X}>"
    return character


def width(text: str) -> int:
    """Give the columns that visible text takes on a terminal: wide characters two, marks none.

    >>> width("äb"), width("漢字")
    (2, 4)
    """
    if is_plain(text):
        return len(text)
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    from unicodedata import category, east_asian_width

    if category(character) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
