"""A desk of people, questions, leases and sessions, at which all that can be done with them was done."""

from __future__ import annotations

import time
from typing import Any

from agpc.service.core import (
    SYSTEM,
    Caller,
    Cancel,
    Decide,
    Heed,
    Issue,
    Lend,
    Move,
    Renew,
    Report,
    Revoke,
    Signal,
    SignIn,
    Subject,
)
from agpc.service.core.operations.of_leases import Acknowledge, Review
from agpc.service.core.operations.of_people import Notify, SignOut

from ..core.asking import CLERK, LEAD, judge, know
from ..core.desk import DESK, Desk, call
from .stored import publish

JOE, DAN = "user:joe", "user:dan"
THEM = Caller("transmitter:id", ("signal",), DESK.agents)


def leased(desk: Desk, task: str, name: str, **more: Any) -> str:
    context = {"confidence": 0.9, "site": "north"}
    found = desk.do(
        Issue(
            caller=DESK,
            key=desk.key(),
            task=task,
            capabilities=(f"desk.shop.{name}",),
            context=context,
            properties={"grade": 3},
            **more,
        )
    )
    lease: str = found["lease"]
    return lease


def decided(desk: Desk, task: str, action: str, **arguments: Any) -> dict[str, Any]:
    request = call(task, "shop", action, **arguments)
    request["context"]["confidence"] = 0.9
    return desk.do(Decide(caller=DESK, key=desk.key(), request=request))


def refund(desk: Desk, task: str, amount: int) -> dict[str, Any]:
    return decided(desk, task, "refund", order="o-7", amount=amount)


def closed(desk: Desk, task: str) -> dict[str, Any]:
    return decided(desk, task, "close")


def signed_in(desk: Desk, person: str, **more: Any) -> str:
    now = time.time_ns() // 10**9
    operation = SignIn(
        caller=SYSTEM,
        key=desk.key(),
        person=person,
        roles=("role:night",),
        source="https://id.example",
        methods=more.get("methods", ("otp", "pwd")),
        at=now - 5,
        ends=now + 3600,
    )
    session: str = desk.do(operation)["session"]
    return session


def everything(desk: Desk) -> None:
    """Do something of each kind with people and leases."""
    know(desk, LEAD, "role:lead")
    know(desk, CLERK)
    know(desk, JOE)
    task, other = (desk.start(order=each)["task"]["id"] for each in ("o-7", "o-9"))
    confirmed, refused = refund(desk, task, 1), refund(desk, task, 2)
    refund(desk, task, 3)
    refund(desk, task, 3)  # which waits for the same answer
    judge(desk, confirmed, JOE)
    taken_back = refund(desk, task, 9)["request"]["id"]
    desk.do(Cancel(caller=DESK, key="cancel", request=taken_back, why="moot"))
    judge(desk, refund(desk, task, 4), JOE)
    judge(desk, refused, JOE, "refuse", message="not today")
    assert refund(desk, task, 1)["decision"] is True
    assert refund(desk, task, 2)["decision"] is False
    judge(desk, closed(desk, task), LEAD)
    assert closed(desk, task)["decision"] is True
    agreed = leased(desk, task, "close")
    kept = leased(desk, task, "browse", proved="thumb", proof="f" * 64)
    leased(desk, other, "browse")
    gone = leased(desk, task, "peek")
    with desk.core.view() as view:
        row = view.lease(kept)
        assert row is not None
    lend = {"broker": "aws", "policy": row.policy, "until": row.expires, "once": "1"}
    for key, proof in (("renew", "e" * 64), ("again", "c" * 64)):
        desk.do(Renew(caller=DESK, key=key, lease=kept, proved="thumb", proof=proof))
    desk.do(
        Lend(caller=DESK, key="lend", lease=kept, proved="thumb", proof="d" * 64, asked={}, **lend)
    )
    desk.do(Revoke(caller=DESK, key="revoke", lease=gone, why="not needed"))
    for context in ({"confidence": 0.95, "site": "south"}, {"confidence": 0.96}):
        desk.do(Report(caller=DESK, key=desk.key(), task=task, context=context))
    decided(desk, other, "refund", order="o-9", amount=3)  # which ends with its task
    desk.do(Move(caller=DESK, key="move", task=other, state="ended"))
    know(desk, CLERK, "role:clerk")  # since which what rests on people has to be looked at again
    desk.do(Review(caller=SYSTEM, key="review"))
    know(desk, CLERK)
    out = signed_in(desk, "user:eve")
    signed_in(desk, JOE)
    signed_in(desk, LEAD)
    desk.do(SignOut(caller=SYSTEM, key="out", session=out))
    signed_in(desk, DAN)
    effects: tuple[Any, ...] = ("leases", "sessions", "person")
    signal = Signal("https://x.example/revoked", True, effects, Subject(people=(DAN, LEAD)))
    signals, issued = (signal,), time.time_ns() // 10**9
    digest = f"sha256:{'0' * 64}"
    desk.do(Heed(caller=THEM, key="set", jti="1", set=digest, issued=issued, signals=signals))
    desk.do(Notify(caller=SYSTEM, key="notify", channel="ops"))
    desk.do(Acknowledge(caller=SYSTEM, key="ack", receiver="r", upto=3))
    with desk.core.view() as view:
        again = view.lease(agreed)
        assert again is not None and again.policy == ""
    publish(desk)
