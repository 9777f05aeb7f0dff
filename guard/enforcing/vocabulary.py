"""What calls a policy knows: tools by all their names, and what their arguments have to be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from ...compiler.ir import nodes as ir
from ...compiler.ir.arguments import names_of
from ...runtime import conditions, hosts, values
from ...runtime.arguments import Arguments

Reader = Callable[[object], Any]
"""Gives None for what is not a value of its type."""

READ = "resources/read"
"""What `bind mcp` calls the reading of a resource."""

_SCALARS: Mapping[str, Reader] = {
    "string": conditions.read_text,
    "bool": conditions.read_bool,
    "int": values.read_int,
    "number": values.read_number,
    "time": values.read_time,
    "date": values.read_date,
    "duration": values.read_duration,
    "ip": values.read_address,
    "domain": hosts.read_domain,
    "email": hosts.read_email,
    "url": hosts.read_url,
    "host": hosts.read_host,
    "json": conditions.read_json,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared argument, or a field of a record."""

    name: str
    type: ir.Type
    optional: bool
    read: Reader = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that can be called: an action of a resource, with what `bind mcp` calls it."""

    capability: str
    type: str
    action: str
    names: tuple[str, ...]
    """What a server calls it, if the policy says; else it is called as the action is."""
    server: str | None
    """Where `bind mcp` says that the resource lives."""
    parameters: tuple[Parameter, ...]
    declared: Arguments
    result: ir.Type | None
    reads_result: Reader | None = field(repr=False, compare=False)
    reads_needed: Reader | None = field(default=None, repr=False, compare=False)
    """Reads of a result what sources of the policy take in, and lets everything else be as it is; None if they take in nothing."""

    @property
    def result_is_read(self) -> bool:
        """Whether a source of the policy takes in what a call gives back."""
        return self.reads_needed is not None

    @property
    def called(self) -> str:
        """What a client calls it."""
        return self.names[0] if self.names else self.action

    @property
    def is_open(self) -> bool:
        """Whether it takes arguments that nobody declared."""
        return self.declared.is_open

    def mistake_in(self, arguments: Mapping[str, Any]) -> str | None:
        """Say what is wrong with arguments, by declared names alone; None if nothing is."""
        if not self.declared.declare(dict(arguments)):
            return f"it has an argument that the policy does not declare; {self._takes}"
        for each in self.parameters:
            value = arguments.get(each.name)
            if value is None:
                if not each.optional:
                    return f"the argument `{each.name}` is missing"
            elif each.read(value) is None:
                return f"the argument `{each.name}` is not what the policy declares"
        return None

    @property
    def _takes(self) -> str:
        """What it takes, for whoever gave something else: names that the policy declares, and none that came with a call."""
        return (
            f"declared are {listed(each.name for each in self.parameters)}"
            if self.parameters
            else "it takes none"
        )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a policy declares, as far as an enforcement point has to know."""

    tools: Mapping[str, Tool]
    """By capability, `PACKAGE.RESOURCE.ACTION`."""
    intents: Mapping[str, tuple[Parameter, ...]]
    """The fields of each."""
    agents: frozenset[str]
    """The SPIFFE IDs that are declared; a family of agents has others."""
    has_families: bool
    members: Mapping[str, tuple[str, ...]]
    """What is in each level and enum."""
    altered: frozenset[str]
    """The capabilities of which a duty may change what is passed on of a result."""
    duties: Mapping[str, tuple[Mapping[str, Any], ...]]
    """What permits oblige to: by name, the properties of each."""
    _called: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, policy: ir.Policy) -> Vocabulary:
        """Read it of a policy."""
        places, names = _bound(policy)
        origins: dict[str, list[ir.Origin]] = {}
        for source in policy.sources:
            for origin in source.origins:
                if origin.capability is not None:
                    origins.setdefault(origin.capability, []).append(origin)
        tools = {}
        for resource in policy.resources:
            if resource.kind == "intent":
                continue
            for action in resource.actions:
                capability = f"{resource.name}.{action.name}"
                parameters = tuple(_parameters(policy, action.parameters))
                tools[capability] = Tool(
                    capability,
                    resource.name,
                    action.name,
                    names.get((resource.name, action.name), ()),
                    places.get(resource.name),
                    parameters,
                    Arguments(names_of(action.parameters), action.is_open),
                    action.result,
                    None if action.result is None else _reader(policy, action.result),
                    _reader_of(policy, action.result, origins.get(capability)),
                )
        called = {
            (resource, name): f"{resource}.{action}"
            for resource, by_name in policy.actions_called.items()
            for name, action in by_name.items()
        }
        members = {each.name: each.members for each in (*policy.levels, *policy.enums)}
        return cls(
            tools,
            {each.name: tuple(_parameters(policy, each.fields)) for each in policy.intents},
            frozenset(each.id for each in policy.agents),
            bool(policy.families),
            members,
            _altered(policy),
            _duties(policy),
            called,
        )

    def tool(self, type: str, action: str) -> Tool | None:
        """Give what a call means, whichever of its names it has."""
        return self.tools.get(self._called.get((type, action), ""))

    def mistake_in_start(self, agent: str, intent: str, fields: Mapping[str, Any]) -> str | None:
        """Say what keeps every such task from starting, for whoever sets a guard up; None if nothing is seen."""
        declared = self.intents.get(intent)
        if declared is None:
            return f"the policy has no intent `{intent}`, but {listed(self.intents)}"
        if not self.has_families and agent not in self.agents:
            return f"the policy has no agent `{agent}`, but {listed(self.agents)}"
        known = {each.name for each in declared}
        for name in fields:
            if name not in known:
                return f"the intent `{intent}` has no field `{name}`, but {listed(known)}"
        for each in declared:
            value = fields.get(each.name)
            if value is None and not each.optional:
                return f"the intent `{intent}` has a field `{each.name}`, which is not given"
            if value is not None and each.read(value) is None:
                return f"the field `{each.name}` of `{intent}` is not what the policy declares"
        return None

    def mistake_in_resources(self, resources: Iterable[str]) -> str | None:
        """Say which of some resources the policy does not have; None if it has all of them."""
        known = {each.type for each in self.tools.values()}
        for each in resources:
            if each not in known:
                return f"the policy has no resource `{each}`, but {listed(known)}"
        return None

    def called(self, resources: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
        """Give capabilities by what a server calls them: as `bind mcp` says, else as the action is called.

        Of these `resources` alone, if some are named.
        """
        found: dict[str, tuple[str, ...]] = {}
        for capability, tool in self.tools.items():
            if resources and tool.type not in resources:
                continue
            for name in tool.names or (tool.action,):
                if name == READ:  # which is a method, and no tool of that name
                    continue
                found[name] = (*found.get(name, ()), capability)
        return found


MOST_LISTED = 12


def listed(names: Iterable[str]) -> str:
    """Write some names, the first ones of many."""
    found = sorted(names)
    more = f" and {len(found) - MOST_LISTED} more" if len(found) > MOST_LISTED else ""
    return ", ".join(f"`{each}`" for each in found[:MOST_LISTED]) + more or "none"


def _duties(policy: ir.Policy) -> dict[str, tuple[Mapping[str, Any], ...]]:
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for rule in policy.allows:
        for each in rule.obligations:
            found[each.name] = (*found.get(each.name, ()), dict(each.properties))
    return found


def _altered(policy: ir.Policy) -> frozenset[str]:
    return frozenset(
        capability
        for rule in policy.allows
        if any(each.name not in _PASS_ON for each in rule.obligations)
        for capability in policy.expand(rule.capabilities)
    )


_PASS_ON = ("audit", "notify", "rate_hint")
"""The duties that leave a result as it is. One that is not known may do anything."""


def _bound(policy: ir.Policy) -> tuple[dict[str, str], dict[tuple[str, str], tuple[str, ...]]]:
    places: dict[str, str] = {}
    names: dict[tuple[str, str], tuple[str, ...]] = {}
    for binding in policy.bindings:
        if binding.target == ir.TOOLS:
            for bound in binding.resources:
                if bound.location is not None:
                    places[bound.resource] = bound.location
                for action in bound.actions:
                    key = (bound.resource, action.action)
                    names[key] = (*names.get(key, ()), *action.names)
    return places, names


def _parameters(policy: ir.Policy, fields: tuple[ir.Field, ...]) -> Iterator[Parameter]:
    for each in fields:
        yield Parameter(each.name, each.type, each.optional, _reader(policy, each.type))


def _reader_of(
    policy: ir.Policy, result: ir.Type | None, origins: list[ir.Origin] | None
) -> Reader | None:
    """Read what some origins take in; of a result that nobody declared, anything."""
    if origins is None:
        return None
    if result is None:
        return lambda value: True
    reads = [(each.path, each.condition is not None) for each in origins]
    return _reader(policy, _taken_in(result, reads))


def _taken_in(type_: ir.Type, reads: list[tuple[tuple[str, ...], bool]]) -> ir.Type:
    """Leave of a type what stands at some paths; one with a condition takes in the whole record that holds the value."""
    if any(len(path) <= (1 if asks else 0) for path, asks in reads):
        return type_
    match type_:
        case ir.ListType(of):
            return ir.ListType(_taken_in(of, reads))
        case ir.RecordType(fields):
            below = {
                each.name: [(path[1:], asks) for path, asks in reads if path[0] == each.name]
                for each in fields
            }
            return ir.RecordType(
                tuple(
                    replace(each, type=_taken_in(each.type, below[each.name]))
                    for each in fields
                    if below[each.name]
                )
            )
        case _:
            return type_


def _reader(policy: ir.Policy, type_: ir.Type) -> Reader:
    match type_:
        case ir.Scalar(name):
            return _SCALARS[name]
        case ir.LevelType(name) | ir.EnumType(name):
            return conditions.read_member(*policy.members_of[name])
        case ir.ListType(of):
            return conditions.read_list(_reader(policy, of))
        case ir.RecordType(fields):
            read = [(each.name, _reader(policy, each.type), each.optional) for each in fields]
            return conditions.read_record(*read)
        case ir.OrNothing() | ir.PartOf():
            raise TypeError("no argument is declared so")
        case _:
            assert_never(type_)
