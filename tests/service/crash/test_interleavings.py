"""Clients of two processes on one store, in whatever order and batches, with turns that fail anywhere.

Hypothesis chooses who asks what, which operations share a turn, at which statement a turn breaks off, whether a client
loses its answer, and when a process is started anew. What holds afterwards is what holds of any store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agpc.service.core.core import Core
from agpc.service.core.operations.operations import (
    Decide,
    Move,
    Operation,
    Report,
    Say,
    Start,
    Tell,
)
from agpc.service.core.operations.problem import Problem
from agpc.service.store import Store, StoreError

from . import desk, invariants
from .worker import SETTINGS

SECOND = 10**9
ORDERS = ("o-1", "o-2")
MAILBOXES = ("joe", "kim", "ann")
CORES = st.integers(0, 1)


class Clients(RuleBasedStateMachine):
    """What clients ask of two cores, and what they have got."""

    new_url: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.url = self.new_url()
        self.now = 1_795_000_000 * SECOND
        self.fails_in = 0
        self.number = 0
        self.cores: list[Core] = []
        self.asked: dict[str, Operation] = {}  # by their keys
        self.waiting: list[Operation] = []
        self.got: dict[str, dict[str, Any]] = {}
        self.tasks: list[str] = []
        self.permits: list[str] = []

    @initialize()
    def begin(self) -> None:
        for number in range(2):
            self.cores.append(self._core())
            answers = self._do(number, [desk.adopt()])
            assert isinstance(answers[0], dict)

    def teardown(self) -> None:
        try:
            if self.cores:
                self.fails_in = 0
                self._do(0, self.waiting)
                self._repeat_all()
                invariants.check(self.url, self.got)
        finally:
            for core in self.cores:
                core.stop()

    # --- What clients ask -------------------------------------------------------------------------

    @rule(order=st.sampled_from(ORDERS), to=st.sampled_from(MAILBOXES))
    def start(self, order: str, to: str) -> None:
        said = f"write to {to}@mail.example"
        self._ask(lambda **ids: Start(**ids, request=desk.first_start(order), said=said))

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), to=st.sampled_from(MAILBOXES))
    def say(self, data: st.DataObject, to: str) -> None:
        task = data.draw(st.sampled_from(self.tasks))
        self._ask(lambda **ids: Say(**ids, task=task, text=f"and to {to}@mail.example"))

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), order=st.sampled_from(ORDERS), amount=st.integers(1, 30))
    def refund(self, data: st.DataObject, order: str, amount: int) -> None:
        self._call(data, "till", "refund", order=order, amount=amount)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), order=st.sampled_from(ORDERS))
    def look(self, data: st.DataObject, order: str) -> None:
        self._call(data, "till", "look", order=order)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), to=st.sampled_from(MAILBOXES))
    def mail(self, data: st.DataObject, to: str) -> None:
        self._call(data, "mail", "send", to=[f"{to}@mail.example"], body="hello")

    @precondition(lambda self: self.permits)
    @rule(
        data=st.data(),
        outcome=st.sampled_from(("done", "failed", "withdrawn")),
        to=st.sampled_from(MAILBOXES),
    )
    def tell(self, data: st.DataObject, outcome: Any, to: str) -> None:
        call = data.draw(st.sampled_from(self.permits))
        result = {"total": 5, "customer": f"{to}@mail.example"}
        given = {} if outcome == "withdrawn" else {"result": result}
        self._ask(lambda **ids: Tell(**ids, call=call, outcome=outcome, **given))

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), sure=st.floats(0, 1))
    def report(self, data: st.DataObject, sure: float) -> None:
        task = data.draw(st.sampled_from(self.tasks))
        self._ask(lambda **ids: Report(**ids, task=task, context={"sure": sure}))

    @precondition(lambda self: len(self.tasks) > 1)
    @rule(data=st.data(), state=st.sampled_from(("ended", "drifted")))
    def move(self, data: st.DataObject, state: Any) -> None:
        task = data.draw(st.sampled_from(self.tasks))
        self._ask(lambda **ids: Move(**ids, task=task, state=state))

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        self.waiting.append(self.asked[data.draw(st.sampled_from(sorted(self.asked)))])

    # --- What happens to them ---------------------------------------------------------------------

    @rule(core=CORES, fails_in=st.one_of(st.just(0), st.integers(1, 16)), lost=st.booleans())
    def turn(self, core: int, fails_in: int, lost: bool) -> None:
        """Have what waits done in one turn, which may break off; who then has no answer asks again later."""
        self.fails_in = fails_in
        some, self.waiting = self.waiting, []
        for operation, answer in zip(some, self._do(core, some), strict=True):
            self._take(operation, answer, lost)
        self.fails_in = 0

    @rule(core=CORES)
    def restart(self, core: int) -> None:
        self.cores[core].stop()
        self.cores[core] = self._core()

    @rule(seconds=st.sampled_from((1, 3600, 86_400, 20 * 86_400)))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND

    # --- How --------------------------------------------------------------------------------------

    def _call(self, data: st.DataObject, tool: str, action: str, **arguments: Any) -> None:
        request = desk.call(data.draw(st.sampled_from(self.tasks)), tool, action, **arguments)
        self._ask(lambda **ids: Decide(**ids, request=request))

    def _ask(self, make: Callable[..., Operation]) -> None:
        self.number += 1
        operation = make(caller=desk.DESK, key=f"key-{self.number}")
        self.asked[operation.key] = operation
        self.waiting.append(operation)

    def _take(self, operation: Operation, answer: dict[str, Any] | Problem, lost: bool) -> None:
        key = operation.key
        if isinstance(answer, Problem):
            assert answer.status in (404, 409, 503), answer
            if answer.status == 503:
                self.waiting.append(operation)
            else:
                assert key not in self.got or "problem" in self.got[key]
                self.got[key] = {"problem": answer.status}
            return
        before = self.got.get(key, answer)
        assert before == answer or "request" in before  # a question, which may be decided by now
        if lost:
            return
        self.got[key] = answer
        if "task" in answer and isinstance(operation, Start):
            self._add(self.tasks, answer["task"]["id"])
        if answer.get("decision") and isinstance(operation, Decide):
            self._add(self.permits, answer["call"])

    def _add(self, known: list[str], id: str) -> None:
        if id not in known:
            known.append(id)

    def _repeat_all(self) -> None:
        """Every key gives its first answer."""
        for key, answer in list(self.got.items()):
            if "problem" in answer or answer.get("request"):
                continue
            (again,) = self._do(1, [self.asked[key]])
            assert again == answer

    def _do(self, number: int, operations: list[Operation]) -> list[dict[str, Any] | Problem]:
        core = self.cores[number]

        async def all_at_once() -> list[Any]:
            with core._writer._changed:  # so that all are there when the turn begins
                tasks = [asyncio.ensure_future(core.do(each)) for each in operations]
                await asyncio.sleep(0)
            return await asyncio.gather(*tasks, return_exceptions=True)

        answers = asyncio.run(all_at_once())
        for each in answers:
            if isinstance(each, BaseException) and not isinstance(each, Problem):
                raise each
        return answers

    def _core(self) -> Core:
        store = Store(self.url, clock=lambda: self.now, hook=self._hook)
        return Core(store, desk.generation(), SETTINGS)

    def _hook(self, statement: str) -> None:
        if self.fails_in:
            self.fails_in -= 1
            if not self.fails_in:
                raise StoreError("it breaks off here")


def test_whatever_order_and_whatever_fails_what_has_to_hold_holds(
    new_store_url: Callable[[], str], request: pytest.FixtureRequest
) -> None:
    examples = settings().max_examples
    if "postgres" in request.node.callspec.id:  # where each takes four times as long
        examples = examples // 3

    class Here(Clients):
        new_url = staticmethod(new_store_url)

    wanted = settings(stateful_step_count=40, max_examples=examples)
    run_state_machine_as_test(Here, settings=wanted)
