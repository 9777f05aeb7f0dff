"""The characters of a file and of its string literals: which may stand there, and what they mean."""

from __future__ import annotations

import re
from itertools import islice

from ..report.diagnostics import Diagnostics, report
from ..report.offsets import Offsets
from ..report.source import Source, Span
from ..text.strings import CANNOT_STAND, DECODED, ESCAPE, OTHER_SPACE, decoded, is_plain
from . import tree as syntax

MAX_FILE = 16 * 1024 * 1024  # code points
MAX_STRING = 64 * 1024  # code points between the quotes
MAX_DIGITS = 400
MAX_NAME = 1024  # characters, dots included: targets spell names out again and again
MAX_ERRORS = 100  # of one kind in one file: what is wrong beyond would not be read


def check_characters(source: Source, places: Offsets, diagnostics: Diagnostics) -> None:
    """Report what cannot be seen, also in comments and strings; a byte order mark may come first."""
    if is_plain(source.text.replace("\n", "").replace("\t", "")):
        return
    found = re.compile(CANNOT_STAND).finditer(source.text, 1 if source.text[:1] == "\ufeff" else 0)
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


def _name_of(character: str) -> str:
    import unicodedata

    return unicodedata.name(character, "a control character").lower()


def check_string(quoted: str, start: int, places: Offsets, diagnostics: Diagnostics) -> None:
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
        for match in re.finditer(ESCAPE, quoted):
            _check_escape(match, start, places, diagnostics)
    if not quoted.isascii():
        for match in re.finditer(OTHER_SPACE, quoted):
            span = places.span(start + match.start(), start + match.end())
            report_hidden(match[0], span, diagnostics)


def _check_escape(
    match: re.Match[str], start: int, places: Offsets, diagnostics: Diagnostics
) -> None:
    span = places.span(start + match.start(), start + match.end())
    if match[1]:
        code = int(match[1], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            report(diagnostics, "AGP1006", span, f"`{match[0]}` is not a character of Unicode")
    elif match[2] not in DECODED:
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
