"""Why the facts of a request are as they are: which calls a meter counts, and where a value was seen instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...ir import nodes as ir
from ...ir.walk import attributes, conditions_of_rule, leaves
from ...text.field_names import dotted
from ..request import MALFORMED, Call, comparable
from .known import facts_of
from .meters import Unknown, counted
from .record import Record
from .sources import (
    History,
    Value,
    arguments,
    everything_in,
    stands,
    values_of,
)

MOST = 5  # lines of the record, and values, that are named


def why_facts(
    policy: ir.Policy, record: Record, request: Any, rules: Iterable[ir.Rule]
) -> list[str]:
    """Explain each fact that some rules read, a line of prose each."""
    call = Call.read(policy, request)
    if call is None or call.now is None:
        return ["without a request that has a time nothing is known of what was done before"]
    record = record.until(call.now)
    conditions = [condition for rule in rules for condition in conditions_of_rule(rule)]
    read = {
        attribute.path[1]
        for condition in conditions
        for attribute, _ in attributes(condition)
        if ir.is_fact(attribute)
    }
    known = facts_of(policy, record, request)["context"]
    found = []
    for meter in policy.meters:
        if meter.key in read:
            found.append(_of_meter(policy, record, meter, call, call.now, known))
    for source in policy.sources:
        if source.key in read:
            asked = _asked_of(source, conditions)
            found += _of_source(policy, record, source, call, call.now, asked)
    return found


def _asked_of(source: ir.Source, conditions: Iterable[ir.Condition]) -> set[str]:
    """The arguments of which conditions ask whether they come from a source."""
    return {
        leaf.item.of.path[0]
        for condition in conditions
        for leaf in leaves(condition)
        if isinstance(leaf, ir.In)
        and isinstance(leaf.item, ir.NameOf)
        and isinstance(leaf.of, ir.Attribute)
        and leaf.of.path[1] == source.key
    }


def _of_meter(
    policy: ir.Policy, record: Record, meter: ir.Meter, call: Call, now: int, known: Any
) -> str:
    value = known.get("meters", {}).get(meter.key, {})
    said = [f"{name} {_shown(value[name])}" for name in ("before", "with") if name in value]
    try:
        lines = [f"{each.line}" for each in counted(policy, record, meter, call, now)]
    except Unknown as error:
        return f"{meter.name}: unknown: {error}"
    more = f" and {len(lines) - MOST} more" if len(lines) > MOST else ""
    counts = f"counts line {', '.join(lines[:MOST])}{more}" if lines else "counts no line"
    return f"{meter.name}: {', '.join(said) or 'unknown'}: {counts} of the record"


def _shown(value: object) -> str:
    return "nothing" if isinstance(value, dict) else str(value)


def _of_source(
    policy: ir.Policy,
    record: Record,
    source: ir.Source,
    call: Call,
    now: int,
    asked: set[str],
) -> Iterator[str]:
    name = source.name.removeprefix("from ")
    history = History(policy, record, call, record.run(str(call.task_id)))
    if history.is_in_doubt(now):
        yield f"{name}: unknown: a line of the record, or what a call gave back, cannot be read"
        return
    for argument, type_, value in arguments(policy, call):
        if argument not in asked or comparable(value, type_, policy) is MALFORMED:
            continue
        others = [
            each for each in values_of(value, type_) if not history.comes_from(each, source, now)
        ]
        for each in dict.fromkeys(others[:MOST]):
            seen = ", ".join(dict.fromkeys(_seen(history, each, now))) or "nowhere in this run"
            yield f"{name}: {each!r} of `{dotted('args', (argument,))}` is not from it: seen {seen}"


def _seen(history: History, value: Value, now: int) -> Iterator[str]:
    """Where a value stands in the record of the run, whatever the source says."""
    yield from _seen_in_task(history, value, now)
    for said in history.record.said:
        if (
            said.time <= now
            and history.record.run(said.task) == history.run
            and stands(value, said.text)
        ):
            yield "in what the person said"
    for each in history.calls(now):
        for time, result in each.results:
            if time <= now and any(
                value == inner or (isinstance(inner, str) and stands(value, inner))
                for inner in everything_in(result)
            ):
                yield f"in what `{each.call.capability}` gave back (line {each.line})"


def _seen_in_task(history: History, value: Value, now: int) -> Iterator[str]:
    """That a value is a field of a task inside another, to whose start nobody agreed."""
    started = history.record.tasks.get(str(history.call.task_id))
    if started is None or started.parent is None or started.agreed or started.time > now:
        return
    if any(each == value for each in history.fields_of(started)):
        yield f"in the fields of the task, to whose start inside `{started.parent}` nobody agreed"
