"""How a language writes what conditions ask: a table of templates, one for each test."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from ...compiler.ir.definite import Sign
from ...compiler.structs import Struct, field
from .layout import Syntax

Pair: TypeAlias = tuple[str, str]
"""A test, and its opposite: of a value that is there."""
Parts: TypeAlias = tuple[str, ...]
"""A test in parts that are joined by `and`: of a text as it stands in the request, such that nothing
malformed can meet it."""


class Dialect(Struct):
    """How one language says what conditions ask."""

    syntax: Syntax
    literal: Callable[[object], str]
    name: Callable[[str], str]
    """A name of several words, which are joined by `_`, as the language writes names."""
    listing: Callable[[list[str]], str]
    """Texts that are written out where one is looked for among them."""
    signs: Mapping[Sign, str]
    known: str
    """That a `{source}` is there, which is then called `{name}`."""
    present: str
    """That a `{source}` is there."""
    asked: str
    """That a `{call}`, which may give neither true nor false, gives a `{value}`."""
    in_set: Pair
    in_list: Pair
    contains: Pair
    starts_with: Pair
    ends_with: Pair
    matches: Pair
    every: str
    some: str
    none_or: str
    """That there are no elements, or a `{test}`."""
    raw_equal: Parts
    raw_in_set: Parts
    raw_among: Parts
    raw_int: Mapping[Sign, Parts] = field(default_factory=dict)
    """How an `{item}` as it stands, where it is an `int`, compares with a `{value}`, without a call where that can be."""
    raw_hold: Parts | None = None
    """That ranges `{of}` give a `{value}` for an `{item}` as it stands, and neither true nor false of what is no address."""


def camel(name: str) -> str:
    """Write words that are joined by `_` as one.

    >>> camel("read_text")
    'readText'
    """
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)
