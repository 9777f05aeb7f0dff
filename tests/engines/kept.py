"""Facts on a store, beside a monitor and the record, as a service would tell them: several processes take turns."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any, cast

from generators.histories import Whole

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.facts import facts as reference
from agpc.monitor import Limits, Monitor
from agpc.monitor.shares import task_of
from agpc.monitor.starts import rests_on_people
from agpc.runtime.call import fields_of
from agpc.runtime.decision import Decision
from agpc.runtime.facts import ABSENT, MALFORMED
from agpc.runtime.facts import Facts as Declared
from agpc.runtime.time_text import format_time
from agpc.runtime.values import is_identity
from agpc.service.facts import Facts
from agpc.service.store import Call, Event, Reading, Store, Task, Turn

from .watched import POLICY, SECOND, START, WHOLE, assert_are_among, facts_in

DENIED = Decision("deny", reasons=("the task has ended",))


class Failed(Exception):
    """A turn that does not end well."""


@dataclass
class Process:
    """One that has the store open."""

    store: Store
    facts: Facts


class Kept:
    """A store that is told what happens, by one or more processes, and the record of it."""

    def __init__(
        self,
        url: str,
        *,
        policy: ir.Policy = POLICY,
        whole: Whole = WHOLE,
        declared: Declared | None = None,
        limits: Limits | None = None,
        processes: int = 1,
        beside: bool = True,
        hook: Callable[[str], None] | None = None,
    ) -> None:
        self.url, self.policy, self.whole, self.limits, self.hook = url, policy, whole, limits, hook
        self.declared = declared or whole.facts
        self.time = START
        self.lines: list[dict[str, Any]] = []
        self.processes = [self._open() for _ in range(processes)]
        self.at = 0
        self.calls: list[tuple[int, str, Any]] = []  # seq, effect, request
        self.told: set[int] = set()
        self.may_lack: set[str] = set()  # facts that a new policy need not know
        self.redacts: Callable[[], str] = lambda: ""
        self._open_turn: ExitStack | None = None
        self._turn: Turn | None = None
        self._beside: dict[int, str] = {}  # the calls as the monitor names them
        self.monitor = Monitor(self, record=(), clock=lambda: self.time) if beside else None
        self.time += 1  # a monitor has had the time at which it began
        self._decide: Callable[[Any], Decision] = whole.decide
        self.do(lambda turn: self.process.facts.adopt(turn))

    # --- As the policy of the monitor -------------------------------------------------------------

    @property
    def facts(self) -> Declared:
        return self.declared

    def decide(self, request: Any) -> Decision:
        return self._decide(request)

    def capability(self, resource: str, name: str) -> str | None:
        return self.whole.capability(resource, name)

    # --- Processes and turns ----------------------------------------------------------------------

    @property
    def process(self) -> Process:
        return self.processes[self.at]

    def _open(self) -> Process:
        store = Store(self.url, clock=lambda: self.time, hook=self.hook)
        return Process(store, Facts(self.declared, self.limits))

    def turn(self) -> Turn:
        """The turn that goes on, or a new one."""
        if self._turn is None:
            self._open_turn = ExitStack()
            self._turn = self._open_turn.enter_context(self.process.store.turn())
        return self._turn

    def commit(self, at: int | None = None) -> None:
        """End the turn that goes on, and let another process go on."""
        if self._open_turn is not None:
            self._open_turn.close()
        self._open_turn = self._turn = None
        self.at = self.at if at is None else at % len(self.processes)

    def restart(self) -> None:
        """End a process, and start another in its place."""
        self.commit()
        self.process.store.close()
        self.processes[self.at] = self._open()

    def close(self) -> None:
        self.commit()
        for each in self.processes:
            each.store.close()

    def do(self, step: Callable[[Turn], Any], *, fails_before: bool = False) -> Any:
        """Do something in a turn; perhaps in one that is lost, before."""
        if fails_before and self._turn is None:
            with suppress(Failed), self.process.store.turn() as lost:
                step(lost)
                raise Failed
        turn = self.turn()
        found = step(turn)
        turn.head.time = turn.time
        return found

    def event(self, turn: Turn, kind: str, time: int, body: dict[str, Any], **more: Any) -> int:
        seq = turn.head.seq
        turn.head.seq += 1
        turn.add(
            Event(
                seq,
                time,
                kind,
                more.get("task"),
                more.get("call"),
                b"{}",
                json.dumps(body).encode(),
            )
        )
        return seq

    # --- What happens -----------------------------------------------------------------------------

    def start(
        self,
        task: dict[str, Any],
        *,
        agent: str,
        user: dict[str, Any] | None = None,
        parent: str | None = None,
        fails_before: bool = False,
    ) -> None:
        def step(turn: Turn) -> int:
            now = turn.tick()
            above = None if parent is None else turn.get(Task, parent)
            run = task["id"] if above is None else above.run
            seq = self.event(turn, "task", now, {}, task=task["id"])
            fields = {name: each for name, each in task.items() if name not in ("id", "intent")}
            row = Task(
                task["id"], run, parent, agent, None if user is None else json.dumps(user), task["intent"],
                json.dumps(fields), "active", "starter", "{}", seq, now, None,
            )  # fmt: skip
            turn.add(row)
            self.process.facts.started(turn, row)
            return now

        now = self.do(step, fails_before=fails_before)
        more = {
            **({} if parent is None else {"parent": parent}),
            **({} if user is None else {"user": user}),
        }
        self._line(now, event="task", agent=agent, task=task, **more)
        if self.monitor is not None:
            self.time = max(self.time, now)
            self.monitor.start(task, agent=agent, user=user, parent=parent)

    def say(self, task: str, text: str, *, fails_before: bool = False) -> None:
        def step(turn: Turn) -> int:
            now, row = turn.tick(), turn.get(Task, task)
            assert row is not None
            self.event(turn, "said", now, {}, task=task)
            self.process.facts.said(turn, row, text)
            return now

        now = self.do(step, fails_before=fails_before)
        self._line(now, event="said", task=task, text=text)
        if self.monitor is not None:
            self.time = max(self.time, now)
            self.monitor.said(task, text)

    def call(
        self, request: Any, effect: str | None = None, *, fails_before: bool = False
    ) -> str | None:
        """A call is decided; give the effect, None if it is refused before."""
        if self.monitor is None:
            if self._is_refused(request):
                return None
            return self._called(request, effect, None)[1].effect
        found: list[Any] = []

        def decide(with_facts: Any) -> Decision:
            if with_facts is None:
                return self.whole.decide(None)
            seq, decision = self._called(request, effect, with_facts)
            found.append(seq)
            return decision

        if fails_before and self._turn is None:
            with suppress(Failed), self.process.store.turn() as lost:
                self._decided(lost, request, effect)
                raise Failed
        turn = self.turn()
        self.time = max(self.time, turn.time + 1)
        self._decide = decide
        answer = self.monitor.decide(copy.deepcopy(request))
        if answer.call is None:
            return None
        self._beside[found[0]] = answer.call
        return answer.decision.effect

    def _is_refused(self, request: Any) -> bool:
        """Whether a call is about no task that is one, or about somebody else's, as a monitor refuses it."""
        if task_of(request) is MALFORMED:
            return True
        task = self.task(self.turn(), request)
        if task is None:
            return False
        person = fields_of(fields_of(request["context"]).get("user")).get("id")
        user = None if task.user is None else json.loads(task.user)["id"]
        return task.agent != request["subject"]["id"] or user not in (None, person)

    def _decided(self, turn: Turn, request: Any, effect: str | None) -> Any:
        """Decide a call, as a service does."""
        capability = self.whole.capability(request["resource"]["type"], request["action"]["name"])
        facts = self.process.facts
        now, task = turn.tick(), self.task(turn, request)
        facts.prepare(turn, [(capability, request, task)])
        known, own = facts.known(turn, capability, copy.deepcopy(request), task, now)
        decision = self.whole.decide(known)
        if task is None or task.state != "active":
            decision = DENIED
        elif effect is not None:
            decision = replace(decision, effect=effect)  # type: ignore[arg-type]
        redacts = self.redacts()
        body = {"request": known} if not redacts else {"request": known, "redacted": True}
        seq = self.event(turn, "call", now, body)
        if redacts == "pruned":
            turn.put(replace(cast("Event", turn.get(Event, seq)), body=None))
        row = Call(
            seq, "pep", None if task is None else task.id, None if task is None else task.run,
            known["subject"]["id"], capability, decision.effect, now, None, False, "", False,
        )  # fmt: skip
        turn.add(row)
        facts.called(turn, row, known, own, rests_on_people(decision))
        return now, seq, decision, known

    def _called(self, request: Any, effect: str | None, beside: Any) -> tuple[int, Decision]:
        now, seq, decision, known = self.do(lambda turn: self._decided(turn, request, effect))
        self.check(known, beside, may_lack=self.lacks(self.turn(), known))
        self._line(now, event="call", id=f"c-{seq}", effect=decision.effect, request=known)
        self.calls.append((seq, decision.effect, known))
        return seq, decision

    def outcome(
        self, seq: int, outcome: str, result: Any = ABSENT, *, fails_before: bool = False
    ) -> None:
        def step(turn: Turn) -> int:
            now, row = turn.tick(), turn.get(Call, seq)
            assert row is not None
            self.event(turn, "outcome", now, {}, task=row.task, call=seq)
            self.process.facts.became(turn, row, outcome, result)
            row.outcome = outcome
            turn.put(row)
            return now

        now = self.do(step, fails_before=fails_before)
        self.told.add(seq)
        told: dict[str, Any] = {}
        if result is not ABSENT:
            try:
                told = {"result": json.loads(json.dumps(result, allow_nan=False))}
            except (TypeError, ValueError):
                told = {"unreadable": True}
        self._line(now, event="outcome", call=f"c-{seq}", outcome=outcome, **told)
        if self.monitor is not None:
            self.time = max(self.time, now)
            self.monitor._became(self._beside[seq], outcome, result)  # type: ignore[arg-type]

    def refuse(self, seq: int, *, fails_before: bool = False) -> None:
        def step(turn: Turn) -> int:
            now, row = turn.tick(), turn.get(Call, seq)
            assert row is not None
            self.event(turn, "verdict", now, {}, task=row.task, call=seq)
            self.process.facts.refused(turn, row)
            row.refused = True
            turn.put(row)
            return now

        now = self.do(step, fails_before=fails_before)
        self._line(now, event="verdict", call=f"c-{seq}", by="user:ann", verdict="refuse")
        if self.monitor is not None:
            self.time = max(self.time, now)
            self.monitor.refused(self._beside[seq], by="user:ann")

    def end(self, task: str, *, fails_before: bool = False) -> None:
        def step(turn: Turn) -> None:
            now, row = turn.tick(), turn.get(Task, task)
            assert row is not None
            self.event(turn, "state", now, {}, task=task)
            row.state, row.ended = "ended", now
            turn.put(row)
            self.process.facts.ended(turn, row)

        self.do(step, fails_before=fails_before)

    def adopt(self, declared: Declared, *, fails_before: bool = False) -> None:
        """A policy with other facts becomes active, in every process."""
        self.commit()
        self.declared = declared
        for each in self.processes:
            each.facts = Facts(declared, self.limits)
        self.do(lambda turn: self.process.facts.adopt(turn), fails_before=fails_before)
        self.commit()

    def _line(self, now: int, **line: Any) -> None:
        self.lines.append(copy.deepcopy({"time": format_time(now), **line}))

    # --- What is asked ----------------------------------------------------------------------------

    def task(self, reading: Reading, request: Any) -> Task | None:
        context = request.get("context")
        task = context.get("task") if isinstance(context, dict) else None
        id = task.get("id") if isinstance(task, dict) else None
        return reading.get(Task, id) if is_identity(id) else None  # type: ignore[arg-type]

    def ask(self, request: Any) -> Any:
        """What is known of a request, in a plain reading."""
        self.commit()
        capability = self.whole.capability(request["resource"]["type"], request["action"]["name"])
        with self.process.store.reading() as reading:
            task, now = self.task(reading, request), max(self.time, reading.head.time + 1)
            known, _ = self.process.facts.known(
                reading, capability, copy.deepcopy(request), task, now
            )
            again, _ = self.process.facts.known(
                reading, capability, copy.deepcopy(request), task, now
            )
            assert known == again
            self.check(known, None, may_lack=self.lacks(reading, known))
        return known

    def lacks(self, reading: Reading, request: Any) -> list[bool]:
        """Whether nothing is told of the run of a request, and of each link of its chain: there is none, or it has ended."""
        chain = request["context"].get("delegation")
        links = [
            {"context": each} if isinstance(each, dict) else {}
            for each in (chain if isinstance(chain, list) else [])
        ]
        return [
            self._lacks(self.task(reading, each)) if each else True for each in (request, *links)
        ]

    def _lacks(self, task: Task | None) -> bool:
        turn = self._turn
        if task is None:
            return True
        with ExitStack() as stack:
            reading = turn or stack.enter_context(self.process.store.reading())
            rows = reading.find(Task, "run = ?", (task.run,))
        return all(each.state != "active" for each in rows)

    def check(self, known: Any, beside: Any, *, may_lack: list[bool]) -> None:
        """It has the facts that follow from the record; and those of the monitor."""
        if known["action"]["name"] == "nothing":
            return
        wanted = [facts_in(reference(self.policy, self.lines, known))]
        if beside is not None:
            assert beside["context"]["time"] == known["context"]["time"]
            wanted.append(facts_in(beside))
        for each in wanted:
            compare(
                facts_in(known), self._declared_of(each), self._lacking(), self.may_lack, may_lack
            )

    def _declared_of(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """What follows from a record, of the facts that the policy has."""
        keys = {
            "meters": {key for each in self.declared.reads.values() for key in each.meters},
            "sources": {key for each in self.declared.reads.values() for key, _ in each.sources},
        }
        found = {k: {n: v for n, v in wanted.get(k, {}).items() if n in keys[k]} for k in keys}
        links = wanted.get("delegation")
        if isinstance(links, list):
            links = [
                {**each, **self._declared_of(each)} if isinstance(each, dict) else each
                for each in links
            ]
        return {**found, "delegation": links}

    def _lacking(self) -> set[str]:
        """The facts that are kept for a run."""
        of_task = {each.key for each in self.declared.meters if "task" in each.scopes}
        return of_task | {each.key for each in self.declared.sources}


def compare(
    found: Any, wanted: Any, of_run: set[str], of_any: set[str], may_lack: list[bool]
) -> None:
    """All that follows is known, and nothing else; but for what is of a run of which nothing is told, or need not be."""
    assert_are_among({**found, "delegation": None}, {**wanted, "delegation": None})
    for kind in ("meters", "sources"):
        lacking = wanted.get(kind, {}).keys() - found.get(kind, {}).keys() - of_any
        assert (may_lack[0] and lacking <= of_run) or not lacking, lacking
    links = [each.get("delegation") for each in (found, wanted)]
    if all(isinstance(each, list) for each in links):
        for one, other, lacks in zip(*links, may_lack[1:], strict=True):
            if isinstance(one, dict) and isinstance(other, dict):
                bare, wants = {**one, "delegation": None}, {**other, "delegation": None}
                compare(bare, wants, of_run, of_any, [lacks])


__all__ = ["POLICY", "SECOND", "WHOLE", "Kept", "compare"]
