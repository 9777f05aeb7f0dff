"""Lark itself on `agp.lark`, as it stands."""

from __future__ import annotations

from functools import cache

from lark import Lark

from agpc.grammar import grammar_text


@cache
def plain_lark() -> Lark:
    return Lark(grammar_text(), parser="lalr")
