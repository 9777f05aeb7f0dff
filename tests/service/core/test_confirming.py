"""What a caller says that its user confirms counts as a confirmation, and as nothing else; and what else an enforcement point tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agpc.service.core import SYSTEM, Adopt, Caller, Confirm, Problem, Refuse, Tell
from agpc.service.core.operations.callers import Role

from ..audit.stored import SIGNER, in_store, publish
from .asking import LEAD, bodies, effect, judge, know, refund
from .desk import DESK, HELPER, POLICY, Desk, opened, policy

USER = "user:joe"
ROLES: tuple[Role, ...] = ("start", "decide", "outcome", "confirm")
POINT = Caller("desk", ROLES, (HELPER,))
ASKS = 'allow shop.refund when args.order == task.order require approval by "role:lead" within 1h'
CONFIRMED = "allow shop.refund when args.order == task.order require confirmation within 1h"
BOTH = f'{CONFIRMED} and approval by "role:lead" within 1h'
USED = 'intent look   "Look'


def text(rule: str) -> str:
    return POLICY.replace(ASKS, rule)


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with opened(store_url, policy(text(CONFIRMED)), signer=SIGNER) as desk:
        yield desk
        publish(desk)
    found = in_store(store_url)
    assert [each.what for each in found.wrong] == []
    assert found.verdict == "proved" or "redacted" in found.undetermined


def confirm(desk: Desk, asked: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {"caller": POINT, "user": USER, "verdict": "approve", **more}
    return desk.do(Confirm(key=desk.key(), request=asked["request"]["id"], **given))


def test_a_confirmation_permits_the_one_call(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task, key="r")
    assert confirm(desk, asked) == {"request": asked["request"]["id"], "verdict": "approve"}
    assert effect(refund(desk, task, key="r")) == "permit"
    assert effect(refund(desk, task)) == "challenge"
    (said,) = bodies(desk, "verdict")
    assert (said["caller"], said["by"], said["roles"]) == ("desk", USER, [])


def test_what_the_user_refuses_is_denied_with_their_message(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    confirm(desk, refund(desk, task, key="r"), verdict="refuse", message="not this one")
    answer = refund(desk, task, key="r")
    assert effect(answer) == "deny"
    assert answer["context"]["reasons"] == ["user:joe refused it: not this one"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"caller": DESK}, 403),
        ({"caller": replace(POINT, agents=("spiffe://acme.example/other",))}, 404),
        ({"caller": replace(POINT, identity=HELPER, itself=True)}, 403),
        ({"user": LEAD}, 403),
        ({"user": HELPER}, 403),
        ({"user": ""}, 400),
        ({"verdict": "yes"}, 400),
        ({"message": "x" * 2001}, 400),
    ],
)
def test_nobody_else_confirms_and_nothing_else_is_confirmed(
    desk: Desk, more: dict[str, Any], status: int
) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task, key="r")
    with pytest.raises(Problem) as caught:
        confirm(desk, asked, **more)
    assert caught.value.status == status
    assert bodies(desk, "verdict") == []
    assert effect(refund(desk, task, key="r")) == "challenge"


def test_who_has_left_confirms_nothing(desk: Desk) -> None:
    know(desk, USER)
    task = desk.start()["task"]["id"]
    asked = refund(desk, task, key="r")
    confirm(desk, asked)
    know(desk, USER, active=False)
    assert effect(refund(desk, task, key="r")) == "challenge"
    with pytest.raises(Problem, match="nobody of that name"):
        confirm(desk, refund(desk, task))


def test_another_policy_voids_what_was_shown(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task, key="r")
    other = policy(text(CONFIRMED).replace(USED, 'intent look   "To look'))
    desk.do(Adopt(caller=SYSTEM, key=desk.key(), generation=other))
    with pytest.raises(Problem, match="the policy has changed"):
        confirm(desk, asked)


def test_a_confirmation_is_no_approval(store_url: str) -> None:
    with opened(store_url, policy(), signer=SIGNER) as desk:
        asked = refund(desk, desk.start()["task"]["id"])
        with pytest.raises(Problem) as caught:
            confirm(desk, asked)
        assert caught.value.status == 409


def test_what_is_confirmed_and_approved_needs_both(store_url: str) -> None:
    with opened(store_url, policy(text(BOTH)), signer=SIGNER) as desk:
        know(desk, LEAD, "role:lead")
        task = desk.start()["task"]["id"]
        asked = refund(desk, task, key="r")
        confirm(desk, asked)
        assert effect(refund(desk, task, key="r")) == "challenge"
        judge(desk, asked)
        assert effect(refund(desk, task, key="r")) == "permit"
        with pytest.raises(Problem, match="approved already"):
            confirm(desk, asked)
        publish(desk)
    assert [each.what for each in in_store(store_url).wrong] == []


# --- What else an enforcement point tells ---------------------------------------------------------


def test_what_was_refused_before_there_was_a_call_is_recorded(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    what = {"method": "tools/unknown"}
    refuse = Refuse(caller=DESK, key="no", task=task, why="no such method", what=what)
    answer = desk.do(refuse)
    assert (effect(answer), answer["decision"]) == ("deny", False)
    assert desk.do(refuse) == answer
    (told,) = bodies(desk, "refused")
    assert told["why"] == "no such method" and "unknown" not in str(told)
    for each in (
        replace(refuse, key="a", task="t-other"),
        replace(refuse, key="b", caller=replace(DESK, agents=())),
        replace(refuse, key="c", why=""),
    ):
        with pytest.raises(Problem):
            desk.do(each)
    assert len(bodies(desk, "refused")) == 1


def test_the_digest_of_a_large_result_is_in_the_trail(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    call = desk.call(task, "shop", "lookup", order="o-7")["call"]
    digest = f"sha256:{'ab' * 32}"
    tell = Tell(caller=DESK, key="t", call=call, outcome="done", digest=digest)
    for wrong in (
        replace(tell, digest="sha256:0"),
        replace(tell, outcome="withdrawn"),
        replace(tell, result=1),
    ):
        with pytest.raises(Problem):
            desk.do(wrong)
    desk.do(tell)
    (told,) = bodies(desk, "outcome")
    assert (told["result_digest"], told["unreadable"]) == (digest, True)
    sent = desk.call(task, "mail", "send", to=["ann@mail.example"], body="")
    assert effect(sent) == "deny"  # nobody knows what the source holds


def test_the_digest_of_a_result_that_is_not_kept_is_keyed(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    call = desk.call(task, "vault", "look")["call"]
    digest = f"sha256:{'ab' * 32}"
    desk.do(Tell(caller=DESK, key="t", call=call, outcome="done", digest=digest))
    (told,) = bodies(desk, "outcome")
    assert told["result_digest"].startswith("hmac-sha256:") and told["redacted"] is True
