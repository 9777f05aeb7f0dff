"""The scenario by which OpenID certifies decision points, test for test, over HTTP: `authorization-api-1_0-scenario.md`.

Beside what the scenario writes out there is what the suite sends: methods, content types, members that nobody knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..http.served import Served
from .certified import (
    ADMIN,
    ALICE,
    ARCHIVED,
    BOB,
    CONTEXT,
    ENDPOINTS,
    ONE,
    READ,
    SEARCHES,
    WHOLE,
    WRITE,
    evaluation,
    without,
)
from .point import KEY, answered, ask, deciding, example


def deleted(soft: Any) -> dict[str, Any]:
    return {"name": "delete", "properties": {"soft": soft}}


FIXTURE = {
    "1": (evaluation(ALICE, READ, ONE), True),
    "2": (evaluation(ALICE, WRITE, ONE), True),
    "3": (evaluation(BOB, READ, ONE), True),
    "4": (evaluation(BOB, WRITE, ONE), False),
    "5": (evaluation(ALICE, WRITE, ARCHIVED), False),
    "6": (evaluation(ADMIN, WRITE, ARCHIVED), True),
    "7": (evaluation(ALICE, deleted(True), ONE), True),
    "8": (evaluation(ALICE, deleted(False), ONE), False),
}


@pytest.mark.parametrize("context", [None, {}, CONTEXT], ids=["none", "empty", "given"])
@pytest.mark.parametrize("rule", FIXTURE)
def test_the_eight_decisions(served: Served, rule: str, context: Any) -> None:
    body, expected = FIXTURE[rule]
    found = answered(
        served, "evaluation", body if context is None else {**body, "context": context}
    )
    assert found["decision"] is expected
    assert type(found["context"]) is dict


MORE_MEMBERS = {
    "properties that nobody declared": evaluation(
        {**ALICE, "properties": {"department": "Sales", "role": "manager"}},
        {**READ, "properties": {"method": "GET"}},
        {**ONE, "properties": {"status": "active", "owner": "bob"}},
    ),
    "at the top": evaluation(ALICE, READ, ONE, foo="bar", futureField={"nested": True}),
    "of the subject": evaluation({**ALICE, "x": 1}, READ, ONE),
    "of the action": evaluation(ALICE, {**READ, "x": [1]}, ONE),
    "of the resource": evaluation(ALICE, READ, {**ONE, "x": None}),
}


@pytest.mark.parametrize("which", MORE_MEMBERS)
def test_what_nobody_knows_is_ignored(served: Served, which: str) -> None:
    assert answered(served, "evaluation", MORE_MEMBERS[which])["decision"] is True


NONE_OF_THEM = {
    "no subject": without(WHOLE, "subject"),
    "no action": without(WHOLE, "action"),
    "no resource": without(WHOLE, "resource"),
    "no type of the subject": without(WHOLE, "subject", "type"),
    "no id of the subject": without(WHOLE, "subject", "id"),
    "no name of the action": without(WHOLE, "action", "name"),
    "no type of the resource": without(WHOLE, "resource", "type"),
    "no id of the resource": without(WHOLE, "resource", "id"),
    "a subject that is a string": evaluation("alice", READ, ONE),
    "a subject that is a list": evaluation([ALICE], READ, ONE),
    "a subject that is null": evaluation(None, READ, ONE),
    "an action that is a string": evaluation(ALICE, "read", ONE),
    "a resource that is a number": evaluation(ALICE, READ, 1),
    "a name that is a number": evaluation(ALICE, {"name": 123}, ONE),
    "an id that is null": evaluation({**ALICE, "id": None}, READ, ONE),
    "a type that is a bool": evaluation(ALICE, READ, {**ONE, "type": True}),
    "an array": [WHOLE],
    "a text": "x",
    "nothing": None,
}


@pytest.mark.parametrize("which", NONE_OF_THEM)
@pytest.mark.parametrize("endpoint", ["evaluation", "evaluations"])
def test_what_is_no_request_is_400(served: Served, endpoint: str, which: str) -> None:
    answer = served.ask(
        "POST",
        f"/access/v1/{endpoint}",
        key=KEY,
        content=json.dumps(NONE_OF_THEM[which]).encode(),
    )
    assert answer.status == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.content.decode()


BROKEN = {
    "empty": b"",
    "cut off": b'{"subject": {"type": "user"',
    "no JSON": b"subject=alice",
    "NaN": b'{"subject": NaN}',
    "a key twice": json.dumps(WHOLE)[:-1].encode() + b', "subject": {"type": "user", "id": "bob"}}',
    "not UTF-8": b'{"subject": "\xff"}',
    "deep": b"[" * 100_000,
    "an array": b"[]",
}


@pytest.mark.parametrize("which", BROKEN)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_body_that_is_no_json_object_is_400(served: Served, endpoint: str, which: str) -> None:
    answer = served.ask("POST", f"/access/v1/{endpoint}", key=KEY, content=BROKEN[which])
    expected = {"content-type": "application/json"}
    if not BROKEN[which]:
        answer = served.ask("POST", f"/access/v1/{endpoint}", key=KEY, headers=expected)
    assert answer.status == 400
    assert b"subject" not in answer.content or which in ("an array", "empty")


def test_limits_hold_here_too(tmp_path: Path) -> None:
    with deciding(tmp_path, example(), limits={"depth": 8, "body_bytes": 2_000}) as (served, _):
        for endpoint in ENDPOINTS:
            deep: Any = 1
            for _ in range(6):
                deep = [deep]
            assert ask(served, endpoint, {**WHOLE, "context": {"x": deep}}).status == 200
            assert ask(served, endpoint, {**WHOLE, "context": {"x": [deep]}}).status == 400
            assert ask(served, endpoint, {**WHOLE, "context": {"x": "x" * 2_000}}).status == 413


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_another_content_type_is_400(served: Served, endpoint: str, media: str) -> None:
    answer = served.ask(
        "POST",
        f"/access/v1/{endpoint}",
        key=KEY,
        headers={"content-type": media},
        content=json.dumps(WHOLE).encode(),
    )
    assert answer.status == 400


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_content_type_with_its_characters_is_taken(served: Served, endpoint: str) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    assert ask(served, endpoint, WHOLE, headers=headers).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_other_methods_are_refused(served: Served, endpoint: str, method: str) -> None:
    assert served.ask(method, f"/access/v1/{endpoint}", WHOLE, KEY).status == 405


def test_callers_are_asked_who_they_are(served: Served) -> None:
    for key in (None, "agpk_of-nobody"):
        answer = served.ask("POST", "/access/v1/evaluation", WHOLE, key)
        assert answer.status == 401
        assert "www-authenticate" in answer.headers
    assert served.ask("POST", "/access/v1/evaluation", WHOLE, "agpk_reader").status == 403


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_id_of_a_request_is_echoed(served: Served, endpoint: str) -> None:
    id = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"
    for body in (WHOLE, {}):
        answer = ask(served, endpoint, body, headers={"X-Request-ID": id})
        assert answer.headers["x-request-id"] == id
    assert ask(served, endpoint, WHOLE).status == 200
    for key in (None, "agpk_of-nobody", "agpk_reader"):
        path = f"/access/v1/{endpoint}"
        answer = served.ask("POST", path, WHOLE, key, headers={"X-Request-ID": id})
        assert answer.status in (401, 403) and answer.headers["x-request-id"] == id


@pytest.mark.parametrize("id", ["x" * 257, "a\tb", "\x80", " "])
def test_an_id_that_is_none_is_not_echoed(served: Served, id: str) -> None:
    answer = ask(served, "evaluation", WHOLE, headers={"X-Request-ID": id})
    assert answer.status == 200
    assert "x-request-id" not in answer.headers


def test_asking_again_gives_the_same_answer(served: Served) -> None:
    asked = [
        *(("evaluation", body) for body, _ in FIXTURE.values()),
        ("evaluations", {**WHOLE, "evaluations": [{}, {"action": WRITE}, {"subject": BOB}]}),
        *((f"search/{kind}", body) for kind, body in SEARCHES.items()),
    ]
    for endpoint, body in asked:
        first, *others = (ask(served, endpoint, body).content for _ in range(3))
        assert others == [first, first]
