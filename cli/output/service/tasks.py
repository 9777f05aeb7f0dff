"""What the service says of tasks, as people read it; every text is shown so that nothing in it hides or moves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ....compiler.text.visible import visible, visible_lines
from .answers import beside, columns, items_of, left_out, object_of, text_of, to_the_second

LONGEST = 400
"""Characters of a value that are printed; of a longer one it is said how long it is."""


def started(answer: Mapping[str, Any]) -> str:
    """What came of a start."""
    context = object_of(answer.get("context"))
    task = object_of(answer.get("task"))
    if answer.get("decision") is True:
        return "\n".join([f"started {text_of(task.get('id'))}", *_who(task), *_why("by", context)])
    effect = (
        "denied"
        if context.get("effect") == "deny"
        else f"not started: {text_of(context.get('effect'))}"
    )
    return "\n".join([effect, *_why("by", context)])


def noted(id: str, what: str) -> str:
    """That something was recorded of a task."""
    return visible(f"{id} {what}")


def listed(answer: Mapping[str, Any]) -> list[str]:
    """Tasks, a line each."""
    tasks = [object_of(each) for each in items_of(answer.get("tasks"))]
    rows = [
        (
            text_of(each.get("id")),
            text_of(each.get("state")),
            to_the_second(each.get("started_at")),
            text_of(each.get("intent")),
            text_of(each.get("agent")) + _for(each),
        )
        for each in tasks
    ]
    return columns(rows)


def of_list(answer: Mapping[str, Any]) -> str | None:
    """What is to be said of a list beside its rows."""
    return beside(answer, "tasks", "there are no tasks")


def shown(answer: Mapping[str, Any]) -> str:
    """A task with all that is known of it."""
    return "\n".join(_shown(answer))


def _shown(answer: Mapping[str, Any]) -> Iterator[str]:
    task = object_of(answer.get("task"))
    yield f"{text_of(task.get('id'))} {text_of(task.get('state'))}"
    yield from _who(task)
    for name, title in (("started_at", "started"), ("ended_at", "ended"), ("parent", "inside")):
        if task.get(name) is not None:
            by = (
                f" by {text_of(task['starter'])}"
                if name == "started_at" and task.get("starter")
                else ""
            )
            yield f"  {title:<9}{text_of(task[name])}{by}"
    if context := object_of(task.get("context")):
        yield f"  reported {_values(context)}"
    for at, each in enumerate(reversed(items_of(answer.get("said")))):
        said = object_of(each)
        yield f"said {text_of(said.get('at'))}"
        words = said.get("text")
        if type(words) is str:
            yield from (f"  | {line}" for line in visible_lines(words).split("\n"))
        else:
            yield "  its words are kept no more"
        if at == 0:
            yield from left_out(answer)
    yield from _meters(object_of(answer.get("meters")))
    calls = [object_of(each) for each in items_of(answer.get("calls"))]
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


def _is_start(call: Mapping[str, Any]) -> bool:
    request = object_of(object_of(object_of(call.get("event")).get("body")).get("request"))
    action, resource = object_of(request.get("action")), object_of(request.get("resource"))
    return (action.get("name"), resource.get("id")) == ("start", "new")


def _call(call: Mapping[str, Any]) -> Iterator[str]:
    effect, outcome = text_of(call.get("effect")), call.get("outcome")
    became = (
        text_of(outcome)
        if outcome
        else "started"
        if effect == "permit" and _is_start(call)
        else "no outcome yet"
        if effect == "permit"
        else "did not happen"
    )
    named = call.get("capability")
    capability = text_of(named) if named else "something that is not declared"
    yield f"  {text_of(call.get('id'))} {to_the_second(call.get('at'))} {capability}: {effect}, {became}"
    body = object_of(object_of(call.get("event")).get("body"))
    request = object_of(body.get("request"))
    arguments = object_of(object_of(request.get("action")).get("properties"))
    if arguments:
        yield f"      with {_values(arguments)}"
    answer = object_of(body.get("answer"))
    yield from (f"    {each}" for each in _why("by", object_of(answer.get("context", answer))))


def _who(task: Mapping[str, Any]) -> Iterator[str]:
    yield f"  agent    {text_of(task.get('agent'))}{_for(task)}"
    yield f"  intent   {text_of(task.get('intent'))}"
    if fields := object_of(task.get("fields")):
        yield f"  fields   {_values(fields)}"


def _for(task: Mapping[str, Any]) -> str:
    user = object_of(task.get("user")).get("id")
    return "" if user is None else f" for {text_of(user)}"


def _why(word: str, context: Mapping[str, Any]) -> Iterator[str]:
    rules = ", ".join(text_of(each) for each in items_of(context.get("rules")))
    yield f"  {word} {rules or 'no rule'}"
    for reason in items_of(context.get("reasons")):
        yield f"  because {text_of(reason)}"
    owner = object_of(context.get("owner"))
    if owner and context.get("effect") != "permit":
        yield f"  ask {text_of(owner.get('name'))} ({text_of(owner.get('contact'))})"


def _values(of: Mapping[str, Any]) -> str:
    return ", ".join(f"{visible(str(name))}={_json(value)}" for name, value in of.items())


def _json(value: Any) -> str:
    text = visible(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
