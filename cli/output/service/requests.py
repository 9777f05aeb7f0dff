"""What waits for people, as they read it in a terminal: whole, and every text so that nothing in it hides or moves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ....compiler.text.visible import visible, visible_lines
from .answers import beside, items_of, left_out, object_of, text_of, to_the_second


def listed(answer: Mapping[str, Any]) -> list[str]:
    """Requests, a line each."""
    lines = []
    for each in map(object_of, items_of(answer.get("requests"))):
        until = f"until {to_the_second(each.get('expires_at'))}"
        lines.append(
            f"{text_of(each.get('id'))}  {text_of(each.get('state'))}  {until}  {text_of(each.get('capability'))}"
            f"  {text_of(each.get('agent'))}  {_asks(each)}"
        )
    return lines


def of_list(answer: Mapping[str, Any], state: str) -> str | None:
    """What is to be said of a list beside its rows."""
    none = "nothing waits for you" if state == "pending" else f"no request is {state}"
    return beside(answer, "requests", none)


_SHOWN_APART: Mapping[str, frozenset[str]] = {
    "agent": frozenset(),
    "task": frozenset({"id", "intent", "state"}),
    "context": frozenset({"task", "user", "time", "sources", "approvals"}),
}
"""What of these stands elsewhere."""


def shown(answer: Mapping[str, Any]) -> str:
    """A request with all that a person has to know who answers it; no value is cut."""
    return "\n".join(_shown(answer))


def _shown(answer: Mapping[str, Any]) -> Iterator[str]:
    request, asked = object_of(answer.get("request")), object_of(answer.get("asked"))
    decided, context = object_of(answer.get("answer")), object_of(asked.get("context"))
    yield f"{text_of(request.get('id'))} {text_of(request.get('state'))}: {text_of(request.get('capability'))}"
    yield f"  agent     {text_of(request.get('agent'))}"
    user = object_of(context.get("user")).get("id")
    yield f"  acts for  {'nobody was named' if user is None else text_of(user)}"
    task = object_of(context.get("task"))
    yield f"  task      {text_of(request.get('task'))} {text_of(task.get('intent', ''))}".rstrip()
    owner = object_of(decided.get("owner"))
    who = f"{text_of(owner.get('name'))} ({text_of(owner.get('contact'))})" if owner else "nobody"
    yield f"  answers   {who}"
    yield f"  until     {text_of(request.get('expires_at'))}"
    if not asked:
        yield "what would be done is not kept, or is shown to those who are asked alone"
    else:
        resource, action = object_of(asked.get("resource")), object_of(asked.get("action"))
        yield f"would do {text_of(action.get('name'))} on {text_of(resource.get('type'))} {text_of(resource.get('id'))}"
        came_from = object_of(answer.get("came_from"))
        for name, value in sorted(object_of(action.get("properties")).items()):
            yield from _value(f"  {_name(name)} = ", value)
            if name in came_from:
                sources = ", ".join(map(text_of, items_of(came_from[name])))
                yield f"      comes from {sources or 'no source that the policy names'}"
        for name, value in sorted(object_of(resource.get("properties")).items()):
            yield from _value(f"  resource {_name(name)} = ", value)
        yield from _exactly(resource.get("id"))
        known = (("agent", object_of(asked.get("subject")).get("properties")), ("task", task))
        for what, of in (*known, ("context", context)):
            for name, value in sorted(object_of(of).items()):
                if name not in _SHOWN_APART[what]:
                    yield from _value(f"  {what} {_name(name)} = ", value)
    for at, each in enumerate(items_of(answer.get("said"))):
        words = object_of(each).get("text")
        yield f"the person said {text_of(object_of(each).get('at'))}"
        yield from (
            (f"  | {line}" for line in visible_lines(words).split("\n"))
            if type(words) is str
            else ("  words that are not kept",)
        )
        if at == 0:
            yield from left_out(answer)
    yield f"asked by {', '.join(map(text_of, items_of(decided.get('rules')))) or 'no rule'}"
    for reason in items_of(decided.get("reasons")):
        yield f"  because {text_of(reason)}"
    effect = decided.get("effect")
    if request.get("state") == "pending" and effect != "challenge":
        yield (
            "  enough people have approved it: the call passes when the agent asks again"
            if effect == "permit"
            else "  it is asked of nobody any more: the call would be denied now"
        )
    else:
        yield f"  {_asks(decided)}"
    if any(object_of(each).get("per_task") for each in items_of(decided.get("requirements"))):
        yield "  ATTENTION: an approval is good for every call of this capability in the task, with any arguments"
    for each in map(object_of, items_of(answer.get("verdicts"))):
        message = f": {text_of(each['message'])}" if each.get("message") else ""
        yield f"{text_of(each.get('by'))} {text_of(each.get('verdict'))}d {text_of(each.get('at'))}{message}"


def _asks(of: Mapping[str, Any]) -> str:
    told = []
    for each in map(object_of, items_of(of.get("requirements"))):
        kind, by = text_of(each.get("type")), " or ".join(map(text_of, items_of(each.get("by"))))
        count = each.get("count", 1)
        told.append(f"{kind}{f' by {by}' if by else ''}{f' ×{count}' if count != 1 else ''}")
    return f"needs {'; '.join(told)}" if told else "needs nobody any more"


def _value(begin: str, value: Any) -> Iterator[str]:
    """A value whole: text of several lines as it is, all else as JSON."""
    if type(value) is str and "\n" in value:
        yield f"{begin}text of {len(value)} characters"
        yield from (f"      | {line}" for line in visible_lines(value).split("\n"))
    else:
        yield begin + visible(json.dumps(value, ensure_ascii=False))
    yield from _exactly(value)


def _exactly(value: Any) -> Iterator[str]:
    """A value in ASCII, where it has letters that may pass for other ones."""
    if not json.dumps(value, ensure_ascii=False).isascii():
        yield f"      exactly {visible(json.dumps(value))}"


def _name(name: str) -> str:
    return name if name.isascii() and name.isprintable() else visible(json.dumps(name))
