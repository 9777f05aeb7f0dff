"""Conditions of the IR as boolean expressions of a language.

Each is asked whether it is definitely true, or definitely false (`compiler/ir/definite.py`). Reading and
testing happen in the leaves alone; how a language writes them is in its dialect.
"""

from __future__ import annotations

from typing import TypeGuard, assert_never

from ...compiler.ir import nodes as ir
from ...compiler.ir.definite import (
    Asked,
    Sign,
    answer,
    comparison,
    definitely,
    elements,
    fitting,
)
from ...compiler.ir.listed import way
from ...compiler.ir.roots import ROOTS, is_identity, location
from ...compiler.ir.walk import Leaf
from ...compiler.structs import Struct
from ...runtime.glob import Wildcard, parse_glob
from ...runtime.values import is_text
from .constants import Constants
from .dialect import Pair, Parts
from .expressions import FALSE, Check, Expression, all_of, some_of, variables_of

_HELD = {
    ROOTS[root].place: root for root in ("agent", "args", "resource", "task", "context", "user")
}
"""What a call of the runtimes holds ready, by where it stands in a request."""

_MAX_INLINE = 12  # members of a level or enum that are written out where they are tested
_LIST_TESTS: dict[ir.ListOp, str] = {
    "subset of": "subset_of",
    "contains all": "contains_all",
    "contains any": "contains_any",
}
_VARIABLES = {
    "string": "text",
    "bool": "flag",
    "int": "whole",
    "number": "number",
    "time": "time",
    "date": "date",
    "duration": "duration",
    "ip": "address",
    **dict.fromkeys(("domain", "email", "url", "host"), "text"),
}


class Operand(Struct):
    """One side of a test: what it is called, and the source that may have nothing."""

    name: str
    source: str
    always: bool = False  # there in every call, and so without a variable


class ConditionWriter:
    """Writes the conditions of one policy; what it needs by name goes to `constants`."""

    def __init__(self, constants: Constants) -> None:
        """Take where named constants go."""
        self._constants = constants
        self._dialect = constants.dialect
        self._literal = constants.dialect.literal

    def definitely(self, condition: ir.Condition, wanted: bool) -> Expression:
        """Ask whether a condition is definitely true, or false: whichever is wanted."""
        return answer(definitely(condition, wanted), self._leaf, all_of, some_of)

    # --- Leaves -----------------------------------------------------------------------------------

    def _leaf(self, leaf: Leaf, wanted: bool) -> Expression:
        match leaf:
            case ir.Compare():
                return self._compare(*comparison(leaf, wanted))
            case ir.In(item, of):
                return self._in(item, of, wanted)
            case ir.ListTest(op, attribute, of):
                return self._asked(_LIST_TESTS[op], wanted, self._read(attribute), self._all(of))
            case ir.Like(item, pattern):
                return self._like(self._operand(item), pattern, wanted)
            case ir.Under(item, domain) if ir.comparable_type(item.type) == ir.DOMAIN:
                source = self._operand(item).source
                if isinstance(domain, ir.Attribute):
                    outer = self._operand(domain).source
                else:
                    outer = self._literal(domain)
                return self._asked("is_below", wanted, source, outer)
            case ir.Under(item, path):
                if isinstance(path, ir.Attribute):
                    source, around = self._operand(item).source, self._operand(path).source
                    return self._asked("is_under_path", wanted, source, around)
                outer = self._constants.path(path)
                function = "is_under" if path.startswith("/") else "is_under_relative"
                return self._asked(function, wanted, self._operand(item).source, outer)
            case ir.Within(item, ranges):
                named, hold = self._constants.ranges(ranges), self._dialect.raw_hold
                if hold is not None and isinstance(item, ir.Attribute):
                    value = self._literal(wanted)
                    return _raw(hold, item=self._access(item), of=named, value=value)
                return self._is_in(self._operand(item), named, wanted)
            case ir.Has(attribute) if wanted:
                return Check((self._dialect.present.format(source=self._read(attribute)),))
            case ir.Has(attribute):
                steps = ", ".join(self._literal(step) for step in location(attribute))
                return Check((f"{self._dialect.name('is_absent')}(call.request, {steps})",))
            case ir.Quantified():
                return self._quantified(leaf, wanted)
            case _:
                assert_never(leaf)

    def _compare(self, left: ir.Term, sign: Sign, right: ir.Term) -> Expression:
        written = self._dialect.signs[sign]
        if isinstance(right, ir.Constant):
            members = self._members(left)
            if members is not None:
                return self._is_one_of(left, fitting(members, sign, str(right.value)))
            if right.type == ir.BOOL and sign in ("==", "!=") and isinstance(left, ir.Attribute):
                return self._is(self._access(left), bool(right.value) is (sign == "=="))
            value = self._constants.value(right)
            if sign == "==" and is_read(left) and left.type == ir.STRING:
                return _raw(self._dialect.raw_equal, item=self._access(left), value=value)
            raw = self._dialect.raw_int.get(sign)
            if (
                raw is not None
                and is_read(left)
                and ir.EACH not in left.path
                and left.type == right.type == ir.INT
            ):
                return _raw(raw, item=self._access(left), value=value)
            operand = self._operand(left)
            return self._known(operand, f"{operand.name} {written} {value}")
        operand, other = self._operand(left), self._operand(right)
        if not other.always:  # another variable, to stand beside one of its type
            other = Operand(self._dialect.name(f"other_{other.name}"), other.source)
        return self._known(operand, self._known(other, f"{operand.name} {written} {other.name}"))

    def _in(self, item: ir.Term, of: ir.Collection, wanted: bool) -> Expression:
        match of:
            case ir.Attribute() if isinstance(item, ir.NameOf):
                there = self._dialect.present.format(source=self._read(item.of))
                name = self._literal(item.name)
                test = _test(self._dialect.in_list, wanted, item=name, of="elements")
                listed = self._known(Operand("elements", self._read(of)), test)
                return Check((there, *listed.parts), listed.variables)
            case ir.Attribute():
                operand = self._operand(item)
                test = _test(self._dialect.in_list, wanted, item=operand.name, of="elements")
                return self._known(Operand("elements", self._read(of)), self._known(operand, test))
            case ir.Constants():
                return self._among(item, of, wanted)
            case _:
                assert_never(of)

    def _among(self, item: ir.Term, of: ir.Constants, wanted: bool) -> Expression:
        members = self._members(item)
        if members is not None:
            return self._is_one_of(
                item, tuple(each for each in members if (each in of.values) is wanted)
            )
        named = self._constants.values(of)
        if wanted and is_read(item) and item.type == ir.STRING:
            return _raw(self._dialect.raw_in_set, item=self._access(item), of=named)
        return self._is_in(self._operand(item), named, wanted)

    def _is_in(self, operand: Operand, of: str, wanted: bool) -> Expression:
        return self._known(operand, _test(self._dialect.in_set, wanted, item=operand.name, of=of))

    def _like(self, operand: Operand, pattern: str, wanted: bool) -> Expression:
        dialect, item = self._dialect, operand.name
        match parse_glob(pattern):
            case parts if not all(is_text(each) for each in parts if isinstance(each, str)):
                test = self._literal(not wanted)  # no whole text is like it
            case () | (str(),) as parts:
                sign = dialect.signs["==" if wanted else "!="]
                test = f"{item} {sign} {self._literal(''.join(map(str, parts)))}"
            case (Wildcard.ANY, str(text), Wildcard.ANY):
                test = _test(dialect.contains, wanted, item=item, text=self._literal(text))
            case (str(text), Wildcard.ANY):
                test = _test(dialect.starts_with, wanted, item=item, text=self._literal(text))
            case (Wildcard.ANY, str(text)):
                test = _test(dialect.ends_with, wanted, item=item, text=self._literal(text))
            case _:
                test = _test(dialect.matches, wanted, item=item, glob=self._constants.glob(pattern))
        return self._known(operand, test)

    def _quantified(self, leaf: ir.Quantified, wanted: bool) -> Expression:
        found = elements(leaf, wanted)
        match found.asked:
            case Asked(ir.In(ir.Element(), of), among):
                return self._elements_in(found.list, of, found.every, among)
            case asked:
                test = answer(asked, self._leaf, all_of, some_of)
        over = self._dialect.every if found.every else self._dialect.some
        written = over.format(test=self._dialect.syntax.in_one_line(test))
        values = Operand("elements", self._read(found.list))
        return self._known(values, Check((written,), variables_of(test)))

    def _elements_in(
        self, list_: ir.Attribute, of: ir.Collection, every: bool, wanted: bool
    ) -> Expression:
        """Ask whether every or some element is, or is not, in a collection, without a pass for each."""
        function = "subset_of" if every is wanted else "contains_any"
        if isinstance(of, ir.Constants) or not every:
            return self._asked(function, wanted, self._read(list_), self._all(of))
        # Of no elements it holds whatever the other list is.
        values = Operand("elements", self._read(list_))
        (found,) = self._asked(function, wanted, values.name, self._all(of)).parts
        return self._known(values, self._dialect.none_or.format(test=found))

    # --- Terms ------------------------------------------------------------------------------------

    def _operand(self, term: ir.Term) -> Operand:
        match term:
            case ir.Constant():
                return Operand(self._constants.value(term), "", always=True)
            case ir.Element():
                return Operand("element", "element", always=True)
            case ir.NameOf():
                raise TypeError("the name of an argument is only looked for in a list")
            case ir.Age(of):
                return Operand("duration", f"age(call.now, {self._operand(of).source})")
            case ir.Attribute():
                if is_identity(term):
                    return Operand(self._access(term), self._access(term), always=True)
                return Operand(_variable(term.type), self._read(term))
            case _:
                assert_never(term)

    def _read(self, attribute: ir.Attribute) -> str:
        """Write what reads an attribute: nothing where it is absent or malformed."""
        if attribute.root == "now":
            return "call.now"
        if ir.EACH in attribute.path:
            return self._read_of_list(attribute)
        return f"{self._constants.reader(attribute.type)}({self._access(attribute)})"

    def _read_of_list(self, attribute: ir.Attribute) -> str:
        """Write what reads the names of the arguments, the size of a list, or what stands in its records."""
        name, of = self._dialect.name, attribute.of
        if of is None:
            return f"{self._constants.reader(attribute.type)}({name('names_of')}(call.request))"
        if not attribute.beyond:
            return f"{name('size')}({self._read(of)})"
        parts = ", ".join((self._access(of), *map(self._literal, way(attribute))))
        return f"{self._constants.reader(attribute.type)}({name('gathered')}({parts}))"

    def _access(self, attribute: ir.Attribute) -> str:
        """Write where an attribute stands in a call, unread."""
        if ir.EACH in attribute.path:
            raise TypeError("what is read of a list stands nowhere")
        if is_identity(attribute):
            return f"call.{self._dialect.name(f'{attribute.root}_id')}"
        steps = location(attribute)
        at = next(at for at in range(len(steps) - 1, 0, -1) if steps[:at] in _HELD)
        first, *rest = (self._literal(step) for step in steps[at:])
        outermost = f"call.{_HELD[steps[:at]]}.get({first})"
        return f"inside({', '.join((outermost, *rest))})" if rest else outermost

    def _all(self, of: ir.Collection) -> str:
        """Write a collection: a set, or a list that may have nothing."""
        match of:
            case ir.Constants():
                return self._constants.values(of)
            case ir.Attribute():
                return self._read(of)
            case _:
                assert_never(of)

    def _members(self, item: ir.Term) -> tuple[str, ...] | None:
        """Give the members of an item's level or enum, if they are few and it is an attribute."""
        if isinstance(item, ir.Attribute) and isinstance(item.type, ir.LevelType | ir.EnumType):
            members = self._constants.members(item.type.name)
            return members if len(members) <= _MAX_INLINE else None
        return None

    # --- Tests ------------------------------------------------------------------------------------

    def _is_one_of(self, item: ir.Term, found: tuple[str, ...]) -> Expression:
        """Ask whether a level or an enum is one of some members."""
        if not found or not isinstance(item, ir.Attribute):
            return FALSE
        access = self._access(item)
        if len(found) == 1:
            return _raw(self._dialect.raw_equal, item=access, value=self._literal(found[0]))
        return _raw(self._dialect.raw_among, item=access, of=self._dialect.listing([*found]))

    def _asked(self, function: str, wanted: bool, *arguments: str) -> Check:
        """Ask something that may be unknown."""
        return self._is(f"{self._dialect.name(function)}({', '.join(arguments)})", wanted)

    def _is(self, call: str, wanted: bool) -> Check:
        return Check((self._dialect.asked.format(call=call, value=self._literal(wanted)),))

    def _known(self, operand: Operand, test: str | Check) -> Check:
        """Ask a test of an operand, and before that whether it is there."""
        asked = test if isinstance(test, Check) else Check((test,))
        if operand.always:
            return asked
        there = self._dialect.known.format(name=operand.name, source=operand.source)
        return Check((there, *asked.parts), asked.variables | {operand.name})


def _test(pair: Pair, wanted: bool, **parts: str) -> str:
    """Write a test, or its opposite."""
    return pair[0 if wanted else 1].format(**parts)


def _raw(test: Parts, **parts: str) -> Check:
    """Write a test of a text as it stands."""
    return Check(tuple(each.format(**parts) for each in test))


def is_read(term: ir.Term) -> TypeGuard[ir.Attribute]:
    """Whether a term is an attribute that may be anything, as it stands in the request."""
    return isinstance(term, ir.Attribute) and not is_identity(term)


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
        case ir.OrNothing(of):
            return _variable(of)
        case ir.PartOf():
            return _variable(type_.type)
        case _:
            assert_never(type_)
