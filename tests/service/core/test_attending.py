"""An operator's word that somebody has left, or is back, goes before that of the settings and of providers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.service.audit.notes import Signer
from agpc.service.core import SYSTEM, Attend, Caller, Problem, Publish, SignIn, as_person, open_view

from .asking import LEAD, bodies, effect, judge, know, refund
from .checking import checked, wrong
from .desk import Desk, opened, policy

OPS = Caller("ops", ("admin",))
SIGNER = Signer.generate("log.example/desk")
PROVIDER = "https://id.example"


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with opened(store_url, policy(), signer=SIGNER) as desk:
        know(desk, LEAD, "role:lead")
        yield desk
        desk.do(Publish(caller=SYSTEM, key="publish"))
        with open_view(store_url) as view:  # with its rows
            found = verify(StoredTrail(view, view), LogKey.read(SIGNER.vkey))
        assert found.wrong == [] and found.verdict == "proved", found


def attend(desk: Desk, state: Any, person: str = LEAD, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"caller": OPS, "key": desk.key(), "why": "it was stolen", **more}
    return desk.do(Attend(person=person, state=state, **told))


def sign_in(desk: Desk, person: str) -> dict[str, Any]:
    ends = int(time.time()) + 3600
    return desk.do(
        SignIn(
            caller=SYSTEM, key=desk.key(), person=person, roles=("role:lead",), source=PROVIDER,
            methods=("mfa",), at=ends - 3600, ends=ends,
        )
    )  # fmt: skip


def test_what_they_approved_counts_no_more(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    judge(desk, asked)
    assert attend(desk, "left") == {"person": LEAD, "roles": [], "active": False}
    told = bodies(desk, "admin")[-1]
    assert (told["caller"], told["source"], told["why"]) == ("ops", "operator", "it was stolen")
    assert effect(refund(desk, task)) == "challenge"
    with pytest.raises(Problem) as refused:
        judge(desk, asked)
    assert refused.value.status == 403


def test_the_settings_bring_nobody_back_and_an_operator_does(desk: Desk) -> None:
    attend(desk, "left")
    for _ in range(2):  # at each start
        assert know(desk, LEAD, "role:lead")["active"] is False
    assert know(desk, LEAD, active=False)["active"] is False
    assert know(desk, LEAD, "role:lead")["active"] is False
    back = attend(desk, "here", roles=("role:lead",))
    assert back == {"person": LEAD, "roles": ["role:lead"], "active": True}
    judge(desk, refund(desk, desk.start()["task"]["id"]))
    assert know(desk, LEAD, active=False)["active"] is False  # the settings count again
    assert know(desk, LEAD, "role:lead")["active"] is True


def test_who_comes_by_a_provider_has_no_role_until_they_sign_in(desk: Desk) -> None:
    sign_in(desk, "user:eve")
    attend(desk, "left", "user:eve")
    with desk.core.view() as view:
        first, person = bodies(desk, "session")[-1]["session"], view.person("user:eve")
        assert person is not None and person.out is not None
        assert person.out > int(first.removeprefix("s-"))  # it has ended for good
    with pytest.raises(Problem) as refused:
        sign_in(desk, "user:eve")
    assert refused.value.status == 403
    assert attend(desk, "here", "user:eve")["roles"] == []
    assert sign_in(desk, "user:eve")["roles"] == ["role:lead"]


def test_said_twice_it_is_recorded_once(desk: Desk) -> None:
    before = len(bodies(desk, "admin"))
    attend(desk, "here")
    assert len(bodies(desk, "admin")) == before
    for _ in range(2):
        attend(desk, "left")
    assert len(bodies(desk, "admin")) == before + 1


@pytest.mark.parametrize(
    "more, status",
    [
        ({"person": "user:nobody"}, 404),
        ({"person": ""}, 404),
        ({"state": "gone"}, 400),
        ({"why": ""}, 400),
        ({"why": "x" * 2001}, 400),
        ({"caller": as_person(LEAD, may_read=True)}, 403),
        ({"caller": Caller("gateway", ("decide", "outcome", "read"))}, 403),
    ],
)
def test_what_is_refused(desk: Desk, more: dict[str, Any], status: int) -> None:
    before = len(bodies(desk, "admin"))
    with pytest.raises(Problem) as refused:
        attend(desk, **{"state": "left", **more})
    assert refused.value.status == status and len(bodies(desk, "admin")) == before


@pytest.mark.parametrize("which", [-1, -2], ids=["back", "left"])
def test_the_trail_shows_who_was_sent_away_or_brought_back_by_nobody(
    desk: Desk, which: int
) -> None:
    attend(desk, "left")
    attend(desk, "here", roles=("role:lead",))
    told = bodies(desk, "admin")[which]

    def by_itself(event: Any) -> Any:
        is_it = event.kind == "admin" and event.body == told
        return replace(event, body={**told, "caller": "system"}) if is_it else event

    assert wrong(checked(desk)) == []
    assert "no operator has said that the person left, or is back" in wrong(
        checked(desk, by_itself)
    )
