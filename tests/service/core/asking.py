"""What tests say to a desk of people: who they are, what the agent asks, and what they answer."""

from __future__ import annotations

import json
from typing import Any

from agpc.runtime.values import NANOSECONDS
from agpc.service.core import SYSTEM, Judge, Know, SignIn, as_person

from .desk import Desk

LEAD, CLERK = "user:ann", "user:bob"


def know(desk: Desk, person: str, *roles: str, active: bool = True) -> dict[str, Any]:
    return desk.do(Know(caller=SYSTEM, key=desk.key(), person=person, roles=roles, active=active))


def refund(desk: Desk, task: str, *, key: str | None = None, amount: int = 5) -> dict[str, Any]:
    return desk.call(task, "shop", "refund", key=key, order="o-7", amount=amount)


def judge(
    desk: Desk, asked: dict[str, Any], person: str = LEAD, verdict: Any = "approve", **more: Any
) -> dict[str, Any]:
    operation = Judge(
        caller=more.pop("caller", as_person(person)),
        key=desk.key(),
        request=asked["request"]["id"],
        verdict=verdict,
        policy=more.pop("policy", desk.core.generation.digest),
        **more,
    )
    return desk.do(operation)


def effect(answer: dict[str, Any]) -> str:
    return str(answer["context"]["effect"])


def bodies(desk: Desk, kind: str) -> list[dict[str, Any]]:
    with desk.core.view() as view:
        found = view.events(0, view.head.seq)
        return [json.loads(bytes(each.body or b"{}")) for each in found if each.kind == kind]


def in_session(desk: Desk, person: str, *roles: str, lasts: int = 3600) -> str:
    """Have somebody sign in with a provider, who shows nothing that counts for a step-up; give the name of the session."""
    with desk.core.view() as view:
        ends = view.now // NANOSECONDS + lasts
    operation = SignIn(
        caller=SYSTEM, key=desk.key(), person=person, roles=roles, source="https://id.example", methods=(), at=None,
        ends=ends,
    )  # fmt: skip
    return str(desk.do(operation)["session"])
