"""Text that is no token: what it was probably meant to be, so that parsing can go on.

Each oddity is reported once, however often the parser looks at it.
"""

from __future__ import annotations

import re

from .confusables import ascii_name
from .diagnostics import Diagnostics, report
from .lalr import SKIP
from .places import Places
from .source import Source
from .text import is_hidden, report_hidden

IGNORED = "%IGNORED"

_KINDS = (
    r"(?P<line_comment>//[^\n]*+)",
    r"(?P<block_comment>/\*(?:[^*]|\*(?!/))*+(?:\*/)?)",
    r"(?P<and_>&&?)",
    r"(?P<or_>\|\|?)",
    r"(?P<not_>!)",
    r"(?P<quoted>'(?:[^'\\\r\n]|\\[^\r\n])*+')",
    r"""(?P<unended>["'][^\r\n]*+)""",
    r"(?P<semicolon>;)",
    r"(?P<network>[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,3})?+(?![A-Za-z0-9_.:/]))",
    r"(?P<number>[-+]?\.?[0-9][A-Za-z0-9_.:]*+)",
    r"(?P<name>[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+)",
    r"(?P<other>(?s:.))",
)
_INSTEAD = {
    "-": "from one to another is written `..`, as in `mon..fri` and `07:00..19:00`",
    "+": "the language has no arithmetic: let the caller put what is to be compared in one field",
    "*": "everything is written `any`: `to any agent`, `for any intent`, `allow any`",
    "%": "the language has no arithmetic: let the caller put what is to be compared in one field",
    "~": 'patterns are globs: `like "pay-*"`',
    "/": "a path, a range of addresses or a time zone stands in double quotes",
}

_ODD = re.compile(f"{SKIP}(?:{'|'.join(_KINDS)})")


class Oddities:
    """Reads what the lexer cannot."""

    def __init__(self, source: Source, places: Places, diagnostics: Diagnostics) -> None:
        """Keep the text and where to report."""
        self._text = source.text
        self._places = places
        self._diagnostics = diagnostics
        self._reported: set[int] = set()

    def token(self, pos: int) -> tuple[str, str, int, int]:
        """Read what stands at an offset as (key, text, start, end).

        The key is `IGNORED` for what is best passed over, and "" for what nothing can be made of.
        """
        match = _ODD.match(self._text, pos)
        assert match is not None and match.lastgroup is not None
        kind = match.lastgroup
        start, end = match.span(kind)
        key, text = getattr(self, f"_{kind.rstrip('_')}")(match[kind], start, end)
        return key, text, start, end

    def _line_comment(self, text: str, start: int, end: int) -> tuple[str, str]:
        self._report("AGP1010", start, start + 2, "`//` is no comment", "a comment starts with `#`")
        return IGNORED, ""

    def _block_comment(self, text: str, start: int, end: int) -> tuple[str, str]:
        advice = "a comment starts with `#` and ends with its line"
        self._report("AGP1010", start, start + 2, "`/*` is no comment", advice)
        return IGNORED, ""

    def _and(self, text: str, start: int, end: int) -> tuple[str, str]:
        self._report("AGP1010", start, end, f"`{text}` joins no conditions", "write `and`")
        return "and", text

    def _or(self, text: str, start: int, end: int) -> tuple[str, str]:
        self._report("AGP1010", start, end, f"`{text}` joins no conditions", "write `or`")
        return "or", text

    def _not(self, text: str, start: int, end: int) -> tuple[str, str]:
        self._report("AGP1010", start, end, "`!` negates no condition", "write `not`")
        return "not", text

    def _quoted(self, text: str, start: int, end: int) -> tuple[str, str]:
        message = "single quotes make no string"
        self._report("AGP1010", start, end, message, "write it in double quotes")
        return "%STRING", '"' + text[1:-1].replace('"', '\\"') + '"'

    def _unended(self, text: str, start: int, end: int) -> tuple[str, str]:
        advice = 'close it on its line with `"`; a line break within is written `\\n`'
        self._report("AGP1005", start, end, "this string does not end", advice)
        return "%STRING", '"' + text[1:].rstrip("\\").replace('"', "") + '"'

    def _semicolon(self, text: str, start: int, end: int) -> tuple[str, str]:
        self._report("AGP1010", start, end, "`;` ends nothing", "leave it out")
        return IGNORED, ""

    def _network(self, text: str, start: int, end: int) -> tuple[str, str]:
        what = "a range of addresses" if "/" in text else "an address"
        message = f"{what} stands in double quotes"
        self._report("AGP1010", start, end, message, f'write `"{text}"`')
        return "%STRING", f'"{text}"'

    def _number(self, text: str, start: int, end: int) -> tuple[str, str]:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        advice = "numbers are written `10_000`, `-5`, `0.8` or `1e3`, durations `90s` or `1h30m`, "
        advice += "days `2027-06-30` and times `2026-11-24T10:00:00Z`"
        self._report("AGP1001", start, end, f"`{shown}` is no number, duration or time", advice)
        return "%NUMBER", "0"

    def _name(self, text: str, start: int, end: int) -> tuple[str, str]:
        seen = "".join(each for each in text if not is_hidden(each))  # the rest has been reported
        if seen.isascii():
            return ("%PATH" if "." in seen else "%NAME") if seen else IGNORED, seen
        plain = ascii_name(text)
        if plain is not None:
            advice = f"it looks like `{plain}`, which is another name; write that if it is meant"
        else:
            advice = "names are made of the letters A to Z and a to z, digits and `_`"
        self._report("AGP1003", start, end, f"`{text}` is not written in ASCII letters", advice)
        plain = plain or "_"
        return "%PATH" if "." in plain else "%NAME", plain

    def _other(self, text: str, start: int, end: int) -> tuple[str, str]:
        if is_hidden(text):
            return IGNORED, ""  # it has been reported, with all others of the file
        if text.isspace():
            if start not in self._reported:
                self._reported.add(start)
                report_hidden(text, self._places.span(start, end), self._diagnostics)
            return IGNORED, ""
        self._report("AGP1001", start, end, f"`{text}` has no meaning here", _INSTEAD.get(text))
        return IGNORED, ""

    def _report(self, code: str, start: int, end: int, message: str, help: str | None) -> None:
        if start not in self._reported:
            self._reported.add(start)
            report(self._diagnostics, code, self._places.span(start, end), message, help)
