"""Boolean expressions of Cedar, before they are text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ...compiler.structs import Struct


class Check(Struct):
    """Parts joined by `and`, each of which keeps the next from raising; or the opposite of that."""

    parts: tuple[str, ...]
    is_opposite: bool = False


class All(Struct):
    """True if all parts are; of none, true."""

    parts: tuple[Expression, ...]


class Some(Struct):
    """True if one part is; of none, false."""

    parts: tuple[Expression, ...]


Expression: TypeAlias = Check | All | Some

TRUE, FALSE = All(()), Some(())


def check(*parts: str) -> Expression:
    """Ask parts in their order."""
    return Check(parts) if parts else TRUE


def all_of(parts: Iterable[Expression]) -> Expression:
    """Join by `and`."""
    return _joined(All, FALSE, parts)


def some_of(parts: Iterable[Expression]) -> Expression:
    """Join by `or`."""
    return _joined(Some, TRUE, parts)


def _joined(kind: type[All | Some], decided: Expression, parts: Iterable[Expression]) -> Expression:
    found: dict[Expression, None] = {}
    for part in parts:
        if part == decided:
            return decided
        found.update(dict.fromkeys(part.parts if isinstance(part, kind) else (part,)))
    return next(iter(found)) if len(found) == 1 else kind(tuple(found))


def opposite(expression: Expression) -> Expression:
    """Give the expression that is true where this one is false."""
    match expression:
        case Check(parts, is_opposite):
            return Check(parts, not is_opposite)
        case All(parts):
            return some_of(opposite(part) for part in parts)
        case Some(parts):
            return all_of(opposite(part) for part in parts)


def guarded(guards: Iterable[str], expression: Expression) -> Expression:
    """Ask the guards before each test: Cedar's validator forgets what an `||` has asked."""
    guards = tuple(guards)
    match expression:
        case Check(parts, False):
            return Check((*guards, *parts)) if guards else expression
        case Check():
            return check(*guards, _operand(expression))
        case All(()):
            return check(*guards)
        case All(parts):
            return all_of(guarded(guards, part) for part in parts)
        case Some(parts):
            return some_of(guarded(guards, part) for part in parts)


def conjuncts(expression: Expression) -> tuple[str, ...]:
    """Write an expression as what `&&` is to join, each once."""
    parts = expression.parts if isinstance(expression, All) else (expression,)
    found: dict[str, None] = {}
    for part in parts:
        if isinstance(part, Check) and not part.is_opposite:
            found.update(dict.fromkeys(part.parts))
        else:
            found[_operand(part)] = None
    return tuple(found)


def _operand(expression: Expression) -> str:
    """Write an expression that stands between `&&`."""
    match expression:
        case Check(parts, is_opposite):
            joined = " && ".join(parts)
            return f"!({joined})" if is_opposite else joined
        case All():
            return f"({' && '.join(conjuncts(expression))})"
        case Some(()):
            return "false"
        case Some(parts):
            return f"({' || '.join(_alternative(part) for part in parts)})"


def _alternative(expression: Expression) -> str:
    """Write an expression that stands between `||`."""
    if isinstance(expression, Check) and len(expression.parts) > 1 and not expression.is_opposite:
        return f"({_operand(expression)})"
    return _operand(expression)


def halves(expression: Expression) -> tuple[Expression, Expression] | None:
    """Give two expressions of which one or the other is true where this one is, if it can be."""
    match expression:
        case Some(parts) if len(parts) > 1:
            middle = len(parts) // 2
            return some_of(parts[:middle]), some_of(parts[middle:])
        case All(parts):
            wide = [at for at, part in enumerate(parts) if isinstance(part, Some) and part.parts]
            if not wide:
                return None
            at = max(wide, key=lambda each: len(_operand(parts[each])))
            split = halves(parts[at])
            if split is None:
                return None
            first, second = (all_of((*parts[:at], half, *parts[at + 1 :])) for half in split)
            return first, second
        case _:
            pass
    return None
