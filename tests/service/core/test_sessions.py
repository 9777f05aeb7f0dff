"""A step-up is what the session of the person says, and counts as long as that lasts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.service.audit.notes import Signer
from agpc.service.core import (
    SYSTEM,
    Decide,
    Know,
    Problem,
    Publish,
    SignIn,
    SignOut,
    Start,
    open_view,
)

from .asking import LEAD, bodies, effect, judge, know, refund
from .desk import DESK, POLICY, Desk, call, opened, policy, start

JOE = "user:joe"
SIGNER = Signer.generate("log.example/desk")
STEP_UP = POLICY.replace('approval by "role:lead" within 1h', 'step_up "mfa" within 15m')


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with opened(store_url, policy(STEP_UP), signer=SIGNER) as desk:
        yield desk
        desk.do(Publish(caller=SYSTEM, key="publish"))
        with open_view(store_url) as view:
            found = verify(StoredTrail(view), LogKey.read(SIGNER.vkey))
        assert found.wrong == [] and found.verdict == "proved", found


def now() -> int:
    return int(time.time())


def sign_in(desk: Desk, person: str = JOE, *methods: str, **more: Any) -> str:
    told: dict[str, Any] = {
        "roles": (), "source": "https://id.example", "at": now(), "ends": now() + 3600, **more,
    }  # fmt: skip
    operation = SignIn(
        caller=SYSTEM, key=desk.key(), person=person, methods=methods or ("mfa",), **told
    )
    return str(desk.do(operation)["session"])


def test_what_the_person_has_shown_goes_with_their_tasks(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    assert effect(refund(desk, task, key="r")) == "challenge"
    session = sign_in(desk)
    permitted = refund(desk, task, key="r")
    assert effect(permitted) == "permit"
    (evidence,) = permitted["context"]["evidence"]
    assert (evidence["kind"], evidence["by"], evidence["id"]) == ("step_up", "mfa", session)
    assert effect(refund(desk, task)) == "permit"  # it says who somebody is, and is not used up
    (begun,) = bodies(desk, "session")
    assert (begun["what"], begun["person"], begun["methods"]) == ("begun", JOE, ["mfa"])


def test_it_ends_with_the_session(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    session = sign_in(desk)
    assert effect(refund(desk, task)) == "permit"
    desk.do(SignOut(caller=SYSTEM, key="out", session=session))
    assert effect(refund(desk, task)) == "challenge"
    sign_in(desk)
    assert effect(refund(desk, task)) == "permit"
    desk.do(
        Know(
            caller=SYSTEM,
            key="gone",
            person=JOE,
            roles=(),
            source="https://id.example",
            active=False,
        )
    )
    assert effect(refund(desk, task)) == "challenge"


@pytest.mark.parametrize(
    ("person", "methods", "at"),
    [(LEAD, ("mfa",), 0), (JOE, ("pwd",), 0), (JOE, ("MFA",), 0), (JOE, ("mfa",), -16 * 60), (JOE, ("mfa",), None)],
    ids=["another person", "another method", "nearly the method", "too long ago", "at no time"],
)  # fmt: skip
def test_what_does_not_count(desk: Desk, person: str, methods: Any, at: int | None) -> None:
    task = desk.start()["task"]["id"]
    sign_in(desk, person, *methods, at=None if at is None else now() + at)
    assert effect(refund(desk, task)) == "challenge"


def test_what_a_caller_says_of_it_is_dropped(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    request = call(task, "shop", "refund", order="o-7", amount=5)
    request["context"]["step_up"] = [{"method": "mfa", "at": "2020-01-01T00:00:00Z"}]
    answer = desk.do(Decide(caller=DESK, key="k", request=request))
    assert effect(answer) == "challenge"


def test_a_start_may_ask_for_it(store_url: str) -> None:
    text = POLICY + '\nforbid strangers { deny answer.start unless step_up "mfa" }\n'
    with opened(store_url, policy(text)) as desk:
        assert effect(desk.start()) != "permit"
        sign_in(desk)
        assert effect(desk.start()) == "permit"
        asked = start()
        asked["context"]["user"] = {"id": LEAD}
        assert effect(desk.do(Start(caller=DESK, key="other", request=asked))) != "permit"


def test_with_an_approval_both_are_asked(store_url: str) -> None:
    text = POLICY.replace(
        'approval by "role:lead" within 1h', 'approval by "role:lead" and step_up "mfa"'
    )
    with opened(store_url, policy(text)) as desk:
        know(desk, LEAD, "role:lead")
        task = desk.start()["task"]["id"]
        asked = refund(desk, task, key="r")
        judge(desk, asked)
        assert effect(refund(desk, task, key="r")) == "challenge"
        sign_in(desk)
        assert effect(refund(desk, task, key="r")) == "permit"


def test_signing_in_says_which_roles_somebody_has(desk: Desk) -> None:
    sign_in(desk, LEAD, roles=("role:lead",))
    sign_in(desk, LEAD, roles=("role:clerk",))
    with desk.core.view() as view:
        found = view.person(LEAD)
    assert found is not None and json.loads(found.roles) == ["role:clerk"]
    know(desk, "user:bob", "role:lead")  # who stands in the settings
    sign_in(desk, "user:bob", roles=("role:clerk",))
    with desk.core.view() as view:
        found = view.person("user:bob")
    assert found is not None and json.loads(found.roles) == ["role:lead"]


def test_who_has_left_does_not_come_back_by_signing_in(desk: Desk) -> None:
    know(desk, JOE, active=False)
    with pytest.raises(Problem) as refused:
        sign_in(desk)
    assert refused.value.status == 403 and bodies(desk, "session") == []


@pytest.mark.parametrize(
    "more",
    [
        *({"ends": 0}, {"ends": now() + 90_000}, {"at": now() + 3600}, {"methods": ("",)}, {"source": "\ud800"}),
        *({"person": ""}, {"person": "spiffe://acme.example/a"}, {"roles": ("spiffe://acme.example/a",)}),
    ],
    ids=",".join,  # and no values: some are times
)  # fmt: skip
def test_what_is_no_sign_in(desk: Desk, more: dict[str, Any]) -> None:
    told: dict[str, Any] = {
        "person": JOE, "roles": (), "source": "x", "methods": ("mfa",), "at": now(), "ends": now() + 60, **more,
    }  # fmt: skip
    with pytest.raises(Problem) as refused:
        desk.do(SignIn(caller=SYSTEM, key=desk.key(), **told))
    assert refused.value.status == 400
