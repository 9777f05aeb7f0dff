"""Boolean expressions of the generated code, before they are text.

A condition may be as wide and as deep as the language lets it. What is wide stands in one function,
whose parts an engine reads one after the other; what is deep is moved into functions of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import TypeAlias

from ...compiler.records import dataclass
from .literals import WIDTH

MAX_DEPTH = 6  # of brackets in one function
_LAST = 3  # columns kept free for what closes a line


@dataclass(frozen=True, slots=True)
class Test:
    """An expression that asks one thing, in one part or several joined by `&&`.

    `variables` are those that it sets before it reads them.
    """

    parts: tuple[str, ...]
    variables: frozenset[str] = frozenset()


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
    """Join by `&&`; what is joined so already loses its brackets."""
    found = tuple(_unpacked(All, parts))
    return found[0] if len(found) == 1 else All(found)


def some_of(parts: Iterable[Expression]) -> Expression:
    """Join by `||`; what is joined so already loses its brackets."""
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
        """Its definition, as JavaScript source without a newline at the end."""
        variables = ", ".join(sorted(_variables(self.body)))
        declared = f"  let {variables};\n" if variables else ""
        written = _written(self.body, 2)
        value = f"(\n    {_written(self.body, 4)}\n  )" if "\n" in written else written
        return f"function {self.name}(call) {{\n{declared}  return {value};\n}}"


def functions(name: str, body: Expression) -> tuple[Function, ...]:
    """Give the function of an expression, after those of the parts that had to move out of it."""
    moved: list[Function] = []
    names = (f"{name}__{number}" for number in count(1))
    shortened, _ = _shorten(body, names, moved)
    return (*moved, Function(name, shortened))


def text(body: Expression) -> str:
    """Write an expression in one line, where no bracket is needed around it."""
    return _written(body, 0, width=2**62)


def _shorten(
    body: Expression, names: Iterator[str], moved: list[Function]
) -> tuple[Expression, int]:
    """Move parts out until the expression is shallow; also give its depth."""
    match body:
        case Test():
            return body, 0
        case Opposite(part):
            part, depth = _shorten(part, names, moved)
            return Opposite(part), depth + 1
        case _:
            pass
    parts, depth = [], 0
    for each in body.parts:
        part, below = _shorten(each, names, moved)
        if below >= MAX_DEPTH:
            function = Function(next(names), part)
            moved.append(function)
            part, below = Test((f"{function.name}(call)",)), 0
        parts.append(part)
        depth = max(depth, below)
    return type(body)(tuple(parts)), depth + 1


def _variables(body: Expression) -> frozenset[str]:
    match body:
        case Test(variables=variables):
            return variables
        case Opposite(part):
            return _variables(part)
        case All(parts) | Some(parts):
            return frozenset().union(*map(_variables, parts))


def _written(body: Expression, indent: int, width: int = WIDTH - _LAST) -> str:
    """Write an expression that stands alone; `indent` is the column of its lines."""
    match body:
        case Opposite(part):
            return f"!{_bracketed(part, indent, width)}"
        case All(()):
            return "true"
        case Some(()):
            return "false"
        case Test(parts):
            return _joined(" &&", list(parts), indent, width)
        case All(parts):
            written: list[str] = []
            for each in parts:
                asked = each.parts if isinstance(each, Test) else [_part(each, indent, width)]
                written.extend(asked)
            return _joined(" &&", written, indent, width)
        case Some(parts):
            return _joined(" ||", [_part(each, indent, width) for each in parts], indent, width)


def _part(body: Expression, indent: int, width: int) -> str:
    """Write a part of an `&&` or an `||`, in brackets if it is joined itself."""
    simple = isinstance(body, Opposite) or len(body.parts) < 2
    return _written(body, indent, width) if simple else _bracketed(body, indent, width)


def _bracketed(body: Expression, indent: int, width: int) -> str:
    line = f"({_written(body, 0, 2**62)})" if _length(body) <= width else "\n"
    if "\n" not in line and indent + len(line) <= width:
        return line
    return f"(\n{' ' * (indent + 2)}{_written(body, indent + 2, width)}\n{' ' * indent})"


def _joined(operator: str, parts: list[str], indent: int, width: int) -> str:
    """Join parts in one line, or, if they do not fit, one a line."""
    line = f"{operator} ".join(parts)
    if "\n" not in line and indent + len(line) <= width:
        return line
    return f"{operator}\n{' ' * indent}".join(parts)


def _length(body: Expression) -> int:
    """Give a length that an expression has at least, without writing it."""
    match body:
        case Test(parts):
            return sum(map(len, parts))
        case Opposite(part):
            return _length(part)
        case All(parts) | Some(parts):
            return sum(map(_length, parts))
