"""What the rules read from a request, and the Rego that reads it (`data.agpc.request`).

Each attribute that a rule compares becomes one rule there, named as in the language
(`args.amount`), undefined where the attribute is absent or malformed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...compiler import ir
from ...compiler.interpreter import location
from . import text

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
    """Collects the attributes that rules read, and names them.

    The same place may be read as several types (parameters of one name in different actions); then
    each reading has a name of its own.
    """

    read_as: dict[tuple[str, ...], set[ir.Type]] = field(default_factory=dict)
    _values: dict[ir.Attribute, None] = field(default_factory=dict)
    _present: dict[ir.Attribute, None] = field(default_factory=dict)
    _absent: dict[ir.Attribute, None] = field(default_factory=dict)
    _ages: bool = False

    def announce(self, attribute: ir.Attribute) -> None:
        """Note that an attribute is read at all; all have to be known before one is named."""
        self.read_as.setdefault(location(attribute), set()).add(attribute.type)

    def value(self, attribute: ir.Attribute) -> str:
        """Name the value of an attribute; a list's is a set."""
        self._values[_plain(attribute)] = None
        return f"request.{self._name(attribute)}"

    def present(self, attribute: ir.Attribute) -> str:
        """Name the fact that an attribute is there and well-formed."""
        self._present[_plain(attribute)] = None
        return f"request.has[{text.string(self._key(attribute))}]"

    def absent(self, attribute: ir.Attribute) -> str:
        """Name the fact that an attribute is missing or null."""
        self._absent[_plain(attribute)] = None
        return f"request.lacks[{text.string(self._key(attribute))}]"

    def age(self, time: str) -> str:
        """Write the age of a time; undefined while it has not come."""
        self._ages = True
        return f"request.age({time})"

    def definitions(self) -> list[Definition]:
        """Give the rules that read all of these attributes, in a stable order."""
        types = _CompoundTypes()
        found = [
            _value_definition(self._head(each), each.type, _place(each))
            for each in sorted(self._values, key=self._key)
        ]
        if self._ages:
            now = ir.Attribute("now", (), ir.TIME)
            if now not in self._values:
                found.append(_value_definition("now", ir.TIME, _place(now)))
            found.append(Definition("age(moment)", "now - moment", (("moment <= now",),)))
        for each in sorted(self._present, key=self._key):
            test = types.well_formed(each.type, _place(each))
            found.append(
                Definition(f"has contains {text.string(self._key(each))}", None, ((test,),))
            )
        for each in sorted(self._absent, key=self._key):
            path = location(each)
            bodies = tuple(
                (f"values.lacks({text.lookup('input', path[:at])}, {text.string(path[at])})",)
                for at in range(len(path))
            )
            found.append(Definition(f"lacks contains {text.string(self._key(each))}", None, bodies))
        return [*found, *types.definitions]

    def _variant(self, attribute: ir.Attribute) -> str:
        types = self.read_as[location(attribute)]
        return f" as {type_name(attribute.type)}" if len(types) > 1 else ""

    def _name(self, attribute: ir.Attribute) -> str:
        name = ".".join(attribute.path) + self._variant(attribute)
        return text.field(attribute.root, name) if attribute.path else attribute.root

    def _head(self, attribute: ir.Attribute) -> str:
        name = ".".join(attribute.path) + self._variant(attribute)
        return f"{attribute.root}[{text.string(name)}]" if attribute.path else attribute.root

    def _key(self, attribute: ir.Attribute) -> str:
        return ".".join((attribute.root, *attribute.path)) + self._variant(attribute)


def _plain(attribute: ir.Attribute) -> ir.Attribute:
    return ir.Attribute(attribute.root, attribute.path, attribute.type)


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
