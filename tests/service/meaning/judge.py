"""What a trail says, held against the reference: each decision again, with the facts that follow from the record before it."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from typing import Any

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.facts import facts
from agpc.runtime.time_text import format_time
from agpc.service.store import Event, Store

from ..crash.invariants import SIGNER, Signed, line_of
from .life import Lived
from .policies import compiled, generation

OPEN = {"permit": 2, "challenge": 1, "deny": 0}


class Judge:
    """Goes through a trail, and keeps what has happened."""

    def __init__(self, lived: Lived) -> None:
        self.lived = lived
        self.policies = {generation(each).digest: compiled(each) for each in lived.texts}
        self.active: ir.Policy | None = None
        self.record: list[dict[str, Any]] = []
        self.tasks: dict[str, dict[str, Any]] = {}
        self.found: Counter[str] = Counter()
        self.adopted = 0

    def judge(self, events: list[Event]) -> None:
        """Look at each event, and at what was asked without one, in their order."""
        asked = sorted(self.lived.asked, key=lambda each: each.size)
        for event in events:
            while asked and asked[0].size <= event.seq:
                one = asked.pop(0).found
                self.decision("evaluation", one.decision.effect, one.request)
            self.event(event)
        for each in asked:
            self.decision("evaluation", each.found.decision.effect, each.found.request)

    def event(self, event: Event) -> None:
        """Look at an event."""
        told = {**self.lived.told[event.seq], "time": format_time(event.time)}
        kind = told["event"]
        self.found[kind] += 1
        if kind == "generation":
            self.active = self.policies[told["policy"]]
            self.adopted += 1
        elif kind == "call":
            self.as_stored(told["request"], told["caller"])
            self.decision("call", told["effect"], told["request"])
        elif kind == "task":
            task = {name: told.get(name) for name in ("agent", "user", "parent", "caller")}
            self.tasks[told["task"]["id"]] = {**task, "task": {**told["task"], "state": "active"}}
        elif kind == "state":
            self.tasks[told["task"]]["task"]["state"] = told["state"]
        elif kind == "outcome":
            assert told["call"] in {each["id"] for each in self.record if each["event"] == "call"}
        line = line_of(told)
        if line is not None:
            self.record.append(line)

    def decision(self, kind: str, effect: str, request: dict[str, Any]) -> None:
        """A decision follows from its request, and is no more open than with all facts that there are."""
        assert self.active is not None
        if "time" not in request["context"]:  # of another agent's task
            assert effect == "deny"
            return
        decided = interpreter.decide(self.active, request)
        assert decided.effect == effect, (kind, effect, decided)
        known = facts(self.active, self.record, request)
        wanted = interpreter.decide(self.active, known).effect
        self.found[f"{kind} {effect}"] += 1
        if effect != wanted:
            assert OPEN[effect] < OPEN[wanted], (kind, effect, wanted, request, known)
            assert self.may_lack(request), (kind, effect, wanted, request, known)
            self.found["stricter"] += 1
        for given, other in zip(_facts(request), _facts(known), strict=True):
            for name, value in given.items():
                assert name in other, (name, value)
                self.found["facts"] += 1
                if isinstance(value, list):
                    assert {*value} <= {*other[name]}, (name, value, other[name])
                else:
                    assert value == other[name], (name, value, other[name])

    def may_lack(self, request: dict[str, Any]) -> bool:
        """Whether facts may be unknown: after a change of the policy, or of a run in which nothing goes on."""
        context = request["context"]
        asked = [context.get("task"), *(each["task"] for each in context.get("delegation") or ())]
        return self.adopted > 1 or not all(
            isinstance(each, dict) and each.get("id") in self.tasks and self.goes_on(each["id"])
            for each in asked
        )

    def goes_on(self, id: str) -> bool:
        """Whether a task of a run is active."""
        run = self.run(id)
        return any(
            self.run(each) == run and one["task"]["state"] == "active"
            for each, one in self.tasks.items()
        )

    def run(self, id: str) -> str:
        """The first task of a run."""
        while self.tasks[id]["parent"] is not None:
            id = self.tasks[id]["parent"]
        return id

    def as_stored(self, request: dict[str, Any], caller: str) -> None:
        """The task, its person and those for whom its agent acts are what the trail says of them."""
        context = request["context"]
        assert "approvals" not in context and "step_up" not in context
        id = (context.get("task") or {}).get("id")
        if id not in self.tasks:
            if "starter" in context:
                assert (context["starter"], id) == (caller, None)
                assert request["action"]["name"] == "start"
            assert context.get("task") in (None, {"id": id})
            return
        assert "starter" not in context
        own = self.tasks[id]
        assert context["task"] == own["task"]
        assert context.get("user") == own["user"]
        assert request["subject"]["id"] == own["agent"]
        chain, agent, above = [], own["agent"], own["parent"]
        while above is not None:
            if self.tasks[above]["agent"] != agent:
                agent = self.tasks[above]["agent"]
                chain.append((agent, self.tasks[above]["task"]))
            above = self.tasks[above]["parent"]
        if chain:
            links = [(each["agent"], each["task"]) for each in context["delegation"]]
            assert links == chain[:9]


def _facts(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The facts of a request, and of each link of its chain."""
    context = request["context"]
    chain = context.get("delegation")
    holders = [context, *(chain if isinstance(chain, list) else ())]
    return [
        {**(each.get("meters") or {}), **(each.get("sources") or {})}
        if isinstance(each, dict)
        else {}
        for each in holders
    ]


def check(url: str, lived: Lived) -> Counter[str]:
    """Hold a life against the reference and the verifier; give what was looked at."""
    with closing(Store(url, read_only=True)) as store, store.reading() as reading:
        events = reading.find(Event, "TRUE ORDER BY seq")
        verified = verify(StoredTrail(Signed(reading)), LogKey.read(SIGNER.vkey))
    assert verified.wrong == []
    is_whole = not any(json.loads(each.body or b"{}").get("redacted") for each in events)
    assert verified.verdict == "proved" or not is_whole, verified.undetermined
    judge = Judge(lived)
    judge.judge(events)
    for key, answers in lived.answers.items():
        firm = [each for each in answers if not _is_question(each)]
        assert all(each == firm[0] for each in firm), (key, firm)
    judge.found["verified"] += verified.verdict == "proved"
    return judge.found


def _is_question(answer: dict[str, Any]) -> bool:
    return bool(answer.get("context", {}).get("effect") == "challenge")
