"""What the service says of tasks, as people read it; every text is shown so that nothing in it hides or moves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...compiler.text.visible import visible, visible_lines

LONGEST = 400
"""Characters of a value that are printed; of a longer one it is said how long it is."""


def started(answer: Mapping[str, Any]) -> str:
    """What came of a start."""
    context = _object(answer.get("context"))
    task = _object(answer.get("task"))
    if answer.get("decision") is True:
        return "\n".join([f"started {_text(task.get('id'))}", *_who(task), *_why("by", context)])
    effect = (
        "denied"
        if context.get("effect") == "deny"
        else f"not started: {_text(context.get('effect'))}"
    )
    return "\n".join([effect, *_why("by", context)])


def noted(id: str, what: str) -> str:
    """That something was recorded of a task."""
    return visible(f"{id} {what}")


def listed(answer: Mapping[str, Any]) -> list[str]:
    """Tasks, a line each."""
    tasks = [_object(each) for each in _list(answer.get("tasks"))]
    rows = [
        (
            _text(each.get("id")),
            _text(each.get("state")),
            _second(each.get("started_at")),
            _text(each.get("intent")),
            _text(each.get("agent")) + _for(each),
        )
        for each in tasks
    ]
    return _columns(rows)


def of_list(answer: Mapping[str, Any]) -> str | None:
    """What is to be said of a list beside its rows."""
    if not _list(answer.get("tasks")):
        return "there are no tasks"
    going_on = answer.get("next")
    return None if going_on is None else f"there may be more: --before {_text(going_on)}"


def shown(answer: Mapping[str, Any]) -> str:
    """A task with all that is known of it."""
    return "\n".join(_shown(answer))


def _shown(answer: Mapping[str, Any]) -> Iterator[str]:
    task = _object(answer.get("task"))
    yield f"{_text(task.get('id'))} {_text(task.get('state'))}"
    yield from _who(task)
    for name, title in (("started_at", "started"), ("ended_at", "ended"), ("parent", "inside")):
        if task.get(name) is not None:
            by = (
                f" by {_text(task['starter'])}"
                if name == "started_at" and task.get("starter")
                else ""
            )
            yield f"  {title:<9}{_text(task[name])}{by}"
    if context := _object(task.get("context")):
        yield f"  reported {_values(context)}"
    for each in reversed(_list(answer.get("said"))):
        said = _object(each)
        yield f"said {_text(said.get('at'))}"
        words = said.get("text")
        if type(words) is str:
            yield from (f"  | {line}" for line in visible_lines(words).split("\n"))
        else:
            yield "  its words are kept no more"
    yield from _meters(_object(answer.get("meters")))
    calls = [_object(each) for each in _list(answer.get("calls"))]
    yield f"calls: {len(calls)}" + ("" if calls else ", it has asked for nothing")
    for each in calls:
        yield from _call(each)
    if answer.get("more_calls"):
        yield "earlier calls are on the page of the task, and at GET /v1/calls"


def _meters(meters: Mapping[str, Any]) -> Iterator[str]:
    if meters:
        yield "meters, as its latest calls saw them"
        for name, value in meters.items():
            yield f"  {visible(name)} {_json(value)}"


def _call(call: Mapping[str, Any]) -> Iterator[str]:
    effect, outcome = _text(call.get("effect")), call.get("outcome")
    became = (
        _text(outcome) if outcome else "no outcome yet" if effect == "permit" else "did not happen"
    )
    named = call.get("capability")
    capability = _text(named) if named else "something that is not declared"
    yield f"  {_text(call.get('id'))} {_second(call.get('at'))} {capability}: {effect}, {became}"
    body = _object(_object(call.get("event")).get("body"))
    request = _object(body.get("request"))
    arguments = _object(_object(request.get("action")).get("properties"))
    if arguments:
        yield f"      with {_values(arguments)}"
    answer = _object(body.get("answer"))
    yield from (f"    {each}" for each in _why("by", _object(answer.get("context", answer))))


def _who(task: Mapping[str, Any]) -> Iterator[str]:
    yield f"  agent    {_text(task.get('agent'))}{_for(task)}"
    yield f"  intent   {_text(task.get('intent'))}"
    if fields := _object(task.get("fields")):
        yield f"  fields   {_values(fields)}"


def _for(task: Mapping[str, Any]) -> str:
    user = _object(task.get("user")).get("id")
    return "" if user is None else f" for {_text(user)}"


def _why(word: str, context: Mapping[str, Any]) -> Iterator[str]:
    rules = ", ".join(_text(each) for each in _list(context.get("rules")))
    yield f"  {word} {rules or 'no rule'}"
    for reason in _list(context.get("reasons")):
        yield f"  because {_text(reason)}"
    owner = _object(context.get("owner"))
    if owner and context.get("effect") != "permit":
        yield f"  ask {_text(owner.get('name'))} ({_text(owner.get('contact'))})"


def _values(of: Mapping[str, Any]) -> str:
    return ", ".join(f"{visible(str(name))}={_json(value)}" for name, value in of.items())


def _json(value: Any) -> str:
    text = visible(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _text(value: Any) -> str:
    text = value if type(value) is str else "?" if value is None else json.dumps(value)
    return visible(text)


def _second(value: Any) -> str:
    """A time to the second, in UTC, as it says."""
    text = _text(value)
    return f"{text[:19]}Z" if text.endswith("Z") else text


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
