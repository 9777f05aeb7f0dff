"""Facts of requests about any policy: those that follow from a record of such requests, and others that nobody would give."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.request import Call
from agpc.runtime.time_text import format_time
from agpc.runtime.values import NANOSECONDS, read_time

from .texts import WORDS
from .values import BOOLEANS, Draw, chance, json_value, pick

Request = dict[str, Any]
STRANGE: tuple[Any, ...] = (
    None,
    7,
    "x",
    [],
    {},
    True,
    {"none": False},
    {"none": True, "x": 1},
    [None],
)
AGES = (0, 1, 600, 601, 86_400)


def draw_given(draw: Draw, policy: ir.Policy, request: Request) -> None:
    """Say the facts of a request and of the links of its chain, whatever they are; those aimed at stay."""
    context = request["context"]
    names = [
        f"{each}{links}" for each in request["action"]["properties"] for links in ("", "#links")
    ]
    aimed_at = {name: context.get(name, {}) for name in ("meters", "sources")}
    holders = [context]
    chain = context.get("delegation")
    if isinstance(chain, list):
        holders += [each for each in chain if isinstance(each, dict)]
    for holder in holders:
        if chance(draw, 8):
            continue
        mine = copy.deepcopy(aimed_at)
        for meter in policy.meters:
            said = mine["meters"].setdefault(meter.key, {})
            for reading in ("before", "with") if meter.has_with else ("before",):
                if reading not in said and chance(draw, 94):
                    said[reading] = draw_value(draw, policy, meter)
            if chance(draw, 3):
                mine["meters"][meter.key] = pick(draw, STRANGE)
        for source in policy.sources:
            if source.key not in mine["sources"]:
                mine["sources"][source.key] = [each for each in names if draw(BOOLEANS)]
            if chance(draw, 3):
                mine["sources"][source.key] = pick(draw, (*STRANGE, ["to", 7]))
        holder |= {name: each for name, each in mine.items() if chance(draw, 97)}


def draw_value(draw: Draw, policy: ir.Policy, meter: ir.Meter) -> Any:
    """A value of a meter, or nothing where there may be none."""
    if isinstance(meter.type, ir.OrNothing) and chance(draw, 30):
        return {"none": True}
    if meter.type == ir.INT and chance(draw, 60):
        return pick(draw, (0, 1, 2, 3))
    return json_value(draw, ir.value_type(meter.type), policy.members_of)


def draw_recorded(draw: Draw, policy: ir.Policy, request: Any, other: Callable[[], Request]) -> Any:
    """The request with the facts of a record of other requests, which `other` makes, in its task and in others."""
    if Call.read(policy, request) is None or not isinstance(request.get("context"), dict):
        return request
    context = request["context"]
    now, task = read_time(context.get("time")), context.get("task")
    if now is None or not isinstance(task, dict):
        return facts(policy, (), request)
    lines: list[dict[str, Any]] = []
    start = {"event": "task", "agent": request["subject"]["id"], "task": task}
    person = context.get("user")
    if isinstance(person, dict) and isinstance(person.get("id"), str):
        start["user"] = {"id": person["id"]}
    lines.append({"time": at(now, AGES[-1]), **start})
    for number, age in enumerate(
        sorted(draw(st.lists(st.sampled_from(AGES), max_size=3)), reverse=True)
    ):
        time = at(now, age)
        if chance(draw, 25):
            text = " ".join(pick(draw, WORDS) for _ in range(2))
            lines.append({"time": time, "event": "said", "task": task.get("id"), "text": text})
            continue
        lines += draw_call(draw, policy, copy.deepcopy(other()), request, f"c-{number}", time)
    return facts(policy, lines, request)


def draw_call(
    draw: Draw, policy: ir.Policy, made: Request, request: Request, id: str, time: str
) -> list[dict[str, Any]]:
    """A call that was before another one, most often in the same task, and what became of it."""
    made["context"].pop("delegation", None)
    made["context"]["time"] = time
    if chance(draw, 85):
        made["context"]["task"] = request["context"]["task"]
        made["subject"] = request["subject"]
    if chance(draw, 60):
        made |= {name: copy.deepcopy(request[name]) for name in ("action", "resource")}
    effect = pick(draw, ("permit", "permit", "permit", "challenge", "deny"))
    lines = [{"time": time, "event": "call", "id": id, "effect": effect, "request": made}]
    if effect == "permit" and chance(draw, 70):
        outcome = pick(draw, ("done", "done", "failed", "withdrawn"))
        kind = made["resource"].get("type")
        action = policy.declared_actions.get(f"{kind}.{made['action'].get('name')}")
        line = {"time": time, "event": "outcome", "call": id, "outcome": outcome}
        if action is not None and action.result is not None:
            line["result"] = json_value(draw, action.result, policy.members_of)
        lines.append(line)
    return lines


def at(now: int, age: int) -> str:
    """A time so many seconds before another one, or the first of all."""
    return format_time(max(now - age * NANOSECONDS, -(2**63)))
