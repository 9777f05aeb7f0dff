"""What waits for people, over HTTP: whole to those who are asked, and answered by them alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agpc.service.core import SYSTEM, Adopt, Know, Move
from agpc.service.http.gate.callers import hashed

from ..core.desk import DESK, POLICY, Desk, opened, policy
from .served import KEY, Answer, Served, callers, serving

TEXT = POLICY.replace(
    "allow vault.put, vault.look", 'allow vault.put, vault.look require approval by "role:lead"'
)
PEOPLE = {"user:ann": ["role:lead"], "user:bob": ["role:clerk"], "user:joe": ["role:lead"]}


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with opened(sqlite_url, policy(TEXT)) as desk:
        for person, roles in PEOPLE.items():
            desk.do(Know(caller=SYSTEM, key=desk.key(), person=person, roles=tuple(roles)))
        yield desk


@pytest.fixture
def served(desk: Desk) -> Iterator[Served]:
    people = [
        {"id": id, "roles": roles, "key_sha256": hashed(key_of(id)), "read": id == "user:bob"}
        for id, roles in PEOPLE.items()
    ]
    with serving({"callers": callers(), "people": people}, desk.core) as found:
        yield found


def key_of(person: str) -> str:
    return f"agpk_{person}"


def asks(desk: Desk, amount: int = 5, task: str | None = None) -> dict[str, Any]:
    task = task or desk.start(said="Refund them.")["task"]["id"]
    return desk.call(task, "shop", "refund", order="o-7", amount=amount)


def look(served: Served, path: str, person: str = "user:ann") -> Answer:
    return served.ask("GET", f"/v1/requests{path}", key=key_of(person))


def say(served: Served, id: str, person: str = "user:ann", **more: Any) -> Answer:
    body = {"key": f"v-{person}", "verdict": "approve", "policy": served.core.generation.digest}
    return served.ask("POST", f"/v1/requests/{id}/verdict", {**body, **more}, key=key_of(person))


def test_a_request_is_shown_whole_and_answered(desk: Desk, served: Served) -> None:
    asked = asks(desk)
    id = asked["request"]["id"]
    (listed,) = look(served, "").json["requests"]
    assert (listed["id"], listed["state"], listed["asked_of_you"]) == (id, "pending", True)
    found = look(served, f"/{id}").json
    assert found["asked"]["action"]["properties"] == {"order": "o-7", "amount": 5}
    assert found["answer"]["rules"] == ["desk.answering.shop.refund"]
    assert found["said"][0]["text"] == "Refund them."
    assert found["may_approve"] is True
    assert found["policy"] == desk.core.generation.digest
    answer = say(served, id)
    assert (answer.status, answer.json) == (200, {"request": id, "verdict": "approve"})
    assert say(served, id).json == answer.json  # the same key
    again = look(served, f"/{id}").json
    assert again["may_approve"] is False and again["verdicts"][0]["by"] == "user:ann"
    permitted = asks(desk, task=listed["task"])
    assert permitted["decision"] is True
    closed = look(served, f"/{id}").json
    assert closed["request"]["state"] == "approved"
    assert closed["verdicts"][0]["used_by"] == permitted["call"]
    assert closed["asked"]["action"]["properties"] == {"order": "o-7", "amount": 5}  # of the trail
    assert look(served, "?state=pending").json["requests"] == []


def test_who_is_not_asked_sees_nothing_of_it(desk: Desk, served: Served) -> None:
    id = asks(desk)["request"]["id"]
    for person in ("user:joe",):  # for whom the agent acts
        assert look(served, "", person).json["requests"] == []
        assert look(served, f"/{id}", person).status == 404
        assert say(served, id, person).status == 403
    assert look(served, f"/{id}", "user:bob").json["request"]["asked_of_you"] is False
    assert look(served, "?of=me", "user:bob").json["requests"] == []
    assert say(served, id, "user:bob").status == 403
    for role in KEY:
        if role not in ("read", "admin"):
            assert served.ask("GET", f"/v1/requests/{id}", key=KEY[role]).status == 403
        body = {"key": "k", "verdict": "approve", "policy": desk.core.generation.digest}
        answer = served.ask("POST", f"/v1/requests/{id}/verdict", body, key=KEY[role])
        assert answer.status == 403
    assert desk.core.generation.digest
    assert look(served, f"/{id}").json["verdicts"] == []


def test_what_is_not_kept_is_for_those_who_are_asked_and_while_it_is_open(
    desk: Desk, served: Served
) -> None:
    task = desk.start()["task"]["id"]
    id = desk.call(task, "vault", "put", secret="4711-secret")["request"]["id"]
    assert "4711-secret" in str(look(served, f"/{id}").json)
    for key in (KEY["read"], KEY["admin"], key_of("user:bob")):
        found = served.ask("GET", f"/v1/requests/{id}", key=key)
        assert found.json["asked"] is None and b"4711-secret" not in found.content
    assert say(served, id, verdict="refuse", message="No.").status == 200
    found = look(served, f"/{id}")
    assert found.json["asked"] is None and b"4711-secret" not in found.content
    assert (found.json["request"]["state"], found.json["request"]["message"]) == ("refused", "No.")


def test_a_verdict_is_on_what_was_shown(desk: Desk, served: Served) -> None:
    id = asks(desk)["request"]["id"]
    seen = desk.core.generation.digest
    wider = policy(TEXT.replace("role:lead", "role:clerk"))
    desk.do(Adopt(caller=SYSTEM, key="new", generation=wider))
    assert say(served, id, policy=seen).json["code"] == "another_policy"
    assert say(served, id).status == 403  # under the new one others are asked
    assert look(served, "").json["requests"] == []
    assert look(served, "?of=me", "user:bob").json["requests"][0]["id"] == id
    assert say(served, id, "user:bob").status == 200
    assert look(served, f"/{id}", "user:bob").json["answer"]["effect"] == "permit"


def test_a_task_that_has_ended_leaves_nothing_to_approve(desk: Desk, served: Served) -> None:
    asked = asks(desk)
    id = asked["request"]["id"]
    task = look(served, f"/{id}").json["request"]["task"]
    desk.do(Move(caller=DESK, key="m", task=task, state="ended"))
    found = look(served, f"/{id}").json
    assert found["request"]["state"] == "expired" and found["may_approve"] is False
    assert look(served, "?state=pending").json["requests"] == []
    assert say(served, id).json["code"] == "answered"


def test_long_lists_are_read_in_pages(desk: Desk, served: Served) -> None:
    tasks = [desk.start()["task"]["id"] for _ in range(2)]
    ids = [asks(desk, amount, tasks[amount % 2])["request"]["id"] for amount in range(23)]
    seen: list[str] = []
    before = ""
    while before is not None:
        page = look(served, f"?limit=10{before and f'&before={before}'}").json
        seen += [each["id"] for each in page["requests"]]
        before = page["next"]
    assert seen == ids[::-1]


@pytest.mark.parametrize("query", ["?state=open", "?of=you", "?before=x", "?limit=0", "?x=1"])
def test_what_is_no_query_is_refused(served: Served, query: str) -> None:
    assert look(served, query).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"verdict": "yes"},
        {"policy": 5},
        {"message": "x" * 2001},
        {"message": "\ud800"},
        {"key": ""},
        {"by": "user:ann"},
    ],
)
def test_what_is_no_verdict_is_refused(desk: Desk, served: Served, body: dict[str, Any]) -> None:
    assert say(served, asks(desk)["request"]["id"], **body).status == 400


def test_no_request_of_that_name(served: Served) -> None:
    for id in ("q-1", "q-999999999999999999999", "x", "%00"):
        assert look(served, f"/{id}").status in (400, 404)
        assert say(served, id).status in (400, 404)
