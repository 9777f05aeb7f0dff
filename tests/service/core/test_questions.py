"""What people are asked is asked once, answered by whom it is asked of, and permits one call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agpc.service.core import SYSTEM, Adopt, Caller, Decide, Lapse, Move, Problem, Start
from agpc.service.core.turns.trail import digest, digest_of_call
from agpc.service.policies.generation import Generation
from agpc.service.store import Store

from ..store.filled import run_in, tables_of
from .asking import CLERK, LEAD, bodies, effect, judge, know, refund
from .desk import DESK, POLICY, Desk, call, opened, opened_on, policy, start


@pytest.fixture
def generation() -> Generation:
    return policy()


@pytest.fixture
def desk(store_url: str, generation: Generation) -> Iterator[Desk]:
    with opened(store_url, generation) as desk:
        know(desk, LEAD, "role:lead")
        know(desk, CLERK, "role:clerk")
        yield desk


def test_an_approval_permits_one_call(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task, key="r")
    judge(desk, asked)
    permitted = refund(desk, task, key="r")
    assert effect(permitted) == "permit" and permitted["call"] != asked["call"]
    (evidence,) = permitted["context"]["evidence"]
    assert evidence["by"] == LEAD
    assert refund(desk, task, key="r") == permitted
    again = refund(desk, task)
    assert effect(again) == "challenge" and again["request"]["id"] != asked["request"]["id"]
    (used,) = bodies(desk, "use")
    assert (used["verdict"], used["call"]) == (evidence["id"], permitted["call"])
    (said,) = bodies(desk, "verdict")
    assert (said["by"], said["verdict"], said["call"]) == (LEAD, "approve", asked["call"])


def test_an_approval_is_for_the_exact_call(desk: Desk) -> None:
    task, other = desk.start()["task"]["id"], desk.start()["task"]["id"]
    judge(desk, refund(desk, task))
    assert effect(refund(desk, task, amount=6)) == "challenge"
    assert effect(refund(desk, other)) == "challenge"
    assert effect(refund(desk, task)) == "permit"


def test_an_approval_is_for_what_the_rule_that_asked_says(store_url: str) -> None:
    asks = (
        'allow shop.refund when args.order == task.order require approval by "role:lead" within 1h'
    )
    text = POLICY.replace("package desk\n", "package desk\ncontext { stage: string }\n").replace(
        asks,
        'allow shop.refund when context.stage == "test" require approval by "role:lead"\n'
        '    allow shop.refund as real when context.stage == "real" require approval by "role:lead"',
    )
    with opened(store_url, policy(text)) as desk:
        know(desk, LEAD, "role:lead")
        task = desk.start()["task"]["id"]

        def refund_on(stage: str) -> dict[str, Any]:
            request = call(task, "shop", "refund", order="o-7", amount=5)
            request["context"]["stage"] = stage
            return desk.do(Decide(caller=DESK, key=desk.key(), request=request))

        test, real = refund_on("test"), refund_on("real")
        assert test["request"]["id"] != real["request"]["id"]
        judge(desk, test)
        assert effect(refund_on("real")) == "challenge"
        assert effect(refund_on("test")) == "permit"


def test_what_other_rules_ask_by_now_is_asked_anew(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task, key="r")
    other = policy(POLICY.replace("allow shop.refund", "allow shop.refund as anew"))
    desk.do(Adopt(caller=SYSTEM, key="other", generation=other))
    with pytest.raises(Problem, match="other rules ask"):
        judge(desk, asked)
    again = refund(desk, task, key="r")
    assert again["request"]["id"] != asked["request"]["id"]
    judge(desk, again)
    assert effect(refund(desk, task, key="r")) == "permit"


def test_only_those_who_are_asked_may_answer(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    know(desk, "user:joe", "role:lead")  # for whom the agent acts
    for person in (CLERK, "user:nobody", "user:joe"):
        for verdict in ("approve", "refuse"):
            with pytest.raises(Problem) as refused:
                judge(desk, asked, person, verdict)
            assert refused.value.status == 403
    assert effect(refund(desk, task)) == "challenge" and bodies(desk, "verdict") == []


def test_who_leaves_or_loses_the_role_has_approved_nothing(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    judge(desk, refund(desk, task))
    know(desk, LEAD, "role:clerk")
    assert effect(refund(desk, task)) == "challenge"
    know(desk, LEAD, "role:lead", active=False)
    assert effect(refund(desk, task)) == "challenge"
    know(desk, LEAD, "role:lead")
    assert effect(refund(desk, task)) == "permit"


def test_a_role_that_came_later_counts_for_nothing_before(desk: Desk) -> None:
    stricter = "role:lead"
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    know(desk, CLERK, stricter)
    judge(desk, asked, CLERK)
    know(desk, CLERK, "role:clerk")
    know(desk, CLERK, "role:clerk", stricter)
    assert effect(refund(desk, task)) == "permit"  # it was there then, and is now


def test_a_refusal_reaches_the_agent(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task, key="r")
    judge(desk, asked, verdict="refuse", message="Ask the customer first.")
    denied = refund(desk, task, key="r")
    assert effect(denied) == "deny"
    assert denied["context"]["reasons"] == ["user:ann refused it: Ask the customer first."]
    assert effect(refund(desk, task)) == "deny"
    assert effect(refund(desk, task, amount=6)) == "challenge"
    with pytest.raises(Problem, match="refused already"):
        judge(desk, asked)


@pytest.mark.parametrize("message", ["a\0b", "a\ud800", "x" * 2001])
def test_what_no_store_keeps_is_no_message(desk: Desk, message: str) -> None:
    asked = refund(desk, desk.start()["task"]["id"])
    with pytest.raises(Problem) as found:
        judge(desk, asked, verdict="refuse", message=message)
    assert found.value.status == 400
    judge(desk, asked, verdict="refuse", message="a\tb")


def test_a_click_is_void_under_another_policy(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    seen = desk.core.generation.digest
    wider = policy(POLICY.replace("within 1h", "within 2h"))
    desk.do(Adopt(caller=SYSTEM, key="new", generation=wider))
    with pytest.raises(Problem) as refused:
        judge(desk, asked, policy=seen)
    assert (refused.value.status, refused.value.code) == (409, "another_policy")
    judge(desk, asked)
    assert effect(refund(desk, task)) == "permit"


def test_nothing_is_approved_once_the_task_has_ended(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    judge(desk, asked)
    open_ = refund(desk, task, amount=6)
    desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
    assert effect(refund(desk, task)) == "deny"
    with pytest.raises(Problem) as refused:
        judge(desk, open_)
    assert (refused.value.status, refused.value.code) == (409, "answered")


def test_a_start_that_was_approved_starts_a_task(store_url: str) -> None:
    text = POLICY.replace(
        "allow look.start when args.order == task.order",
        'allow look.start when args.order == task.order require approval by "role:lead"',
    )
    with opened(store_url, policy(text)) as desk:
        know(desk, LEAD, "role:lead")
        task = desk.start()["task"]["id"]
        asked = Start(caller=DESK, key="look", request=start(intent="look", task=task), said=None)
        judge(desk, desk.do(asked))
        started = desk.do(asked)
        assert started["decision"] and started["task"]["parent"] == task
        assert desk.do(asked) == started
        assert bodies(desk, "task")[-1]["task"]["id"] == started["task"]["id"]


def test_two_people_are_two(store_url: str) -> None:
    text = POLICY.replace(
        'approval by "role:lead" within', 'approval by "role:lead" count 2 within'
    )
    with opened(store_url, policy(text)) as desk:
        know(desk, LEAD, "role:lead")
        know(desk, CLERK, "role:lead")
        task = desk.start()["task"]["id"]
        asked = refund(desk, task, key="r")
        judge(desk, asked)
        with pytest.raises(Problem, match="approved it already"):
            judge(desk, asked)
        assert refund(desk, task, key="r")["request"] == asked["request"]
        judge(desk, asked, CLERK)
        assert effect(refund(desk, task, key="r")) == "permit"
        assert len(bodies(desk, "use")) == 2


def test_who_is_acted_for_confirms(store_url: str) -> None:
    text = POLICY.replace('approval by "role:lead" within', "confirmation within")
    with opened(store_url, policy(text)) as desk:
        know(desk, LEAD, "role:lead")
        know(desk, "user:joe")
        task = desk.start()["task"]["id"]
        asked = refund(desk, task)
        with pytest.raises(Problem) as refused:
            judge(desk, asked, LEAD)
        assert refused.value.status == 403
        judge(desk, asked, "user:joe")
        assert effect(refund(desk, task)) == "permit"
        assert effect(refund(desk, task)) == "challenge"


def test_what_one_has_approved_needs_nobody_else(desk: Desk) -> None:
    know(desk, "user:cleo", "role:lead")
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    judge(desk, asked)
    with pytest.raises(Problem, match="not asked about any more"):
        judge(desk, asked, "user:cleo")
    assert effect(refund(desk, task)) == "permit"
    assert effect(refund(desk, task)) == "challenge"


def test_what_is_approved_is_good_until_the_request_expires(
    new_store_url: Callable[[], str], generation: Generation
) -> None:
    clock = [1_795_514_400 * 10**9]
    store = Store(new_store_url(), clock=lambda: clock[0])
    with opened_on(store, generation, question=60 * 10**9) as desk:
        know(desk, LEAD, "role:lead")
        task = desk.start()["task"]["id"]
        asked = refund(desk, task, key="r")
        judge(desk, asked)
        clock[0] += 61 * 10**9
        again = refund(desk, task, key="r")
        assert effect(again) == "challenge"
        assert again["request"]["id"] != asked["request"]["id"]
        with pytest.raises(Problem) as refused:
            judge(desk, asked)
        assert refused.value.code == "answered"  # it is expired, as the new one says
        judge(desk, again)
        assert effect(refund(desk, task, key="r")) == "permit"


@pytest.mark.parametrize("person", [LEAD, "user:cleo"])
def test_what_was_approved_may_be_refused_until_it_is_used(desk: Desk, person: str) -> None:
    know(desk, "user:cleo", "role:lead")
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    judge(desk, asked)
    with pytest.raises(Problem) as refused:
        judge(desk, asked, CLERK, verdict="refuse")
    assert refused.value.status == 403
    judge(desk, asked, person, verdict="refuse")
    assert effect(refund(desk, task)) == "deny"


def test_of_many_calls_at_once_one_passes(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    judge(desk, refund(desk, task))
    request = call(task, "shop", "refund", order="o-7", amount=5)

    async def all_at_once() -> list[dict[str, Any]]:
        asked = (Decide(caller=DESK, key=f"many-{each}", request=request) for each in range(20))
        return await asyncio.gather(*map(desk.core.do, asked))

    answers = asyncio.run(all_at_once())
    assert sorted(map(effect, answers)) == ["challenge"] * 19 + ["permit"]
    assert len({each["request"]["id"] for each in answers if "request" in each}) == 1


def test_a_program_gives_no_verdict(desk: Desk) -> None:
    asked = refund(desk, desk.start()["task"]["id"])
    for caller in (SYSTEM, DESK, Caller("page", ("approve",))):
        with pytest.raises(Problem) as refused:
            judge(desk, asked, caller=caller)
        assert refused.value.status == 403


@pytest.mark.parametrize("how", ["used", "refused", "expired", "asked again"])
def test_what_the_policy_does_not_keep_is_there_as_long_as_somebody_has_to_see_it(
    new_store_url: Callable[[], str], how: str
) -> None:
    clock, url = [1_795_514_400 * 10**9], new_store_url()
    text = POLICY.replace(
        "allow vault.put, vault.look", 'allow vault.put require approval by "role:lead"'
    )
    with opened_on(Store(url, clock=lambda: clock[0]), policy(text), question=60 * 10**9) as desk:
        know(desk, LEAD, "role:lead")
        task = desk.start()["task"]["id"]
        asked = desk.call(task, "vault", "put", secret="4711-secret")
        with desk.core.view() as view:
            row = view.request(asked["request"]["id"])
            assert row is not None and "4711-secret" in (row.asked_for or "")
        if how == "refused":
            judge(desk, asked, verdict="refuse", message="No.")
        else:
            judge(desk, asked)
        if how == "used":
            assert effect(desk.call(task, "vault", "put", secret="4711-secret")) == "permit"
        elif how == "expired":
            clock[0] += 61 * 10**9
            assert desk.do(Lapse(caller=SYSTEM, key="l"))["lapsed"] == 1
        elif how == "asked again":
            clock[0] += 61 * 10**9
            again = desk.call(task, "vault", "put", secret="4711-secret")
            judge(desk, again, verdict="refuse")
        if how in ("refused", "asked again"):  # and is refused without a question
            assert effect(desk.call(task, "vault", "put", secret="4711-secret")) == "deny"
        desk.do(Move(caller=DESK, key="m", task=task, state="ended"))  # until then sources need it
        bare = digest_of_call(call(task, "vault", "put", secret="4711-secret"))
        sent = digest(call(task, "vault", "put", secret="4711-secret"))
        kept = json.dumps(everything(url))
        assert all(each not in kept for each in ("4711-secret", bare, sent))
        told = bodies(desk, "verdict")[0]
        assert told["digest"].startswith("hmac-sha256:")
        assert told["digest"] == bodies(desk, "call")[1]["digest"]


def everything(url: str) -> list[list[str]]:
    """All rows of all tables, as text."""
    return [
        [str(bytes(each) if isinstance(each, bytes | memoryview) else each) for each in row]
        for table in tables_of(url)
        for row in run_in(url, f'SELECT * FROM "{table}"')
    ]
