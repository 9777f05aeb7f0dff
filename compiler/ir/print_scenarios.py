"""Tests and bindings of the IR as source text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...runtime.values import NANOSECONDS, read_time
from ..text.field_names import written
from . import nodes as ir
from .print import (
    duration_text,
    list_text,
    name_text,
    plain_text,
    string_text,
    value_text,
)
from .roots import BUILT_IN, RESOURCE_ID, TASK_ID
from .spiffe import is_member

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_EVIDENCE = ("time", "user", "task", "approvals", "step_up")

Fields = Iterable[ir.Field]


def scenario_text(policy: ir.Policy, test: ir.Test, package: str) -> str:
    """Write a test whose request a `test` block can make."""
    lines = [f"    {line}" for line in _clauses(policy, test, package)]
    return "\n".join((f"test {string_text(test.name)} {{", *lines, "}"))


def _clauses(policy: ir.Policy, test: ir.Test, package: str) -> Iterator[str]:
    subject, action = test.request["subject"], test.request["action"]
    resource, context = test.request["resource"], test.request["context"]
    task = dict(context["task"])
    agent = [each.attributes for each in policy.agents if each.id == subject["id"]]
    agent += [each.attributes for each in policy.families if is_member(subject["id"], each)]
    intent = task.pop("intent", None)
    purpose = "" if intent is None else f" for {name_text(intent, package)}"
    attributes = _record(subject["properties"], (f for each in agent for f in each), package)
    yield f"agent {string_text(subject['id'])} {attributes}{purpose}"

    kind = next(each for each in policy.resources if each.name == resource["type"])
    parameters = next(each.parameters for each in kind.actions if each.name == action["name"])
    arguments = _pairs(action["properties"], parameters, package)
    yield f"call {name_text(kind.name, package)}.{action['name']}({arguments})"

    values = dict(resource["properties"])
    if resource["id"] != RESOURCE_ID:
        values["id"] = resource["id"]
    yield f"resource {_record(values, (*kind.attributes, *BUILT_IN['resource']), package)}"
    fields = next((each.fields for each in policy.intents if each.name == intent), ())
    # The default is written as `null` where the request has none.
    defaults = {"id": TASK_ID, "state": "active"}
    task = {name: task.get(name) for name in (*defaults, *task)}
    yield f"task {_record(task, (*fields, *BUILT_IN['task']), package)}"
    own = {name: value for name, value in context.items() if name not in _EVIDENCE}
    yield f"context {_record(own, policy.context, package)}"
    if "user" in context:
        yield f"user {_record(context['user'], (*(policy.user or ()), *BUILT_IN['user']), package)}"
    if "time" in context:
        yield f"at {context['time']}"
    for each in context.get("approvals", ()):
        roles = ", ".join(map(string_text, each["roles"]))
        who = f"{string_text(each['by'])}{f' as {roles}' if roles else ''}"
        yield f"approved by {who} {_ago(each['at'], context['time'])} ago"
    for each in context.get("step_up", ()):
        yield f"step_up {string_text(each['method'])} {_ago(each['at'], context['time'])} ago"
    rules = (id if _PATH.fullmatch(id) else string_text(id) for id in test.rules or ())
    by = f" by {', '.join(rules)}" if test.rules else ""
    yield f"expect {test.effect}{by}"


def _ago(then: str, now: str) -> str:
    """How long before a time another one was, as a duration."""
    before, after = read_time(then), read_time(now)
    if before is None or after is None or (after - before) % NANOSECONDS or before > after:
        raise ValueError(f"no whole number of seconds lies between {then} and {now}")
    return duration_text((after - before) // NANOSECONDS)


# --- Values ---------------------------------------------------------------------------------------


def _record(values: Mapping[str, Any], fields: Fields, package: str) -> str:
    pairs = _pairs(values, fields, package)
    return f"{{ {pairs} }}" if pairs else "{}"


def _pairs(values: Mapping[str, Any], fields: Fields, package: str) -> str:
    types = {field.name: field.type for field in fields}
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
            return _record(value, [ir.Field(name, ir.JSON) for name in value], package)
        case _, ir.Scalar("json"):
            return plain_text(value)
        case str(), ir.Scalar("duration"):
            return value
        case _:
            pass
    return value_text(type_, value, package)


# --- Bindings -------------------------------------------------------------------------------------


def binding_text(binding: ir.Binding, package: str) -> str:
    """Write a `bind` block."""
    return "\n".join(
        (f"bind {binding.target} {{", *(f"    {line}" for line in _items(binding, package)), "}")
    )


def _items(binding: ir.Binding, package: str) -> Iterator[str]:
    for resource in binding.resources:
        place = f" {string_text(resource.location)}" if resource.location is not None else ""
        yield f"resource {name_text(resource.resource, package)}{place} {{"
        for action in resource.actions:
            names = ", ".join(map(string_text, action.names))
            on = f" on {string_text(action.on)}" if action.on is not None else ""
            yield f"    {action.action} = {names}{on}"
        for name, key in resource.attributes:
            yield f"    attribute {name} = {string_text(key)}"
        yield "}"
    for name, identity in binding.agents:
        yield f"agent {name_text(name, package)} {string_text(identity)}"
    for name, key in binding.tags:
        yield f"session tag {name} = {string_text(key)}"
    for name, key in binding.context:
        yield f"context {name} = {string_text(key)}"
