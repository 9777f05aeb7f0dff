"""What is asked of the core is done once, recorded before it is answered, and ends when its task does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from agpc.runtime.values import read_time
from agpc.service.audit.tree import Edge, leaf_hash
from agpc.service.core import (
    SYSTEM,
    Adopt,
    Caller,
    Core,
    CoreSettings,
    Decide,
    Move,
    Problem,
    Report,
    Say,
    Start,
    Tell,
)
from agpc.service.policies.generation import Generation
from agpc.service.store import Event, Store

from .desk import DESK, HELPER, OTHER, POLICY, SECRET, Desk, call, opened, policy, start


@pytest.fixture
def generation() -> Generation:
    return policy()


@pytest.fixture
def desk(store_url: str, generation: Generation) -> Iterator[Desk]:
    with opened(store_url, generation) as desk:
        yield desk


def events(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    with desk.core.view() as view:
        found = list(view.events(0, view.head.seq))
        tree = Edge()
        tree.extend(leaf_hash(bytes(each.entry)) for each in found)
        assert tree.to_bytes() == view.head.edge
    assert [each.seq for each in found] == list(range(len(found)))
    assert [each.time for each in found] == sorted({each.time for each in found})
    for each in found:
        assert each.body is not None
        digest = sha256(each.body).hexdigest()
        assert json.loads(each.entry)["body"] == f"sha256:{digest}"
    return [(each.kind, json.loads(bytes(each.body or b""))) for each in found]


def kinds(desk: Desk) -> list[str]:
    return [kind for kind, _ in events(desk)]


def test_a_task_runs_from_its_start_to_its_end(desk: Desk) -> None:
    started = desk.start(said="tell joe@mail.example when it comes")
    task = started["task"]["id"]
    assert started["decision"] is True and started["task"]["fields"] == {"order": "o-7"}
    assert desk.call(task, "shop", "lookup", order="o-8")["decision"] is False
    done = desk.call(task, "shop", "lookup", order="o-7")
    assert done["decision"] is True
    told = Tell(caller=DESK, key="t", call=done["call"], outcome="done", result={"total": 1})
    assert desk.do(told) == {"call": done["call"], "outcome": "done"}
    assert (
        desk.do(Say(caller=DESK, key="s", task=task, text="and ann@mail.example"))["task"] == task
    )
    desk.do(Report(caller=DESK, key="r", task=task, context={"confidence": 0.5}))
    moved = desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
    assert moved["task"]["state"] == "ended"
    after = desk.call(task, "shop", "lookup", order="o-7")
    assert (after["decision"], after["context"]["effect"]) == (False, "deny")
    assert kinds(desk) == [
        *("generation", "call", "task", "said", "call", "call", "outcome"),
        *("said", "context", "state", "call"),
    ]


def test_a_key_gets_its_first_answer(desk: Desk) -> None:
    first = desk.start(key="s")
    assert desk.start(key="s") == first
    task = first["task"]["id"]
    answer = desk.call(task, "shop", "lookup", key="c", order="o-7")
    desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
    assert desk.call(task, "shop", "lookup", key="c", order="o-7") == answer
    with pytest.raises(Problem) as refused:
        desk.call(task, "shop", "lookup", key="c", order="o-8")
    assert (refused.value.status, refused.value.code) == (409, "key_reused")
    assert kinds(desk) == ["generation", "call", "task", "call", "state"]


def test_many_at_once_with_one_key_are_one(desk: Desk) -> None:
    async def all_at_once() -> list[dict[str, Any]]:
        each = Start(caller=DESK, key="same", request=start())
        return await asyncio.gather(*(desk.core.do(each) for _ in range(40)))

    answers = asyncio.run(all_at_once())
    assert all(each == answers[0] for each in answers)
    assert kinds(desk) == ["generation", "call", "task"]


def test_a_question_is_one_however_often_it_is_asked(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    first = desk.call(task, "shop", "refund", key="r", order="o-7", amount=5)
    assert first["context"]["effect"] == "challenge" and first["decision"] is False
    again = desk.call(task, "shop", "refund", key="r", order="o-7", amount=5)
    assert again == first
    other = desk.call(task, "shop", "refund", order="o-7", amount=5)
    assert other["request"] == first["request"] and other["call"] != first["call"]
    assert desk.call(task, "shop", "refund", order="o-7", amount=6)["request"] != first["request"]
    desk.do(Move(caller=DESK, key="m", task=task, state="drifted"))
    assert (
        desk.call(task, "shop", "refund", key="r", order="o-7", amount=5)["context"]["effect"]
        == "deny"
    )
    (told,) = [body for kind, body in events(desk) if kind == "call" and "follows" in body]
    assert f"c-{told['follows']}" == first["call"]


def test_what_a_caller_says_of_what_the_store_knows_is_dropped(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    request = call(task, "shop", "refund", order="o-7", amount=5)
    request["context"].update(
        task={"id": task, "order": "o-9", "state": "active", "intent": "desk.look"},
        user={"id": "user:eve"},
        approvals=[{"by": "user:eve", "roles": ["role:lead"], "at": "2026-01-01T00:00:00Z"}],
        meters={"x": 1},
        sources={"x": ["a"]},
        starter="desk",
        step_up=[{"method": "mfa"}],
        time="2020-01-01T00:00:00Z",
    )
    answer = desk.do(Decide(caller=DESK, key="k", request=request))
    assert answer["context"]["effect"] == "challenge"
    decided = events(desk)[-1][1]["request"]["context"]
    assert decided["task"] == {
        "id": task,
        "intent": "desk.answer",
        "order": "o-7",
        "state": "active",
    }
    assert decided["user"] == {"id": "user:joe"}
    assert not {"approvals", "step_up", "starter"} & decided.keys()
    assert not decided["time"].startswith("2020")


def test_a_task_is_its_agents_alone(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    both = Caller("both", ("decide",), (HELPER, OTHER))
    request = call(task, "shop", "lookup", order="o-7")
    request["subject"]["id"] = OTHER
    answer = desk.do(Decide(caller=both, key="k", request=request))
    assert answer["decision"] is False and "call" not in answer
    assert events(desk)[-1][0] == "refused"
    unknown = desk.call("t-nobody", "shop", "lookup", order="o-7")
    assert unknown["context"]["effect"] == "deny"


def test_what_is_started_inside_a_task_ends_with_it(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    inside = desk.do(Start(caller=DESK, key="in", request=start(intent="look", task=task)))
    assert inside["task"]["parent"] == task and inside["task"]["user"] == {"id": "user:joe"}
    assert desk.call(inside["task"]["id"], "shop", "lookup", order="o-7")["decision"] is True
    wider = desk.do(
        Start(caller=DESK, key="w", request=start(intent="look", task=task, order="o-9"))
    )
    assert wider["decision"] is False and "task" not in wider
    desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
    assert desk.call(inside["task"]["id"], "shop", "lookup", order="o-7")["decision"] is False
    assert kinds(desk)[-3:] == ["state", "state", "call"]


def test_only_those_who_may_do_it(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    done = desk.call(task, "shop", "lookup", order="o-7")
    reader = Caller("reader", ("read",), (HELPER,))
    stranger = Caller("stranger", ("start", "decide", "outcome"), (OTHER,))
    before = kinds(desk)
    for caller, status in ((reader, 403), (stranger, 403)):
        for operation in (
            Start(caller=caller, key="k1", request=start()),
            Decide(caller=caller, key="k2", request=call(task, "shop", "lookup", order="o-7")),
        ):
            with pytest.raises(Problem) as refused:
                desk.do(operation)
            assert refused.value.status == status
    for operation in (
        Say(caller=stranger, key="k3", task=task, text="x"),
        Report(caller=stranger, key="k4", task=task, context={}),
        Move(caller=stranger, key="k5", task=task, state="ended"),
        Tell(caller=stranger, key="k6", call=done["call"], outcome="done"),
    ):
        with pytest.raises(Problem) as refused:
            desk.do(operation)
        assert refused.value.status == 404
    assert kinds(desk) == before


def test_an_outcome_is_told_once(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    denied = desk.call(task, "shop", "lookup", order="o-8")["call"]
    done = desk.call(task, "shop", "lookup", order="o-7")["call"]
    with pytest.raises(Problem, match="not permitted"):
        desk.do(Tell(caller=DESK, key="a", call=denied, outcome="done"))
    with pytest.raises(Problem, match="gave nothing back"):
        desk.do(Tell(caller=DESK, key="b", call=done, outcome="withdrawn", result=1))
    told = Tell(caller=DESK, key="c", call=done, outcome="failed")
    assert desk.do(told) == desk.do(told)
    with pytest.raises(Problem, match="told before"):
        desk.do(Tell(caller=DESK, key="d", call=done, outcome="done"))
    operator = Caller("ops", ("admin",))
    other = desk.call(task, "shop", "lookup", order="o-7")["call"]
    desk.do(
        Tell(caller=operator, key="e", call=other, outcome="failed", why="the gateway has gone")
    )
    assert events(desk)[-1][1]["settled_by"] == "the gateway has gone"


def test_a_trail_that_keeps_no_values_keeps_none(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    answer = desk.call(task, "vault", "put", secret="hunter2")
    assert answer["decision"] is True
    desk.do(
        Tell(caller=DESK, key="o", call=answer["call"], outcome="done", result={"was": "hunter2"})
    )
    with desk.core.view() as view:
        told = b"".join(bytes(each.entry) + (each.body or b"") for each in view.events(0, 99))
    assert b"hunter2" not in told and b"hmac-sha256:" in told


def test_a_new_policy_decides_from_its_event_on(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    assert desk.call(task, "shop", "lookup", order="o-7")["decision"] is True
    stricter = policy(POLICY.replace("allow shop.lookup when args.order == task.order", "", 1))
    assert desk.do(Adopt(caller=SYSTEM, key="new", generation=stricter))["changed"] is True
    assert desk.call(task, "shop", "lookup", order="o-7")["decision"] is False
    assert events(desk)[-2][0] == "generation"
    with desk.core.view() as view:
        assert [each.digest for each in view.generations()] == [
            events(desk)[0][1]["policy"],
            stricter.digest,
        ]


def test_another_process_follows_a_new_policy(store_url: str, generation: Generation) -> None:
    with opened(store_url, generation) as one:
        task = one.start()["task"]["id"]
        with opened(store_url, generation) as two:
            assert two.call(task, "shop", "lookup", key="x", order="o-7")["decision"] is True
            stricter = policy(
                POLICY.replace("allow shop.lookup when args.order == task.order", "", 1)
            )
            one.do(Adopt(caller=SYSTEM, key="new", generation=stricter))
            asked = call(task, "shop", "lookup", order="o-7")
            assert asyncio.run(two.core.evaluate(asked)).decision.effect == "deny"
            assert two.call(task, "shop", "lookup", key="y", order="o-7")["decision"] is False
        assert kinds(one)[-1] == "call"


def test_an_evaluation_leaves_nothing(desk: Desk) -> None:
    task = desk.start(said="to joe@mail.example")["task"]["id"]
    before = kinds(desk)

    async def asked(tool: str, action: str, **arguments: Any) -> tuple[str, bool]:
        found = await desk.core.evaluate(call(task, tool, action, **arguments))
        return found.decision.effect, found.counts

    assert asyncio.run(asked("vault", "look")) == ("permit", False)
    assert asyncio.run(asked("vault", "put", secret="x")) == ("permit", True)
    assert asyncio.run(asked("shop", "lookup", order="o-7")) == ("permit", True)
    assert asyncio.run(asked("shop", "refund", order="o-7", amount=1))[0] == "challenge"
    assert kinds(desk) == before
    desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
    assert asyncio.run(asked("vault", "look"))[0] == "deny"


@pytest.mark.parametrize("agent", ["", "a\0b", "\ud800", 7])
def test_the_agent_of_a_derived_start_is_somebody_or_is_left_out(desk: Desk, agent: Any) -> None:
    inside = start(intent="look", task=desk.start()["task"]["id"])
    with pytest.raises(Problem) as refused:
        desk.do(Start(caller=DESK, key="s", request=inside, agent=agent))
    assert refused.value.status == 400
    assert desk.do(Start(caller=DESK, key="s", request=inside))["task"]["agent"] == HELPER


@pytest.mark.parametrize("context", [7, "x", [], True])
def test_a_start_whose_context_is_no_object_is_none(desk: Desk, context: Any) -> None:
    before = kinds(desk)
    with pytest.raises(Problem) as refused:  # taken for an empty one, `has` would be false of it
        desk.do(Start(caller=DESK, key="s", request={**start(), "context": context}))
    assert refused.value.status == 400
    assert kinds(desk) == before


@pytest.mark.parametrize(("tool", "action"), [("vault", "look"), ("shop", "lookup")])
def test_an_evaluation_is_not_before_what_its_facts_know_of(
    store_url: str, generation: Generation, tool: str, action: str
) -> None:
    store = Store(store_url, clock=lambda: 1_795_000_000 * 10**9)  # which stands still
    core = Core(store, generation, CoreSettings(secret=SECRET))
    try:
        core.do_now(Adopt(caller=SYSTEM, key="begin", generation=generation))
        task = Desk(core).start(said="to joe@mail.example")["task"]["id"]
        arguments = {"order": "o-7"} if action == "lookup" else {}
        found = asyncio.run(core.evaluate(call(task, tool, action, **arguments)))
        assert found.decision.effect == "permit"
        now = read_time(found.request["context"]["time"])
        with core.view() as view:
            assert now is not None and now >= view.head.time
    finally:
        core.stop()


def test_a_head_that_somebody_else_wrote_is_found(store_url: str, generation: Generation) -> None:
    with opened(store_url, generation) as desk:
        desk.start()
    store = Store(store_url)
    with store.turn() as turn:  # the last event is cut off, and the head set back
        turn.write("DELETE FROM event WHERE seq = ?", [(turn.head.seq - 1,)])
        turn.head.seq -= 1
    store.close()
    core = Core(Store(store_url), generation, CoreSettings(secret=SECRET))
    try:
        assert core.ready() == ["the store was not written with its key"]  # before anybody asks
        with pytest.raises(Problem) as refused:
            asyncio.run(core.do(Start(caller=DESK, key="k", request=start())))
        assert refused.value.status == 503
    finally:
        core.stop()


def test_nothing_is_decided_before_a_policy_is_active(
    store_url: str, generation: Generation
) -> None:
    core = Core(Store(store_url), generation, CoreSettings(secret=SECRET))
    try:
        with pytest.raises(Problem) as refused:
            asyncio.run(core.do(Start(caller=DESK, key="k", request=start())))
        assert refused.value.status == 503
        with core.view() as view:
            assert view.head.seq == 0 and view.reading.find(Event, "true") == []
    finally:
        core.stop()


def test_a_start_is_no_call(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    before = kinds(desk)
    request = {**start(intent="look", task=task), "resource": {"type": "desk.look", "id": "t-1"}}
    with pytest.raises(Problem, match="/v1/tasks"):
        desk.do(Decide(caller=DESK, key="k", request=request))
    assert kinds(desk) == before


def test_a_start_waits_for_no_outcome(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    inside = desk.do(Start(caller=DESK, key="in", request=start(intent="look", task=task)))
    found = desk.call(task, "shop", "lookup", order="o-7")
    with desk.core.view() as view:
        starts = [each.seq for each in view.calls() if view.is_start(each)]
        assert inside["decision"] is True and len(starts) == 2
        assert [f"c-{each.seq}" for each in view.calls(without_outcome=True)] == [found["call"]]
