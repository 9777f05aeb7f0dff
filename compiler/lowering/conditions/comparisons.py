"""`==`, `!=`, `<`, `<=`, `>` and `>=`: both sides of one type, and at least one read from the request."""

from __future__ import annotations

from typing import Literal, cast

from ...ir import nodes as ir
from ...ir.type_words import in_words
from ...report.diagnostics import report
from ...report.source import Span
from ...syntax import tree as syntax
from ..references.attributes import Environment
from .operands import (
    Typed,
    find_stranger,
    is_read,
    read_constant,
    read_term,
    report_no_attribute,
    type_of,
)

EQUALITY = ("==", "!=")
ORDER = ("<", "<=", ">", ">=")
ORDERED_SCALARS = ("int", "number", "time", "date", "duration")


def lower_comparison(
    env: Environment, left: syntax.Operand, right: syntax.Operand, op: str, span: Span
) -> ir.Condition | None:
    """Compare two operands of which at least one reads the request."""
    if is_read(env, left):
        term = read_term(env, left, "")
        return None if term is None else lower_comparison_of(env, term, left, right, op, span)
    if is_read(env, right):
        term = read_term(env, right, "")
        if term is None or not _has_operator(env, term, right, op):
            return None
        constant = read_constant(env, left, type_of(term))
        return None if constant is None else compared(op, constant, term, span)
    stranger = find_stranger(env, left, right)
    if stranger is not None:
        report_no_attribute(env, stranger, "")
        return None
    report(
        env.diagnostics,
        "AGP1204",
        span,
        "this compares two constants",
        "one side has to be read from the request, such as `args.amount`",
    )
    return None


def lower_comparison_of(
    env: Environment, term: Typed, left: syntax.Operand, right: syntax.Operand, op: str, span: Span
) -> ir.Condition | None:
    """Compare a term, which the left operand reads, with the right operand."""
    if not _has_operator(env, term, left, op):
        return None
    if not is_read(env, right):
        constant = read_constant(env, right, type_of(term))
        return None if constant is None else compared(op, term, constant, span)
    other = read_term(env, right, "")
    if other is None:
        return None
    if ir.comparable_type(type_of(other)) != ir.comparable_type(type_of(term)):
        report(
            env.diagnostics,
            "AGP1201",
            span,
            f"`{in_words(type_of(term))}` and `{in_words(type_of(other))}` do not compare",
            "values compare only with their own type; there is no conversion",
        )
        return None
    return compared(op, term, other, span)


def _has_operator(env: Environment, term: Typed, operand: syntax.Operand, op: str) -> bool:
    type_ = type_of(term)
    if isinstance(type_, ir.LevelType) or (
        isinstance(type_, ir.Scalar) and type_.name in ORDERED_SCALARS
    ):
        return True
    if isinstance(type_, ir.ListType):
        help = "use `every` or `some`, `contains`, or `subset of`"
    elif isinstance(type_, ir.RecordType) or type_ == ir.JSON:
        help = "only `has` looks at it" + (
            ": compare one of its fields" if isinstance(type_, ir.RecordType) else ""
        )
    elif op in ORDER:
        help = "numbers, times, dates, durations and levels are ordered"
    else:
        return True
    report(env.diagnostics, "AGP1202", operand.span, f"a `{in_words(type_)}` has no `{op}`", help)
    return False


def compared(op: str, left: ir.Term, right: ir.Term, span: Span) -> ir.Condition:
    """Compare two terms of one type; `!=` is the opposite of `==`."""
    if op == "!=":
        return ir.Not(ir.Compare("==", left, right, span))
    return ir.Compare(cast('Literal["==", "<", "<=", ">", ">="]', op), left, right, span)
