"""`agpc people`: what it asks, and what it prints."""

from __future__ import annotations

import json

import pytest
from service.scripted import Says, problem, scripted

from ..conftest import Run

ANN = {
    "person": "user:ann",
    "roles": ["role:lead"],
    "source": "settings",
    "state": "here",
    "at": "x",
}
EVE = {"person": "user:\u202eeve", "roles": [], "source": "operator", "state": "left", "at": "x"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agpc.service.client.client.PAUSES", (0.0, 0.0))


def test_people_are_listed(run: Run) -> None:
    with scripted(Says({"people": [ANN, EVE], "next": "user:eve"})) as (address, asked):
        found = run("people", "list", "--limit", "2", "--after", "a/b", "--service", address)
    assert asked[0].path == "/v1/people?limit=2&after=a%2Fb"
    assert found.out.splitlines() == [
        "user:ann          here  by settings  role:lead",
        "user:<U+202E>eve  left  by operator  no roles",
    ]
    assert found.err == "note: there may be more: --after user:eve\n"
    with scripted(Says({"people": [], "next": None})) as (address, _):
        assert run("people", "list", "--service", address).err == "note: nobody is known\n"


@pytest.mark.parametrize("command, state, said", [("leave", "left", "has left"), ("back", "here", "is back")])  # fmt: skip
def test_one_leaves_or_is_back(run: Run, command: str, state: str, said: str) -> None:
    answer = {"person": "a/b#c", "roles": [], "active": state == "here"}
    with scripted(Says(answer)) as (address, asked):
        found = run("people", command, "a/b#c", "--why", "so", "--key", "k", "--service", address)
    assert (found.status, found.out) == (0, f"a/b#c {said}\n")
    assert (asked[0].method, asked[0].path) == ("POST", "/v1/people")
    assert json.loads(asked[0].body) == {"key": "k", "person": "a/b#c", "state": state, "why": "so"}


def test_what_is_refused(run: Run) -> None:
    assert "--why" in run("people", "leave", "user:ann").err
    with scripted(problem(404, "not_found", "there is no such person")) as (address, _):
        found = run("people", "leave", "x", "--why", "so", "--service", address)
    assert found.status == 2 and "there is no such person" in found.err
