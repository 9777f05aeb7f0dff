"""What tests do with passkeys at a desk: make them, sign in with them, and build what they sign."""

from __future__ import annotations

import json
from typing import Any

from agpc.runtime.time_text import format_time
from agpc.service.core import SYSTEM, Enrol, SignInByPasskey
from agpc.service.passkeys.statement import challenge, of_enrolment, of_sign_in, of_verdict

from .asking import LEAD
from .authenticator import Authenticator
from .desk import Desk

CODE = "c0de" * 16


def enrols(
    desk: Desk, key: Authenticator, person: str = LEAD, code: str | None = None, **made: Any
) -> dict[str, Any]:
    nonce = made.pop("nonce", desk.key())
    said, session = made.pop("said", of_enrolment(person, nonce)), made.pop("session", None)
    operation = Enrol(
        caller=SYSTEM, key=desk.key(), person=person, nonce=nonce, code=code, session=session,
        **key.makes(challenge(said), **made),
    )  # fmt: skip
    return desk.do(operation)


def says(desk: Desk, asked: dict[str, Any], by: str = LEAD, **more: Any) -> dict[str, Any]:
    """What somebody says to a request, as it is signed."""
    with desk.core.view() as view:
        row = view.request(asked["request"]["id"])
    assert row is not None
    call = json.loads(bodies_of_call(desk, asked["call"]))
    told = {
        "request": row.id,
        "call": asked["call"],
        "digest": call["digest"],
        "task": row.task,
        "capability": row.capability,
        "policy": desk.core.generation.digest,
        "by": by,
        "verdict": more.pop("verdict", "approve"),
        **more,
    }
    return of_verdict(told, format_time(row.expires))


def bodies_of_call(desk: Desk, id: str) -> bytes:
    with desk.core.view() as view:
        event = view.event(int(id[2:]))
    assert event is not None and event.body is not None
    return bytes(event.body)


def signs_in(desk: Desk, key: Authenticator, nonce: str = "n-1", **how: Any) -> dict[str, Any]:
    with desk.core.view() as view:
        ends = view.now // 10**9 + 600
    signed = how.pop("signed", None) or key.signs(challenge(of_sign_in(nonce)), **how)
    return desk.do(
        SignInByPasskey(caller=SYSTEM, key=desk.key(), nonce=nonce, signed=signed, ends=ends)
    )
