"""Types in words, for messages: with the whole names of levels and enums."""

from __future__ import annotations

from typing import assert_never

from ..text.field_names import written
from . import nodes as ir


def in_words(type_: ir.Type) -> str:
    """Write a type as the language does.

    >>> in_words(ir.ListType(ir.STRING))
    '[string]'
    """
    match type_:
        case ir.Scalar(name) | ir.LevelType(name) | ir.EnumType(name):
            return name
        case ir.ListType(of):
            return f"[{in_words(of)}]"
        case ir.PartOf():
            return in_words(type_.type)
        case ir.OrNothing(of):
            return f"{in_words(of)}, or nothing"
        case ir.RecordType(fields):
            inner = ", ".join(
                f"{written(each.name)}{'?' if each.optional else ''}: {in_words(each.type)}"
                for each in fields
            )
            return f"{{ {inner} }}"
        case _:
            assert_never(type_)
