"""Boolean expressions of the generated code, before they are text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ...compiler.structs import Struct


class Check(Struct):
    """An expression that asks one thing, in one part or several joined by `and`.

    `variables` are those that it sets before it reads them.
    """

    parts: tuple[str, ...]
    variables: frozenset[str] = frozenset()


class All(Struct):
    """True if all parts are; of none, true."""

    parts: tuple[Expression, ...]


class Some(Struct):
    """True if one part is; of none, false."""

    parts: tuple[Expression, ...]


class Opposite(Struct):
    """True if the part is false."""

    part: Expression


Expression: TypeAlias = Check | All | Some | Opposite

TRUE = All(())
FALSE = Some(())


def all_of(parts: Iterable[Expression]) -> Expression:
    """Join by `and`; what is joined so already loses its brackets."""
    return joined(All, parts)


def some_of(parts: Iterable[Expression]) -> Expression:
    """Join by `or`; what is joined so already loses its brackets."""
    return joined(Some, parts)


def joined(kind: type[All | Some], parts: Iterable[Expression]) -> Expression:
    """Join by `and` or by `or`; of one part, give it as it is."""
    found = tuple(_unpacked(kind, parts))
    return found[0] if len(found) == 1 else kind(found)


def _unpacked(kind: type[All | Some], parts: Iterable[Expression]) -> Iterator[Expression]:
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part


def variables_of(body: Expression) -> frozenset[str]:
    """Give the variables that an expression sets."""
    match body:
        case Check(variables=variables):
            return variables
        case Opposite(part):
            return variables_of(part)
        case All(parts) | Some(parts):
            return frozenset().union(*map(variables_of, parts))


def least_length(body: Expression) -> int:
    """Give a length that an expression has at least, without writing it."""
    match body:
        case Check(parts):
            return sum(map(len, parts))
        case Opposite(part):
            return least_length(part)
        case All(parts) | Some(parts):
            return sum(map(least_length, parts))
