"""The characters of a file and of its string literals: which may stand there, and what they mean."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from ..report.diagnostics import Diagnostics, report
from ..report.offsets import Places
from ..report.source import Source, Span
from . import tree as syntax

MAX_FILE = 16 * 1024 * 1024  # code points
MAX_STRING = 64 * 1024  # code points between the quotes
MAX_DIGITS = 400
MAX_NAME = 1024  # characters, dots included: targets spell names out again and again
MAX_ERRORS = 100  # of one kind in one file: what is wrong beyond would not be read

# What is not seen, or changes how its neighbours are seen: controls, bidirectional controls,
# joiners and other marks of no width, fillers, variation selectors, tags, lone surrogates.
_HIDDEN = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SPACES = r"\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"  # look like a space, and are another one
_CANNOT_STAND = re.compile(rf"[{_HIDDEN}]|\r(?!\n)")
_OTHER_SPACE = re.compile(f"[{_SPACES}]")

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|(.))", re.DOTALL)
_ESCAPE_OR_UNSAFE = re.compile(rf"{_ESCAPE.pattern}|[\t\r\n{_HIDDEN}{_SPACES}]", re.DOTALL)
_DECODED = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "*": "\\*", "?": "\\?"}
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def check_characters(source: Source, places: Places, diagnostics: Diagnostics) -> None:
    """Report what cannot be seen, also in comments and strings; a byte order mark may come first."""
    found = _CANNOT_STAND.finditer(source.text, 1 if source.text[:1] == "\ufeff" else 0)
    for match in islice(found, MAX_ERRORS):
        report_hidden(match[0], places.span(*match.span()), diagnostics)


def report_hidden(character: str, span: Span, diagnostics: Diagnostics) -> None:
    """Report a character that cannot be seen for what it is."""
    code = f"{ord(character):04X}"
    if character == "\r":
        what, advice = "a carriage return without a line feed", "end lines with LF or CR LF"
    else:
        what = f"U+{code} ({_name_of(character)})"
        advice = f"remove it, or write `\\u{{{code}}}` if a string needs it"
    report(diagnostics, "AGP1002", span, f"{what} cannot be seen here", advice)


def is_hidden(character: str) -> bool:
    """Whether `check_characters` reports a character."""
    return _CANNOT_STAND.fullmatch(character) is not None


_UNSEEN = re.compile(rf"[\t\r\n{_HIDDEN}{_SPACES}\ue000-\uf8ff\U000f0000-\U0010ffff]")


def is_seen(character: str) -> bool:
    r"""Whether a file that we write may show a character as itself.

    Python's tables grow with each version, and what is written has to be the same to the byte on
    all of them. So this asks our own table of what cannot be seen, which holds for all of Unicode.

    >>> [is_seen(each) for each in (" ", "é", "漢", "\U0001f600", "\u202e", "\xa0", "\ue000")]
    [True, True, True, True, False, False, False]
    """
    return " " <= character <= "~" or _UNSEEN.fullmatch(character) is None


def _name_of(character: str) -> str:
    return unicodedata.name(character, "a control character").lower()


def check_string(quoted: str, start: int, places: Places, diagnostics: Diagnostics) -> None:
    """Report what is wrong within a string literal, whose first quote stands at an offset."""
    if len(quoted) > MAX_STRING + 2:
        report(
            diagnostics,
            "AGP1008",
            places.span(start, start + len(quoted)),
            f"this string has {len(quoted) - 2} characters, and a string may have {MAX_STRING}",
        )
        return
    if "\\" in quoted:
        for match in _ESCAPE.finditer(quoted):
            _check_escape(match, start, places, diagnostics)
    if not quoted.isascii():
        for match in _OTHER_SPACE.finditer(quoted):
            span = places.span(start + match.start(), start + match.end())
            report_hidden(match[0], span, diagnostics)


def _check_escape(
    match: re.Match[str], start: int, places: Places, diagnostics: Diagnostics
) -> None:
    span = places.span(start + match.start(), start + match.end())
    if match[1]:
        code = int(match[1], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            report(diagnostics, "AGP1006", span, f"`{match[0]}` is not a character of Unicode")
    elif match[2] not in _DECODED:
        advice = 'the escapes are `\\"`, `\\\\`, `\\n`, `\\t`, `\\r` and `\\u{HEX}`'
        if match[2] in "ux":
            advice = "write the code point in braces, as in `\\u{202E}`"
        elif match[2] in "dswb.":
            advice = "a pattern is not a regular expression: `*` is any text and `?` one character"
        report(diagnostics, "AGP1006", span, f"there is no escape `\\{match[2]}`", advice)


def string_literal(span: Span, quoted: str) -> syntax.Text:
    """Read a string literal, its quotes included; an escape that does not exist stands for itself.

    The escapes of patterns, `\\*` and `\\?`, stay as they are.
    """
    raw = quoted[1:-1]
    return syntax.Text(span, decoded(raw), raw)


def _decoded(match: re.Match[str]) -> str:
    if not match[1]:
        return _DECODED.get(match[2], match[2])
    code = int(match[1], 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def decoded(raw: str) -> str:
    """Decode the escapes of what stands between quotes."""
    return _ESCAPE.sub(_decoded, raw) if "\\" in raw else raw


def canonical_string(raw: str) -> str:
    """Write a string literal anew from what stands between its quotes.

    An escape stays one, since in a pattern `\\u{2A}` is a star and `*` is any text.
    """
    return f'"{_ESCAPE_OR_UNSAFE.sub(_canonical, raw)}"'


def quoted(value: str) -> str:
    """Write a text as a string literal."""
    return canonical_string(value.replace("\\", "\\\\").replace('"', '\\"'))


def _canonical(match: re.Match[str]) -> str:
    if match[2]:
        return match[0]
    character = chr(int(match[1], 16)) if match[1] else match[0]
    return _NAMED.get(character) or f"\\u{{{ord(character):X}}}"
