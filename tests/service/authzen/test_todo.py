"""The scenario of the interoperability events: the decisions of its test harness, for each of the five people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agpc.service.policies.generation import load_generation

from ..http.served import Served
from .point import answered, ask, deciding, started

EXAMPLE = Path(__file__).parents[3] / "examples" / "todo"
IDS = {
    name: f"CiRmZD{letter}2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs"
    for name, letter in zip(("rick", "morty", "summer", "beth", "jerry"), "AEIMQ", strict=True)
}
EMAILS = {
    "rick": "rick@the-citadel.com",
    "morty": "morty@the-citadel.com",
    "summer": "summer@the-smiths.com",
    "beth": "beth@the-smiths.com",
    "jerry": "jerry@the-smiths.com",
}
MAY: dict[str, tuple[bool, bool, bool, bool, bool]] = {
    # create, update another's, update one's own, delete another's, delete one's own
    "rick": (True, True, True, True, True),
    "morty": (True, False, True, False, True),
    "summer": (True, False, True, False, True),
    "beth": (False, False, False, False, False),
    "jerry": (False, False, False, False, False),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    generation = load_generation(
        [EXAMPLE], mapping=EXAMPLE / "mapping.toml", directory=EXAMPLE / "directory.json"
    )
    with deciding(tmp_path_factory.mktemp("todo"), generation) as (found, core):
        for id in IDS.values():
            started(core, f"spiffe://example.org/todo/{id}", "todo.share")
        yield found


def request(name: str, action: str, kind: str, id: str, owner: str | None = None) -> dict[str, Any]:
    resource: dict[str, Any] = {"type": kind, "id": id}
    if owner is not None:
        resource["properties"] = {"ownerID": owner}
    return {
        "subject": {"type": "user", "id": IDS[name]},
        "action": {"name": action},
        "resource": resource,
    }


@pytest.mark.parametrize("name", IDS)
def test_the_decisions(served: Served, name: str) -> None:
    other = EMAILS["rick" if name != "rick" else "morty"]
    own = EMAILS[name]
    create, update, update_own, delete, delete_own = MAY[name]
    expected = [
        (request(name, "can_read_user", "user", EMAILS["beth"]), True),
        (request(name, "can_read_user", "user", own), True),
        (request(name, "can_read_todos", "todo", "todo-1"), True),
        (request(name, "can_create_todo", "todo", "todo-1"), create),
        (request(name, "can_update_todo", "todo", "7240d0db", other), update),
        (request(name, "can_update_todo", "todo", "7240d0db", own), update_own),
        (request(name, "can_delete_todo", "todo", "7240d0db", other), delete),
        (request(name, "can_delete_todo", "todo", "7240d0db", own), delete_own),
    ]
    for body, decision in expected:
        assert answered(served, "evaluation", body)["decision"] is decision, body
    items = [
        {"resource": {"type": "todo", "id": "t", "properties": {"ownerID": each}}}
        for each in (other, own)
    ]
    batch = {
        "subject": {"type": "user", "id": IDS[name]},
        "action": {"name": "can_update_todo"},
        "evaluations": items,
    }
    found = answered(served, "evaluations", batch)["evaluations"]
    assert [each["decision"] for each in found] == [update, update_own]


def test_nobody_gives_himself_a_role(served: Served) -> None:
    """The directory alone says which roles and which address somebody has."""
    body = request("beth", "can_delete_todo", "todo", "7240d0db", EMAILS["rick"])
    body["subject"]["properties"] = {"roles": ["admin"], "email": EMAILS["rick"]}
    assert answered(served, "evaluation", body)["decision"] is False


def test_an_owner_that_nobody_says_is_nobody(served: Served) -> None:
    assert answered(served, "evaluation", request("morty", "can_update_todo", "todo", "t"))["decision"] is False  # fmt: skip


def test_who_may_read_whom(served: Served) -> None:
    body = {
        "subject": {"type": "user", "id": IDS["beth"]},
        "action": {"name": "can_read_user"},
        "resource": {"type": "user"},
    }
    found = answered(served, "search/resource", body)["results"]
    assert sorted(each["id"] for each in found) == sorted(EMAILS.values())
    assert ask(served, "search/subject", body).status == 400
