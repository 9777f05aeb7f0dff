"""Tests and bindings of the IR as source text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ....runtime.values import NANOSECONDS, read_duration, read_time
from ...text.field_names import written
from .. import nodes as ir
from ..roots import ROOTS, TESTED_RESOURCE, TESTED_TASK, reserved
from ..spiffe import is_member
from .conditions import (
    duration_text,
    list_text,
    name_text,
    plain_text,
    string_text,
    time_text,
    value_text,
    word_text,
)
from .expectations import expectation_text
from .listing import Listing

Fields = Iterable[ir.Field]
_NEVER = object()
FACTS = {"meters", "sources"}


def write_scenario(listing: Listing, number: int, policy: ir.Policy, package: str) -> None:
    """Write a test whose request a `test` block can make."""
    test = policy.tests[number]
    listing.at(f"tests[{number}].name").add(f"test {string_text(test.name)} {{")
    listing.indent = "    "
    listing.at(f"tests[{number}].request")
    for line in request_clauses(policy, test.request, package, record=test.record):
        listing.add(line)
    expected = expectation_text(test.effect, test.rules, test.terms)
    listing.at(f"tests[{number}].{'terms' if test.terms else 'rules'}").add(f"expect {expected}")
    listing.indent = ""
    listing.add("}")


def request_clauses(
    policy: ir.Policy,
    request: dict[str, Any],
    package: str,
    subject: str | None = None,
    record: Iterable[Mapping[str, Any]] | None = None,
) -> Iterator[str]:
    """Write a request as the clauses of a test; `subject` is written for the agent, else its identity.

    Its facts are those that follow from the record, without which no test makes them. What a test says where it says nothing is left out. Raises `ValueError` where no test makes the request.
    """
    match request:
        case {
            "subject": {"type": "agent", "id": str(agent), "properties": dict(attributes)},
            "action": {"name": str(action), "properties": dict(arguments)},
            "resource": {"type": str(type_), "id": str(id), "properties": dict(values)},
            "context": {"task": dict(task)} as context,
        }:
            pass
        case {
            "subject": {"type": "agent", "id": str(agent), "properties": dict(attributes)},
            "action": {"name": str(action), "properties": dict(arguments)},
            "resource": {"type": str(type_), "id": str(id), "properties": dict(values)},
            "context": dict(context),
        } if "task" not in context and f"{type_}.{action}" in policy.starts:
            task = {}
        case _:
            raise ValueError("the request is not one that a test makes")
    if record is None and not {"meters", "sources"}.isdisjoint(context):
        raise ValueError("the request has facts, and a test tells what they follow from")
    intent = task.get("intent")
    purpose = "" if intent is None else f" for {name_text(str(intent), package)}"
    fields = next((each.fields for each in policy.intents if each.name == intent), ())
    asked = {each.name: task[each.name] for each in fields if each.name in task}
    purpose += _own("", asked, fields, package)
    own_attributes = _own("", attributes, attributes_of(policy, agent), package)
    yield f"agent {subject or string_text(agent)}{own_attributes}{purpose}"
    if "delegation" in context:
        yield f"after [{_chain(policy, context['delegation'], package, may_have_facts=record is not None)}]"

    kind = next((each for each in policy.resources if each.name == type_), None)
    actions = {} if kind is None else {each.name: each.parameters for each in kind.actions}
    if kind is None or action not in actions:
        raise ValueError(f"no action `{action}` of a resource `{type_}` is declared")
    yield f"call {name_text(type_, package)}.{action}({_pairs(arguments, actions[action], package)})"

    if id != TESTED_RESOURCE:
        values = {**values, "id": id}
    attributes_there = (*kind.attributes, *ROOTS["resource"].built_in)
    told = ("id", "state", *task) if "task" in context else ()  # a first start is in no task
    said = {name: task.get(name) for name in told if name != "intent" and name not in asked}
    usual = {
        "id": TESTED_TASK,
        "state": "active",
    }  # and `null` is written where the request has none
    said = {name: value for name, value in said.items() if value != usual.get(name, _NEVER)}
    own = {name: value for name, value in context.items() if name not in reserved("context")}
    clauses = [
        _own("resource", values, attributes_there, package),
        _own("task", said, ROOTS["task"].built_in, package),
        _own("context", own, policy.context, package),
    ]
    yield from filter(None, clauses)
    user = context.get("user")
    if isinstance(user, dict):
        yield f"user {_record(user, (*(policy.user or ()), *ROOTS['user'].built_in), package)}"
    yield from _evidence(context)
    yield from _before(policy, record or (), context.get("time"), {**values, "id": id}, package)


def _chain(policy: ir.Policy, links: object, package: str, *, may_have_facts: bool) -> str:
    """Write for whom the agent acts."""
    found = []
    for number, link in enumerate(links if isinstance(links, list) else [None], start=1):
        match link:
            case {
                "agent": str(agent),
                "properties": dict(attributes),
                "task": {"id": str(id), "state": "active", "intent": str(intent), **rest},
                **more,
            } if id == f"{TESTED_TASK}-{number}" and set(more) <= (
                FACTS if may_have_facts else set()
            ):
                pass
            case _:
                raise ValueError("the request has a chain that no test makes")
        own = {str(name): value for name, value in rest.items()}
        declared = next((each.fields for each in policy.intents if each.name == intent), ())
        whose = string_text(agent) + _own("", attributes, attributes_of(policy, agent), package)
        found.append(f"{whose} for {name_text(intent, package)}{_own('', own, declared, package)}")
    return ", ".join(found)


_WORDS = {"permit": "did", "deny": "tried", "challenge": "asked"}


def _before(
    policy: ir.Policy,
    record: Iterable[Mapping[str, Any]],
    now: object,
    resource: Mapping[str, Any],
    package: str,
) -> Iterator[str]:
    """Write what a record says that happened before; `resource` is that of the test's own call."""
    lines = list(record)
    calls = [str(each["time"]) for each in lines if each.get("event") == "call"]
    first = min(calls, key=lambda time: read_time(time) or 0, default=now)
    began = next((each["time"] for each in lines if each.get("event") == "task"), first)
    outcomes = {each["call"]: each for each in lines if each.get("event") == "outcome"}
    for each in lines:
        match each:
            case {"event": "said", "text": str(text), "time": str(time)}:
                when = "" if time == began == first else f" {_ago(time, now)} ago"
                yield f"said {string_text(text)}{when}"
            case {"event": "call", "id": str(id), "effect": str(effect), "time": str(time)}:
                outcome = outcomes.get(id, {})
                word = "failed" if outcome.get("outcome") == "failed" else _WORDS[effect]
                request = each["request"]
                name = f"{request['resource']['type']}.{request['action']['name']}"
                found = [
                    (kind, action)
                    for kind in policy.resources
                    for action in kind.actions
                    if f"{kind.name}.{action.name}" == name
                ]
                if not found:
                    raise ValueError(f"no capability `{name}` is declared")
                ((kind, action),) = found
                arguments = _pairs(request["action"]["properties"], action.parameters, package)
                gave = ""
                if "result" in outcome:
                    gave = f" gave {_literal(outcome['result'], action.result or ir.JSON, package)}"
                called = f"{name_text(request['resource']['type'], package)}.{action.name}"
                on = _called_on(request["resource"], resource, kind, package)
                yield f"{word} {called}({arguments}){on}{gave} {_ago(time, now)} ago"
            case {"event": "task" | "outcome"}:
                pass
            case _:
                raise ValueError("the record has a line that no test tells")


def _called_on(
    called: Mapping[str, Any], resource: Mapping[str, Any], kind: ir.Resource, package: str
) -> str:
    """Write the resource of a call before, where it is not what the test's own call has of it."""
    fields = (*kind.attributes, *ROOTS["resource"].built_in)
    own = {**called["properties"], "id": called["id"]}
    if own == {each.name: resource[each.name] for each in fields if each.name in resource}:
        return ""
    if own["id"] == TESTED_RESOURCE:
        del own["id"]
    return f" with resource {_record(own, fields, package)}"


def attributes_of(policy: ir.Policy, agent: str) -> tuple[ir.Field, ...]:
    """The attributes that an agent may have: its own, and those of its families."""
    holders = [each.attributes for each in policy.agents if each.id == agent]
    holders += [each.attributes for each in policy.families if is_member(agent, each)]
    return tuple(field for each in holders for field in each)


def _own(word: str, values: Mapping[str, Any], fields: Fields, package: str) -> str:
    """Write a clause, or nothing where there are no values."""
    return f"{word} {_record(values, fields, package)}" if values else ""


def _evidence(context: Mapping[str, Any]) -> Iterator[str]:
    """Write the clock, and what was shown before it."""
    now = context.get("time")
    person = context.get("user")
    user = person.get("id") if isinstance(person, Mapping) else None
    if isinstance(now, str):
        yield f"at {time_text(now)}"
    for each in _list(context.get("approvals")):
        match each:
            case {"by": str(by), "roles": [], "at": str(then)} if by == user:
                yield f"confirmed {_ago(then, now)} ago"
            case {"by": str(by), "roles": list(roles), "at": str(then)}:
                as_ = f" as {', '.join(string_text(str(role)) for role in roles)}" if roles else ""
                yield f"approved by {string_text(by)}{as_} {_ago(then, now)} ago"
            case _:
                raise ValueError("the request has an approval that no test makes")
    for each in _list(context.get("step_up")):
        match each:
            case {"method": str(method), "at": str(then)}:
                yield f"step_up {string_text(method)} {_ago(then, now)} ago"
            case _:
                raise ValueError("the request has a step-up that no test makes")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _ago(then: str, now: object) -> str:
    """How long before a time another one was, as a duration."""
    before, after = read_time(then), read_time(now) if isinstance(now, str) else None
    if before is None or after is None or (after - before) % NANOSECONDS or before > after:
        raise ValueError(f"no whole number of seconds lies between {then} and {now}")
    return duration_text((after - before) // NANOSECONDS)


# --- Values ---------------------------------------------------------------------------------------


def _record(values: Mapping[str, Any], fields: Fields, package: str) -> str:
    pairs = _pairs(values, fields, package)
    return f"{{ {pairs} }}" if pairs else "{}"


def _pairs(values: Mapping[str, Any], fields: Fields, package: str) -> str:
    types = {field.name: field.type for field in fields}
    for name in values:
        if name not in types:
            raise ValueError(f"no field {string_text(str(name))} is declared")
    return ", ".join(
        f"{written(name)}: {_literal(value, types[name], package)}"
        for name, value in values.items()
    )


def _literal(value: Any, type_: ir.Type, package: str) -> str:
    """Write a JSON value of a request as the literal that gives it."""
    match value, type_:
        case None, _:
            return "null"
        case list(), ir.ListType(of):
            return list_text([_literal(each, of, package) for each in value])
        case list(), _:
            return list_text([_literal(each, ir.JSON, package) for each in value])
        case dict(), ir.RecordType(fields):
            return _record(value, fields, package)
        case dict(), _:
            return _record(value, [ir.Field(str(name), ir.JSON) for name in value], package)
        case _, ir.Scalar("json"):
            return plain_text(value)
        case str(), ir.Scalar("duration"):
            if read_duration(value) is None:
                raise ValueError(f"{string_text(value)} is not a duration")
            return value
        case _:
            pass
    return value_text(type_, value, package)


# --- Bindings -------------------------------------------------------------------------------------


def write_binding(listing: Listing, number: int, binding: ir.Binding, package: str) -> None:
    """Write a `bind` block."""
    part = f"bindings[{number}]"
    listing.at(f"{part}.target").add(f"bind {binding.target} {{")
    listing.indent = "    "
    for place, resource in enumerate(binding.resources):
        _write_resource(listing, f"{part}.resources[{place}]", resource, package)
    for name, identity in binding.agents:
        listing.at(f"{part}.agents").add(
            f"agent {name_text(name, package)} {string_text(identity)}"
        )
    for name, key in binding.tags:
        listing.at(f"{part}.tags").add(f"session tag {word_text(name)} = {string_text(key)}")
    for name, key in binding.context:
        listing.at(f"{part}.context").add(f"context {word_text(name)} = {string_text(key)}")
    listing.indent = ""
    listing.add("}")


def _write_resource(listing: Listing, part: str, bound: ir.ResourceBinding, package: str) -> None:
    listing.at(f"{part}.resource")
    location = f" {string_text(bound.location)}" if bound.location is not None else ""
    listing.add(f"resource {name_text(bound.resource, package)}{location} {{")
    for number, action in enumerate(bound.actions):
        names = ", ".join(map(string_text, action.names))
        on = f" on {string_text(action.on)}" if action.on is not None else ""
        listing.at(f"{part}.actions[{number}]").add(f"    {action.action} = {names}{on}")
    for name, key in bound.attributes:
        listing.at(f"{part}.attributes").add(
            f"    attribute {word_text(name)} = {string_text(key)}"
        )
    listing.add("}")
