"""Values and comments as Python source: the only way that text of a policy reaches the code.

Everything is ASCII and without line breaks of its own, so that no quote, newline, control or
bidirectional character of a policy ever stands in the code itself.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

from ..code.literals import Code, enclose


def literal(value: object, indent: int = 0) -> str:
    r"""Write a value as a Python expression that gives an equal one.

    Takes None, bool, int, finite float, str, tuple, list, dict, code, and dataclasses of these, whose
    fields with default values are left out. Breaks lines that would pass the width; `indent` is
    the column of the first one.

    >>> print(literal(('it is "so"', 1, None)))
    ('it is "so"', 1, None)
    >>> print(literal("a\nb"))
    "a\nb"
    """
    match value:
        case Code():
            return value
        case str():
            return _text(value)
        case None | bool() | int():
            return repr(value)
        case float():
            if not math.isfinite(value):
                raise ValueError(f"{value} cannot be written as a number")
            return repr(value)
        case tuple():
            written = _enclose("(", [("", each) for each in value], ")", indent)
            one_line = len(value) == 1 and "\n" not in written
            return f"{written[:-1]},)" if one_line else written
        case list():
            return _enclose("[", [("", each) for each in value], "]", indent)
        case dict():
            return _enclose("{", [(f"{literal(k)}: ", v) for k, v in value.items()], "}", indent)
        case _:
            pass
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return call(type(value).__name__, given_fields(value), indent)
    raise TypeError(f"a {type(value).__name__} cannot be written as Python")


def given_fields(value: Any) -> list[tuple[str, object]]:
    """Give the fields of a dataclass that differ from their defaults, by name."""
    return [
        (field.name, getattr(value, field.name))
        for field in dataclasses.fields(value)
        if field.init
        and (field.default is dataclasses.MISSING or getattr(value, field.name) != field.default)
    ]


def call(function: str, arguments: Iterable[tuple[str, object]], indent: int = 0) -> str:
    """Write a call with keyword arguments."""
    return _enclose(f"{function}(", [(f"{name}=", value) for name, value in arguments], ")", indent)


def comment(text: str) -> str:
    r"""Write text as the rest of a comment line.

    >>> comment("a\nb é")
    'a\\nb \\xe9'
    """
    return ascii(text)[1:-1]


def _enclose(opening: str, items: list[tuple[str, object]], closing: str, indent: int) -> str:
    return enclose(opening, items, closing, indent, 4, literal)


def _text(value: str) -> str:
    """Write a string, in double quotes where it has none of its own."""
    written = ascii(value)
    return written if '"' in written else f'"{written[1:-1]}"'
