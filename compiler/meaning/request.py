"""A request as a policy reads it: where each attribute stands, and whether it is of its type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, assert_never

from ...runtime.values import (
    NANOSECONDS,
    is_text,
    read_address,
    read_date,
    read_duration,
    read_int,
    read_number,
    read_time,
)
from ..ir import nodes as ir
from ..ir.roots import location, required

Collections: TypeAlias = "dict[int, tuple[ir.Collection, Any]]"
"""What collections hold, by identity; each is kept with it, so that no other one takes its place."""


class Absent:
    """The value of an attribute that is missing, or null."""


class Malformed:
    """The value of an attribute that is there, but not of its declared type."""


BELOW_ALL = float("-inf")
"""The greatest of nothing, and the time of what never was."""
ABSENT = Absent()
MALFORMED = Malformed()
TASK_STATE = ir.Attribute("task", ("state",), ir.EnumType(ir.TASK_STATE))


class Call:
    """A request that names its subject, action and resource, read under a policy."""

    def __init__(self, policy: ir.Policy, request: dict[str, Any]) -> None:
        """Take a request whose five required strings are there."""
        self.policy = policy
        self.request = request
        self.agent: str = request["subject"]["id"]
        self.resource_type: str = request["resource"]["type"]
        self.resource_id: str = request["resource"]["id"]
        # Not by joining the two: either may hold a dot.
        called = policy.actions_called.get(self.resource_type, {})
        action = called.get(request["action"]["name"])
        self.capability = None if action is None else f"{self.resource_type}.{action}"
        self.action = policy.declared_actions.get(self.capability or "")
        self.arguments = request["action"].get("properties")
        context = as_object(request.get("context"))
        self.evidence = context
        task = as_object(context.get("task"))
        self.task_id = task.get("id")
        self.intent = task.get("intent")
        if type(self.intent) is not str:
            self.intent = None
        self.now = read_time(context.get("time"))
        self._collections: Collections = {}

    @classmethod
    def read(cls, policy: ir.Policy, request: object) -> Call | None:
        """Read a request; None if what AuthZEN requires is not there, or the subject no agent."""
        if type(request) is not dict:
            return None
        for part, names in required():
            holder = request.get(part)
            if type(holder) is not dict or not all(is_text(holder.get(name)) for name in names):
                return None
        return cls(policy, request) if request["subject"]["type"] == "agent" else None

    def term(self, term: ir.Term, element: object) -> Any:
        """The value of a term, in the form that `comparable` gives."""
        match term:
            case ir.Attribute():
                return self.read_attribute(term)
            case ir.Constant(type, value):
                return constant(type, value, self.policy)
            case ir.Element():
                return element
            case ir.NameOf(of):
                value = self.read_attribute(of)
                return value if isinstance(value, Absent | Malformed) else term.name
            case ir.Age(of):
                time = self.term(of, element)
                if not isinstance(time, int) or self.now is None or time > self.now:
                    return ABSENT
                return self.now - time
            case _:
                assert_never(term)

    def collection(self, of: ir.Collection) -> Any:
        """The values of a collection, or why there are none; read once, as each element may ask."""
        known = self._collections.get(id(of))
        if known is None:
            match of:
                case ir.Attribute():
                    values = self.read_attribute(of)
                case ir.Constants(type_, constants):
                    values = [constant(type_, each, self.policy) for each in constants]
                case _:
                    assert_never(of)
            known = (of, frozenset(values) if isinstance(values, list) else values)
            self._collections[id(of)] = known
        return known[1]

    def read_attribute(self, attribute: ir.Attribute) -> Any:
        """The value of an attribute in the form that `comparable` gives, ABSENT or MALFORMED."""
        if ir.EACH in attribute.path:
            return self._read_of_list(attribute)
        value: Any = self.request
        for step in location(attribute):
            if value is None:
                return ABSENT
            if type(value) is not dict:
                return MALFORMED
            value = value.get(step)
        return ABSENT if value is None else comparable(value, attribute.type, self.policy)

    def _read_of_list(self, attribute: ir.Attribute) -> Any:
        """The number of a list's elements, what stands at a path in each, or the names of the arguments."""
        if attribute.of is None:
            names = {} if self.arguments is None else self.arguments
            return list(names) if type(names) is dict and all(map(is_text, names)) else MALFORMED
        if not attribute.beyond:
            elements = self.read_attribute(attribute.of)
            return len(elements) if isinstance(elements, list) else elements
        value: Any = self.request
        for step in location(attribute):
            if value is None:
                return ABSENT
            if type(value) is not dict:
                return MALFORMED
            value = value.get(step)
        if value is None:
            return ABSENT
        found = list(gathered(value, attribute.of.type, attribute.beyond))
        return MALFORMED if MALFORMED in found else comparable(found, attribute.type, self.policy)


def gathered(value: Any, type_: ir.Type, path: tuple[str, ...]) -> Iterator[Any]:
    """What stands at a path in a value, through lists, as JSON; MALFORMED where a part of the way is not of its type.

    What is optional and absent is left out.
    """
    if isinstance(type_, ir.ListType):
        if type(value) is not list:
            yield MALFORMED
            return
        for each in value:
            yield from gathered(each, type_.of, path)
    elif not path:
        yield MALFORMED if value is None else value
    elif not isinstance(type_, ir.RecordType) or type(value) is not dict:
        yield MALFORMED
    else:
        step, *rest = path
        declared = next(each for each in type_.fields if each.name == step)
        inner = value.get(step)
        if inner is not None:
            yield from gathered(inner, declared.type, tuple(rest))
        elif not declared.optional:
            yield MALFORMED


def strangers(call: Call) -> Iterator[tuple[str, ...]]:
    """The arguments that nobody declared, and the fields in records of arguments: each as its steps.

    They are there also where they are null. Arguments that are no object at all are one without a name.
    """
    action = call.action
    if action is None or call.arguments is None:
        return
    if type(call.arguments) is not dict:
        yield ()
        return
    parameters = {each.name: each.type for each in action.parameters}
    for name, value in call.arguments.items():
        if name in parameters:
            yield from strangers_within(value, parameters[name], (name,))
        elif not action.is_open:
            yield (name,)


def strangers_within(
    value: Any, type_: ir.Type, path: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """What stands in a record, or in a list, where one is declared, and is no field of it."""
    inner = ir.innermost_type(type_)
    if not isinstance(inner, ir.RecordType):
        return
    from ...runtime.arguments import objects_at  # by policies that declare records

    fields = {each.name: each.type for each in inner.fields}
    for each in objects_at(value):
        for name, inner in each.items():
            if name in fields:
                yield from strangers_within(inner, fields[name], (*path, name))
            else:
                yield (*path, name)


def as_object(value: Any) -> dict[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if type(value) is dict else {}


READERS: dict[str, Callable[[object], Any]] = {
    "int": read_int,
    "number": read_number,
    "time": read_time,
    "date": read_date,
    "duration": read_duration,
    "ip": read_address,
}


def reader_of_form(name: str) -> Callable[[object], str | None]:
    """What reads the texts of a form of their own: a policy without them need not load it."""
    from ...runtime import hosts

    readers = {
        "domain": hosts.read_domain,
        "email": hosts.read_email,
        "url": hosts.read_url,
        "host": hosts.read_host,
    }
    return readers[name]


def comparable(value: Any, type_: ir.Type, policy: ir.Policy) -> Any:
    """Turn a JSON value of a type into one that Python compares as the language does.

    Text stays itself, numbers become numbers, times and durations nanoseconds, levels their rank,
    addresses pairs, lists lists of such values; a record or `json` value stays what it is.
    MALFORMED if the value is not of the type.
    """
    match type_:
        case ir.Scalar("string"):
            return value if is_text(value) else MALFORMED
        case ir.Scalar("bool"):
            return value if type(value) is bool else MALFORMED
        case ir.Scalar("json"):
            return value
        case ir.Scalar(name):
            read = READERS.get(name) or reader_of_form(name)
            found = read(value)
            return MALFORMED if found is None else found
        case ir.PartOf():
            found = part(value, type_)
            return MALFORMED if found is None else found
        case ir.LevelType(name):
            members = policy.members_of[name]
            return members.index(value) if type(value) is str and value in members else MALFORMED
        case ir.EnumType(name):
            ok = type(value) is str and value in policy.members_of[name]
            return value if ok else MALFORMED
        case ir.ListType(of):
            if type(value) is not list:
                return MALFORMED
            elements = [
                MALFORMED if each is None else comparable(each, of, policy) for each in value
            ]
            return MALFORMED if MALFORMED in elements else elements
        case ir.OrNothing(of):
            return BELOW_ALL if is_nothing(value) else comparable(value, of, policy)
        case ir.RecordType(fields):
            if type(value) is not dict:
                return MALFORMED
            for each in fields:
                inner = value.get(each.name)
                if inner is None:
                    if not each.optional:
                        return MALFORMED
                elif comparable(inner, each.type, policy) is MALFORMED:
                    return MALFORMED
            return value
        case _:
            assert_never(type_)


def part(value: Any, type_: ir.PartOf) -> Any:
    """The part of a JSON value in the form that `comparable` gives; None if the whole is malformed."""
    from ...runtime import hosts

    if type_.of == ir.EMAIL:
        return hosts.read_email_domain(value)
    url = hosts.split_url(value)
    if url is None:
        return None
    match type_.part:
        case "scheme":
            return url.scheme
        case "host":
            return url.host
        case "port":
            return url.port
        case "path":
            return url.path
        case "query":
            return url.query or ""
        case _:
            raise AssertionError(f"a URL has no {type_.part}")


def is_nothing(value: Any) -> bool:
    """Whether a meter says of its value that there is none."""
    return type(value) is dict and len(value) == 1 and value.get("none") is True


def constant(type_: ir.Type, value: ir.Value, policy: ir.Policy) -> Any:
    """Turn a constant of the policy into the form that `comparable` gives."""
    type_ = ir.value_type(type_)
    if type_ == ir.DURATION:
        return int(value) * NANOSECONDS
    return comparable(value, type_, policy)
