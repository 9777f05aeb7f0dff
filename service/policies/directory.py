"""The directory: subjects and resources with their attributes, as others call them.

It gives searches what they search, and requests those attributes of which it says that the directory counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from .documents import Document, named
from .mapping import RequestMapping

Name = Annotated[str, AfterValidator(named)]
Who: TypeAlias = Literal["directory", "caller", "either"]
"""Whose word counts: that of one alone; or the caller's, and the directory's where the caller says nothing."""
Side: TypeAlias = Literal["subject", "resource"]

MOST_ENTITIES = 100_000


class Entity(Document):
    """A subject or a resource."""

    type: Name
    id: Name
    properties: dict[str, Any] = {}


class Counting(Document):
    """Of each type of subject and resource, whose word an attribute is; the caller's where nothing is said."""

    subjects: dict[Name, dict[Name, Who]] = {}
    resources: dict[Name, dict[Name, Who]] = {}


class Directory(Document):
    """Entities, and whose word their attributes are."""

    attributes: Counting = Counting()
    subjects: Annotated[tuple[Entity, ...], Field(max_length=MOST_ENTITIES)] = ()
    resources: Annotated[tuple[Entity, ...], Field(max_length=MOST_ENTITIES)] = ()

    @model_validator(mode="after")
    def _has_each_once(self) -> Self:
        for entities in (self.subjects, self.resources):
            seen: set[tuple[str, str]] = set()
            for each in entities:
                if (each.type, each.id) in seen:
                    raise ValueError(f"`{each.id}` of type `{each.type}` stands twice")
                seen.add((each.type, each.id))
        return self

    def that_decides(self) -> dict[str, Any]:
        """Give the part that decides: the attributes of which the directory's word may count, as JSON data."""
        return {
            "attributes": {
                "subjects": _by_directory(self.attributes.subjects),
                "resources": _by_directory(self.attributes.resources),
            },
            "subjects": _restricted(self.subjects, self.attributes.subjects),
            "resources": _restricted(self.resources, self.attributes.resources),
        }


NO_DIRECTORY = Directory()


def _by_directory(counting: Mapping[str, Mapping[str, Who]]) -> dict[str, dict[str, Who]]:
    found: dict[str, dict[str, Who]] = {}
    for kind, names in counting.items():
        counted: dict[str, Who] = {name: who for name, who in names.items() if who != "caller"}
        if counted:
            found[kind] = counted
    return found


def _restricted(
    entities: tuple[Entity, ...], counting: Mapping[str, Mapping[str, Who]]
) -> list[dict[str, Any]]:
    """The entities that have attributes which count, each with these alone, in one order."""
    names = _by_directory(counting)
    found = [
        {
            "type": each.type,
            "id": each.id,
            "properties": {
                key: value for key, value in each.properties.items() if key in names[each.type]
            },
        }
        for each in entities
        if each.type in names
    ]
    return sorted(
        (each for each in found if each["properties"]), key=lambda each: (each["type"], each["id"])
    )


class Attributes:
    """The attributes that the directory gives requests, by what the policy calls their subjects and resources."""

    __slots__ = ("_agent_fields", "_given", "_who", "is_empty")

    def __init__(
        self,
        directory: Directory,
        mapping: RequestMapping,
        agent_fields: frozenset[str] = frozenset(),
    ) -> None:
        """Arrange them; `agent_fields` are what a policy declares of agents.

        Raises `ValueError` where the two do not fit together.
        """
        self._agent_fields = agent_fields
        self._who: dict[tuple[Side, str], dict[str, Who]] = {}
        self._given: dict[tuple[Side, str, str], dict[str, Any]] = {}
        data = directory.that_decides()
        for side, kind, names in _sides(data["attributes"]):
            who = self._who.setdefault((side, _own_type(side, kind, mapping)), {})
            for name, one in names.items():
                if who.setdefault(name, one) != one:
                    raise ValueError(f"types that are one in the policy differ in `{name}`")
        for side, entities in (("subject", data["subjects"]), ("resource", data["resources"])):
            for each in entities:
                self._give(side, each, mapping)  # type: ignore[arg-type]
        self.is_empty = not self._who

    def _give(self, side: Side, entity: dict[str, Any], mapping: RequestMapping) -> None:
        kind, id = entity["type"], entity["id"]
        own = _own_type(side, kind, mapping)
        alias = mapping.subjects.get(kind) if side == "subject" else None
        own_id = id if alias is None else alias.agent_id(id)
        if own_id is None:
            raise ValueError(f"the mapping gives `{id}` of type `{kind}` no SPIFFE ID")
        if (side, own, own_id) in self._given:
            raise ValueError(f"two {side}s of the directory are `{own_id}`")
        self._given[side, own, own_id] = entity["properties"]

    def of_agent(self, id: str) -> dict[str, Any] | None:
        """Give all properties that an agent has, whoever asks; None where others than the directory say some.

        There are some of every agent of which this is so: a directory that says nothing leaves all to others.
        """
        who = self._who.get(("subject", "agent"))
        if (
            who is None
            or not self._agent_fields
            or any(who.get(name) != "directory" for name in self._agent_fields)
        ):
            return None
        return dict(self._given.get(("subject", "agent", id), {}))

    def applied(self, side: Side, entity: dict[str, Any]) -> dict[str, Any]:
        """Give a subject or a resource of a request with what the directory says of it, where its word counts.

        Properties that are malformed stay so: were they replaced, `has` would be false of them, where it is unknown.
        """
        kind, id = entity.get("type"), entity.get("id")
        if type(kind) is not str or type(id) is not str:
            return entity
        who = self._who.get((side, kind))
        if who is None:
            return entity
        said = entity.get("properties")
        if said is not None and type(said) is not dict:
            return entity
        known = self._given.get((side, kind, id), {})
        properties = dict(said or {})
        for name, one in who.items():
            if one == "directory":
                properties.pop(name, None)
            elif properties.get(name) is not None:
                continue
            if name in known:
                properties[name] = known[name]
        return {**entity, "properties": properties}


def _sides(attributes: Mapping[str, Mapping[str, Mapping[str, Who]]]) -> Iterator[Any]:
    for kind, names in attributes["subjects"].items():
        yield "subject", kind, names
    for kind, names in attributes["resources"].items():
        yield "resource", kind, names


def _own_type(side: Side, kind: str, mapping: RequestMapping) -> str:
    """What the policy calls a type that others send."""
    if side == "subject":
        subject = mapping.subjects.get(kind)
        if subject is None:
            return kind
        if subject.as_ == "user":
            raise ValueError(
                f"subjects of type `{kind}` are people, whose attributes come from the task"
            )
        return "agent"
    resource = mapping.resources.get(kind)
    if resource is None:
        return kind
    if resource.as_ is None:
        raise ValueError(f"resources of type `{kind}` are tools, and have no attributes")
    return resource.as_
