"""How rules read a request: expressions, and the rules that these need (`data.agpc.request`).

An expression is undefined where the attribute is absent or malformed.
"""

from __future__ import annotations

from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.ir.listed import FIELD, LIST, OPTIONAL, way
from ...compiler.ir.roots import location
from ...compiler.structs import Struct, field
from ...compiler.text.field_names import dotted, is_word, written
from . import text
from .clauses import Clause, clause

NOW = ir.Attribute("now", (), ir.TIME)
READERS = {
    "string": "values.text",
    "bool": "values.boolean",
    "int": "values.whole",
    "number": "values.number",
    "time": "values.instant",
    "date": "values.date",
    "duration": "values.duration",
    "ip": "values.address",
    "domain": "hosts.domain",
    "email": "hosts.email",
    "url": "hosts.url",
    "host": "hosts.host",
}


BELOW_ALL = "-1"
_BELOW: dict[ir.Type, str] = {
    ir.INT: "-9007199254740992",
    ir.NUMBER: "-1.7976931348623158e308",
    ir.TIME: "-9223372036854775809",
}
"""A number that is below all values of a type; ranks and durations are not negative."""


def type_name(type_: ir.Type) -> str:
    """Write a type as the language does."""
    match type_:
        case ir.Scalar(name) | ir.LevelType(name) | ir.EnumType(name):
            return name
        case ir.ListType(of):
            return f"[{type_name(of)}]"
        case ir.PartOf(whole, part):
            return f"{whole.name}.{part}"
        case ir.OrNothing(of):
            return f"{type_name(of)}, or nothing"
        case ir.RecordType(fields):
            inner = ", ".join(
                f"{written(each.name)}{'?' if each.optional else ''}: {type_name(each.type)}"
                for each in fields
            )
            return f"{{{inner}}}"
        case _:
            assert_never(type_)


def members_table(name: str) -> str:
    """Where the members of a level or an enum stand."""
    return text.field("vocabulary.members", name)


def place(attribute: ir.Attribute) -> str:
    """Where an attribute stands in the input, whatever may be there."""
    if ir.EACH in attribute.path:
        raise TypeError("what is read of a list stands nowhere")
    return text.lookup("input", location(attribute))


def read(type_: ir.Type, where: str) -> str:
    """Write an expression for a scalar's value; undefined where it is not of the type."""
    match type_:
        case ir.LevelType(name) | ir.EnumType(name):
            return f"{members_table(name)}[{where}]"
        case ir.Scalar(name) if name in READERS:
            return f"{READERS[name]}({where})"
        case ir.PartOf(whole, part):
            return f"hosts.{whole.name}_{part}({where})"
        case _:
            raise TypeError(f"{type_name(type_)} is not a scalar")


class Attributes(Struct, frozen=False):
    """Writes how attributes are read, and collects the rules that this needs."""

    _present: set[ir.Attribute] = field(default_factory=set)
    _absent: set[ir.Attribute] = field(default_factory=set)
    _lists: dict[ir.Type, str] = field(default_factory=dict)
    """The function that reads a list, by the type of its elements."""
    _nothings: dict[ir.Type, str] = field(default_factory=dict)
    """The function that reads what may be nothing, by the type of the values."""
    _ways: dict[tuple[str, ...], str] = field(default_factory=dict)
    """The function that gathers what stands in records, by the way to it."""

    def value(self, attribute: ir.Attribute) -> str:
        """Write the value of an attribute; a list's is a set."""
        if ir.EACH in attribute.path:
            return self._of_list(attribute)
        if isinstance(attribute.type, ir.ListType):
            return f"request.{self._list(attribute.type.of)}({place(attribute)})"
        if isinstance(attribute.type, ir.OrNothing):
            return f"request.{self._or_nothing(attribute.type.of)}({place(attribute)})"
        return read(attribute.type, place(attribute))

    def _of_list(self, attribute: ir.Attribute) -> str:
        """Write the names of the arguments, the size of a list, or what stands in its records."""
        if isinstance(attribute.type, ir.ListType):
            return f"request.{self._list(attribute.type.of)}({self._raw(attribute)})"
        of = attribute.of
        assert of is not None
        return f"values.size({self.present(of)}, {self._raw(of)})"

    def _raw(self, attribute: ir.Attribute) -> str:
        """Write where an attribute stands, or what makes the list of what stands in records; null for what is broken."""
        if ir.EACH not in attribute.path:
            return place(attribute)
        if attribute.of is None:
            return "values.names_of_arguments"
        steps = way(attribute)
        name = self._ways.setdefault(steps, f"gathered_{len(self._ways) + 1}")
        return f"request.{name}({place(attribute.of)})"

    def present(self, attribute: ir.Attribute) -> str:
        """Name the fact that an attribute is there and well-formed."""
        self._present.add(_plain(attribute))
        return f"request.has[{text.string(_key(attribute))}]"

    def absent(self, attribute: ir.Attribute) -> str:
        """Name the fact that an attribute is missing or null."""
        self._absent.add(_plain(attribute))
        return f"request.lacks[{text.string(_key(attribute))}]"

    def definitions(self) -> list[Clause]:
        """Give the rules that reading needs, in a stable order."""
        types = _CompoundTypes()
        found = [_set_definition(name, of) for of, name in self._lists.items()]
        for of, name in self._nothings.items():
            head = f"{name}(value) := {read(of, 'value')}"
            found.append(clause(head, [['value != {"none": true}']]))
            below = _BELOW.get(of, BELOW_ALL)
            found.append(clause(f"{name}(value) := {below}", [['value == {"none": true}']]))
        found.sort(key=lambda each: each.head)
        for each in sorted(self._present, key=_key):
            test = types.well_formed(each.type, self._raw(each).removeprefix("request."))
            found.append(clause(f"has contains {text.string(_key(each))}", [[test]]))
        for each in sorted(self._absent, key=_key):
            path = location(each)
            bodies = [
                [f"values.lacks({text.lookup('input', path[:at])}, {text.string(path[at])})"]
                for at in range(len(path))
            ]
            found.append(clause(f"lacks contains {text.string(_key(each))}", bodies))
        found += [_gathering(name, steps) for steps, name in self._ways.items()]
        return [*found, *types.definitions]

    def _list(self, of: ir.Type) -> str:
        """Name the function that reads a list of such elements as a set."""
        name = f"set_of_{text.identifier(type_name(of))}"
        while of not in self._lists and name in self._lists.values():
            name += "_"
        return self._lists.setdefault(of, name)

    def _or_nothing(self, of: ir.Type) -> str:
        """Name the function that reads a value or nothing, which is a number below every value."""
        return self._nothings.setdefault(of, f"or_nothing_{text.identifier(type_name(of))}")


def _set_definition(name: str, of: ir.Type) -> Clause:
    reading = read(of, "each")
    if isinstance(of, ir.LevelType | ir.EnumType):
        reading = (
            f"values.member(each, {members_table(of.name)})"  # Regal takes `[each]` for a loop
        )
    body = [
        "is_array(value)",
        f"elements := [{reading} | some each in value]",
        "count(elements) == count(value)",
    ]
    return clause(f"{name}(value) := {{element | some element in elements}}", [body])


def _gathering(name: str, steps: tuple[str, ...]) -> Clause:
    body = []
    before = "value"
    for number, step in enumerate(steps):
        function = {LIST: "elements", FIELD: "field", OPTIONAL: "field_if_there"}[
            step[:2] if step == LIST else step[0]
        ]
        asked = before if step == LIST else f"{before}, {text.string(step[1:])}"
        before = f"part_{number + 1}"
        body.append(f"some {before} in values.{function}({asked})")
    return clause(f"{name}(value) := [{before} | {'; '.join(body)}]", [[]])


def _plain(attribute: ir.Attribute) -> ir.Attribute:
    return ir.Attribute(attribute.root, attribute.path, attribute.type, of=attribute.of)


def _key(attribute: ir.Attribute) -> str:
    """Write an attribute with its type, as the language does."""
    if attribute.of is not None:  # what records a list has tells how it is read
        types = f"{type_name(attribute.type)} of {type_name(attribute.of.type)}"
        return f"{dotted(attribute.root, attribute.path)}: {types}"
    return f"{dotted(attribute.root, attribute.path)}: {type_name(attribute.type)}"


class _CompoundTypes:
    """Writes tests of well-formedness, with a function for each list and record type."""

    def __init__(self) -> None:
        self.definitions: list[Clause] = []
        self._names: dict[ir.Type, str] = {}

    def well_formed(self, type_: ir.Type, where: str) -> str:
        """Write a statement that holds where a value is of the type, and not null."""
        match type_:
            case ir.Scalar("json"):
                return f"{where} != null"
            case ir.Scalar("bool"):
                return f"is_boolean({where})"
            case ir.ListType() | ir.RecordType():
                return f"{self._function(type_)}({where})"
            case ir.OrNothing():
                raise TypeError("there is no `has` for what a meter gives")
            case ir.LevelType(name):
                return f"{members_table(name)}[{where}] >= 0"
            case _:
                return read(type_, where)

    def _function(self, type_: ir.ListType | ir.RecordType) -> str:
        if type_ in self._names:
            return self._names[type_]
        name = self._names[type_] = f"_is_compound_{len(self._names) + 1}"
        if isinstance(type_, ir.ListType):
            element = self.well_formed(type_.of, "element")
            body = ["is_array(value)", f"every element in value {{ {element} }}"]
        else:
            body = ["is_object(value)"]
            for number, each in enumerate(type_.fields):
                test = self.well_formed(each.type, text.field("value", each.name))
                if each.optional:
                    option = f"{name}_{each.name}" if is_word(each.name) else f"{name}__{number}"
                    lacks = f"values.lacks(value, {text.string(each.name)})"
                    self.definitions.append(clause(f"{option}(value)", [[lacks], [test]]))
                    test = f"{option}(value)"
                body.append(test)
        self.definitions.append(clause(f"{name}(value)", [body]))
        return name
