"""Boolean expressions of the generated code, before they are text.

A condition may be as wide and as deep as the language lets it. Python's own parser has limits, so
what passes ours is moved into functions of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

MAX_PARTS = 40  # of one `and` or `or`
MAX_DEPTH = 6  # of brackets in one function


@dataclass(frozen=True, slots=True)
class Test:
    """An expression that is one thing, or several joined by `and`."""

    text: str
    single: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """True if all parts are; of none, true."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """True if one part is; of none, false."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """True if the part is false."""

    part: Expression


Expression: TypeAlias = Test | All | Some | Opposite

TRUE, FALSE = All(()), Some(())


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the call, by name, and the expression that it returns."""

    name: str
    body: Expression

    @property
    def source(self) -> str:
        """Its definition, as Python source that ends in a newline."""
        return (
            f"def {self.name}(call: Call) -> bool:\n"
            f"    return {_bracketed(self.body, 4) if _is_long(self.body) else _bare(self.body, 4)}\n"
        )


def functions(name: str, body: Expression) -> tuple[Function, ...]:
    """Give the function of an expression, after those of the parts that had to move out of it."""
    moved: list[Function] = []
    names = (f"{name}__{number}" for number in range(1, 1_000_000))
    shortened, _ = _shorten(body, names, moved)
    return (*moved, Function(name, shortened))


def _shorten(
    body: Expression, names: Iterator[str], moved: list[Function]
) -> tuple[Expression, int]:
    """Move parts out until the expression is narrow and shallow; also give its depth."""
    if isinstance(body, Test):
        return body, 0
    if isinstance(body, Opposite):
        part, depth = _shorten(body.part, names, moved)
        return Opposite(part), depth + 1
    parts, depth = [], 0
    for each in body.parts:
        part, below = _shorten(each, names, moved)
        if below >= MAX_DEPTH:
            part, below = _move(part, names, moved), 0
        parts.append(part)
        depth = max(depth, below)
    while len(parts) > MAX_PARTS:
        parts = [
            _move(type(body)(tuple(parts[at : at + MAX_PARTS])), names, moved)
            for at in range(0, len(parts), MAX_PARTS)
        ]
    return type(body)(tuple(parts)), depth + 1


def _move(part: Expression, names: Iterator[str], moved: list[Function]) -> Expression:
    """Make a part a function of its own, and give the call of it."""
    name = next(names)
    moved.append(Function(name, part))
    return Test(f"{name}(call)", single=True)


def _is_long(body: Expression) -> bool:
    return isinstance(body, All | Some) and len(body.parts) > 1


def _bare(body: Expression, indent: int) -> str:
    """Write an expression where nothing stands around it."""
    match body:
        case Test(text):
            return text
        case Opposite(part):
            written = _operand(part, indent)
            return f"not {written}" if written.endswith(")") else f"not ({written})"
        case All(()):
            return "True"
        case Some(()):
            return "False"
        case All((part,)) | Some((part,)):
            return _bare(part, indent)
        case _:
            return _bracketed(body, indent)


def _operand(body: Expression, indent: int) -> str:
    """Write an expression where `or` or `not` stands beside it."""
    if isinstance(body, Test):
        return body.text if body.single else f"({body.text})"
    if isinstance(body, All | Some) and len(body.parts) == 1:
        return _operand(body.parts[0], indent)
    return _bare(body, indent)


def _bracketed(body: Expression, indent: int) -> str:
    """Write an expression in brackets, one part a line."""
    if not isinstance(body, All | Some):
        return f"({_bare(body, indent)})"
    margin = " " * (indent + 4)
    word = "and" if isinstance(body, All) else "or"
    lines = [
        _bare(part, indent + 4) if isinstance(body, All) else _operand(part, indent + 4)
        for part in body.parts
    ]
    return f"(\n{margin}" + f"\n{margin}{word} ".join(lines) + f"\n{' ' * indent})"
