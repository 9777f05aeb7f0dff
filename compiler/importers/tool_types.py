"""Types that were imported before, beside those that a server says today."""

from __future__ import annotations

from typing import Any

from ..syntax import tree as syntax

FORMED = ("date", "domain", "email")
"""Types of formats that servers write down and often do not keep to."""


def refines(was: syntax.TypeExpression, now: syntax.TypeExpression) -> bool:
    """Whether a type says the same as another, or somebody made it tighter, which only closes."""
    if _key(was) == _key(now):
        return True
    match was, now:
        case _, syntax.Name(text="json"):
            return True
        case syntax.Name(text=tighter), syntax.Name(text="string"):
            return tighter not in ("bool", "int", "number", "duration", "json")
        case syntax.Name(text="string"), syntax.Name(text=formed) if formed in FORMED:
            return True  # somebody takes more than the schema says, or it was imported before there was the type
        case syntax.Name(text="int"), syntax.Name(text="number"):
            return True
        case syntax.ListOf(of=tighter), syntax.ListOf(of=wider):
            return refines(tighter, wider)
        case _:
            pass
    return False


def _key(node: syntax.TypeExpression) -> Any:
    """What a type says, without the order of its fields."""
    match node:
        case syntax.Name(text=text):
            return text
        case syntax.ListOf(of=of):
            return [_key(of)]
        case syntax.RecordOf(fields=fields):
            return {each.name.text: (each.optional, _key(each.type)) for each in fields}


def written_type(node: syntax.TypeExpression) -> str:
    """Write a type on one line."""
    match node:
        case syntax.Name(text=text):
            return text
        case syntax.ListOf(of=of):
            return f"[{written_type(of)}]"
        case syntax.RecordOf(fields=fields):
            inner = (
                f"{each.name.text}{'?' if each.optional else ''}: {written_type(each.type)}"
                for each in fields
            )
            return f"{{ {', '.join(inner)} }}"
