"""Patterns of `like`: what is written becomes one of `runtime.glob`, and which are in another language of patterns."""

from __future__ import annotations

import re

from ....runtime.glob import quote_glob
from ....runtime.values import is_text
from ...report.diagnostics import Diagnostics
from ...syntax import tree as syntax
from .literals import ESCAPE, text


def pattern(node: syntax.Text, diagnostics: Diagnostics) -> str | None:
    """Read a `like` pattern, in the syntax of `runtime.glob`."""
    if not is_text(node.value):
        return text(node, diagnostics)
    return re.sub(ESCAPE, glob_escape, node.raw) if "\\" in node.raw else node.raw


# Each text that `_REGEX` finds has one of these signs.
_SIGNS_OF_REGEX = ("^", "$", "\\", "[", "(?:", ".*", ".+")
_REGEX = r"(?s)\^.*|.*[^\\]\$|\.[*+](?=.).*\.[*+]|.*(?:\\[dws]|\[[a-z0-9]-[a-z0-9]\]|\(\?:|\.\+).*"
_SQL = r"(?s)%.+|.+%|[^*?]*[^*?_]_"


def foreign_pattern(pattern: str) -> str | None:
    """The language that a pattern is written in, where it plainly is not a glob."""
    if any(sign in pattern for sign in _SIGNS_OF_REGEX) and re.fullmatch(_REGEX, pattern):
        return "regular expressions"
    if not any(sign in pattern for sign in "*?") and re.fullmatch(_SQL, pattern):
        return "SQL"
    return None


def glob_escape(escape: re.Match[str]) -> str:
    """Decode one escape of a pattern; what it gives is never a wildcard."""
    if escape[2] is not None:
        return quote_glob(chr(int(escape[2], 16)))
    return {"n": "\n", "t": "\t", "r": "\r", '"': '"'}.get(escape[1], escape[0])
