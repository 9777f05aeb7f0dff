"""Many threads at one monitor: a limit holds, and each call has the facts of the record up to it."""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from generators.histories import BOTS, Whole, policy_of_histories

from agpc.compiler.meaning.facts import facts
from agpc.monitor import Answer, Monitor
from agpc.targets.python import evaluator

POLICY = policy_of_histories()
THREADS, EACH, MOST = 8, 5, 6


@pytest.fixture(autouse=True)
def switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def request(name: str, tool: str, task: str, **arguments: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": BOTS[0]},
        "action": {"name": name, "properties": arguments},
        "resource": {"type": f"p.{tool}", "id": "r1", "properties": {"grade": "low"}},
        "context": {
            "task": {"id": task, "intent": "p.work", "state": "active", "order": "o-7"},
            "user": {"id": "user:joe"},
        },
    }


def at_once(work: Callable[[int], None]) -> None:
    """Run some work in many threads that begin together."""
    ready, failed = threading.Barrier(THREADS), []

    def begin(number: int) -> None:
        ready.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 -- told below, in the thread of the test
            failed.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []


def test_a_limit_is_never_passed() -> None:
    monitor = Monitor(evaluator(POLICY), record=())
    monitor.start({"id": "t1", "intent": "p.work", "order": "o-7"}, agent=BOTS[0])
    answers: list[Answer] = []

    def work(number: int) -> None:
        for _ in range(EACH):
            answers.append(monitor.decide(request("send", "pay", "t1", amount=1)))

    at_once(work)
    effects = [each.decision.effect for each in answers]
    assert effects.count("permit") == MOST
    assert effects.count("deny") == THREADS * EACH - MOST


def test_what_is_withdrawn_gives_its_place_back_to_one_other() -> None:
    monitor = Monitor(evaluator(POLICY), record=())
    monitor.start({"id": "t1", "intent": "p.work", "order": "o-7"}, agent=BOTS[0])
    held: list[str] = []

    def work(number: int) -> None:
        for _ in range(EACH):
            answer = monitor.decide(request("send", "pay", "t1", amount=1))
            if answer.decision.effect == "permit" and answer.call is not None:
                if number % 2:
                    monitor.withdrawn(answer.call)
                else:
                    held.append(answer.call)

    at_once(work)
    assert len(held) <= MOST
    found = monitor.facts(request("send", "pay", "t1", amount=1))["context"]["meters"]
    (calls,) = [value for key, value in found.items() if key.startswith("p.calls#")]
    assert calls["before"] == len(held)


def test_each_call_has_the_facts_of_the_record_up_to_it() -> None:
    lines: list[dict[str, Any]] = []
    monitor = Monitor(Whole(POLICY), record=(), journal=lambda line: lines.append(copy.deepcopy(line)))  # fmt: skip
    for task in ("t1", "t2"):
        monitor.start({"id": task, "intent": "p.work", "order": "o-7"}, agent=BOTS[0])

    def work(number: int) -> None:
        task = f"t{number % 2 + 1}"
        for turn in range(3):
            monitor.said(task, f"write to joe{number}@corp.com")
            paid = monitor.decide(request("send", "pay", task, amount=turn + 0.1, tags=[str(number)]))  # fmt: skip
            seen = monitor.decide(request("see", "pay", task, order="o-7"))
            if paid.call is not None and paid.decision.effect == "permit" and number % 3 == 0:
                monitor.withdrawn(paid.call)
            if seen.call is not None:
                result = {"total": turn, "customer": f"c{turn}@x.example", "tags": ["abc"]}
                monitor.done(seen.call, result)
            monitor.decide(
                request("send", "mail", task, to=[f"c{turn}@x.example", f"joe{number}@corp.com"])
            )
            if paid.call is not None and number == 4:
                monitor.refused(paid.call, by="user:ann")

    at_once(work)
    asked = 0
    for number, line in enumerate(lines):
        if line["event"] == "call":
            context = line["request"]["context"]
            again = facts(POLICY, lines[:number], line["request"])["context"]
            for kind in ("meters", "sources"):
                assert context.get(kind) == again.get(kind)
            asked += 1
    assert asked == THREADS * 3 * 3
