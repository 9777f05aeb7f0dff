"""Conditions of the language as Cedar expressions that cannot raise.

A condition has three values, and Cedar's have two. So each is written as one of two questions: is
it definitely true, or is it definitely false? What Cedar cannot say is never definite, and is kept
as a loss. An allow asks these questions as they are, a forbid asks their opposites; so either way
a loss permits less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.ir.definite import (
    MIRRORED,
    OPPOSITE,
    Asked,
    Elements,
    Sign,
    answer,
    asked_sign,
    comparison,
    definitely,
    elements,
    fitting,
)
from ...compiler.ir.walk import Leaf, attributes
from ...compiler.report.source import Span
from ...runtime.glob import Wildcard, parse_glob
from ..partial import Loss, Unsayable, see
from .abilities import CEDAR
from .expressions import (
    FALSE,
    TRUE,
    Expression,
    all_of,
    check,
    guarded,
    opposite,
    some_of,
)
from .names import pattern, read, string
from .request_shape import Operand, RequestShape
from .values import (
    AGE,
    PAIRS,
    address,
    literal,
    pair,
)

CHUNK = 1_000
"""Characters of constants in one list, so that what is too long can be split between lists."""

_ODD_PATHS = ("*//*", "*/./*", "*/../*", "*/", "*/.", "*/..")
_NOT_RELATIVE = ("", ".", "..", "/*", "./*", "../*")


class ConditionWriter:
    """Writes the conditions of one rule, and keeps what is lost."""

    def __init__(self, shape: RequestShape) -> None:
        """Take where things stand in a request."""
        self._shape = shape
        self.losses: list[Loss] = []

    def definitely(self, condition: ir.Condition, wanted: bool) -> Expression:
        """Ask whether a condition is definitely true, or false: whichever is wanted."""
        return answer(definitely(condition, wanted), self._leaf, all_of, some_of)

    def _leaf(self, leaf: Leaf, wanted: bool) -> Expression:
        try:
            return self._asked(leaf, wanted)
        except Unsayable as problem:
            return self._lost(problem.reason, leaf.span)

    def _asked(self, leaf: Leaf, wanted: bool) -> Expression:
        """Ask one leaf. Raises `Unsayable`."""
        if isinstance(leaf, ir.In) and isinstance(leaf.item, ir.NameOf):
            return self._comes_from(leaf.item, leaf.of, wanted)
        for attribute, _ in attributes(leaf):
            see(attribute, CEDAR)
        match leaf:
            case ir.Compare(_, left, right):
                return self._compare(asked_sign(leaf, wanted), left, right)
            case ir.In(item, of):
                return self._in(self._operand(item), of, wanted, isinstance(item, ir.Age))
            case ir.ListTest(op, attribute, of):
                return self._list_test(op, self._shape.operand(attribute), of, wanted)
            case ir.Like(item, glob, span):
                return self._like(self._operand(item), glob, wanted, span)
            case ir.Under(item):
                return under(self._operand(item), leaf, wanted)
            case ir.Within(item, ranges):
                found = self._operand(item)
                tests = (f"{found.text}.isInRange({address(str(r))})" for r in ranges.values)
                return asked_of(found, some_of(check(each) for each in tests), wanted)
            case ir.Has(attribute):
                return self._has(attribute, wanted)
            case ir.Quantified():
                return self._quantified(elements(leaf, wanted))
            case _:
                assert_never(leaf)

    # --- Leaves -----------------------------------------------------------------------------------

    def _compare(self, asked: Sign, left: ir.Term, right: ir.Term) -> Expression:
        one, other = self._operand(left), self._operand(right)
        names = PAIRS.get(_type(left), AGE if ir.Age in (type(left), type(right)) else None)

        def of_values(sign: Sign) -> str:
            if names is None:
                return f"{one.text} {sign} {other.text}"
            return _compare_pairs(sign, _halves(left, one, names), _halves(right, other, names))

        found = _with_nothing(asked, one.something, other.something, of_values)
        return guarded((*one.guards, *other.guards), found)

    def _in(self, item: Operand, of: ir.Collection, wanted: bool, is_age: bool) -> Expression:
        text, whole = item.text, check()
        if is_age:  # which is among whole seconds only if it is whole seconds
            text, rest = (read(text, name) for name in AGE)
            whole = check(f"{rest} == 0")
        there = item.something
        if isinstance(of, ir.Attribute):
            have = self._shape.operand(of)
            both = Operand((*item.guards, *have.guards), "")
            found = check(*there, f"{have.text}.contains({text})")
            return asked_of(both, all_of((whole, found)), wanted)
        tests = (check(*there, f"{each}.contains({text})") for each in self._lists(of))
        return asked_of(item, all_of((whole, some_of(tests))), wanted)

    def _comes_from(self, argument: ir.NameOf, of: ir.Collection, wanted: bool) -> Expression:
        """Ask a source whether it lists an argument that is there. Raises `Unsayable`."""
        if not isinstance(of, ir.Attribute):
            raise Unsayable("Cedar is given the names of arguments by sources alone")
        see(of, CEDAR)
        read_ = argument.of
        if ir.EACH in read_.path or ir.part_of(read_.type) is not None:
            see(read_, CEDAR)
        have, item = self._shape.operand(of), self._shape.operand(read_)
        guards = (*self._well_formed(read_, item), *have.guards)
        found = check(f"{have.text}.contains({string(argument.name)})")
        return asked_of(Operand(guards, ""), found, wanted)

    def _well_formed(self, attribute: ir.Attribute, found: Operand) -> tuple[str, ...]:
        """What asks that something is there and of its type: a record is given even if it is not."""
        if isinstance(attribute.type, ir.RecordType):
            return (*found.guards, f"!{_is_malformed(found)}")
        return found.guards

    def _list_test(
        self, op: ir.ListOp, have: Operand, of: ir.Collection, wanted: bool
    ) -> Expression:
        if isinstance(of, ir.Attribute):
            other = self._shape.operand(of)
            both = Operand((*have.guards, *other.guards), "")
            return asked_of(both, check(_set_test(op, have.text, other.text)), wanted)
        match op:
            case "subset of":
                written = self._written(of)  # Cedar cannot tell the type of an empty list
                whole = _set_test(op, have.text, f"[{', '.join(written)}]")
                found = check(whole if written else f"{have.text}.isEmpty()")
            case "contains all":
                found = all_of(check(_set_test(op, have.text, each)) for each in self._lists(of))
            case "contains any":
                found = some_of(check(_set_test(op, have.text, each)) for each in self._lists(of))
            case _:
                assert_never(op)
        return asked_of(have, found, wanted)

    def _like(self, item: Operand, glob: str, wanted: bool, span: Span | None) -> Expression:
        parts = parse_glob(glob)
        if Wildcard.ONE in parts:
            loss = self._lost("Cedar has no wildcard for one character", span)
            if wanted:
                return loss
            parts = tuple(Wildcard.ANY if each is Wildcard.ONE else each for each in parts)
        return asked_of(item, check(f"{item.text} like {pattern(parts)}"), wanted)

    def _has(self, attribute: ir.Attribute, wanted: bool) -> Expression:
        found = self._shape.operand(attribute)
        if not found.guards:
            return TRUE if wanted else FALSE
        there = check(*found.guards)
        well_formed = opposite(check(_is_malformed(found)))
        if wanted:
            is_record = isinstance(attribute.type, ir.RecordType)
            return all_of((there, well_formed)) if is_record else there
        return all_of((opposite(there), well_formed))

    def _quantified(self, question: Elements) -> Expression:
        if not isinstance(question.asked, Asked):
            raise Unsayable(_EACH)
        leaf, wanted = question.asked.leaf, question.asked.wanted
        op: ir.ListOp = "subset of" if question.every is wanted else "contains any"
        have, found = self._shape.operand(question.list), self._elements(leaf)
        if isinstance(found, ir.Constants):
            return self._list_test(op, have, found, wanted)
        both = Operand((*have.guards, *found.guards), "")
        said = asked_of(both, check(_set_test(op, have.text, found.text)), wanted)
        if question.every:  # so of no elements, whatever the other values are
            return some_of((check(*have.guards, f"{have.text}.isEmpty()"), said))
        return said

    def _elements(self, asked: Leaf) -> ir.Constants | Operand:
        """Give the values that a test of one element asks it to be among. Raises `Unsayable`."""
        match asked:
            case ir.In(ir.Element(), ir.Constants() as of):
                return of
            case ir.In(ir.Element(), ir.Attribute() as of):
                return self._shape.operand(of)
            case ir.Compare("==", ir.Element(), other) | ir.Compare("==", other, ir.Element()):
                if isinstance(other, ir.Constant):
                    return ir.Constants(other.type, (other.value,))
                if isinstance(other, ir.Attribute) and not isinstance(other.type, ir.OrNothing):
                    found = self._operand(other)
                    return Operand(found.guards, f"[{found.text}]")
            case ir.Compare():
                match comparison(asked, True):
                    case ir.Element(), sign, ir.Constant(ir.LevelType(name) as type_, value):
                        members = self._shape.members[name]
                        return ir.Constants(type_, fitting(members, sign, str(value)))
                    case _:
                        pass
            case ir.Like(ir.Element(type_), glob) if not any(
                isinstance(part, Wildcard) for part in parse_glob(glob)
            ):
                return ir.Constants(type_, ("".join(map(str, parse_glob(glob))),))
            case _:
                pass
        raise Unsayable(_EACH)

    # --- Terms ------------------------------------------------------------------------------------

    def _operand(self, term: ir.Term) -> Operand:
        """Write a term. Raises `Unsayable` of what Cedar cannot look at, an element of a list."""
        match term:
            case ir.Attribute():
                return self._shape.operand(term)
            case ir.Constant(type_, value):
                return Operand((), literal(ir.value_type(type_), value, self._shape.members))
            case ir.Age(ir.Attribute() as of):
                return self._shape.age(of)
            case _:
                raise Unsayable(_EACH)

    def _lists(self, of: ir.Constants) -> Iterator[str]:
        """Write constants as lists of a bounded size."""
        return lists(self._written(of))

    def _written(self, of: ir.Constants) -> list[str]:
        type_, members = ir.value_type(of.type), self._shape.members
        return list(dict.fromkeys(literal(type_, value, members) for value in of.values))

    def _lost(self, reason: str, span: Span | None) -> Expression:
        self.losses.append(Loss(reason, span))
        return FALSE


def lists(written: Iterable[str]) -> Iterator[str]:
    """Write values as lists of a bounded size; none for no values, of which Cedar takes no list."""
    chunk: list[str] = []
    size = 0
    for each in written:
        if chunk and size + len(each) > CHUNK:
            yield f"[{', '.join(chunk)}]"
            chunk, size = [], 0
        chunk.append(each)
        size += len(each) + 2
    if chunk:
        yield f"[{', '.join(chunk)}]"


_EACH = "Cedar cannot look at the elements of a list one by one"


def _type(term: ir.Term) -> ir.Type:
    if isinstance(term, ir.NameOf):
        return ir.STRING
    return ir.DURATION if isinstance(term, ir.Age) else ir.value_type(term.type)


def _is_malformed(found: Operand) -> str:
    return f"context.malformed.contains({string(found.key)})"


def _with_nothing(
    sign: Sign, one: tuple[str, ...], other: tuple[str, ...], of_values: Callable[[Sign], str]
) -> Expression:
    """Compare what may be nothing, which is below every value; each says what asks whether it is something."""
    if not one and not other:
        return check(of_values(sign))
    match sign:
        case "==":
            same = check(*one, *other, of_values("=="))
            if not (one and other):
                return same
            return some_of((same, all_of((opposite(check(*one)), opposite(check(*other))))))
        case "<" if not other:
            return opposite(check(*one, of_values(">=")))
        case "<":
            larger = " && ".join((*one, of_values(">=")))
            return check(*other, f"!({larger})" if one else of_values("<"))
        case ">":
            return _with_nothing("<", other, one, lambda each: of_values(MIRRORED[each]))
        case _:
            return opposite(_with_nothing(OPPOSITE[sign], one, other, of_values))


def _halves(term: ir.Term, operand: Operand, names: tuple[str, str]) -> tuple[str, str]:
    """Write the two parts of a term that is a pair, or is compared with one."""
    if isinstance(term, ir.Constant):
        first, second = pair(ir.value_type(term.type), term.value)
        return str(first), str(second)
    if isinstance(term, ir.Attribute) and ir.value_type(term.type) == ir.DURATION:
        return operand.text, "0"
    high, low = (read(operand.text, name) for name in names)
    return high, low


def _compare_pairs(op: str, left: tuple[str, str], right: tuple[str, str]) -> str:
    """Compare the first parts, then the second ones, which are never negative."""
    (high, low), (other_high, other_low) = left, right
    if op in ("==", "!="):
        same = f"({high} == {other_high} && {low} == {other_low})"
        return same if op == "==" else f"!{same}"
    if (other_low == "0" and op in ("<", ">=")) or (low == "0" and op in (">", "<=")):
        return f"{high} {op} {other_high}"
    first = op[0]  # strictly before or after decides by itself
    return f"({high} {first} {other_high} || ({high} == {other_high} && {low} {op} {other_low}))"


def asked_of(operand: Operand, found: Expression, wanted: bool) -> Expression:
    """Ask something, or its opposite, of what is there."""
    return guarded(operand.guards, found if wanted else opposite(found))


def _set_test(op: ir.ListOp, have: str, of: str) -> str:
    match op:
        case "subset of":
            return f"{of}.containsAll({have})"
        case "contains all":
            return f"{have}.containsAll({of})"
        case "contains any":
            return f"{have}.containsAny({of})"
        case _:
            assert_never(op)


def under(item: Operand, of: ir.Under, wanted: bool) -> Expression:
    """Ask whether a path is inside another; one with an odd segment is not known to be. Raises `Unsayable`."""
    path = of.path
    if not isinstance(path, str):
        raise Unsayable("Cedar compares no path with one that the request says")
    if ir.value_type(of.item.type) != ir.STRING:
        raise Unsayable("Cedar knows no domains")
    odd = tuple(f"!({item.text} like {string(each)})" for each in _ODD_PATHS)
    if path.startswith("/"):
        known = (*item.guards, f'{item.text} like "/*"', *odd)
    else:
        other = (f"!({item.text} like {string(each)})" for each in _NOT_RELATIVE)
        known = (*item.guards, *other, *odd)
    if path == "/":
        return check(*known) if wanted else FALSE
    inside = pattern((path + "/", Wildcard.ANY))
    is_inside = f"({item.text} == {string(path)} || {item.text} like {inside})"
    return check(*known, is_inside if wanted else f"!{is_inside}")
