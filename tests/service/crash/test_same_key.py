"""One key is one event and one answer, however many ask at once; and who asks nonsense harms nobody beside it."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

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
from agpc.service.store import Event, Store

from . import desk, invariants
from .worker import running

NONSENSE = ("\0", "a\0b", "\ud800", "x" * 513, "x" * 100_000, "../../etc/passwd", "", "'; DROP--")


def start(key: str, order: str = "o-1") -> Operation:
    request = desk.first_start(order)
    return Start(caller=desk.DESK, key=key, request=request, said="joe@mail.example")


def all_at_once(core: Core, operations: Sequence[Operation]) -> list[Any]:
    """Have operations done in one turn, and give answers and problems."""

    async def together() -> list[Any]:
        with core._writer._changed:
            tasks = [asyncio.ensure_future(core.do(each)) for each in operations]
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(together())


def events_of(url: str, key: str) -> list[str]:
    with closing(Store(url, read_only=True)) as store, store.reading() as reading:
        bodies = [
            json.loads(each.body or b"{}") for each in reading.find(Event, "TRUE ORDER BY seq")
        ]
    return [each["event"] for each in bodies if each.get("key") == key]


def test_threads_and_cores_that_ask_with_one_key_get_one_answer(store_url: str) -> None:
    with running(Store(store_url)) as one, running(Store(store_url)) as other:
        one.do_now(desk.adopt())
        with ThreadPoolExecutor(16) as pool:
            cores = [one, other] * 16
            started = list(pool.map(lambda core: core.do_now(start("start")), cores))
            task = started[0]["task"]["id"]
            request = desk.call(task, "till", "look", order="o-1")
            call = Decide(caller=desk.DESK, key="call", request=request)
            answers = list(pool.map(lambda core: core.do_now(call), cores))
        assert started == [started[0]] * len(cores)
        assert answers == [answers[0]] * len(cores) and answers[0]["decision"] is True
        assert all_at_once(one, [call] * 50) == [answers[0]] * 50
    assert events_of(store_url, "start") == ["call", "task", "said"]
    assert events_of(store_url, "call") == ["call"]
    invariants.check(store_url, {"start": started[0], "call": answers[0]})


def ask_in_a_process(url: str, path: Path) -> None:
    with running(Store(url)) as core:
        core.do_now(desk.adopt())
        path.write_text(json.dumps(all_at_once(core, [start("start")] * 20)), encoding="utf-8")


def test_processes_that_ask_with_one_key_get_one_answer(store_url: str, tmp_path: Path) -> None:
    spawning = multiprocessing.get_context("spawn")
    paths = [tmp_path / f"{number}.json" for number in range(4)]
    processes = [
        spawning.Process(target=ask_in_a_process, args=(store_url, path)) for path in paths
    ]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    assert [each.exitcode for each in processes] == [0] * len(processes)
    answers = [answer for path in paths for answer in json.loads(path.read_text("utf-8"))]
    assert len(answers) == 80 and answers == [answers[0]] * 80
    assert events_of(store_url, "start") == ["call", "task", "said"]
    assert events_of(store_url, desk.adopt().key) == ["generation"]


def test_a_key_with_another_body_is_refused_whoever_is_first(store_url: str) -> None:
    with running(Store(store_url)) as core:
        core.do_now(desk.adopt())
        answers = all_at_once(core, [start("k", "o-1"), start("k", "o-2"), start("k", "o-1")])
    first, other, again = answers
    assert first == again and first["decision"] is True
    assert isinstance(other, Problem) and other.status == 409
    assert events_of(store_url, "k") == ["call", "task", "said"]


@pytest.mark.parametrize("id", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_in_a_turn_harms_nobody_beside_it(id: str, store_url: str) -> None:
    with running(Store(store_url)) as core:
        core.do_now(desk.adopt())
        task = core.do_now(start("start"))["task"]["id"]
        chained = desk.call(task, "till", "look", order="o-1")
        chained["context"]["delegation"] = [{"agent": id[:2048], "task": {"id": id}}]
        inside = desk.first_start("o-1")
        inside["context"] = {"task": {"id": task}}
        ids: Any = {"caller": desk.DESK}
        nonsense: list[Operation] = [
            Decide(**ids, key="1", request=desk.call(id, "till", "look", order="o-1")),
            Decide(**ids, key="2", request=chained),
            Decide(**ids, key="3", request=desk.call(task, id, id, **{id: id})),
            Start(**ids, key="4", request=inside, agent=id),
            Say(**ids, key="5", task=id, text=id),
            Report(**ids, key="6", task=id, context={id: id}),
            Move(**ids, key="7", task=id, state="ended"),
            Tell(**ids, key="8", call=id, outcome="done", result=id),
            Decide(**ids, key=id, request=desk.call(task, "mail", "send", to=[id], body=id)),
            Say(**ids, key="9", task=task, text=id),
            Report(**ids, key="10", task=task, context={id: id}),
        ]
        good = Decide(**ids, key="good", request=desk.call(task, "till", "look", order="o-1"))
        *answers, answer = all_at_once(core, [*nonsense, good])
        assert answer["decision"] is True
        for each in answers:
            if isinstance(each, Problem):
                assert 400 <= each.status < 500, (each.status, each)
            else:
                assert isinstance(each, dict), each
    invariants.check(store_url, {"good": answer})
