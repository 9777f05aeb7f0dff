"""Conditions of the language about a request of the gateway; what it cannot say is never definite, and is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import assert_never

from ....compiler.ir import nodes as ir
from ....compiler.ir.definite import Sign, answer, comparison, definitely, fitting
from ....compiler.ir.walk import NOW as CLOCK
from ....compiler.ir.walk import Leaf, attributes
from ....compiler.report.source import Span
from ....runtime.glob import Wildcard, parse_glob
from ....runtime.values import read_time
from ...partial import Loss, Unsayable, see
from ..conditions import asked_of, lists, under
from ..expressions import FALSE, Expression, all_of, check, opposite, some_of
from ..names import pattern, string
from ..request_shape import Operand
from ..values import literal
from .abilities import AGENTCORE
from .request_shape import NOW, GatewayShape, among, is_text_type

_ELEMENTS = "AgentCore does not say what becomes of lists"


class GatewayWriter:
    """Writes the conditions of one rule, and keeps what is lost."""

    def __init__(self, shape: GatewayShape) -> None:
        """Take where things stand in a request."""
        self._shape = shape
        self.losses: list[Loss] = []

    def definitely(self, condition: ir.Condition, wanted: bool) -> Expression:
        """Ask whether a condition is definitely true, or false: whichever is wanted."""
        return answer(definitely(condition, wanted), self.leaf, all_of, some_of)

    def leaf(self, leaf: Leaf, wanted: bool) -> Expression:
        """Ask one test, or keep it as lost."""
        try:
            return self._asked(leaf, wanted)
        except Unsayable as problem:
            return self.lost(problem.reason, leaf.span)

    def lost(self, reason: str, span: Span | None) -> Expression:
        """Keep something as lost, and give what is asked in its place."""
        self.losses.append(Loss(reason, span))
        return FALSE

    def _asked(self, leaf: Leaf, wanted: bool) -> Expression:
        for attribute, _ in attributes(leaf):
            see(attribute, AGENTCORE)
        match leaf:
            case ir.Compare():
                return self._compare(leaf, wanted)
            case ir.In(item, ir.Constants() as of):
                found = self._operand(item)
                written = dict.fromkeys(self._literal(of.type, value) for value in of.values)
                tests = (check(f"{each}.contains({found.text})") for each in lists(written))
                return asked_of(found, some_of(tests), wanted)
            case ir.Like(item, glob, span):
                return self._like(self._operand(item), glob, wanted, span)
            case ir.Under(item):
                return under(self._operand(item), leaf, wanted)
            case ir.Has(attribute):
                return self._has(attribute, wanted)
            case ir.Within():
                raise Unsayable(
                    "AgentCore gives addresses as texts, of which Cedar raises for some"
                )
            case ir.In() | ir.ListTest() | ir.Quantified():
                raise Unsayable(_ELEMENTS)
            case _:
                assert_never(leaf)

    def _compare(self, leaf: ir.Compare, wanted: bool) -> Expression:
        left, sign, right = comparison(leaf, wanted)
        if CLOCK in (left, right):
            return _compare_clock(left, sign, right)
        if isinstance(left, ir.Attribute) and isinstance(left.type, ir.LevelType):
            if isinstance(right, ir.Constant):
                members = fitting(self._shape.members[left.type.name], sign, str(right.value))
                found = self._operand(left)
                return (
                    check(*found.guards, f"{among(members)}.contains({found.text})")
                    if members
                    else FALSE
                )
            if sign not in ("==", "!="):
                raise Unsayable("AgentCore gives levels as texts, of which Cedar knows no order")
        one, other = self._operand(left), self._operand(right)
        return check(*one.guards, *other.guards, f"{one.text} {sign} {other.text}")

    def _like(self, item: Operand, glob: str, wanted: bool, span: Span | None) -> Expression:
        parts = parse_glob(glob)
        if Wildcard.ONE in parts:
            loss = self.lost("Cedar has no wildcard for one character", span)
            if wanted:
                return loss
            parts = tuple(Wildcard.ANY if each is Wildcard.ONE else each for each in parts)
        return asked_of(item, check(f"{item.text} like {pattern(parts)}"), wanted)

    def _has(self, attribute: ir.Attribute, wanted: bool) -> Expression:
        if wanted:
            return check(*self._shape.place(attribute).operand.guards)
        if attribute.root != "args":
            raise Unsayable("that a token has no claim does not say that there is none to have")
        presence, _ = self._shape.presence(attribute)
        return opposite(check(*presence))

    def _operand(self, term: ir.Term) -> Operand:
        match term:
            case ir.Attribute():
                return self._shape.place(term).operand
            case ir.Constant(type_, value):
                return Operand((), self._literal(type_, value))
            case ir.Age():
                raise Unsayable(
                    "AgentCore gives times as texts, so that nothing is older than another"
                )
            case _:
                raise Unsayable(_ELEMENTS)

    def _literal(self, type_: ir.Type, value: ir.Value) -> str:
        return (
            string(str(value))
            if is_text_type(type_)
            else literal(type_, value, self._shape.members)
        )


def _compare_clock(left: ir.Term, sign: Sign, right: ir.Term) -> Expression:
    """Compare the gateway's clock, which has milliseconds, with a constant."""
    if left == CLOCK and isinstance(right, ir.Constant):
        return check(f"{NOW} {sign} {moment(right)}")
    raise Unsayable("AgentCore gives times as texts, so that nothing is older than another")


def moment(constant: ir.Constant) -> str:
    """Write a time. Raises `Unsayable` for one that Cedar would cut.

    >>> moment(ir.Constant(ir.TIME, "2027-01-31T00:00:00.5Z"))
    'datetime("2027-01-31T00:00:00.500Z")'
    """
    at = read_time(constant.value)
    assert at is not None  # the compiler has read it so
    if at % 1_000_000:
        raise Unsayable("a time of AgentCore has no more than milliseconds")
    day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at // 1_000_000)
    return f'datetime("{day.isoformat(timespec="milliseconds").removesuffix("+00:00")}Z")'
