"""What another system tells ends leases, and sessions of people, in the turn in which it is recorded, and once."""

from __future__ import annotations

from typing import Any

import pytest

from ..core.desk import HELPER, OTHER
from .hearing import House, served_with, sign_in
from .transmitting import JOE, REVOKED, known


@pytest.mark.parametrize(
    "subject",
    [
        JOE,
        {"format": "opaque", "id": "joe"},
        {"format": "email", "email": "JOE"},
        {"format": "account", "uri": "acct:joe"},
        {"format": "aliases", "identifiers": [{"format": "did", "url": "did:x"}, JOE]},
        {"format": "complex", "user": JOE, "device": {"format": "opaque", "id": "d-1"}},
        {"format": "complex", "user": JOE, "session": {"format": "opaque", "id": "l-999"}},
    ],
)
def test_the_leases_of_a_person_end_whichever_way_they_are_named(
    house: House, subject: dict[str, Any]
) -> None:
    mine, theirs = house.lease(house.task()), house.lease(house.task("user:ann"))
    house.told(sub_id=subject)
    assert not house.is_good(mine) and house.is_good(theirs)
    (ended,) = house.bodies("revoked")
    (signal,) = house.bodies("signal")
    assert (ended["cause"], ended["lease"], ended["why"]) == ("signal", mine, REVOKED)
    assert signal["caller"] == "transmitter:id" and signal["jti"] == "e-1"
    assert signal["events"] == [
        {"event": REVOKED, "understood": True, "effects": ["leases", "sessions"], "people": ["user:joe"]}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("user:Joe@Acme.example", "jOE@acme.EXAMPLE"),
        ("user:joe@acme.example", "jOE@acme.EXAMPLE"),
        ("user:josé@acme.example", "JOSÉ@acme.example"),
        ("user:JOSÉ@acme.example", "jose\u0301@acme.example"),
    ],
)
@pytest.mark.parametrize("is_known", [False, True])
def test_an_address_is_one_whichever_way_it_is_written(
    house: House, stored: str, told: str, is_known: bool
) -> None:
    lease = house.lease(house.task(stored))
    if is_known:
        sign_in(house, stored)
    house.told(sub_id={"format": "email", "email": told})
    assert not house.is_good(lease)
    assert house.bodies("signal")[-1]["events"][0]["people"] == [stored]


def test_what_a_provider_calls_somebody_is_taken_to_the_letter(house: House) -> None:
    lease = house.lease(house.task())
    house.told(sub_id={**JOE, "sub": "Joe"})
    house.told(sub_id={**JOE, "iss": "https://elsewhere.example"})
    assert house.is_good(lease)


def test_the_leases_of_an_agent_end_and_of_those_who_act_for_it(house: House) -> None:
    above = house.task(agent=OTHER)
    inside, named = house.task(agent=HELPER, inside=above), house.task()
    chain = [{"agent": OTHER, "task": {"id": above}}]
    leases = [house.lease(above), house.lease(inside), house.lease(named, delegation=chain)]
    alone = house.lease(house.task())
    house.told(sub_id={"format": "uri", "uri": OTHER})
    assert [house.is_good(each) for each in (*leases, alone)] == [False, False, False, True]


def test_a_lease_and_a_task_end_by_their_names(house: House) -> None:
    task, other = house.task(), house.task()
    one, two, three = house.lease(task), house.lease(task), house.lease(other)
    agent = {"format": "uri", "uri": HELPER}
    named = {"format": "complex", "user": agent, "session": {"format": "opaque", "id": one}}
    house.told(sub_id=named)
    assert [house.is_good(each) for each in (one, two, three)] == [False, True, True]
    house.told(sub_id={"format": "opaque", "id": task})
    assert [house.is_good(each) for each in (one, two, three)] == [False, False, True]
    unknown = {**named, "session": {"format": "opaque", "id": "l-999"}}
    house.told(sub_id=unknown)  # a session that nobody knows here narrows nothing
    assert not house.is_good(three)


def test_an_agent_that_is_gone_has_no_session_left(house: House) -> None:
    one, two = house.lease(house.task()), house.lease(house.task())
    session = {"format": "opaque", "id": one}
    named = {"format": "complex", "user": {"format": "uri", "uri": HELPER}, "session": session}
    gone = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
    house.told(sub_id=named, events={gone: {}})
    assert [house.is_good(each) for each in (one, two)] == [False, False]


def test_nobody_speaks_of_agents_who_are_not_theirs(house: House) -> None:
    lease = house.lease(house.task())
    mine = known(house.there.sender, house.url, agents=("spiffe://acme.example/ns/ops/**",))
    with served_with(house.desk, mine) as served:
        other = House(house.desk, served, house.there, house.url)
        for subject in (
            {"format": "uri", "uri": HELPER},
            {"format": "opaque", "id": lease},
            {**JOE, "sub": HELPER},
        ):
            other.told(sub_id=subject)
    assert house.is_good(lease)


def test_a_draft_names_whom_it_is_about_in_the_event(house: House) -> None:
    lease = house.lease(house.task())
    house.told(sub_id=None, events={REVOKED: {"subject": JOE}})
    assert not house.is_good(lease)
