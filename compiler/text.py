"""String literals and the characters of a file: what may stand there, and what it means."""

from __future__ import annotations

import re

from . import syntax
from .source import Span

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|(.))", re.DOTALL)
_PLAIN = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "*": "\\*", "?": "\\?"}


def string_literal(span: Span, quoted: str) -> syntax.Text:
    """Read a string literal, its quotes included.

    The escapes of patterns, `\\*` and `\\?`, stay as they are.
    """
    raw = quoted[1:-1]
    return syntax.Text(span, _decoded(raw) if "\\" in raw else raw, raw)


def _decoded(raw: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _PLAIN.get(m[2], m[2]), raw)
