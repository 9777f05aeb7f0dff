"""What may happen to a monitor, step by step: tasks, words, calls of every kind, outcomes, results, verdicts, time.

The vocabulary has a meter of every aggregate, key and window, and a source of every origin; what is drawn is what
happens. Values collide, so that most of it is about the same things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.runtime.evaluator import Evaluator
from agpc.runtime.facts import Facts, Part, Read
from agpc.targets.python import evaluator

from .values import BOOLEANS, Draw, integers, pick

BOTS = ("spiffe://t.example/bot", "spiffe://t.example/crab")
TEXT = """\
language 2
package p
agent bot  = "spiffe://t.example/bot"
agent crab = "spiffe://t.example/crab"
intent work "work" { order: string, more?: [string], n?: int }
intent part "a part of it" { order: string, more?: [string], n?: int }
level grade = low < mid < high
user { email?: string }
set known = ["desk@corp.example", "ab"]
tool pay { grade: grade
    action send(amount: number, order?: string, n?: int, at?: time, wait?: duration, tags?: [string], flag?: bool) -> { id: string }
    read action see(order: string, amount?: number) -> { total: number, customer: string, tags: [string] } }
tool mail {
    read action open(id: string) -> { from: email, body: string, more?: json }
    send action send(to: [string], body?: string, copy?: email, link?: url, on?: date, amount?: number, parts?: [{ path: string, note?: string }]) }
tool book { read action find(name: string) -> [{ email: string, ok: bool, age?: int }]
    write action add(name: string) -> { email: string } }
meter calls   = count of pay.send per task
meter recent  = count of any per agent within 10s
meter alike   = count of pay.* per resource within 30s
meter mine    = count of pay.send per user within 1m
meter all_    = count of any per everyone within 20s
meter orders  = count of pay.see per args.order as args.order within 30s
meter crossed = count of pay.see per task, args.order as args.order
meter spent   = sum args.amount of pay.send per task.order within 1m
meter wholes  = sum args.n of pay.send when has args.n per task
meter sizes   = sum size args.tags of pay.send when has args.tags per task
meter kinds   = distinct args.tags of pay.send when has args.tags per task within 30s
meter names   = distinct args.order of pay.see per everyone within 1m
meter peak    = max resource.grade of pay.* per task
meter most    = max args.amount of pay.send per agent within 30s
meter longest = max args.wait of pay.send when has args.wait per task
meter latest  = max args.at of pay.send when has args.at per task within 1m
meter seen    = last of pay.see per task
meter refusal = last of denied any per user within 1m
meter done_   = count of done any per task within 30s
meter failed_ = sum args.amount of done pay.send per everyone within 1m
meter denied_ = count of denied any per task within 30s
meter asked_  = count of asked any per task
meter flagged = count of pay.send when args.flag per task
meter hosts   = distinct args.link.host of mail.send when has args.link per task within 1m
meter copies  = count of mail.send per args.copy as args.copy within 1m
meter newest  = max args.on of mail.send when has args.on per task
meter paths   = distinct args.parts.path of mail.send when has args.parts per task
meter notes   = sum size args.parts.note of mail.send when has args.parts per task
meter few     = count of mail.send when size args.to <= 1 and has only args.to, args.body, args.parts per task
meter often   = count of pay.send when args.amount > 5 per task.order within 1m
source people = said, task, book.find.email when it.ok, pay.see.customer, pay.see.total
source seen_  = people, quoted mail.open.body, quoted pay.see
source own    = user.email, known, pay.see.tags
source added  = book.add.email, mail.open.from when args.id == "i1", book.find.age when it.age > 3, quoted mail.open.more
source asked  = quoted mail.open, said
grant g { to bot, crab for work
    allow pay.send when calls <= 6 and all_ <= 100
    allow pay.see
    allow mail.open
    allow mail.send as reply when args.to from people
    allow mail.send as ask   when args.to from seen_ require approval by "role:lead"
    allow book.find
    allow book.add when refusal.before < now or recent.before >= 0
    allow part.start as shown when recent.before <= 20 require confirmation within 5m
    allow part.start as seen when args.order from people require approval by "role:lead"
    allow part.start as bare when args.order == "ab"
}
forbid much { deny pay.send when spent > 50 }
"""
VALUES = ("o-7", "ab", "joe@corp.com", "desk@corp.example", "joe@home.example", "abc", "20", "http://x.example/a", "i1", "")  # fmt: skip
NUMBERS = (0, 1, 2, 5.5, 20, 20.0, 0.1, -1, 10**16, 1e-10, 7)
WORDS = (
    "write to joe@corp.com, please", "(desk@corp.example)", "joe@corp.com.evil.net", "pay 20 for o-7", "-20", "abc!", "$20",
    "see http://x.example/a now", "20.0", "x" * 50, "ab", "abc's", "o-7", "", "joe@home.example\n20",
)  # fmt: skip
ODD: tuple[Any, ...] = (None, 7, "x", [], {}, True, [None], "\ud800")


def policy_of_histories() -> ir.Policy:
    """The vocabulary, with its rules."""
    found = compile_sources([Source("p.agp", TEXT)])
    assert found.policy is not None, found.diagnostics
    return found.policy


class Whole:
    """A policy of which a monitor works out every fact for every call, whoever reads it."""

    def __init__(self, policy: ir.Policy) -> None:
        self.evaluator: Evaluator = evaluator(policy)
        facts = self.evaluator.facts
        parameters = parameters_of(policy) if policy.sources else {}
        names = {name for parts in parameters.values() for name in names_of(parts)}
        asked = tuple(sorted(name + links for name in names for links in ("", "#links")))
        everything = Read(
            tuple(each.key for each in facts.meters),
            tuple((each.key, asked) for each in facts.sources),
        )
        self.facts: Facts = replace(facts, reads={"any": everything}, parameters=parameters)
        self.decide = self.evaluator.decide
        self.capability = self.evaluator.capability


def parameters_of(policy: ir.Policy) -> dict[str, tuple[Part, ...]]:
    """The parameters of every capability, also of those whose rules ask of no source."""
    source = policy.sources[0]
    parameters = [
        (each, ir.Attribute("args", (field.name,), field.type))
        for each, action in policy.declared_actions.items()
        for field in action.parameters[:1]
    ]
    allow = policy.allows[0]
    asking = tuple(
        replace(allow, capabilities=(capability,), condition=ir.In(ir.NameOf(read), source.read))
        for capability, read in parameters
    )
    return dict(evaluator(replace(policy, allows=asking)).facts.parameters)


def names_of(parts: tuple[Part, ...], before: str = "") -> Iterator[str]:
    """The names of parameters, and of what is in records of them."""
    for part in parts:
        yield before + part.written
        inner = part.shape.of or part.shape
        yield from names_of(inner.fields or (), f"{before}{part.written}.")


def draw_request(draw: Draw, tasks: list[tuple[str, str]]) -> dict[str, Any]:
    """A call in a task that was started, or in none of them."""
    id, agent = pick(draw, tuple(tasks)) if tasks and draw(integers(0, 9)) else ("t9", BOTS[0])
    value, number = st.sampled_from(VALUES), st.sampled_from(NUMBERS)
    kind, name, arguments = pick(
        draw,
        (
            ("p.pay", "send", {"amount": draw(number), "order": draw(value), "n": draw(number), "tags": [draw(value), draw(value)], "flag": draw(BOOLEANS), "at": "2026-11-24T10:00:00Z", "wait": pick(draw, ("5s", "1m", "60s"))}),
            ("p.pay", "see", {"order": draw(value)}),
            ("p.mail", "open", {"id": draw(value)}),
            ("p.mail", "send", {"to": [draw(value)], "body": pick(draw, WORDS), "amount": draw(number), "copy": pick(draw, ("joe@corp.com", "joe@CORP.com", "x")), "link": pick(draw, ("http://a.example/", "https://b.example:1/x", "http://A.example")), "on": pick(draw, ("2026-01-01", "2026-12-31", "x")), "parts": [{"path": draw(value)}, {"path": draw(value), "note": draw(value)}]}),
            ("p.book", "find", {"name": draw(value)}),
            ("p.book", "add", {"name": draw(value)}),
            ("p.book", "nothing", {}),
        ),
    )  # fmt: skip
    for each in list(arguments):
        what = draw(integers(0, 11))
        if what == 0:
            arguments[each] = pick(draw, ODD)
        elif what < 3:
            del arguments[each]
    context: dict[str, Any] = {
        "task": {"id": id, "intent": "p.work", "state": "active", "order": pick(draw, ("o-7", "o-8"))},
        "user": {"id": "user:joe", "email": pick(draw, VALUES)},
        "meters": {"p.calls": 7},
    }  # fmt: skip
    if draw(integers(0, 14)) == 0:
        context[pick(draw, ("task", "user"))] = pick(draw, (None, {}, "x", {"id": None}, {"id": 7}))
    if tasks and draw(integers(0, 5)) == 0:
        context["delegation"] = [draw_link(draw, tasks) for _ in range(draw(integers(0, 2)))]
    return {
        "subject": {"type": "agent", "id": agent, "properties": {}},
        "action": {"name": name, "properties": arguments},
        "resource": {
            "type": kind,
            "id": pick(draw, ("r1", "r2")),
            "properties": {"grade": pick(draw, ("low", "mid", "high", "top"))},
        },
        "context": context,
    }


def draw_start(
    draw: Draw, parent: tuple[str, str], task: dict[str, Any], now: str
) -> dict[str, Any]:
    """The start of a task inside another one, which a person may have confirmed, or approved."""
    fields = {name: task[name] for name in ("order", "more", "n") if task[name] is not None}
    asked = {
        "task": parent[0],
        "capability": "p.part.start",
        "resource": task["id"],
        "args": fields,
    }
    shown = [
        {"by": by, "roles": ["role:lead"], "at": now, **asked} for by in ("user:joe", "user:ann")
    ]
    at_hand = {"id": parent[0], "intent": "p.work", "state": "active", "order": "o-7"}
    return {
        "subject": {"type": "agent", "id": parent[1], "properties": {}},
        "action": {"name": "start", "properties": fields},
        "resource": {"type": "p.part", "id": task["id"], "properties": {}},
        "context": {
            "task": at_hand,
            "user": {"id": "user:joe"},
            "approvals": shown[: draw(integers(0, 2))][:: pick(draw, (1, -1))],
        },
    }


def draw_link(draw: Draw, tasks: list[tuple[str, str]]) -> Any:
    """An agent for which another one acts, with its own task; or what is none."""
    id, agent = pick(draw, tuple(tasks))
    task = {"id": id, "intent": "p.work", "state": "active", "order": "o-7"}
    link = {"agent": agent, "properties": {}, "task": task, "meters": {"p.calls": 7}}
    return pick(draw, ODD) if draw(integers(0, 9)) == 0 else link


def draw_result(draw: Draw, request: dict[str, Any]) -> Any:
    """What a call gives back: what it declares, or anything."""
    value, number, text = (st.sampled_from(each) for each in (VALUES, NUMBERS, WORDS))
    made = {
        "see": lambda: {"total": draw(number), "customer": draw(value), "tags": [draw(value)], "note": draw(text)},
        "open": lambda: {"from": draw(value), "body": draw(text), "more": pick(draw, (None, [draw(text)], {draw(value): 20}))},
        "find": lambda: [{"email": draw(value), "ok": draw(BOOLEANS), "age": draw(number)} for _ in range(2)],
        "add": lambda: {"email": draw(value)},
    }.get(request["action"]["name"], lambda: {"id": draw(value), draw(value): draw(text)})()  # fmt: skip
    what = draw(integers(0, 12))
    if what == 0:
        return pick(draw, (*ODD, float("nan"), object()))
    if what == 1 and isinstance(made, dict):
        made[pick(draw, tuple(made))] = pick(draw, ODD)
    return made
