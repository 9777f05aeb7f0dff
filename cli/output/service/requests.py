"""What waits for people, as they read it in a terminal: whole, and every text so that nothing in it hides or moves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ....compiler.text.visible import visible, visible_lines


def listed(answer: Mapping[str, Any]) -> list[str]:
    """Requests, a line each."""
    lines = []
    for each in map(_object, _list(answer.get("requests"))):
        until = f"until {_text(each.get('expires_at'))[:19]}Z"
        lines.append(
            f"{_text(each.get('id'))}  {_text(each.get('state'))}  {until}  {_text(each.get('capability'))}"
            f"  {_text(each.get('agent'))}  {_asks(each)}"
        )
    return lines


def of_list(answer: Mapping[str, Any], state: str) -> str | None:
    """What is to be said of a list beside its rows."""
    going_on = answer.get("next")
    if going_on is not None:
        return f"there may be more: --before {_text(going_on)}"
    if not _list(answer.get("requests")):
        return "nothing waits for you" if state == "pending" else f"no request is {state}"
    return None


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
    request, asked = _object(answer.get("request")), _object(answer.get("asked"))
    decided, context = _object(answer.get("answer")), _object(asked.get("context"))
    yield f"{_text(request.get('id'))} {_text(request.get('state'))}: {_text(request.get('capability'))}"
    yield f"  agent     {_text(request.get('agent'))}"
    user = _object(context.get("user")).get("id")
    yield f"  acts for  {'nobody was named' if user is None else _text(user)}"
    task = _object(context.get("task"))
    yield f"  task      {_text(request.get('task'))} {_text(task.get('intent', ''))}".rstrip()
    owner = _object(decided.get("owner"))
    who = f"{_text(owner.get('name'))} ({_text(owner.get('contact'))})" if owner else "nobody"
    yield f"  answers   {who}"
    yield f"  until     {_text(request.get('expires_at'))}"
    if not asked:
        yield "what would be done is not kept, or is shown to those who are asked alone"
    else:
        resource, action = _object(asked.get("resource")), _object(asked.get("action"))
        yield f"would do {_text(action.get('name'))} on {_text(resource.get('type'))} {_text(resource.get('id'))}"
        came_from = _object(answer.get("came_from"))
        for name, value in sorted(_object(action.get("properties")).items()):
            yield from _value(f"  {_name(name)} = ", value)
            if name in came_from:
                sources = ", ".join(map(_text, _list(came_from[name])))
                yield f"      comes from {sources or 'no source that the policy names'}"
        for name, value in sorted(_object(resource.get("properties")).items()):
            yield from _value(f"  resource {_name(name)} = ", value)
        yield from _exactly(resource.get("id"))
        known = (("agent", _object(asked.get("subject")).get("properties")), ("task", task))
        for what, of in (*known, ("context", context)):
            for name, value in sorted(_object(of).items()):
                if name not in _SHOWN_APART[what]:
                    yield from _value(f"  {what} {_name(name)} = ", value)
    for at, each in enumerate(_list(answer.get("said"))):
        words = _object(each).get("text")
        yield f"the person said {_text(_object(each).get('at'))}"
        yield from (
            (f"  | {line}" for line in visible_lines(words).split("\n"))
            if type(words) is str
            else ("  words that are not kept",)
        )
        if at == 0:
            yield from left_out(answer)
    yield f"asked by {', '.join(map(_text, _list(decided.get('rules')))) or 'no rule'}"
    for reason in _list(decided.get("reasons")):
        yield f"  because {_text(reason)}"
    effect = decided.get("effect")
    if request.get("state") == "pending" and effect != "challenge":
        yield (
            "  enough people have approved it: the call passes when the agent asks again"
            if effect == "permit"
            else "  it is asked of nobody any more: the call would be denied now"
        )
    else:
        yield f"  {_asks(decided)}"
    if any(_object(each).get("per_task") for each in _list(decided.get("requirements"))):
        yield "  ATTENTION: an approval is good for every call of this capability in the task, with any arguments"
    for each in map(_object, _list(answer.get("verdicts"))):
        message = f": {_text(each['message'])}" if each.get("message") else ""
        yield f"{_text(each.get('by'))} {_text(each.get('verdict'))}d {_text(each.get('at'))}{message}"


def _asks(of: Mapping[str, Any]) -> str:
    told = []
    for each in map(_object, _list(of.get("requirements"))):
        kind, by = _text(each.get("type")), " or ".join(map(_text, _list(each.get("by"))))
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


def _text(value: Any) -> str:
    return visible(value if type(value) is str else "?" if value is None else json.dumps(value))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def left_out(answer: Mapping[str, Any]) -> Iterator[str]:
    """Say how much was said that is not shown, after the first words."""
    more = answer.get("said_left_out")
    if type(more) is int and more > 0:
        yield f"  {more:,} times more something was said here, which is left out; what follows was said last"
