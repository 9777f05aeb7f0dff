"""Text that is not a token: what it was probably meant to be, so that parsing can go on.

Each oddity is reported once, however often the parser looks at it.
"""

from __future__ import annotations

import re

from ...report.diagnostics import Diagnostics, report
from ...report.fixes import Certainty, Fix, apart, replaced
from ...report.offsets import Offsets
from ...report.remarks import REMARK, is_documentation
from ...report.source import Source
from ...text.field_names import canonical
from ...text.strings import is_hidden
from ..automaton import IGNORED, SKIP
from ..characters import MAX_ERRORS, report_hidden
from .confusables import ascii_name
from .habits import NEAR, WINDOW

NONSENSE = "has no meaning here"

_WORD = "[A-Za-z_][A-Za-z0-9_]*+"
_STRING = r'"(?:[^"\\\r\n]|\\[^\r\n])*+"'
_KINDS = (
    r"(?P<line_comment>//[^\n]*+)",
    r"(?P<block_comment>/\*(?:[^*]|\*(?!/))*+(?:\*/)?)",
    r"(?P<match>!~[*=]?|=~|~[*~=]?)",
    r"(?P<sign><>|=[<>]|[≤≥≠])",
    r"(?P<and_>&++)",
    r"(?P<or_>\|++)",
    r"(?P<not_>!)",
    r"(?P<curly>[“”„«‘][^“”„«»‘’\"\r\n]*+[”“»’])",
    r"(?P<backquoted>`[^`\"\r\n]*+`)",
    r"(?P<quoted>'(?:[^'\\\r\n]|\\[^\r\n])*+')",
    r"""(?P<unended>["'][^\r\n]*+)""",
    rf"(?P<needless>{_WORD}(?:\.{_WORD})*+(?:\.{_STRING}(?:\.{_WORD})*+)++)",
    r"(?P<semicolon>;)",
    r"(?P<slashed>/[^\s\"',;()\[\]{}]++)",
    r"(?P<network>[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,3})?+(?![A-Za-z0-9_.:/]))",
    r"(?P<number>[-+]?\.?[0-9][A-Za-z0-9_.:]*+)",
    rf"(?P<joined>(?!(?:mon|tue|wed|thu|fri|sat|sun)-){_WORD}(?:(?:\.|-|/|::){_WORD})++(?!\w))",
    r"(?P<name>[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+)",
    r"(?P<other>(?s:.))",
)
_SIGNS = {
    "<>": ("!=", "compares nothing"),
    "≠": ("!=", "compares nothing"),
    "=<": ("<=", "compares nothing"),
    "≤": ("<=", "compares nothing"),
    "=>": (">=", "compares nothing"),
    "≥": (">=", "compares nothing"),
}
_INSTEAD = {
    "-": "from one to another is written `..`, as in `mon..fri` and `07:00..19:00`",
    "+": "the language has no arithmetic: let the caller put what is to be compared in one field",
    "*": "everything is written `any`: `to any agent`, `for any intent`, `allow any`",
    "%": "the language has no arithmetic: let the caller put what is to be compared in one field",
    "$": "a name and a number are written without `$`",
    "/": "a path, a range of addresses or a time zone stands in double quotes",
}

_KNOWN_AS_PHRASE = frozenset("-+*/%?$€£@")
_IN_A_PHRASE = re.compile(
    r"\b(?:when|unless|and|or|not|let\s+\w+\s*=)\b[^{}\n]*[\w)\]\"<>=]\s*$|\b(?:when|unless|and|or|not)\s*$|^\s*$|\n\s*-?$"
)

_LONG_DURATION = re.compile(
    r"([0-9]{1,9})([smhd])(?:(?<=s)ec(?:ond)?s?|(?<=m)in(?:ute)?s?|(?<=h)(?:ou)?rs?|(?<=d)ays?)"
)

_ODD = re.compile(f"{SKIP}(?:{'|'.join(_KINDS)})")


def _certainty_of(comment: str) -> Certainty:
    """A remark would silence a finding, and documentation be shown: neither was read there before."""
    is_read = REMARK.match(comment) is not None or is_documentation(comment)
    return "likely" if is_read else "safe"


class Oddities:
    """Reads what the lexer cannot."""

    def __init__(self, source: Source, places: Offsets, diagnostics: Diagnostics) -> None:
        """Keep the text and where to report."""
        self._text = source.text
        self._places = places
        self._diagnostics = diagnostics
        self._reported: set[int] = set()
        self.is_quiet = False
        """Whether what is read now is passed over, as a part of a mistake that has been reported."""
        self._muted: list[tuple[int, int]] = []

    def token(self, pos: int) -> tuple[str, str, int, int]:
        """Read what stands at an offset as (key, text, start, end).

        The key is `IGNORED` for what is best passed over, and "" for what nothing can be made of.
        """
        from .idioms import of_signs  # only text that is not a token pays for its tables

        match = _ODD.match(self._text, pos)
        assert match is not None and match.lastgroup is not None
        kind = match.lastgroup
        start, end = match.span(kind)
        if phrase := of_signs(self._text, start):
            return "", match[kind], start, phrase.end
        key, text = getattr(self, f"_{kind.rstrip('_')}")(match[kind], start, end)
        return key, text, start, end

    def mute(self, start: int) -> None:
        """Say nothing of what stands from an offset on to the end of its line: it is a part of a mistake."""
        end = self._text.find("\n", start)
        self._muted.append((start, len(self._text) if end < 0 else end))

    def _line_comment(self, text: str, start: int, end: int) -> tuple[str, str]:
        stop = self._text.find("\n", start)
        comment = f"#{self._text[start + 2 : stop if stop >= 0 else None]}"
        message, advice = "`//` is not a comment", "a comment starts with `#`"
        certainty = _certainty_of(comment)
        self._report("AGP1010", start, start + 2, message, advice, "#", certainty)
        return IGNORED, ""

    def _block_comment(self, text: str, start: int, end: int) -> tuple[str, str]:
        advice = "a comment starts with `#` and ends with its line"
        fixes: tuple[Fix, ...] = ()
        if text.endswith("*/") and "\n" not in text and self._ends_line(end):
            span = self._places.span(start, end)
            comment = f"#{text[2:-2].rstrip()}"
            fixes = replaced("write `# …`", span, comment, _certainty_of(comment))
        self._report("AGP1010", start, start + 2, "`/*` is not a comment", advice, fixes=fixes)
        return IGNORED, ""

    def _sign(self, text: str, start: int, end: int) -> tuple[str, str]:
        meant, what = _SIGNS[text]
        self._report("AGP1010", start, end, f"`{text}` {what}", f"write `{meant}`", meant)
        return meant, meant

    def _match(self, text: str, start: int, end: int) -> tuple[str, str]:
        advice = 'patterns are globs: write `like "pay-*"`'
        if text[0] == "!":
            advice = 'patterns are globs: write `not NAME like "pay-*"`'
        self._report("AGP1010", start, end, f"`{text}` matches nothing", advice)
        self.mute(end)
        return "like", "like"

    def _joined(self, text: str, start: int, end: int) -> tuple[str, str]:
        name = re.sub("-", "_", re.sub("/|::", ".", text))
        advice = f"write `{name}`" if len(name) <= 60 else None
        before = self._text[max(0, start - NEAR) : start]
        if name == text or re.search(r"\bcontrols\s[^\n]*$", before):
            return self._name(text, start, end)  # what is wrong with it is something else
        if "/" in text and re.search(r"\bduring\s[^\n]*$", before):
            message = "a time zone stands in double quotes"
            self._report(
                "AGP1010", start, end, message, f'write `"{text[:60]}"`', write=f'"{text}"'
            )
            return "%STRING", f'"{text}"'
        if re.search(r"-(?:agent|args|resource|task|context|user)\.", text):
            self._report("AGP1001", start, end, f"`-` {NONSENSE}", _INSTEAD["+"])
        elif "-" in text:
            message = "a name is made of letters, digits and `_`"
            self._report("AGP1010", start, end, message, advice, name, "likely")
        else:
            message = "resource and action are joined by a dot"
            self._report("AGP1010", start, end, message, advice, name)
        return "%PATH" if "." in name else "%NAME", name

    def _curly(self, text: str, start: int, end: int) -> tuple[str, str]:
        return self._quoted(text, start, end, "these quotes make no string")

    def _backquoted(self, text: str, start: int, end: int) -> tuple[str, str]:
        return self._quoted(text, start, end, "backquotes make no string")

    def _and(self, text: str, start: int, end: int) -> tuple[str, str]:
        self._report("AGP1010", start, end, f"`{text}` joins no conditions", "write `and`", "and")
        return "and", text

    def _names_variable(self, start: int) -> bool:
        """Whether a sign stands behind a variable, as in `some i; …`; the parser knows better of it."""
        before = self._text[max(0, start - NEAR) : start]
        return bool(re.search(r"\b(?:some|every)\s+\w+(?:\s+in\s+[\w.]+)?\s*$", before))

    def _or(self, text: str, start: int, end: int) -> tuple[str, str]:
        if text == "|" and self._names_variable(start):
            return "", text
        if re.search(r"\benum\s+\w+\s*=[^=\n]*$", self._text[max(0, start - NEAR) : start]):
            self._report("AGP1010", start, end, "members are listed with commas", "write `,`", ",")
            return ",", ","
        self._report("AGP1010", start, end, f"`{text}` joins no conditions", "write `or`", "or")
        return "or", text

    def _not(self, text: str, start: int, end: int) -> tuple[str, str]:
        is_condition = not re.search(r"\bassert\s*$", self._text[max(0, start - NEAR) : start])
        meant = "not" if is_condition else None
        self._report("AGP1010", start, end, "`!` negates no condition", "write `not`", meant)
        return "not", text

    def _quoted(
        self, text: str, start: int, end: int, message: str = "single quotes make no string"
    ) -> tuple[str, str]:
        string = '"' + text[1:-1].replace('"', '\\"') + '"'
        self._report("AGP1010", start, end, message, "write it in double quotes", string)
        return "%STRING", string

    def _unended(self, text: str, start: int, end: int) -> tuple[str, str]:
        advice = 'close it on its line with `"`; a line break within is written `\\n`'
        self._report("AGP1005", start, end, "this string does not end", advice)
        return "%STRING", '"' + text[1:].rstrip("\\").replace('"', "") + '"'

    def _needless(self, text: str, start: int, end: int) -> tuple[str, str]:
        name = canonical(text)
        help = f"write `{name}`" if len(name) <= 60 else None
        if name != text:
            self._report("AGP1010", start, end, "a name stands without quotes", help, name)
        return "%QUOTED_PATH" if '"' in name else "%PATH", name

    def _semicolon(self, text: str, start: int, end: int) -> tuple[str, str]:
        if self._names_variable(start):
            return "", text
        self._report("AGP1010", start, end, "`;` ends nothing", "leave it out", "")
        return IGNORED, ""

    def _slashed(self, text: str, start: int, end: int) -> tuple[str, str]:
        message = "a path, a range of addresses or a time zone stands in double quotes"
        advice: str | None = f'write `"{text}"`' if len(text) <= 60 else None
        if re.search(r"(?:\blike|=~)\s*$", self._text[max(0, start - NEAR) : start]):
            message, advice = (
                "a pattern stands in double quotes",
                'write a glob, as in `like "pay-*"`',
            )
        string = '"' + text.replace("\\", "\\\\") + '"'
        known = None if message.startswith("a pattern") else string
        self._report("AGP1010", start, end, message, advice, known)
        return "%STRING", string

    def _network(self, text: str, start: int, end: int) -> tuple[str, str]:
        what = "a range of addresses" if "/" in text else "an address"
        message = f"{what} stands in double quotes"
        self._report("AGP1010", start, end, message, f'write `"{text}"`', write=f'"{text}"')
        return "%STRING", f'"{text}"'

    def _number(self, text: str, start: int, end: int) -> tuple[str, str]:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        advice = "numbers are written `10_000`, `-5`, `0.8` or `1e3`, durations `90s` or `1h30m`, "
        advice += "days `2027-06-30` and times `2026-11-24T10:00:00Z`"
        if re.search(r"\bduring\s[^\n]*$", self._text[max(0, start - NEAR) : start]):
            advice = (
                'write times of day in full, as in `during mon..fri 09:00..17:00 "Europe/Berlin"`'
            )
        elif ".." in text:
            advice = (
                "from one to another is two comparisons: `args.amount >= 1 and args.amount <= 5`"
            )
        elif weeks := re.fullmatch(r"(\d{1,4})w", text):
            advice = (
                f"a duration is of days, hours, minutes and seconds: write `{7 * int(weeks[1])}d`"
            )
        if long := _LONG_DURATION.fullmatch(text):
            advice = f"write `{long[1]}{long[2]}`"
            meant = f"{long[1]}{long[2]}"
            self._report("AGP1001", start, end, f"`{shown}` is not a duration", advice, meant)
            return "%DURATION", meant
        self._report("AGP1001", start, end, f"`{shown}` is not a number, duration or time", advice)
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
        message = f"`{text}` is not written in ASCII letters"
        self._report("AGP1003", start, end, message, advice, plain, "choice")
        plain = plain or "_"
        return "%PATH" if "." in plain else "%NAME", plain

    def _other(self, text: str, start: int, end: int) -> tuple[str, str]:
        if is_hidden(text):
            return IGNORED, ""  # it has been reported, with all others of the file
        if text.isspace():
            if start not in self._reported and len(self._reported) < MAX_ERRORS:
                self._reported.add(start)
                report_hidden(text, self._places.span(start, end), self._diagnostics)
            return IGNORED, ""
        advice = _INSTEAD.get(text)
        before = self._text[max(0, start - NEAR) : start]
        is_window = re.search(r"\bduring\s[^\n]*$", before) and re.compile(WINDOW).match(
            self._text, start
        )
        if is_window or (text in _KNOWN_AS_PHRASE and _IN_A_PHRASE.search(before)):
            return "", text  # the parser knows better what it is a part of
        if text == "+" and re.search(r"\bby\s+[\w., ]*\w$", before):
            advice = "an identity that is not a name stands in double quotes"
        if text == "." and self._text[end : end + 1] in ("(", "{", "["):
            advice = "write each capability whole, as in `ledger.read, ledger.post`"
        self._report("AGP1001", start, end, f"`{text}` {NONSENSE}", advice)
        if text == "-" and re.search(r"\bduring\s[^\n]*$", before):
            return "..", ".."
        return ("%NAME", "any") if text == "*" else (IGNORED, "")

    def _ends_line(self, end: int) -> bool:
        return not self._text[end : (self._text + "\n").index("\n", end)].strip()

    def _report(
        self,
        code: str,
        start: int,
        end: int,
        message: str,
        help: str | None,
        write: str | None = None,
        certainty: Certainty = "safe",
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        """Report what stands from one offset to another, and what is to be written in its place, if that is known."""
        muted = any(first <= start < end for first, end in self._muted[-8:])
        if (
            not (muted or self.is_quiet)
            and start not in self._reported
            and len(self._reported) < MAX_ERRORS
        ):
            self._reported.add(start)
            span = self._places.span(start, end)
            if write is not None:
                title = f"write `{write}`" if write else "leave it out"
                fixes = replaced(title, span, apart(self._text, start, end, write), certainty)
            report(self._diagnostics, code, span, message, help, fixes)
