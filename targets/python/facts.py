"""Meters and sources as the objects of the runtime that a monitor takes, written out.

The in-memory form is the same text, evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...compiler.ir import nodes as ir
from ...compiler.ir.listed import way
from ...compiler.ir.roots import location
from ...compiler.ir.starts import KIND, START
from ...compiler.ir.walk import attributes, conditions_of_rule, leaves
from ...compiler.structs import Struct
from ...compiler.text.field_names import written
from ...runtime import facts
from ...runtime.values import NANOSECONDS
from ..code.conditions import ConditionWriter
from ..code.expressions import Expression
from ..code.literals import Code
from .constants import Constants
from .dialect import SYNTAX
from .literals import literal


class FactsView(Struct):
    """The functions that ask conditions of records, and the expression that makes the definitions."""

    functions: tuple[str, ...]
    definition: str

    @property
    def code(self) -> tuple[str, ...]:
        """All that is code."""
        return (*self.functions, self.definition)


def has_facts(policy: ir.Policy) -> bool:
    """Whether there is anything for a monitor to work out."""
    return bool(policy.meters or policy.sources)


def facts_view(policy: ir.Policy, constants: Constants) -> FactsView:
    """Write the definitions; what they need by name goes to `constants`."""
    writer = _Writer(policy, constants)
    definition = literal(writer.definitions())
    return FactsView(tuple(writer.functions), definition)


class _Writer:
    def __init__(self, policy: ir.Policy, constants: Constants) -> None:
        self.policy = policy
        self.functions: list[str] = []
        self._constants = constants
        self._conditions = ConditionWriter(constants)
        self._count = 0

    def definitions(self) -> facts.Facts:
        called = {each.capability for source in self.policy.sources for each in source.origins}
        actions = self.policy.declared_actions
        reads = dict(sorted(_reads(self.policy)))
        asked = self.policy.expand(
            tuple(capability for capability, read in reads.items() if read.sources)
        )
        return facts.Facts(
            meters=tuple(map(self._meter, self.policy.meters)),
            sources=tuple(map(self._source, self.policy.sources)),
            reads=reads,
            parameters={each: self._parts(actions[each].parameters) for each in asked},
            results={
                name: self._shape(found)
                for name in sorted(filter(None, called))
                if (found := actions[name].result) is not None
            },
            intents={each.name: self._parts(each.fields) for each in self.policy.intents},
            reading=tuple(
                sorted(name for name, each in actions.items() if each.kinds == ("read",))
            ),
            starting=self._starting(),
        )

    def _starting(self) -> tuple[str, ...]:
        """The starts that allows name, where some source asks what the fields of a task are."""
        origins = (each for source in self.policy.sources for each in source.origins)
        if all(each.kind != "task" for each in origins):
            return ()
        named = {name for rule in self.policy.allows for name in rule.capabilities}
        starts = (f"{each.name}.{START}" for each in self.policy.resources if each.kind == KIND)
        return tuple(sorted(named.intersection(starts)))

    def _meter(self, meter: ir.Meter) -> facts.Meter:
        attribute = meter.attribute
        return facts.Meter(
            key=meter.key,
            digest=meter.digest,
            aggregate=meter.aggregate,
            counted=meter.counted,
            capabilities=meter.capabilities,
            scopes=meter.scopes,
            keys=tuple(
                facts.Key(self._place(each.recorded), self._place(each.called))
                for each in meter.keys
            ),
            within=None if meter.within is None else meter.within * NANOSECONDS,
            attribute=None if attribute is None else self._place(attribute),
            condition=None if meter.condition is None else self._condition(meter.condition),
            whole=meter.type == ir.INT,
            times=attribute is not None and attribute.type == ir.TIME,
        )

    def _source(self, source: ir.Source) -> facts.Source:
        return facts.Source(source.key, source.digest, tuple(map(self._origin, source.origins)))

    def _origin(self, origin: ir.Origin) -> facts.Origin:
        attribute, condition = origin.attribute, origin.condition
        return facts.Origin(
            kind=origin.kind,
            capability=origin.capability or "",
            path=origin.path,
            condition=None if condition is None else self._asked(self._conditions.definitely(condition, True)),
            values=() if origin.values is None else origin.values.values,
            place=None if attribute is None else self._place(attribute),
            shape=None if attribute is None else self._shape(attribute.type),
        )  # fmt: skip

    def _condition(self, condition: ir.Condition) -> facts.Condition:
        return facts.Condition(
            self._asked(self._conditions.definitely(condition, True)),
            self._asked(self._conditions.definitely(condition, False)),
            tuple(self._place(each) for each, _ in attributes(condition)),
        )

    def _asked(self, test: Expression) -> Any:
        self._count += 1
        name = f"of_record_{self._count}"
        self.functions += SYNTAX.functions(name, test)
        return Code(name)

    def _place(self, attribute: ir.Attribute) -> facts.Place:
        reader: Any = Code(self._reader(attribute))
        names_alone = ir.EACH in attribute.path and attribute.of is None  # which are never lacking
        return facts.Place(location(attribute), reader, attribute.optional or names_alone)

    def _reader(self, attribute: ir.Attribute) -> str:
        """Write what reads an attribute where it stands, or where the list does that it is read of."""
        if ir.EACH not in attribute.path:
            return self._constants.reader(attribute.type)
        if attribute.of is None:
            return "read_names"
        if not attribute.beyond:
            return f"read_size({self._reader(attribute.of)})"
        steps = ", ".join(map(literal, way(attribute)))
        return f"read_gathered({self._constants.reader(attribute.type)}, {steps})"

    def _parts(self, fields: Iterable[ir.Field]) -> tuple[facts.Part, ...]:
        return tuple(
            facts.Part(each.name, written(each.name), self._shape(each.type)) for each in fields
        )

    def _shape(self, type_: ir.Type) -> facts.Shape:
        reader: Any = Code(self._constants.reader(type_))
        match type_:
            case ir.Scalar("bool") | ir.LevelType() | ir.EnumType():
                return facts.Shape(reader, chosen=True)
            case ir.Scalar("json"):
                return facts.Shape(reader, free=True)
            case ir.ListType(of):
                return facts.Shape(reader, of=self._shape(of))
            case ir.RecordType(fields):
                return facts.Shape(reader, fields=self._parts(fields))
            case _:
                return facts.Shape(reader)


def _reads(policy: ir.Policy) -> Iterator[tuple[str, facts.Read]]:
    """What rules read, by what they name."""
    meters: dict[str, set[str]] = {}
    sources: dict[str, dict[str, set[str]]] = {}
    for rule in policy.rules:
        for condition in conditions_of_rule(rule):
            read = {
                each.path[1]
                for each, _ in attributes(condition)
                if ir.is_fact(each) and each.path[0] == "meters"
            }
            named = [
                (leaf.of.path[1], leaf.item.name)
                for leaf in leaves(condition)
                if isinstance(leaf, ir.In)
                and isinstance(leaf.item, ir.NameOf)
                and isinstance(leaf.of, ir.Attribute)
            ]
            for capability in rule.capabilities if read or named else ():
                meters.setdefault(capability, set()).update(read)
                of = sources.setdefault(capability, {})
                for key, name in named:
                    of.setdefault(key, set()).add(name)
    for capability, keys in meters.items():
        names = sources[capability]
        yield (
            capability,
            facts.Read(
                tuple(sorted(keys)),
                tuple((key, tuple(sorted(names[key]))) for key in sorted(names)),
            ),
        )
