"""Where each thing that a rule can read stands in a Cedar request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ...compiler.ir import nodes as ir
from ...compiler.ir import walk
from ...compiler.ir.roots import ROOTS, declared, is_identity, location
from ...compiler.records import dataclass
from ...compiler.text.field_names import dotted
from .names import (
    MOVED,
    attribute_name,
    has,
    read,
)

OF_A_REQUEST = {"agent": "principal", "resource": "resource", "context": "context"}
"""The roots that Cedar has of itself; all others stand in its context, each under its name."""
CONTEXT = frozenset(("ages", "malformed", *(ROOTS.keys() - OF_A_REQUEST)))
"""What the context of a Cedar request has beside the declared fields of `context`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One attribute of a Cedar request: what it is called there, and what it is read from."""

    name: str
    root: ir.Root
    field: str
    type: ir.Type

    @property
    def attribute(self) -> ir.Attribute:
        """What it is in the language."""
        return ir.Attribute(self.root, (self.field,), self.type)

    @property
    def source(self) -> tuple[str, ...]:
        """The steps to it in an AuthZEN request."""
        return location(self.attribute)

    @property
    def key(self) -> str:
        """How `context.malformed` names it."""
        return dotted(self.root, (self.name,))


@dataclass(frozen=True, slots=True)
class Operand:
    """A Cedar expression, and what has to hold before it may be evaluated."""

    guards: tuple[str, ...]
    text: str
    key: str = ""


class RequestShape:
    """The attributes of one policy's requests."""

    def __init__(self, policy: ir.Policy) -> None:
        """Name every attribute; one that two holders declare with two types has two names."""
        self.members = policy.members_of
        self.agent = _slots("agent", *declared(policy, "agent"))
        self.task = _slots("task", *declared(policy, "task"))
        self.user = _slots("user", *declared(policy, "user"))
        self.context = _slots("context", *declared(policy, "context"))
        self.resources = {
            each.name: _slots("resource", each.attributes) for each in policy.resources
        }
        self.arguments = {
            f"{each.name}.{action.name}": _slots("args", action.parameters)
            for each in policy.resources
            for action in each.actions
        }
        self.ages = tuple(sorted(set(_ages(policy)), key=age_key))

    def operand(self, attribute: ir.Attribute) -> Operand:
        """Write what reads an attribute."""
        if attribute.root == "now":
            return Operand((has("context", "now"),), "context.now", "now")
        if is_identity(attribute):
            return Operand((), read(_holder(attribute.root), "id"))
        first = self._name(attribute)
        guards, text = [], _holder(attribute.root)
        names = (first, *(attribute_name(each) for each in attribute.path[1:]))
        for name in names:
            guards.append(has(text, name))
            text = read(text, name)
        key = dotted(attribute.root, (first, *attribute.path[1:]))
        return Operand(tuple(guards), text, key)

    def age(self, attribute: ir.Attribute) -> Operand:
        """Write what reads how old a time is."""
        key = age_key(attribute)
        return Operand((has("context.ages", key),), read("context.ages", key))

    def _name(self, attribute: ir.Attribute) -> str:
        """Name the first step of an attribute."""
        kinds = {"agent": self.agent, "task": self.task}
        for slot in kinds.get(attribute.root, ()):
            if slot.field == attribute.path[0] and _has(slot.type, attribute):
                return slot.name
        return _plain_name(attribute.root, attribute.path[0])


def _holder(root: ir.Root) -> str:
    return OF_A_REQUEST.get(root, f"context.{root}")


def age_key(attribute: ir.Attribute) -> str:
    """Name the age of a time."""
    return dotted(attribute.root, attribute.path)


def _slots(root: ir.Root, *holders: Iterable[ir.Field]) -> tuple[Slot, ...]:
    types: dict[str, list[ir.Type]] = {}
    for field in chain(ROOTS[root].built_in, *holders):
        found = types.setdefault(field.name, [])
        if field.type not in found:
            found.append(field.type)
    slots = []
    for name, found in types.items():
        for number, type_ in enumerate(sorted(found, key=repr), 1):
            plain = _plain_name(root, name)
            slots.append(
                Slot(plain if number == 1 else f"{MOVED}{number}_{name}", root, name, type_)
            )
    return tuple(sorted(slots, key=lambda slot: slot.name))


def _plain_name(root: ir.Root, name: str) -> str:
    return attribute_name(name, CONTEXT if root == "context" else frozenset())


def _has(type_: ir.Type, attribute: ir.Attribute) -> bool:
    """Whether a value of a type has what the attribute goes on to read in it."""
    for step in attribute.path[1:]:
        if not isinstance(type_, ir.RecordType):
            return False
        inner = next((each.type for each in type_.fields if each.name == step), None)
        if inner is None:
            return False
        type_ = inner
    return type_ == attribute.type


def _ages(policy: ir.Policy) -> Iterator[ir.Attribute]:
    """The times whose age is asked for."""
    for rule in policy.rules:
        conditions = [rule.condition]
        conditions += rule.revoke if isinstance(rule, ir.Allow) else [rule.unless]
        for condition in conditions:
            if condition is not None:
                yield from (each for leaf in walk.leaves(condition) for each in _ages_of(leaf))


def _ages_of(leaf: ir.Condition) -> Iterator[ir.Attribute]:
    match leaf:
        case ir.Compare(_, left, right):
            terms = [left, right]
        case ir.In(item):
            terms = [item]
        case ir.Quantified(_, _, test):
            yield from (each for inner in walk.leaves(test) for each in _ages_of(inner))
            return
        case _:
            return
    for term in terms:
        if isinstance(term, ir.Age) and isinstance(term.of, ir.Attribute):
            yield ir.Attribute(term.of.root, term.of.path, ir.TIME)
