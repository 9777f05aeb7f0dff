"""A lease may rest on what the person of its task has shown, and ends when that counts no more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.service.core import (
    SYSTEM,
    Adopt,
    Core,
    CoreSettings,
    Issue,
    Know,
    Publish,
    Renew,
    Review,
    SignIn,
    SignOut,
)
from agpc.service.store import Store

from .clocks import TEN, Clock
from .desk import DESK, SECRET, Desk, call, policy
from .lending import POLICY
from .proved import SIGNER, proved

MINUTE = 60 * 10**9
STEP_UP = POLICY.replace('approval per task by "role:lead"', 'step_up "mfa" within 10m')


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(store_url: str, clock: Clock) -> Iterator[Desk]:
    with proved(store_url, policy(STEP_UP), clock) as found:
        yield found


def sign_in(desk: Desk, clock: Clock, *, person: str = "user:joe", **more: Any) -> str:
    now = clock.now // 10**9
    told: dict[str, Any] = {"methods": ("mfa",), "at": now, "ends": now + 3600, **more}
    operation = SignIn(
        caller=SYSTEM, key=desk.key(), person=person, roles=(), source="https://id.example", **told
    )
    return str(desk.do(operation)["session"])


def issue(desk: Desk, task: str, **context: Any) -> dict[str, Any]:
    return desk.do(
        Issue(
            caller=DESK, key=desk.key(), task=task, capabilities=("desk.shop.close",),
            context={"confidence": 0.9, **context},
        )
    )  # fmt: skip


def is_good(desk: Desk, lease: dict[str, Any]) -> bool:
    with desk.core.view() as view:
        found = view.lease(lease["lease"])
        assert found is not None
        return view.is_good(found)


def last(desk: Desk, kind: str) -> dict[str, Any]:
    with desk.core.view() as view:
        found = [each for each in view.events(0, view.head.seq) if each.kind == kind]
        told: dict[str, Any] = json.loads(bytes(found[-1].body or b"{}"))
        return told


def test_it_lasts_as_long_as_what_was_shown_counts(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    claimed = {"id": "s-1", "method": "mfa", "at": "2026-11-24T10:00:00Z"}
    assert issue(desk, task, step_up=[claimed])["context"]["effect"] == "challenge"
    sign_in(desk, clock, person="user:ann")
    assert issue(desk, task)["decision"] is False  # somebody else has shown it
    sign_in(desk, clock, methods=("pin",))
    assert issue(desk, task)["decision"] is False
    session = sign_in(desk, clock)
    clock.now += 4 * MINUTE
    lease = issue(desk, task)
    assert lease["expires_at"].startswith("2026-11-24T10:10:00")  # and not for 15 minutes
    assert [each["id"] for each in last(desk, "lease")["request"]["context"]["step_up"]] == [
        session, _other(desk)
    ]  # fmt: skip
    clock.now = TEN + 10 * MINUTE + 10**9
    assert not is_good(desk, lease)
    assert issue(desk, task)["decision"] is False


def _other(desk: Desk) -> str:
    """The session in which another method was shown."""
    found: str = last(desk, "lease")["request"]["context"]["step_up"][1]["id"]
    return found


def test_it_does_not_outlast_the_session_that_comes_after_the_first(
    store_url: str, clock: Clock
) -> None:
    """What takes the place of a step-up that is too old by then is of a session that has ended by then."""
    rule = 'allow shop.close require step_up "mfa" within 10m'
    two = f'{rule}\n    allow shop.close require step_up "pin" within 15m'
    generation = policy(STEP_UP.replace(rule, two))
    core = Core(
        Store(store_url, clock=clock), generation, CoreSettings(secret=SECRET, signer=SIGNER)
    )
    try:
        desk = Desk(core)
        desk.do(Adopt(caller=SYSTEM, key="begin", generation=generation))
        task = desk.start()["task"]["id"]
        sign_in(desk, clock)
        clock.now += 9 * MINUTE
        sign_in(desk, clock, methods=("pin",), ends=clock.now // 10**9 + 180)
        lease = issue(desk, task)
        assert lease["expires_at"] == "2026-11-24T10:12:00Z"
        desk.do(Publish(caller=SYSTEM, key="publish"))
        with core.view() as view:
            verified = verify(StoredTrail(view, view), LogKey.read(SIGNER.vkey))
        assert (verified.verdict, verified.wrong) == ("proved", [])
    finally:
        core.stop()


def test_it_does_not_outlast_the_session(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    sign_in(desk, clock, ends=clock.now // 10**9 + 180)
    assert issue(desk, task)["expires_at"] == "2026-11-24T10:03:00Z"


def test_it_ends_when_its_person_signs_out(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    session = sign_in(desk, clock)
    lease = issue(desk, task)
    desk.do(SignOut(caller=SYSTEM, key="out", session=session))
    assert not is_good(desk, lease)
    desk.do(Review(caller=SYSTEM, key="look"))
    ended = last(desk, "revoked")
    assert (ended["lease"], ended["cause"]) == (lease["lease"], "person")


def test_it_goes_on_where_another_session_shows_the_same(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    first = sign_in(desk, clock)
    lease = issue(desk, task)
    clock.now += MINUTE
    sign_in(desk, clock)
    desk.do(SignOut(caller=SYSTEM, key="out", session=first))
    desk.do(Review(caller=SYSTEM, key="look"))
    assert is_good(desk, lease)


def test_it_ends_when_its_person_leaves(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    sign_in(desk, clock)
    lease = issue(desk, task)
    desk.do(Know(caller=SYSTEM, key="left", person="user:joe", roles=(), active=False))
    assert not is_good(desk, lease)
    desk.do(Review(caller=SYSTEM, key="look"))
    assert last(desk, "revoked")["cause"] == "person"


def test_renewal_reads_the_session_anew(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    sign_in(desk, clock)
    lease = issue(desk, task)
    clock.now += 5 * MINUTE
    sign_in(desk, clock)
    renewed = desk.do(Renew(caller=DESK, key="r1", lease=lease["lease"]))
    assert renewed["expires_at"].startswith("2026-11-24T10:15:00")


def test_renewal_without_the_session_ends_it(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    session = sign_in(desk, clock)
    lease = issue(desk, task)
    desk.do(SignOut(caller=SYSTEM, key="out", session=session))
    assert desk.do(Renew(caller=DESK, key="r", lease=lease["lease"]))["decision"] is False
    assert last(desk, "revoked")["cause"] == "renewal"


def test_an_evaluation_reads_the_session_and_nothing_that_a_caller_says(
    desk: Desk, clock: Clock
) -> None:
    task = desk.start()["task"]["id"]
    request = call(task, "shop", "close")
    claimed = {"id": "s-1", "method": "mfa", "at": "2026-11-24T10:00:00Z"}
    request["context"] |= {"confidence": 0.9, "step_up": [claimed]}

    def effect() -> str:
        found = asyncio.run(desk.core.evaluate(json.loads(json.dumps(request))))
        return str(found.decision.effect)

    assert effect() == "challenge"
    session = sign_in(desk, clock)
    assert effect() == "permit"
    desk.do(SignOut(caller=SYSTEM, key="out", session=session))
    assert effect() == "challenge"
