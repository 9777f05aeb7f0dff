"""Where each thing that a rule can read stands in a Cedar request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ...compiler.ir import nodes as ir
from ...compiler.ir import walk
from ...compiler.ir.roots import ROOTS, declared, is_identity, location
from ...compiler.structs import Struct
from ...compiler.text.field_names import dotted
from .names import (
    MOVED,
    attribute_name,
    has,
    read,
)
from .values import VALUE

OF_A_REQUEST = {"agent": "principal", "resource": "resource", "context": "context"}
"""The roots that Cedar has of itself; all others stand in its context, each under its name."""
FACTS = ("meters", "sources")
"""What the context has of facts, each under its key; only what some rule reads."""
CONTEXT = frozenset(("ages", "malformed", *FACTS, *(ROOTS.keys() - OF_A_REQUEST)))
"""What the context of a Cedar request has beside the declared fields of `context`."""


class Slot(Struct):
    """One attribute of a Cedar request: what it is called there, and what it is read from."""

    name: str
    attribute: ir.Attribute

    @property
    def type(self) -> ir.Type:
        """The type of its values."""
        return self.attribute.type

    @property
    def source(self) -> tuple[str, ...]:
        """The steps to it in an AuthZEN request."""
        return location(self.attribute)

    @property
    def key(self) -> str:
        """How `context.malformed` names it."""
        return dotted(self.attribute.root, (*self.attribute.path[:-1], self.name))


class Operand(Struct):
    """A Cedar expression, and what has to hold before it may be evaluated."""

    guards: tuple[str, ...]
    text: str
    key: str = ""
    something: tuple[str, ...] = ()
    """What a meter of nothing does not have: so that there is a value to read, which is known otherwise."""


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
        self.facts = _facts(policy)
        self.ages = tuple(sorted(set(_ages(policy)), key=age_key))

    def operand(self, attribute: ir.Attribute) -> Operand:
        """Write what reads an attribute."""
        if attribute.root == "now":
            return Operand((has("context", "now"),), "context.now", "now")
        if is_identity(attribute):
            return Operand((), read(_holder(attribute.root), "id"))
        if ir.is_fact(attribute):
            return _fact(attribute)
        first = self._name(attribute)
        names = (first, *(attribute_name(each) for each in attribute.path[1:]))
        key = dotted(attribute.root, (first, *attribute.path[1:]))
        return Operand(*_reached(_holder(attribute.root), names), key)

    def age(self, attribute: ir.Attribute) -> Operand:
        """Write what reads how old a time is."""
        key = age_key(attribute)
        return Operand((has("context.ages", key),), read("context.ages", key))

    def _name(self, attribute: ir.Attribute) -> str:
        """Name the first step of an attribute."""
        kinds = {"agent": self.agent, "task": self.task}
        for slot in kinds.get(attribute.root, ()):
            if slot.attribute.path == attribute.path[:1] and _has(slot.type, attribute):
                return slot.name
        return _plain_name(attribute.root, attribute.path[0])


def _holder(root: ir.Root) -> str:
    return OF_A_REQUEST.get(root, f"context.{root}")


def _reached(holder: str, names: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Write what asks for each step to something, and what reads it."""
    guards = []
    for name in names:
        guards.append(has(holder, name))
        holder = read(holder, name)
    return tuple(guards), holder


def _fact(attribute: ir.Attribute) -> Operand:
    """Write what reads a fact, which stands under its key as in a request."""
    kind, *names = attribute.path
    guards, text = _reached(f"context.{kind}", names)
    key = dotted(attribute.root, attribute.path)
    if isinstance(attribute.type, ir.OrNothing):
        return Operand(guards, read(text, VALUE), key, (has(text, VALUE),))
    return Operand(guards, text, key)


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
                Slot(
                    plain if number == 1 else f"{MOVED}{number}_{name}",
                    ir.Attribute(root, (name,), type_),
                )
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


def _facts(policy: ir.Policy) -> dict[str, tuple[Slot, ...]]:
    """The meters and the sources that rules read, if any; a meter is a record of its readings."""
    read_ = {
        attribute
        for rule in policy.rules
        for attribute in walk.attributes_of_rule(rule)
        if ir.is_fact(attribute) and not ir.has_form(attribute.type)
    }
    readings: dict[str, list[ir.Field]] = {}
    sources = []
    for attribute in sorted(read_, key=lambda each: each.path):
        match attribute.path:
            case ("meters", key, reading):
                readings.setdefault(key, []).append(ir.Field(reading, attribute.type, True))
            case ("sources", key):
                sources.append(Slot(key, attribute))
            case _:
                raise TypeError("a fact is a reading of a meter, or a source")
    meters = [
        Slot(key, ir.Attribute("context", ("meters", key), ir.RecordType(tuple(fields))))
        for key, fields in readings.items()
    ]
    found = zip(FACTS, (tuple(meters), tuple(sources)), strict=True)
    return {kind: slots for kind, slots in found if slots}


def _ages(policy: ir.Policy) -> Iterator[ir.Attribute]:
    """The times whose age is asked for."""
    for rule in policy.rules:
        for condition in walk.conditions_of_rule(rule):
            for each in walk.aged(condition):
                if isinstance(each, ir.Attribute):
                    yield ir.Attribute(each.root, each.path, ir.TIME)
