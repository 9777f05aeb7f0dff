"""Characters that can and cannot be seen, and how string literals are written and read."""

from __future__ import annotations

import re

from ...runtime.hidden import HIDDEN as _HIDDEN

_SPACES = r"\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"  # look like a space, and are another one

# Patterns of text that most policies do not have are compiled by `re` once they are asked for.
CANNOT_STAND = rf"[{_HIDDEN}]|\r(?!\n)"
OTHER_SPACE = f"[{_SPACES}]"
ESCAPE = r"(?s)\\(?:u\{([0-9A-Fa-f]{1,6})\}|(.))"
_ESCAPE_OR_UNSAFE = rf"{ESCAPE}|[\t\r\n{_HIDDEN}{_SPACES}]"
DECODED = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "*": "\\*", "?": "\\?"}
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def is_plain(text: str) -> bool:
    """Whether a text has nothing but the space, and letters, digits and signs of ASCII."""
    return text.isascii() and text.isprintable()


def is_hidden(character: str) -> bool:
    """Whether `check_characters` reports a character."""
    return re.fullmatch(CANNOT_STAND, character) is not None


_UNSEEN = rf"[\t\r\n{_HIDDEN}{_SPACES}\ue000-\uf8ff\U000f0000-\U0010ffff]"


def is_seen(character: str) -> bool:
    r"""Whether a file that we write may show a character as itself.

    Python's tables grow with each version, and what is written has to be the same to the byte on
    all of them. So this asks our own table of what cannot be seen, which holds for all of Unicode.

    >>> [is_seen(each) for each in (" ", "é", "漢", "\U0001f600", "\u202e", "\xa0", "\ue000")]
    [True, True, True, True, False, False, False]
    """
    return " " <= character <= "~" or re.fullmatch(_UNSEEN, character) is None


def _decoded(match: re.Match[str]) -> str:
    if not match[1]:
        return DECODED.get(match[2], match[2])
    code = int(match[1], 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def decoded(raw: str) -> str:
    """Decode the escapes of what stands between quotes."""
    return re.sub(ESCAPE, _decoded, raw) if "\\" in raw else raw


def canonical_string(raw: str) -> str:
    """Write a string literal anew from what stands between its quotes.

    An escape stays one, since in a pattern `\\u{2A}` is a star and `*` is any text.
    """
    seen = raw if is_plain(raw) and "\\" not in raw else re.sub(_ESCAPE_OR_UNSAFE, _canonical, raw)
    return f'"{seen}"'


def quoted(value: str) -> str:
    """Write a text as a string literal."""
    return canonical_string(value.replace("\\", "\\\\").replace('"', '\\"'))


def _canonical(match: re.Match[str]) -> str:
    if match[2]:
        return match[0]
    character = chr(int(match[1], 16)) if match[1] else match[0]
    return _NAMED.get(character) or f"\\u{{{ord(character):X}}}"
