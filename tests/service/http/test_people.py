"""People over HTTP: listed, sent away and taken back by an operator; who has left is answered nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agpc.service.core import SYSTEM, Know
from agpc.service.http.endpoints.people import people_routes
from agpc.service.http.gate.callers import hashed

from ..core.desk import Desk, opened, policy
from .served import KEY, Answer, Served, callers, serving

ODD = "https://id.example/#a/b"
PEOPLE = {"user:ann": ["role:lead"], "user:bob": ["role:clerk"], ODD: []}


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with opened(sqlite_url, policy()) as desk:
        for person, roles in PEOPLE.items():
            desk.do(Know(caller=SYSTEM, key=desk.key(), person=person, roles=tuple(roles)))
        yield desk


@pytest.fixture
def served(desk: Desk) -> Iterator[Served]:
    people = [
        {"id": id, "roles": roles or ["role:x"], "key_sha256": hashed(f"agpk_{id}"), "read": True}
        for id, roles in PEOPLE.items()
    ]
    more = (people_routes(desk.core),)
    with serving({"callers": callers(), "people": people}, desk.core, more=more) as found:
        yield found


def say(served: Served, person: str, state: str, key: str) -> Answer:
    body = {"key": key, "person": person, "state": state, "why": "The laptop is gone."}
    return served.ask("POST", "/v1/people", body, key=KEY["admin"])


def listed(served: Served, query: str = "") -> Answer:
    return served.ask("GET", f"/v1/people{query}", key=KEY["read"])


def test_one_leaves_and_is_back(served: Served) -> None:
    answer = say(served, "user:ann", "left", "k1")
    assert (answer.status, answer.json) == (
        200,
        {"person": "user:ann", "roles": [], "active": False},
    )
    assert say(served, "user:ann", "left", "k1").json == answer.json  # the same key
    states = {
        each["person"]: (each["state"], each["source"]) for each in listed(served).json["people"]
    }
    assert states["user:ann"] == ("left", "operator")
    assert states["user:bob"] == ("here", "settings")
    back = say(served, "user:ann", "here", "k2").json
    assert back == {"person": "user:ann", "roles": ["role:lead"], "active": True}  # of the settings


def test_who_has_left_is_answered_nothing(served: Served) -> None:
    def look(path: str) -> Answer:
        return served.ask("GET", path, key="agpk_user:ann")

    assert look("/v1/tasks").status == look("/v1/requests").status == 200
    say(served, "user:ann", "left", "k1")
    for path in ("/v1/tasks", "/v1/requests", "/v1/people", "/v1/events?from=0"):
        assert (look(path).status, look(path).json["code"]) == (403, "has_left")
    say(served, "user:ann", "here", "k2")
    assert look("/v1/tasks").status == 200


def test_an_id_that_stands_in_no_path(served: Served) -> None:
    assert say(served, ODD, "left", "k1").json["active"] is False


def test_lists_go_on(served: Served) -> None:
    first = listed(served, "?limit=2").json
    assert [each["person"] for each in first["people"]] == [ODD, "user:ann"]
    assert first["next"] == "user:ann"
    last = listed(served, "?limit=2&after=user:ann").json
    assert [each["person"] for each in last["people"]] == ["user:bob"] and last["next"] is None
    assert listed(served, "?limit=0").status == listed(served, "?x=1").status == 400


def test_nobody_is_made_known_by_it(served: Served) -> None:
    assert say(served, "user:new", "here", "k1").status == 404
