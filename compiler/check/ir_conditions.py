"""The types of conditions that were loaded: what `conditions` makes sure of when it makes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import TypeAlias, assert_never

from ...runtime.address_text import write_address, write_range
from ...runtime.glob import parse_glob
from ...runtime.values import (
    MAX_DURATION,
    MAX_INT,
    NANOSECONDS,
    is_text,
    path_segments,
    read_address,
    read_int,
    read_network,
    read_number,
    read_time,
)
from ..ir import nodes as ir
from ..ir.times import format_time
from ..lowering.attributes import Readable, merge
from ..records import dataclass
from ..text.field_names import dotted

Problems: TypeAlias = Iterator[tuple[str, str]]

_ORDERED = (ir.INT, ir.NUMBER, ir.TIME, ir.DURATION)


def type_problems(type_: ir.Type, policy: ir.Policy, path: str) -> Problems:
    """Say which declarations a type names that are not there, and which fields are out of order."""
    match type_:
        case ir.LevelType(name):
            if name not in {each.name for each in policy.levels}:
                yield path, f"no level `{name}` is declared"
        case ir.EnumType(name):
            if name != ir.TASK_STATE and name not in {each.name for each in policy.enums}:
                yield path, f"no enum `{name}` is declared"
        case ir.ListType(of):
            yield from type_problems(of, policy, path)
        case ir.RecordType(fields):
            names = [each.name for each in fields]
            if names != sorted(set(names)):
                yield path, "the fields of a record are not sorted, or one stands twice"
            for each in fields:
                yield from type_problems(each.type, policy, path)
        case ir.Scalar():
            pass
        case _:
            assert_never(type_)


def canonical(type_: ir.Type, value: ir.Value, policy: ir.Policy, *, ranges: bool = False) -> bool:
    """Whether a constant is of a type, in the one form that the compiler gives it."""
    match type_, value:
        case ((ir.LevelType(name) | ir.EnumType(name)), str()):
            return value in policy.members_of[name]
        case ir.Scalar("bool"), bool():
            return True
        case _, bool():
            return False
        case ir.Scalar("string"), str():
            return is_text(value)
        case ir.Scalar("int"), int():
            return read_int(value) is not None
        case ir.Scalar("number"), int():
            return -MAX_INT <= value <= MAX_INT
        case ir.Scalar("number"), float():
            whole = value.is_integer() and abs(value) <= MAX_INT
            return read_number(value) is not None and not whole
        case ir.Scalar("time"), str():
            instant = read_time(value)
            return instant is not None and format_time(instant) == value
        case ir.Scalar("duration"), int():
            return 0 <= value <= MAX_DURATION // NANOSECONDS
        case ir.Scalar("ip"), str():
            if ranges and "/" in value:
                network = read_network(value)
                return network is not None and write_range(*network) == value
            address = read_address(value)
            return address is not None and value == write_address(*address)
        case _:
            pass
    return False


# --- What can be read -----------------------------------------------------------------------------


@dataclasses.dataclass
class Readers:
    """What conditions may read, by what their rule names; worked out once for each."""

    policy: ir.Policy
    _found: dict[object, dict[str, Readable]] = field(default_factory=dict)

    def of(
        self,
        agents: tuple[str, ...] | None,
        intents: tuple[str, ...] | None,
        capabilities: tuple[str, ...],
    ) -> dict[str, Readable]:
        """The attributes of each root."""
        key = (agents, intents, capabilities)
        if key not in self._found:
            self._found[key] = {
                "agent": merge("agent", self._chosen(self._everyone(), agents)),
                "task": merge("task", self._chosen(self._purposes(), intents)),
                "resource": merge("resource", self._resources(capabilities)),
                "args": merge("args", self._calls(capabilities)),
                "context": merge("context", [("context", self.policy.context)]),
                "user": merge("user", [("user", self.policy.user or ())]),
            }
        return self._found[key]

    def _everyone(self) -> dict[str, tuple[ir.Field, ...]]:
        agents = {each.name: each.attributes for each in self.policy.agents}
        return {**agents, **{each.name: each.attributes for each in self.policy.families}}

    def _purposes(self) -> dict[str, tuple[ir.Field, ...]]:
        return {each.name: each.fields for each in self.policy.intents}

    def _chosen(
        self, declared: dict[str, tuple[ir.Field, ...]], names: Iterable[str] | None
    ) -> list[tuple[str, tuple[ir.Field, ...]]]:
        return [(name, declared[name]) for name in (declared if names is None else names)]

    def _resources(self, capabilities: tuple[str, ...]) -> list[tuple[str, tuple[ir.Field, ...]]]:
        named = {each.rpartition(".")[0] for each in capabilities}
        return [
            (each.name, each.attributes)
            for each in self.policy.resources
            if "any" in capabilities or each.name in named
        ]

    def _calls(self, capabilities: tuple[str, ...]) -> list[tuple[str, tuple[ir.Field, ...]]]:
        expanded = set(self.policy.expand(capabilities))
        return [
            (f"{resource.name}.{action.name}", action.parameters)
            for resource in self.policy.resources
            for action in resource.actions
            if f"{resource.name}.{action.name}" in expanded
        ]


# --- Conditions -----------------------------------------------------------------------------------


def condition_problems(
    condition: ir.Condition, readable: dict[str, Readable], policy: ir.Policy, path: str
) -> Problems:
    """Say what is wrong with a condition that may read these attributes."""
    yield from _Checker(readable, policy).condition(condition, path, None)


@dataclass(frozen=True, slots=True)
class _Checker:
    """Checks conditions; `element` is the type of the element at hand, None outside a quantifier."""

    readable: dict[str, Readable]
    policy: ir.Policy

    def condition(self, condition: ir.Condition, path: str, element: ir.Type | None) -> Problems:
        match condition:
            case ir.And(parts) | ir.Or(parts):
                for number, part in enumerate(parts):
                    yield from self.condition(part, f"{path}.parts[{number}]", element)
            case ir.Not(part):
                yield from self.condition(part, f"{path}.part", element)
            case ir.Has(attribute):
                yield from self.term(attribute, path, element)
            case ir.Compare(op, left, right):
                yield from self.compare(op, left, right, path, element)
            case ir.In(item, of):
                type_ = _type_of(item)
                if isinstance(item, ir.Constant) and isinstance(of, ir.Constants):
                    yield path, "this compares two constants"
                yield from self.term(item, f"{path}.item", element)
                yield from self.collection(of, type_, f"{path}.of")
            case ir.ListTest(_, attribute, of):
                yield from self.term(attribute, f"{path}.list", element)
                if isinstance(attribute.type, ir.ListType):
                    yield from self.collection(of, attribute.type.of, f"{path}.of")
                else:
                    yield f"{path}.list", "this is not a list"
            case ir.Like(item, pattern):
                yield from self.matched(item, ir.STRING, path, element)
                yield from _pattern_problems(pattern, f"{path}.pattern")
            case ir.Under(item, prefix):
                yield from self.matched(item, ir.STRING, path, element)
                if not is_text(prefix) or (prefix != "/" and path_segments(prefix) is None):
                    yield f"{path}.path", "this is not an absolute path"
            case ir.Within(item, ranges):
                yield from self.matched(item, ir.IP, path, element)
                yield from self.constants(ranges, ir.IP, f"{path}.ranges", ranges=True)
            case ir.Quantified(_, attribute, test):
                yield from self.quantified(attribute, test, path, element)
            case _:
                yield path, "this is not a condition of the language"

    def quantified(
        self, attribute: ir.Attribute, test: ir.Condition, path: str, element: ir.Type | None
    ) -> Problems:
        inner = test.part if isinstance(test, ir.Not) else test
        if element is not None:
            yield path, "a quantifier stands within another"
        elif not isinstance(attribute.type, ir.ListType):
            yield f"{path}.list", "this is not a list"
        elif not isinstance(inner, ir.Compare | ir.In | ir.Like | ir.Under | ir.Within):
            yield f"{path}.test", "the test is not a test of one element"
        else:
            yield from self.term(attribute, f"{path}.list", None)
            yield from self.condition(test, f"{path}.test", attribute.type.of)

    def compare(
        self, op: str, left: ir.Term, right: ir.Term, path: str, element: ir.Type | None
    ) -> Problems:
        if isinstance(left, ir.Constant) and isinstance(right, ir.Constant):
            yield path, "this compares two constants"
        yield from self.term(left, f"{path}.left", element)
        yield from self.term(right, f"{path}.right", element)
        type_ = _type_of(left)
        if type_ != _type_of(right):
            yield path, "the two sides have different types"
        ordered = type_ in _ORDERED or isinstance(type_, ir.LevelType)
        if not _is_comparable(type_) or (op != "==" and not ordered):
            yield path, f"the type does not have `{op}`"

    def matched(
        self, item: ir.Term, wanted: ir.Type, path: str, element: ir.Type | None
    ) -> Problems:
        yield from self.term(item, f"{path}.item", element)
        if _type_of(item) != wanted:
            yield f"{path}.item", "the operator does not have this type"

    def collection(self, of: ir.Collection, element: ir.Type, path: str) -> Problems:
        if not _is_comparable(element):
            yield path, "the elements do not compare"
        elif isinstance(of, ir.Constants):
            yield from self.constants(of, element, path)
        else:
            yield from self.term(of, path, None)
            if of.type != ir.ListType(element):
                yield path, "this is not a list of the type that is needed"

    def constants(
        self, of: ir.Constants, type_: ir.Type, path: str, *, ranges: bool = False
    ) -> Problems:
        wrong = list(type_problems(of.type, self.policy, path))
        yield from wrong
        if of.type != type_:
            yield path, "these constants have another type than what they are compared with"
        elif not wrong and not all(
            canonical(type_, value, self.policy, ranges=ranges) for value in of.values
        ):
            yield path, "a constant is not of the type, or not canonical"

    def term(self, term: ir.Term, path: str, element: ir.Type | None) -> Problems:
        match term:
            case ir.Attribute():
                yield from self.attribute(term, path)
            case ir.Constant(type_, value):
                wrong = list(type_problems(type_, self.policy, path))
                yield from wrong
                if not wrong and not canonical(type_, value, self.policy):
                    yield path, "the constant is not of the type, or not canonical"
            case ir.Age(of):
                yield from self.term(of, path, element)
                if _type_of(of) != ir.TIME:
                    yield path, "`age` is of a time"
            case ir.Element(type_):
                if type_ != element:
                    yield path, "there is no element of this type here"
            case _:
                assert_never(term)

    def attribute(self, attribute: ir.Attribute, path: str) -> Problems:
        if attribute.root == "now":
            if attribute != ir.Attribute("now", (), ir.TIME):
                yield path, "`now` is a time, and has no fields"
            return
        fields = self.readable[attribute.root].fields
        optional = False
        found: ir.Type | None = None
        for step in attribute.path:
            declared = fields.get(step)
            if declared is None:
                found = None
                break
            found, optional = declared.type, optional or declared.optional
            inner = found.fields if isinstance(found, ir.RecordType) else ()
            fields = {each.name: each for each in inner}
        # A package that does not see every declaration of a field may not know that it is optional.
        seen_alike = optional == attribute.optional or (
            optional and attribute.root in ("context", "user")
        )
        if found != attribute.type or not seen_alike:
            name = dotted(attribute.root, attribute.path)
            yield path, f"`{name}` is not declared for all that the rule names, or not of this type"


def _pattern_problems(pattern: str, path: str) -> Problems:
    try:
        parse_glob(pattern)
    except ValueError as error:
        yield path, str(error)
    if not is_text(pattern):
        yield path, "the text is broken: it holds U+FFFD or an unpaired surrogate"


def _type_of(term: ir.Term) -> ir.Type:
    return ir.DURATION if isinstance(term, ir.Age) else term.type


def _is_comparable(type_: ir.Type) -> bool:
    return type_ != ir.JSON and not isinstance(type_, ir.ListType | ir.RecordType)
