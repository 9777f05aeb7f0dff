"""String literals and the characters of a file: what may stand there, and what it means."""

from __future__ import annotations

import re

from . import syntax
from .source import Span

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|(.))", re.DOTALL)
_UNSAFE = r"[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
_ESCAPE_OR_UNSAFE = re.compile(rf"\\(?:u\{{([0-9A-Fa-f]{{1,6}})\}}|(.))|{_UNSAFE}", re.DOTALL)
_NAMED = {ord("\n"): "\\n", ord("\t"): "\\t", ord("\r"): "\\r"}
_PLAIN = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "*": "\\*", "?": "\\?"}


def string_literal(span: Span, quoted: str) -> syntax.Text:
    """Read a string literal, its quotes included.

    The escapes of patterns, `\\*` and `\\?`, stay as they are.
    """
    raw = quoted[1:-1]
    return syntax.Text(span, _decoded(raw) if "\\" in raw else raw, raw)


def _decoded(raw: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _PLAIN.get(m[2], m[2]), raw)


def canonical_string(raw: str) -> str:
    """Write a string literal anew from what stands between its quotes.

    An escape stays one, since in a pattern `\\u{2A}` is a star and `*` is any text.
    """
    return f'"{_ESCAPE_OR_UNSAFE.sub(_canonical, raw)}"'


def quoted(value: str) -> str:
    """Write a text as a string literal."""
    return canonical_string(value.replace("\\", "\\\\").replace('"', '\\"'))


def _canonical(match: re.Match[str]) -> str:
    if match[1]:
        code = int(match[1], 16)
        return _NAMED.get(code) or f"\\u{{{code:X}}}"
    if match[2]:
        return match[0]
    return _NAMED.get(ord(match[0])) or f"\\u{{{ord(match[0]):X}}}"
