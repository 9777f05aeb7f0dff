r"""Values and comments as JavaScript source: the only way that text of a policy reaches the code.

Everything is ASCII and without line breaks of its own, so that no quote, newline, control or
bidirectional character of a policy ever stands in the code itself, and no `<`, so that the code
may stand inside of a web page.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping

from ..code.literals import Code, enclose

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*")


def literal(value: object, indent: int = 0) -> str:
    r"""Write a value as a JavaScript expression that gives an equal one.

    Takes None, bool, int, finite float, str, tuple, list, code, and mappings from identifiers, which
    become objects. Breaks lines that would pass the width; `indent` is the column of the first one.

    >>> print(literal(["it's", 1, None, True]))
    ["it's", 1, null, true]
    >>> print(literal("a\n</script>"))
    "a\n\u003c/script>"
    """
    match value:
        case Code():
            return value
        case str():
            return _text(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            if not math.isfinite(value):
                raise ValueError(f"{value} cannot be written as a number")
            return repr(value)
        case tuple() | list():
            return _enclose("[", [("", each) for each in value], "]", indent)
        case Mapping():
            return _enclose(
                "{ ", [(f"{_identifier(k)}: ", v) for k, v in value.items()], " }", indent
            )
        case _:
            pass
    raise TypeError(f"a {type(value).__name__} cannot be written as JavaScript")


def nanoseconds(value: int) -> Code:
    """Write a time or a duration.

    >>> nanoseconds(1_500_000_000)
    '1_500_000_000n'
    """
    return Code(f"{value:_}n")


def new(kind: str, arguments: Iterable[object], indent: int = 0) -> Code:
    """Write the construction of an object."""
    return Code(_enclose(f"new {kind}(", [("", each) for each in arguments], ")", indent))


def comment(text: str) -> str:
    r"""Write text as the rest of a comment line.

    >>> comment("a\nb é")
    'a\\nb \\u00e9'
    """
    return _text(text)[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def _text(value: str) -> str:
    return json.dumps(value).replace("<", "\\u003c").replace("\x7f", "\\u007f")


def _identifier(name: object) -> str:
    if not isinstance(name, str) or _IDENTIFIER.fullmatch(name) is None:
        raise ValueError(f"{name!r} is not the name of a property")  # `__proto__` would be none
    return name


def _enclose(opening: str, items: list[tuple[str, object]], closing: str, indent: int) -> str:
    return enclose(opening, items, closing, indent, 2, literal)
