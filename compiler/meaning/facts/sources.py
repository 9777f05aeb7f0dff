"""Which arguments of a call come from a source: every text and number in them stood in one of its origins.

A value is a text or a number, and where it stood is asked of the record up to a time: of what an agent wrote
before, the origins that the value had when it was first written are those that it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from ....runtime.characters import is_bounded, stands_in
from ....runtime.links import has_unseen, links_in
from ....runtime.values import is_identity, is_text, json_equal, read_digits, read_number
from ...ir import nodes as ir
from ...structs import Struct
from ...text.field_names import written
from ..conditions import truth
from ..request import MALFORMED, Absent, Call, Malformed, as_object, comparable
from .record import Record, Recorded, Started

Value: TypeAlias = "str | int | float"
Held: TypeAlias = "tuple[Value, dict[str, Any] | None]"
"""A value, and the innermost record that holds it."""

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def names_from(
    policy: ir.Policy, record: Record, source: ir.Source, call: Call, now: int
) -> list[str] | None:
    """The names of the arguments that come from a source, sorted; None if that is unknown."""
    if not is_identity(call.task_id):
        return None
    history = History(policy, record, call, record.run(str(call.task_id)))
    if history.is_in_doubt(now):
        return None
    found = []
    for name, type_, value in arguments(policy, call):
        if comparable(value, type_, policy) is MALFORMED:
            continue
        values = list(values_of(value, type_))
        if all(history.comes_from(each, source, now) for each in values):
            found.append(name)
        texts = [each for each in values if isinstance(each, str)]
        if not any(map(has_unseen, texts)) and all(
            history.comes_from(link, source, now) for text in texts for link in links_in(text)
        ):
            found.append(f"{name}#links")
    return sorted(found)


def arguments(policy: ir.Policy, call: Call) -> Iterator[tuple[str, ir.Type, Any]]:
    """The arguments of a call that are there, and what is in records of them: a name, a type and a value."""
    given = call.arguments
    if type(given) is dict:
        for field in parameters(policy, call.capability):
            if given.get(field.name) is not None:
                yield from _with_fields(written(field.name), field.type, given[field.name])


def _with_fields(name: str, type_: ir.Type, value: Any) -> Iterator[tuple[str, ir.Type, Any]]:
    yield name, type_, value
    if isinstance(type_, ir.RecordType) and type(value) is dict:
        for field in type_.fields:
            if value.get(field.name) is not None:
                inner = f"{name}.{written(field.name)}"
                yield from _with_fields(inner, field.type, value[field.name])
    if (
        isinstance(type_, ir.ListType)
        and isinstance(type_.of, ir.RecordType)
        and type(value) is list
        and all(type(each) is dict for each in value)
    ):
        for field in type_.of.fields:
            listed = [each[field.name] for each in value if each.get(field.name) is not None]
            inner = f"{name}.{written(field.name)}"
            yield from _with_fields(inner, ir.ListType(field.type), listed)


def parameters(policy: ir.Policy, capability: str | None) -> tuple[ir.Field, ...]:
    """The declared parameters of an action."""
    action = action_of(policy, capability)
    return () if action is None else action.parameters


def action_of(policy: ir.Policy, capability: str | None) -> ir.Action | None:
    """The action that a capability names."""
    return None if capability is None else policy.declared_actions.get(capability)


def values_of(value: Any, type_: ir.Type | None) -> Iterator[Value]:
    """Every text and number in a value; members are chosen and not quoted, and of what has no type all counts."""
    match type_:
        case ir.Scalar("bool") | ir.LevelType() | ir.EnumType():
            return
        case ir.ListType(of) if type(value) is list:
            for each in value:
                yield from values_of(each, of)
        case ir.RecordType(fields) if type(value) is dict:
            types = {each.name: each.type for each in fields}
            for name, each in value.items():
                if name in types:
                    yield from values_of(each, types[name])
                else:
                    yield name
                    yield from values_of(each, None)
        case _:
            yield from everything_in(value)


def everything_in(value: Any) -> Iterator[Value]:
    """Every text and number in JSON, the names of members too."""
    if type(value) is dict:
        for name, each in value.items():
            yield name
            yield from everything_in(each)
    elif type(value) is list:
        for each in value:
            yield from everything_in(each)
    elif type(value) in (str, int, float):
        yield value


def equal(one: Value, other: Any) -> bool:
    """Whether two values are equal as JSON, byte for byte."""
    return type(other) in (str, int, float) and json_equal(one, other)


def stands(value: Value, text: str) -> bool:
    """Whether a value stands in a text; a number does if a token reads as the same."""
    if isinstance(value, str):
        return stands_in(value, text)
    wanted = read_number(value)
    return wanted is not None and any(
        is_bounded(text, *each.span(), number=True) and read_digits(each[0]) == wanted
        for each in _NUMBER.finditer(text)
    )


class History(Struct, frozen=False):
    """What happened in one run, of which it is asked where values stood."""

    policy: ir.Policy
    record: Record
    call: Call
    run: str

    def is_in_doubt(self, now: int) -> bool:
        """Whether something may have been said, given or written that nobody can read."""
        if any(
            (each.time is None or each.time <= now)
            and (each.task is None or self.record.run(each.task) == self.run)
            for each in self.record.problems
        ):
            return True
        return any(
            each.is_in_doubt(now) or any(time <= now for time in each.unreadable)
            for each in self.calls(now)
        )

    def calls(self, now: int) -> Iterator[Recorded]:
        """The calls of the run up to a time."""
        for each in self.record.calls:
            if each.time <= now and each.task and self.record.run(each.task) == self.run:
                yield each

    def comes_from(self, value: Value, source: ir.Source, now: int) -> bool:
        """Whether a value stood in one of the origins of a source by a time."""
        if value == "" or (isinstance(value, str) and not is_text(value)):
            return False
        return any(self._comes(value, origin, source, now) for origin in source.origins)

    def _comes(self, value: Value, origin: ir.Origin, source: ir.Source, now: int) -> bool:
        match origin.kind:
            case "said":
                return any(
                    stands(value, each.text)
                    for each in self.record.said
                    if each.time <= now and self.record.run(each.task) == self.run
                )
            case "task":
                return self._is_of_call(value) and self._is_of_task(value, self.call.task_id, now)
            case "user":
                assert origin.attribute is not None
                person = self.call.read_attribute(origin.attribute)
                if isinstance(person, Absent | Malformed):
                    return False
                given: Any = self.call.evidence.get("user")
                for step in origin.attribute.path:
                    given = given[step]
                declared = at_path(given, origin.attribute.type, (), self.policy)
                return any(equal(value, each) for each, _ in declared)
            case "set":
                assert origin.values is not None
                return any(equal(value, each) for each in origin.values.values)
            case "result" | "quoted":
                return any(
                    self._is_given(value, origin, each, time, result, source)
                    for each in self.calls(now)
                    if each.call.capability == origin.capability
                    for time, result in each.results
                    if time <= now
                )

    def _is_of_task(self, value: Value, task: object, now: int) -> bool:
        """Whether it equals a field of a task that a person agreed to, or else had, in the task that it began in.

        Every other origin is one of the whole run, and so the same there.
        """
        started = self.record.tasks.get(task) if isinstance(task, str) else None
        if started is None or started.time > now:
            return False
        is_there = any(equal(value, each) for each in self.fields_of(started))
        if not is_there or started.parent is None or started.agreed:
            return is_there
        return self.record.run(started.id) != started.id and self._is_of_task(
            value, started.parent, started.time
        )

    def _is_of_call(self, value: Value) -> bool:
        """Whether the task that the request says has the value, too: a condition reads no other one."""
        started = self.record.tasks.get(str(self.call.task_id))
        return started is not None and any(
            equal(value, each)
            for each in self.fields_of(started, as_object(self.call.evidence.get("task")))
        )

    def fields_of(self, started: Started, task: dict[str, Any] | None = None) -> Iterator[Value]:
        """The texts and numbers in the fields of a task that its intent declares; or there in what is said of it later."""
        told = started.fields if task is None else task
        name = started.fields.get("intent")
        intent = next((each for each in self.policy.intents if each.name == name), None)
        for field in () if intent is None else intent.fields:
            if told.get(field.name) is not None:
                declared = at_path(told[field.name], field.type, (), self.policy)
                yield from (each for each, _ in declared)

    def _is_given(
        self,
        value: Value,
        origin: ir.Origin,
        recorded: Recorded,
        time: int,
        result: Any,
        source: ir.Source,
    ) -> bool:
        """Whether a value stands where an origin says in what a call gave back."""
        if not recorded.was_permitted(time):
            return False
        if origin.kind == "result" and recorded.outcome(time) != "done":
            return False
        action = action_of(self.policy, origin.capability)
        declared = None if action is None else action.result
        if origin.path or origin.kind == "result":
            quoted = origin.kind == "quoted"
            held = at_path(result, declared, origin.path, self.policy, quoted=quoted)
        else:
            held = ((each, None) for each in everything_in(result))
        found = any(
            (equal(value, each) if origin.kind == "result" else isinstance(each, str) and stands(value, each))
            and self._is_met(origin, recorded, it)
            for each, it in held
        )  # fmt: skip
        return found and (
            origin.kind == "quoted" or self._was_not_written(value, origin, recorded, time, source)
        )

    def _is_met(self, origin: ir.Origin, recorded: Recorded, it: dict[str, Any] | None) -> bool:
        """Whether the condition of an origin is true of the call and of the record that holds the value."""
        if origin.condition is None:
            return True
        request = dict(recorded.call.request)
        request["context"] = {**recorded.call.evidence, "it": it}
        return truth(origin.condition, Call(self.policy, request)) is True

    def _was_not_written(
        self, value: Value, origin: ir.Origin, recorded: Recorded, time: int, source: ir.Source
    ) -> bool:
        """Whether a value in a result is more than what the run itself wrote, and now reads back.

        Of a tool that the run has written to, only what that gave before counts; and elsewhere a value that was
        written comes from where it came from then.
        """
        tool = str(origin.capability).rpartition(".")[0]
        writes = [
            each
            for each in self.calls(time)
            if each.effect == "permit" and writes_(self.policy, each.call.capability)
        ]
        into = [each for each in writes if str(each.call.capability).rpartition(".")[0] == tool]
        if into:
            first = min(each.time for each in into)
            return any(
                self._is_given(value, origin, each, when, result, source)
                for each in self.calls(first)
                if each.call.capability == origin.capability
                for when, result in each.results
                if when < first
            )
        carried = [each for each in writes if any(_holds(value, text) for text in everything_in(each.call.arguments))]  # fmt: skip
        return not carried or self.comes_from(value, source, min(each.time for each in carried) - 1)


def _holds(value: Value, other: Value) -> bool:
    """Whether something that was written is a value, or has it in it."""
    return equal(value, other) or (isinstance(other, str) and stands(value, other))


def writes_(policy: ir.Policy, capability: str | None) -> bool:
    """Whether a call may change what its tool gives back later: unless it is known to read alone."""
    action = action_of(policy, capability)
    return action is None or action.kinds != ("read",)


def at_path(
    value: Any,
    type_: ir.Type | None,
    path: tuple[str, ...],
    policy: ir.Policy,
    it: dict[str, Any] | None = None,
    *,
    quoted: bool = False,
) -> Iterator[Held]:
    """The values at a path, and below it, through lists, as far as they are declared and fit their types.

    What is beyond a type has no path. Nor has a part of `json`; but something may stand in its texts, and is `quoted`.
    """
    match type_:
        case ir.ListType(of):
            if type(value) is list:
                for each in value:
                    yield from at_path(each, of, path, policy, it, quoted=quoted)
        case ir.RecordType(fields) if path:
            field = next((each for each in fields if each.name == path[0]), None)
            if field is not None and type(value) is dict and value.get(path[0]) is not None:
                yield from at_path(
                    value[path[0]], field.type, path[1:], policy, value, quoted=quoted
                )
        case ir.RecordType(fields):
            for field in fields:
                yield from at_path(value, type_, (field.name,), policy, it, quoted=quoted)
        case ir.Scalar("json"):
            if quoted and not path:
                yield from ((each, it) for each in everything_in(value))
        case ir.Scalar() if not path and type(value) in (str, int, float):
            if comparable(value, type_, policy) is not MALFORMED:
                yield value, it
        case _:
            return
