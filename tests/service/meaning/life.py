"""A store that several cores work on, and what is asked of them: whatever may happen, in any order, and at once."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, cast

from engines.watched import SECOND, START
from generators.histories import NUMBERS, VALUES, WORDS, draw_request, draw_result
from generators.values import Draw, chance, pick
from hypothesis import strategies as st

from agpc.service.core import (
    SYSTEM,
    Adopt,
    Caller,
    Core,
    CoreSettings,
    Decide,
    Evaluated,
    Move,
    Operation,
    Problem,
    Report,
    Say,
    Start,
    Tell,
)
from agpc.service.core.turns.trail import Trail
from agpc.service.store import Store

from .policies import AGENTS, INTENTS, draw_policy, generation

SETTINGS = CoreSettings(secret=b"k" * 32)
CALLERS = tuple(
    Caller(name, ("start", "decide", "outcome", "admin"), ("spiffe://t.example/**",))
    for name in ("portal", "gateway")
)
ONWARD = (0, 0, 1, SECOND, 7 * SECOND, 11 * SECOND, 25 * SECOND)
LONGEST = 40  # steps of a life
TOGETHER = 6  # operations that are asked at once

PLAIN: dict[str, dict[str, tuple[Any, ...]]] = {
    "pay.send": {
        "amount": (1, 5.5, 7, 20),
        "order": ("o-7", "ab"),
        "tags": (["ab"], ["abc", "ab"]),
    },
    "pay.see": {"order": ("o-7", "ab")},
    "mail.open": {"id": ("i1", "ab", "o-7")},
    "mail.send": {"to": (["joe@corp.com"], ["desk@corp.example"], ["ab"]), "body": WORDS},
    "book.find": {"name": ("ab", "o-7", "abc")},
    "book.add": {"name": ("ab", "joe@corp.com")},
}


@dataclass(slots=True)
class Asked:
    """An evaluation, and how long the trail was when it was asked, if nothing else went on."""

    size: int
    found: Evaluated


@dataclass(slots=True)
class Lived:
    """What came of a life."""

    texts: list[str] = field(default_factory=list)
    """Its policies, of which the first was active first."""
    told: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What each event says, also where the trail keeps no more than digests."""
    answers: dict[str, list[Any]] = field(default_factory=dict)
    """By key and caller what was answered, each time."""
    asked: list[Asked] = field(default_factory=list)
    problems: int = 0
    restarts: int = 0


class Life:
    """Cores on one store, whose clock is ours."""

    def __init__(self, url: str, draw: Draw) -> None:
        self.url, self.draw = url, draw
        self.lived = Lived()
        self.time = START
        self.text = draw_policy(draw)
        self.cores = [self._core() for _ in range(draw(st.integers(1, 3)))]
        self.keys = 0
        self.tasks: list[tuple[str, str]] = []
        self.calls: list[tuple[str, Caller, dict[str, Any]]] = []
        self.done: list[Operation] = []

    def _core(self) -> Core:
        return Core(Store(self.url, clock=lambda: self.time), generation(self.text), SETTINGS)

    def close(self) -> None:
        for each in self.cores:
            each.stop()

    async def live(self) -> None:
        """Live through some steps."""
        draw = self.draw
        await self._adopt()
        for _ in range(draw(st.integers(8, LONGEST))):
            self.time += pick(draw, ONWARD)
            what = draw(st.integers(0, 99))
            if what < 3:
                self._restart()
            elif what < 6:
                self.text = draw_policy(draw)
                await self._adopt()
            elif what < 16:
                await self._evaluate()
            else:
                some = [self._operation() for _ in range(pick(draw, (1, 1, 1, 2, TOGETHER)))]
                await asyncio.gather(*(self._do(each) for each in some))

    def _restart(self) -> None:
        at = self.draw(st.integers(0, len(self.cores) - 1))
        self.cores[at].stop()
        self.cores[at] = self._core()
        self.lived.restarts += 1

    async def _adopt(self) -> None:
        self.lived.texts.append(self.text)
        await self._do(
            Adopt(
                caller=SYSTEM,
                key=f"adopt {len(self.lived.texts)}",
                generation=generation(self.text),
            )
        )

    async def _do(self, operation: Operation) -> None:
        core = pick(self.draw, tuple(self.cores))
        answers = self.lived.answers.setdefault(f"{operation.caller.name} {operation.key}", [])
        try:
            found = await core.do(operation)
        except Problem as problem:
            assert problem.status < 500, problem.message
            self.lived.problems += 1
            return
        answers.append(copy.deepcopy(found))
        self.done.append(operation)
        if "task" in found and isinstance(operation, Start):
            self.tasks.append((found["task"]["id"], found["task"]["agent"]))
        if "call" in found and isinstance(operation, Decide | Start):
            self.calls.append((found["call"], operation.caller, operation.request))

    async def _evaluate(self) -> None:
        core = pick(self.draw, tuple(self.cores))
        request = self._request()
        try:
            found = await core.evaluate(copy.deepcopy(request))
        except Problem as problem:
            assert problem.status < 500, problem.message
            return
        with core.view() as view:
            self.lived.asked.append(Asked(view.head.seq, found))

    # --- What is asked ----------------------------------------------------------------------------

    def _key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def _operation(self) -> Operation:
        draw = self.draw
        what = draw(st.integers(0, 99))
        caller = CALLERS[chance(draw, 20)]
        if what < 12 or not self.tasks:
            return self._first(caller)
        task = pick(draw, tuple(self.tasks))[0]
        if what < 24:
            return self._derived(caller)
        if what < 30:
            return Say(caller=caller, key=self._key(), task=task, text=pick(draw, WORDS))
        if what < 32:
            return Report(caller=caller, key=self._key(), task=task, context={"sure": 0.5})
        if what < 37:
            state = cast("Any", pick(draw, ("ended", "drifted")))
            return Move(caller=caller, key=self._key(), task=task, state=state)
        if what < 55 and self.calls:
            return self._outcome()
        if what < 62 and self.done:
            return pick(draw, tuple(self.done))  # by the same key
        return Decide(caller=caller, key=self._key(), request=self._request())

    def _request(self) -> dict[str, Any]:
        draw = self.draw
        if self.calls and chance(draw, 40):
            return copy.deepcopy(pick(draw, tuple(self.calls))[2])
        found = draw_request(draw, self.tasks)
        if self.tasks and chance(draw, 60):
            self._make_plain(found)
        if chance(draw, 20):
            found["context"]["meters"] = {"p.calls": {"before": 0, "with": 0}}
            found["context"]["time"] = "2026-11-18T11:07:10Z"
        return found

    def _make_plain(self, request: dict[str, Any]) -> None:
        """Give a request arguments that are as they are declared, in a task that there is."""
        draw = self.draw
        tool, name = pick(draw, tuple(PLAIN)).split(".")
        request["resource"] = {"type": f"p.{tool}", "id": "r1", "properties": {"grade": "low"}}
        arguments = {each: pick(draw, values) for each, values in PLAIN[f"{tool}.{name}"].items()}
        request["action"] = {"name": name, "properties": arguments}
        id, agent = pick(draw, tuple(self.tasks))
        request["subject"]["id"] = agent
        request["context"] = {"task": {"id": id}}

    def _fields(self) -> dict[str, Any]:
        draw = self.draw
        fields: dict[str, Any] = {"order": pick(draw, ("o-7", "o-7", "ab", *VALUES))}
        if chance(draw, 20):
            fields["more"] = [pick(draw, VALUES)]
        if chance(draw, 20):
            fields["n"] = pick(draw, (20, 7, *NUMBERS, "x", None))
        return fields

    def _start(self, agent: str, context: dict[str, Any], intent: str) -> dict[str, Any]:
        return {
            "subject": {"type": "agent", "id": agent},
            "action": {"name": "start", "properties": self._fields()},
            "resource": {"type": f"p.{intent}", "id": "new"},
            "context": context,
        }

    def _first(self, caller: Caller) -> Start:
        draw = self.draw
        context = {
            "user": {"id": pick(draw, ("user:joe", "user:ann")), "email": pick(draw, VALUES)}
        }
        request = self._start(
            pick(draw, AGENTS), context if chance(draw, 80) else {}, pick(draw, ("work", *INTENTS))
        )
        said = pick(draw, (None, *WORDS))
        return Start(caller=caller, key=self._key(), request=request, said=said)

    def _derived(self, caller: Caller) -> Start:
        draw = self.draw
        id, agent = pick(draw, tuple(self.tasks))
        context: dict[str, Any] = {"task": {"id": id}, "user": {"id": "user:eve"}}
        if chance(draw, 10):
            context["delegation"] = [{"agent": agent, "task": {"id": id}}]
        request = self._start(
            agent if chance(draw, 95) else pick(draw, AGENTS),
            context,
            pick(draw, ("part", "bit", "part", "bit", "work")),
        )
        return Start(
            caller=caller,
            key=self._key(),
            request=request,
            agent=pick(draw, (None, *AGENTS)),
        )

    def _outcome(self) -> Tell:
        draw = self.draw
        call, caller, request = pick(draw, tuple(self.calls))
        outcome = cast("Any", pick(draw, ("done", "done", "failed", "withdrawn")))
        if outcome == "withdrawn" or chance(draw, 15):
            return Tell(caller=caller, key=self._key(), call=call, outcome=outcome)
        result = draw_result(draw, request)
        return Tell(caller=caller, key=self._key(), call=call, outcome=outcome, result=result)


def kept_whole(lived: Callable[[], Lived], patch: Any) -> None:
    """Have what events say kept before it is redacted."""
    append = Trail.append

    def appended(trail: Trail, kind: str, at: int, caller: str, told: Any, **more: Any) -> int:
        whole = json.loads(json.dumps({**told, "event": kind, "caller": caller}))
        seq = append(trail, kind, at, caller, told, **more)
        lived().told[seq] = whole
        return seq

    patch.setattr(Trail, "append", appended)


def live(url: str, draw: Draw, patch: Any) -> Lived:
    """Live a life on an empty store."""
    with closing(Life(url, draw)) as life:
        kept_whole(lambda: life.lived, patch)
        asyncio.run(life.live())
        return life.lived


__all__ = ["CALLERS", "Asked", "Life", "Lived", "Sequence", "live"]
