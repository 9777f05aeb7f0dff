"""There is a bound of what waits for people: one more is asked of nobody, and hides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agpc.service.audit.notes import Signer
from agpc.service.core import SYSTEM, Adopt, Cancel, Move, Notify, Problem, Start
from agpc.service.policies.generation import Generation
from agpc.service.store import Store

from ..audit.stored import SIGNER, in_export, in_store, publish
from .asking import LEAD, bodies, effect, judge, know, refund
from .clocks import Clock
from .desk import DESK, POLICY, Desk, opened, opened_on, policy, start

METER = POLICY.replace(
    "meter mails", "meter asks = count of asked shop.refund per task\nmeter mails"
).replace(
    'allow shop.refund when args.order == task.order require approval by "role:lead" within 1h',
    'allow shop.refund when args.order == task.order and asks.before < 4 require approval by "role:lead" within 1h',
)


@pytest.fixture
def generation() -> Generation:
    return policy()


@pytest.fixture
def desk(store_url: str, generation: Generation) -> Iterator[Desk]:
    signer: Signer = SIGNER
    with opened(store_url, generation, signer=signer, asked_by_task=3, asked_by_agent=5) as desk:
        know(desk, LEAD, "role:lead")
        yield desk


def too_many(desk: Desk, task: str, **more: Any) -> Problem:
    with pytest.raises(Problem) as problem:
        refund(desk, task, **more)
    assert (problem.value.status, problem.value.code) == (429, "too_many_requests_wait")
    return problem.value


def test_one_more_of_a_task_is_asked_of_nobody_and_recorded(
    desk: Desk, store_url: str, tmp_path: Path
) -> None:
    task, other = desk.start()["task"]["id"], desk.start()["task"]["id"]
    asked = [refund(desk, task, amount=each) for each in range(3)]
    problem = too_many(desk, task, key="more", amount=3)
    assert "3 requests of this task wait for people" in problem.message
    with desk.core.view() as view:
        assert len(view.requests(state="pending")) == 3
        assert view.reading.select("SELECT count(*) FROM call WHERE effect = 'challenge'") == [(3,)]
    (refused,) = bodies(desk, "refused")
    assert refused["why"] == problem.message and refused["open"] is True
    # what was asked before is asked still, and so is another task
    again = refund(desk, task, amount=0)
    assert again["request"] == asked[0]["request"]
    assert effect(refund(desk, other)) == "challenge"
    # once one is answered there is room, and the same key asks
    judge(desk, asked[0])
    assert effect(refund(desk, task, amount=0)) == "permit"
    now = refund(desk, task, key="more", amount=3)
    assert effect(now) == "challenge" and now["request"]["id"] == f"q-{now['call'][2:]}"
    assert refund(desk, task, key="more", amount=3) == now
    publish(desk)
    assert in_store(store_url).wrong == []
    found = in_export(store_url, tmp_path / "trail")
    assert found.wrong == [], found.wrong


def test_a_key_that_was_one_too_many_names_a_call_of_its_own(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = [refund(desk, task, amount=each) for each in range(3)]
    too_many(desk, task, key="more", amount=3)
    judge(desk, asked[0], verdict="refuse")
    other = refund(desk, task, amount=3)  # another key asks for the same
    same = refund(desk, task, key="more", amount=3)
    assert same["request"] == other["request"] and same["call"] != other["call"]
    with desk.core.view() as view:
        assert view.call(same["call"]) is not None


def test_one_more_of_an_agent_is_asked_of_nobody(desk: Desk) -> None:
    tasks = [desk.start()["task"]["id"] for _ in range(3)]
    for number in range(5):
        refund(desk, tasks[number % 2], amount=number)
    problem = too_many(desk, tasks[2])
    assert "5 requests of this agent" in problem.message


def test_what_was_asked_of_nobody_is_no_call_that_was_asked(store_url: str) -> None:
    with opened(store_url, policy(METER), asked_by_task=2) as desk:
        know(desk, LEAD, "role:lead")
        task = desk.start()["task"]["id"]
        first, _ = refund(desk, task, amount=0), refund(desk, task, amount=1)
        for each in range(5):
            too_many(desk, task, amount=10 + each)
        judge(desk, first, verdict="refuse")
        assert effect(refund(desk, task, amount=2)) == "challenge"  # the third that was asked
        assert effect(refund(desk, task, amount=2)) == "challenge"  # and the fourth
        assert effect(refund(desk, task, amount=2)) == "deny"  # now there were four


def test_a_bound_does_not_hide_what_others_ask(desk: Desk) -> None:
    tasks = [desk.start()["task"]["id"] for _ in range(2)]
    for number in range(3):
        refund(desk, tasks[0], amount=number)
    for number in range(20):
        too_many(desk, tasks[0], amount=100 + number)
    asked = refund(desk, tasks[1])
    with desk.core.view() as view:
        assert view.requests(state="pending")[0].id == asked["request"]["id"]
    told = desk.do(Notify(caller=SYSTEM, key="n", channel="leads"))
    assert [each["id"] for each in told["requests"]][-1] == asked["request"]["id"]
    assert len(told["requests"]) == 4


def test_questions_that_nobody_may_answer_any_more_make_room(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    for number in range(3):
        refund(desk, task, amount=number)
    too_many(desk, task, amount=9)
    text = POLICY.replace(' require approval by "role:lead" within 1h', "")
    desk.do(Adopt(caller=SYSTEM, key="freely", generation=policy(text)))
    assert effect(refund(desk, task, amount=9)) == "permit"  # which asks nobody


@pytest.mark.parametrize("state", ["ended", "drifted"])
def test_what_is_asked_is_over_with_its_task(
    desk: Desk, store_url: str, tmp_path: Path, state: Any
) -> None:
    task, other = desk.start()["task"]["id"], desk.start()["task"]["id"]
    asked = [refund(desk, task, amount=each) for each in range(3)]
    judge(desk, asked[0], verdict="refuse")
    judge(desk, asked[1])  # which nobody calls for any more
    kept = refund(desk, other)
    desk.do(Move(caller=DESK, key="over", task=task, state=state))
    with desk.core.view() as view:
        assert [each.id for each in view.requests(state="pending")] == [kept["request"]["id"]]
        over = view.requests(state="expired")
        assert {each.id for each in over} == {each["request"]["id"] for each in asked[1:]}
        assert all(view.state_of(each) == "expired" and each.asked_for is None for each in over)
    for verdict in ("approve", "refuse"):
        with pytest.raises(Problem) as problem:
            judge(desk, asked[2], verdict=verdict)
        assert (problem.value.status, problem.value.code) == (409, "answered")
    with pytest.raises(Problem, match="waits for nobody any more"):
        desk.do(Cancel(caller=DESK, key="c", request=asked[2]["request"]["id"], why=None))
    if state == "drifted":  # and ends after that
        desk.do(Move(caller=DESK, key="then", task=task, state="ended"))
    publish(desk)
    assert in_store(store_url).wrong == []
    found = in_export(store_url, tmp_path / "trail")
    assert found.wrong == [], found.wrong


def test_what_is_asked_in_a_task_inside_is_over_with_it(store_url: str) -> None:
    text = POLICY.replace(
        "    allow shop.lookup when args.order == task.order\n}\ngrant keeping",
        '    allow shop.refund when args.order == task.order require approval by "role:lead"\n}\ngrant keeping',
    )
    with opened(store_url, policy(text), signer=SIGNER) as desk:
        task = desk.start()["task"]["id"]
        request = start(intent="look", task=task)
        inside = desk.do(Start(caller=DESK, key="in", request=request))["task"]["id"]
        assert effect(refund(desk, inside)) == "challenge"
        desk.do(Move(caller=DESK, key="over", task=task, state="ended"))
        with desk.core.view() as view:
            assert view.requests(state="pending") == []
        publish(desk)
        assert in_store(store_url).wrong == []


def test_what_had_lapsed_unnoticed_is_over_with_its_task(
    store_url: str, generation: Generation
) -> None:
    clock = Clock()
    store = Store(store_url, clock=clock)
    with opened_on(store, generation, signer=SIGNER, question=60 * 10**9) as desk:
        task = desk.start()["task"]["id"]
        refund(desk, task)
        clock.now += 61 * 10**9
        desk.do(Move(caller=DESK, key="over", task=task, state="ended"))
        publish(desk)
        assert in_store(store_url).wrong == []


def test_tasks_that_have_ended_leave_room_for_their_agent(desk: Desk) -> None:
    tasks = [desk.start()["task"]["id"] for _ in range(3)]
    for number in range(5):
        refund(desk, tasks[number % 2], amount=number)
    too_many(desk, tasks[2])
    desk.do(Move(caller=DESK, key="over", task=tasks[0], state="ended"))
    assert effect(refund(desk, tasks[2])) == "challenge"
