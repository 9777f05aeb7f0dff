"""What each event ends: leases, tasks, sessions, people."""

from __future__ import annotations

import time
from typing import Any

import pytest

from agpc.service.core import (
    SYSTEM,
    Judge,
    Know,
    Problem,
    as_person,
)
from agpc.service.signals.meanings import DEFAULTS, NAMES

from .hearing import House, served_with, sign_in
from .transmitting import JOE, REVOKED, known

GOOD = {
    "device-compliance-change": {"current_status": "compliant"},
    "assurance-level-change": {"change_direction": "increase"},
    "risk-level-change": {"current_level": "LOW"},
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_event_ends_what_it_ends_by_itself(any_house: House, name: str) -> None:
    house = any_house
    lease = house.lease(house.task())
    house.told(events={NAMES[name]: GOOD.get(name, {})})
    ends = "leases" in DEFAULTS[NAMES[name]] and name not in GOOD
    assert house.is_good(lease) is not ends
    if name in GOOD:
        house.told(events={NAMES[name]: {}})
        assert not house.is_good(lease)


def test_an_event_that_nobody_knows_is_recorded_as_such(house: House) -> None:
    lease = house.lease(house.task())
    house.told(events={"https://x.example/strange": {}})
    assert house.is_good(lease)
    (event,) = house.bodies("signal")[0]["events"]
    assert (event["understood"], event["effects"]) == (False, [])


def test_settings_say_what_an_event_ends(house: House) -> None:
    chosen: dict[str, Any] = {REVOKED: (), "https://x.example/strange": ("leases",)}
    lease = house.lease(house.task())
    with served_with(house.desk, known(house.there.sender, house.url, chosen=chosen)) as served:
        other = House(house.desk, served, house.there, house.url)
        other.told()
        assert house.is_good(lease)
        other.told(events={"https://x.example/strange": {}})
    assert not house.is_good(lease)


def test_the_sessions_of_a_person_end_and_those_that_begin_later_go_on(house: House) -> None:
    before, other = sign_in(house), sign_in(house, "user:ann")
    house.told()
    later = sign_in(house)
    with house.desk.core.view() as view:
        person, ann = view.person("user:joe"), view.person("user:ann")
    assert person is not None and ann is not None and person.active and ann.out is None
    number = person.out or 0
    assert int(before[2:]) < number < int(later[2:]) and other
    answer = house.desk
    judge = Judge(
        caller=as_person("user:joe"), key="j", request="q-1", verdict="approve", policy="x",
        session=before,
    )  # fmt: skip
    with pytest.raises(Problem, match="the session has ended"):
        answer.do(judge)


def test_who_is_disabled_has_left_but_for_whom_the_settings_say_to_be_there(house: House) -> None:
    sign_in(house)
    house.desk.do(Know(caller=SYSTEM, key="ann", person="user:ann", roles=("role:lead",)))
    for sub in ("joe", "ann"):
        house.told(sub_id={**JOE, "sub": sub}, events={NAMES["account-disabled"]: {}})
    with house.desk.core.view() as view:
        joe, ann = view.person("user:joe"), view.person("user:ann")
    assert joe is not None and not joe.active
    assert ann is not None and ann.active and ann.out is not None
    with pytest.raises(Problem, match="has left"):
        sign_in(house)


def test_several_events_of_one_token_are_one_operation(house: House) -> None:
    sign_in(house)
    lease = house.lease(house.task())
    house.told(
        events={NAMES["account-disabled"]: {}, REVOKED: {}, NAMES["verification"]: {"state": "x"}}
    )
    assert not house.is_good(lease)
    assert len(house.bodies("signal")) == 1 and len(house.bodies("revoked")) == 1


def test_what_was_signed_anew_to_be_sent_again_is_the_same(house: House) -> None:
    """A transmitter whose answer was lost may sign again, by an algorithm that never signs twice alike."""
    lease, at = house.lease(house.task()), int(time.time())
    one, other = (house.there.sender.set(jti="again", iat=at) for _ in range(2))
    assert one != other and one.split(".")[:2] == other.split(".")[:2]
    for text in (one, other):
        assert house.push(text).status == 202
    assert not house.is_good(lease)
    assert len(house.bodies("signal")) == 1


def test_what_comes_again_is_acknowledged_and_does_nothing(house: House) -> None:
    text = house.there.sender.set(jti="once")
    assert house.push(text).status == 202
    lease = house.lease(house.task())
    assert house.push(text).status == 202
    assert house.is_good(lease) and len(house.bodies("signal")) == 1
    again = house.push(house.there.sender.set(jti="once", iat=int(time.time()) - 5))
    assert (again.status, again.json["err"]) == (400, "invalid_request")
    assert house.is_good(lease)
