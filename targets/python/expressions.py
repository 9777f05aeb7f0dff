"""Boolean expressions of the generated code, before they are text.

A condition may be as wide and as deep as the language lets it. Python's own parser has limits, so
what passes ours is moved into functions of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import TypeAlias

from ...compiler.records import dataclass

WIDTH = 96  # of a line, before an operator in front of it
MAX_PARTS = 40  # of one `and` or `or`
MAX_DEPTH = 6  # of brackets in one function


@dataclass(frozen=True, slots=True)
class Test:
    """An expression that asks one thing, in one part or several joined by `and`."""

    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The expression in one line."""
        return " and ".join(self.parts)


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


def all_of(parts: Iterable[Expression]) -> Expression:
    """Join by `and`; what is joined so already loses its brackets."""
    found = tuple(_unpacked(All, parts))
    return found[0] if len(found) == 1 else All(found)


def some_of(parts: Iterable[Expression]) -> Expression:
    """Join by `or`; what is joined so already loses its brackets."""
    found = tuple(_unpacked(Some, parts))
    return found[0] if len(found) == 1 else Some(found)


def _unpacked(kind: type[All | Some], parts: Iterable[Expression]) -> Iterator[Expression]:
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the call, by name, and the expression that it returns."""

    name: str
    body: Expression

    @property
    def source(self) -> str:
        """Its definition, as Python source that ends in a newline."""
        body = self.body
        while isinstance(body, All | Some) and len(body.parts) == 1:
            body = body.parts[0]
        value = _bare(body, 4)
        if "\n" in value and isinstance(body, Test):
            value = _bracketed(body, 4)
        return f"def {self.name}(call: Call) -> bool:\n    return {value}\n"


def functions(name: str, body: Expression) -> tuple[Function, ...]:
    """Give the function of an expression, after those of the parts that had to move out of it."""
    moved: list[Function] = []
    names = (f"{name}__{number}" for number in count(1))
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
    return Test((f"{name}(call)",))


def _bare(body: Expression, indent: int) -> str:
    """Write an expression where nothing but `and` stands around it."""
    match body:
        case Test(parts):
            return _joined(parts, indent)
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
    if isinstance(body, Test) and len(body.parts) > 1:
        return _bracketed(body, indent)
    if isinstance(body, All | Some) and len(body.parts) == 1:
        return _operand(body.parts[0], indent)
    return _bare(body, indent)


def _bracketed(body: Expression, indent: int) -> str:
    """Write an expression in brackets; parts of an `and` or an `or` stand one a line."""
    margin = " " * (indent + 4)
    match body:
        case All(parts):
            written = f"\n{margin}and ".join(_bare(part, indent + 4) for part in parts)
        case Some(parts):
            written = f"\n{margin}or ".join(_operand(part, indent + 4) for part in parts)
        case _:
            written = _bare(body, indent + 4)
            if "\n" not in written and indent + len(written) + 2 <= WIDTH:
                return f"({written})"
    return f"(\n{margin}{written}\n{' ' * indent})"


def _joined(parts: Iterable[str], indent: int) -> str:
    """Join parts by `and` in one line, or, if they do not fit, one a line."""
    line = " and ".join(parts)
    if indent + len(line) <= WIDTH:
        return line
    return f"\n{' ' * indent}and ".join(parts)
