"""What the rules read from a request, and the Rego that reads it (`data.agpc.request`).

Each attribute that a rule compares becomes one rule there, named as in the language
(`args.amount`), undefined where the attribute is absent or malformed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from typing import TypeAlias

from ...compiler import ir
from ...compiler.interpreter import location
from . import text

Parts: TypeAlias = tuple[str, ...]
"""The name of a value in `data.agpc.request`: a root, and Rego names."""

NOW = ir.Attribute("now", (), ir.TIME)
READERS = {
    "string": "text",
    "bool": "boolean",
    "int": "whole",
    "number": "number",
    "time": "instant",
    "duration": "duration",
    "ip": "address",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """One rule of `data.agpc.request`: its head, and its body, or its value without one."""

    head: str
    value: str | None
    bodies: tuple[tuple[str, ...], ...]


def type_name(type_: ir.Type) -> str:
    """Write a type as the language does."""
    match type_:
        case ir.Scalar(name) | ir.LevelType(name) | ir.EnumType(name):
            return name
        case ir.ListType(of):
            return f"[{type_name(of)}]"
        case ir.RecordType(fields):
            inner = ", ".join(
                f"{each.name}{'?' if each.optional else ''}: {type_name(each.type)}"
                for each in fields
            )
            return f"{{{inner}}}"


def members_table(name: str) -> str:
    """Where the members of a level or an enum stand."""
    return text.field("index.members", name)


def read(type_: ir.Type, place: str) -> str:
    """Write an expression for a scalar's value; undefined where it is not of the type."""
    match type_:
        case ir.LevelType(name) | ir.EnumType(name):
            return f"values.member({place}, {members_table(name)})"
        case ir.Scalar(name) if name in READERS:
            return f"values.{READERS[name]}({place})"
        case _:
            raise TypeError(f"{type_name(type_)} is no scalar")


@dataclass(slots=True)
class Attributes:
    """Names the attributes that rules compare, and collects those that are asked for.

    `compared` are all of them: the same place may be read as several types (parameters of one name
    in different actions), and then each reading has a name of its own.
    """

    compared: InitVar[Iterable[ir.Attribute]]
    _names: dict[ir.Attribute, Parts] = field(init=False)
    _values: set[ir.Attribute] = field(default_factory=set)
    _present: set[ir.Attribute] = field(default_factory=set)
    _absent: set[ir.Attribute] = field(default_factory=set)
    _ages: bool = False

    def __post_init__(self, compared: Iterable[ir.Attribute]) -> None:
        """Name them all, since a name depends on the others."""
        self._names = _names(set(map(_plain, compared)))

    def value(self, attribute: ir.Attribute) -> str:
        """Name the value of an attribute; a list's is a set."""
        self._values.add(_plain(attribute))
        return text.lookup("request", self._names[_plain(attribute)])

    def present(self, attribute: ir.Attribute) -> str:
        """Name the fact that an attribute is there and well-formed."""
        self._present.add(_plain(attribute))
        return f"request.has[{text.string(_key(attribute))}]"

    def absent(self, attribute: ir.Attribute) -> str:
        """Name the fact that an attribute is missing or null."""
        self._absent.add(_plain(attribute))
        return f"request.lacks[{text.string(_key(attribute))}]"

    def age(self, time: str) -> str:
        """Write the age of a time; undefined while it has not come."""
        self._ages = True
        self._values.add(NOW)
        return f"request.age({time})"

    def definitions(self) -> list[Definition]:
        """Give the rules that read all of these attributes, in a stable order."""
        types = _CompoundTypes()
        heads = {each: self._names[each] for each in self._values}
        dotted = any(len(parts) > 2 for parts in heads.values())
        found = [
            _value_definition(text.head(parts, dotted), each.type, _place(each))
            for each, parts in sorted(heads.items(), key=lambda item: item[1])
        ]
        if self._ages:
            found.append(Definition("age(moment)", "now - moment", (("moment <= now",),)))
        for each in sorted(self._present, key=_key):
            test = types.well_formed(each.type, _place(each))
            found.append(Definition(f"has contains {text.string(_key(each))}", None, ((test,),)))
        for each in sorted(self._absent, key=_key):
            path = location(each)
            bodies = tuple(
                (f"values.lacks({text.lookup('input', path[:at])}, {text.string(path[at])})",)
                for at in range(len(path))
            )
            found.append(Definition(f"lacks contains {text.string(_key(each))}", None, bodies))
        return [*found, *types.definitions]


def _names(attributes: set[ir.Attribute]) -> dict[ir.Attribute, Parts]:
    """Name attributes by root and path; with the type, or in one part, where two would collide."""
    places = Counter((each.root, each.path) for each in attributes)
    names: dict[ir.Attribute, Parts] = {}
    taken: set[Parts] = set()
    for each in sorted(attributes, key=_key):
        parts = [text.identifier(part) for part in each.path]
        nested = any(
            other.root == each.root and other.path == each.path[:at]
            for other in attributes
            for at in range(1, len(each.path))
        )
        if nested:
            parts = ["_".join(parts)]
        if places[each.root, each.path] > 1:
            parts[-1] += f"_as_{text.identifier(type_name(each.type))}"
        while (each.root, *parts) in taken:
            parts[-1] += "_"
        names[each] = (each.root, *parts)
        taken.add(names[each])
    return names


def _plain(attribute: ir.Attribute) -> ir.Attribute:
    return ir.Attribute(attribute.root, attribute.path, attribute.type)


def _key(attribute: ir.Attribute) -> str:
    """Write an attribute with its type, as the language does."""
    return f"{'.'.join((attribute.root, *attribute.path))}: {type_name(attribute.type)}"


def _place(attribute: ir.Attribute) -> str:
    return text.lookup("input", location(attribute))


def _value_definition(name: str, type_: ir.Type, place: str) -> Definition:
    if not isinstance(type_, ir.ListType):
        return Definition(name, read(type_, place), ())
    return Definition(
        name,
        "{element | some element in elements}",
        (
            (
                f"is_array({place})",
                f"elements := [{read(type_.of, 'each')} | some each in {place}]",
                f"count(elements) == count({place})",
            ),
        ),
    )


class _CompoundTypes:
    """Writes tests of well-formedness, with a function for each list and record type."""

    def __init__(self) -> None:
        self.definitions: list[Definition] = []
        self._names: dict[ir.Type, str] = {}

    def well_formed(self, type_: ir.Type, place: str) -> str:
        """Write a statement that holds where a value is of the type, and not null."""
        match type_:
            case ir.Scalar("json"):
                return f"{place} != null"
            case ir.Scalar("bool"):
                return f"is_boolean({place})"
            case ir.ListType() | ir.RecordType():
                return f"{self._function(type_)}({place})"
            case ir.LevelType(name):
                return f"{members_table(name)}[{place}] >= 0"
            case _:
                return read(type_, place)

    def _function(self, type_: ir.ListType | ir.RecordType) -> str:
        if type_ in self._names:
            return self._names[type_]
        name = self._names[type_] = f"_is_compound_{len(self._names) + 1}"
        if isinstance(type_, ir.ListType):
            element = self.well_formed(type_.of, "element")
            body = ["is_array(value)", f"every element in value {{ {element} }}"]
        else:
            body = ["is_object(value)"]
            for each in type_.fields:
                test = self.well_formed(each.type, text.field("value", each.name))
                if each.optional:
                    option = f"{name}_{each.name}"
                    lacks = f"values.lacks(value, {text.string(each.name)})"
                    self.definitions.append(
                        Definition(f"{option}(value)", None, ((lacks,), (test,)))
                    )
                    test = f"{option}(value)"
                body.append(test)
        self.definitions.append(Definition(f"{name}(value)", None, (tuple(body),)))
        return name
