"""Conditions of the IR as Python expressions, in two forms.

AGP's conditions have three values, Python's have two. So each is written as one of two questions:
is it *true*, or is it *false*? Where the answer to both is no, it is unknown. Every question about a
condition is one about its parts: a conjunction is false if one part is, a negation is true if its
part is false. Reading and testing happen in the leaves alone.
"""

from __future__ import annotations

from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.meaning.request import location
from ...compiler.records import dataclass
from ...runtime.glob import Wildcard, parse_glob
from ...runtime.values import path_segments
from .constants import Constants
from .expressions import (
    FALSE,
    Expression,
    Test,
    all_of,
    some_of,
)
from .literals import literal

_MIRRORED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"==": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MAX_INLINE = 12  # members of a level or enum that are written out where they are tested

_VARIABLES = {
    "string": "text",
    "bool": "flag",
    "int": "whole",
    "number": "number",
    "time": "time",
    "duration": "duration",
    "ip": "address",
}


class Conditions:
    """Writes the conditions of one policy; what it needs by name goes to `constants`."""

    def __init__(self, constants: Constants) -> None:
        """Take where named constants go."""
        self._constants = constants

    def is_true(self, condition: ir.Condition) -> Expression:
        """Give an expression that is true if the condition is true, and false otherwise."""
        return self._question(condition, True)

    def is_false(self, condition: ir.Condition) -> Expression:
        """Give an expression that is true if the condition is false, and false otherwise."""
        return self._question(condition, False)

    def _question(self, condition: ir.Condition, wanted: bool) -> Expression:
        match condition:
            case ir.And(parts):
                found = [self._question(part, wanted) for part in parts]
                return all_of(found) if wanted else some_of(found)
            case ir.Or(parts):
                found = [self._question(part, wanted) for part in parts]
                return some_of(found) if wanted else all_of(found)
            case ir.Not(part):
                return self._question(part, not wanted)
            case ir.Compare():
                return self._compare(condition, wanted)
            case ir.In():
                return self._in(condition, wanted)
            case ir.ListTest(op, attribute, of):
                have = self._read(attribute)
                collection = (
                    self._constants.values(of) if isinstance(of, ir.Constants) else self._read(of)
                )
                return Test((f"{op.replace(' ', '_')}({have}, {collection}) is {wanted}",))
            case ir.Like(item, pattern):
                return self._like(self._operand(item), pattern, wanted)
            case ir.Under(item, path):
                operand = self._operand(item)
                outer = literal(path_segments(path) or ())  # `/` itself holds every path
                return Test((f"is_under({operand.source}, {outer}) is {wanted}",))
            case ir.Within(item, ranges):
                named = self._constants.ranges(ranges)
                if isinstance(item, ir.Attribute):
                    return Test((f"{named}.hold({access(item)}) is {wanted}",))
                operand = self._operand(item)
                return operand.known(f"{operand.name} {'in' if wanted else 'not in'} {named}")
            case ir.Has(attribute):
                if wanted:
                    return Test((f"{self._read(attribute)} is not None",))
                steps = ", ".join(literal(step) for step in location(attribute))
                return Test((f"is_absent(call.request, {steps})",))
            case ir.Quantified():
                return self._quantified(condition, wanted)
            case _:
                assert_never(condition)

    # --- Leaves -----------------------------------------------------------------------------------

    def _compare(self, condition: ir.Compare, wanted: bool) -> Expression:
        left, right, op = condition.left, condition.right, condition.op
        if isinstance(left, ir.Constant):
            left, right, op = right, left, _MIRRORED[op]  # type: ignore[assignment]
        if isinstance(right, ir.Constant):
            members = self._members(left)
            if members is not None:
                return self._is_one_of(left, _fitting(members, op, str(right.value)), wanted)
            value = self._constants.value(right)
            if right.type == ir.BOOL and op == "==" and isinstance(left, ir.Attribute):
                return Test((f"{access(left)} is {bool(right.value) is wanted}",))
            if right.type == ir.STRING and op == "==" and wanted and not is_identity(left):
                return self._is_text(left, f"== {value}")
            operand = self._operand(left)
            return operand.known(f"{operand.name} {op if wanted else _OPPOSITE[op]} {value}")
        operand, other = self._operand(left), self._operand(right).renamed()
        test = f"{operand.name} {op if wanted else _OPPOSITE[op]} {other.name}"
        return operand.known(*other.known(test).parts)

    def _in(self, condition: ir.In, wanted: bool) -> Expression:
        item, of = condition.item, condition.of
        inside = "in" if wanted else "not in"
        if isinstance(of, ir.Attribute):
            operand = self._operand(item)
            elements = f"(elements := {self._read(of)}) is not None"
            found = operand.known(f"{operand.name} {inside} elements")
            return Test((elements, *found.parts))
        members = self._members(item)
        if members is not None:
            return self._is_one_of(item, tuple(str(value) for value in of.values), wanted)
        named = self._constants.values(of)
        if of.type == ir.STRING and wanted and not is_identity(item):
            return self._is_text(item, f"in {named}")
        operand = self._operand(item)
        return operand.known(f"{operand.name} {inside} {named}")

    def _like(self, operand: _Operand, pattern: str, wanted: bool) -> Expression:
        name = operand.name
        match parse_glob(pattern):
            case () | (str(),) as parts:
                text = literal("".join(str(each) for each in parts))
                return operand.known(f"{name} {'==' if wanted else '!='} {text}")
            case (Wildcard.ANY, str(text), Wildcard.ANY):
                return operand.known(f"{literal(text)} {'in' if wanted else 'not in'} {name}")
            case (str(text), Wildcard.ANY):
                test = f"{name}.startswith({literal(text)})"
            case (Wildcard.ANY, str(text)):
                test = f"{name}.endswith({literal(text)})"
            case _:
                test = f"glob_match({self._constants.glob(pattern)}, {name})"
        return operand.known(test if wanted else f"not {test}")

    def _quantified(self, condition: ir.Quantified, wanted: bool) -> Expression:
        every, test = condition.kind == "every", condition.test
        while isinstance(test, ir.Not):  # every is not: it is not so that some is
            every, test, wanted = not every, test.part, not wanted
        if isinstance(test, ir.In) and isinstance(test.item, ir.Element):
            return self._elements_in(condition.list, test.of, every, wanted)
        found = self._question(test, wanted)
        text = found.text if isinstance(found, Test) else str(found != FALSE)
        over = "all" if every is wanted else "any"
        elements = f"(elements := {self._read(condition.list)}) is not None"
        return Test((elements, f"{over}({text} for element in elements)"))

    def _elements_in(
        self, list_: ir.Attribute, of: ir.Collection, every: bool, wanted: bool
    ) -> Expression:
        """Ask whether every or some element is in a collection, without a pass for each."""
        test = "subset_of" if every else "contains_any"
        elements = self._read(list_)
        if isinstance(of, ir.Constants):
            return Test((f"{test}({elements}, {self._constants.values(of)}) is {wanted}",))
        if every is not wanted:
            return Test((f"{test}({elements}, {self._read(of)}) is {wanted}",))
        # Of no elements it holds whatever the other list is.
        found = f"{test}(elements, {self._read(of)}) is {wanted}"
        return Test((f"(elements := {elements}) is not None", f"(not elements or {found})"))

    # --- Terms ------------------------------------------------------------------------------------

    def _operand(self, term: ir.Term) -> _Operand:
        match term:
            case ir.Constant():
                return _Operand(self._constants.value(term), "", always=True)
            case ir.Element():
                return _Operand("element", "element", always=True)
            case ir.Age(of):
                return _Operand("duration", f"age(call.now, {self._operand(of).source})")
            case ir.Attribute():
                if is_identity(term):
                    return _Operand(access(term), access(term), always=True)
                return _Operand(_variable(term.type), self._read(term))
            case _:
                assert_never(term)

    def _read(self, attribute: ir.Attribute) -> str:
        """Write what reads an attribute: None where it is absent or malformed."""
        if attribute.root == "now":
            return "call.now"
        return f"{self._constants.reader(attribute.type)}({access(attribute)})"

    def _is_text(self, item: ir.Term, test: str) -> Test:
        """Ask something that no malformed string can meet, so that it need not be looked for."""
        if not isinstance(item, ir.Attribute):
            return self._operand(item).known(f"{self._operand(item).name} {test}")
        return Test((f"type(text := {access(item)}) is str", f"text {test}"))

    def _members(self, item: ir.Term) -> tuple[str, ...] | None:
        """Give the members of an item's level or enum, if they are few and it is an attribute."""
        if not isinstance(item, ir.Attribute):
            return None
        if not isinstance(item.type, ir.LevelType | ir.EnumType):
            return None
        members = self._constants.members(item.type.name)
        return members if len(members) <= _MAX_INLINE else None

    def _is_one_of(self, item: ir.Term, found: tuple[str, ...], wanted: bool) -> Expression:
        """Ask whether a level or an enum is one of some members, or one of the others."""
        members = self._members(item) or ()
        asked = [each for each in members if (each in found) is wanted]
        if not asked:
            return FALSE
        if len(asked) == 1:
            return self._is_text(item, f"== {literal(asked[0])}")
        return self._is_text(item, f"in {{{', '.join(literal(each) for each in asked)}}}")


@dataclass(frozen=True, slots=True)
class _Operand:
    """One side of a comparison: what it is called, and the source that may be None."""

    name: str
    source: str
    always: bool = False  # never None, and so without a variable

    def known(self, *test: str) -> Test:
        """Ask a test of it, and before that whether it is there."""
        if self.always:
            return Test(test)
        return Test((f"({self.name} := {self.source}) is not None", *test))

    def renamed(self) -> _Operand:
        """Give it another variable, to stand beside one of its type."""
        return self if self.always else _Operand(f"other_{self.name}", self.source)


def access(attribute: ir.Attribute) -> str:
    """Write where an attribute stands in a call, unread.

    >>> access(ir.Attribute("args", ("to", "name"), ir.STRING))
    'inside(call.args.get("to"), "name")'
    """
    if attribute.root == "now":
        return 'call.context.get("time")'
    if is_identity(attribute):
        return f"call.{attribute.root}_id"
    first, *rest = (literal(step) for step in attribute.path)
    outermost = f"call.{attribute.root}.get({first})"
    return f"inside({', '.join((outermost, *rest))})" if rest else outermost


def is_identity(term: ir.Term) -> bool:
    """Whether a term is the id of the agent or of the resource, which every call has."""
    return (
        isinstance(term, ir.Attribute)
        and term.root in ("agent", "resource")
        and term.path == ("id",)
    )


def _variable(type_: ir.Type) -> str:
    """Name the variable that holds a value of a type."""
    match type_:
        case ir.Scalar(name):
            return _VARIABLES.get(name, "value")
        case ir.LevelType():
            return "rank"
        case ir.EnumType():
            return "text"
        case ir.ListType():
            return "elements"
        case ir.RecordType():
            return "record"
        case _:
            assert_never(type_)


def _fitting(members: tuple[str, ...], op: str, value: str) -> tuple[str, ...]:
    """Give the members that compare so with one of them, or with the one of an enum."""
    at = members.index(value)
    match op:
        case "==":
            return members[at : at + 1]
        case "<":
            return members[:at]
        case "<=":
            return members[: at + 1]
        case ">":
            return members[at + 1 :]
        case _:
            return members[at:]
