"""The scenario of the certification of AuthZEN, in searches."""

from __future__ import annotations

import json
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
    TWO,
    WHOLE,
    WRITE,
    evaluation,
    without,
)
from .point import KEY, URL, answered, ask


def search(served: Served, kind: str, body: Any) -> list[Any]:
    found = answered(served, f"search/{kind}", body)
    results = found["results"]
    names = ("name",) if kind == "action" else ("type", "id")
    assert all(set(each) == set(names) for each in results)
    return [each[names[-1]] for each in results]


SIX = {
    "S1": ("subject", SEARCHES["subject"], ["alice", "bob"]),
    "S2": ("resource", SEARCHES["resource"], ["record-1", "record-2"]),
    "S3": ("action", SEARCHES["action"], ["read", "write"]),
    "S4": ("subject", {"subject": {"type": "user"}, "action": WRITE, "resource": ARCHIVED}, ["bob"]),
    "S5": ("resource", {"subject": ADMIN, "action": WRITE, "resource": {"type": "record"}}, ["record-2"]),
    "S6": ("action", {"subject": ADMIN, "resource": ARCHIVED}, ["read", "write"]),
}  # fmt: skip


@pytest.mark.parametrize("more", [{}, {"context": CONTEXT}, {"foo": 1}], ids=["", "context", "foo"])
@pytest.mark.parametrize("which", SIX)
def test_the_six_searches(served: Served, which: str, more: dict[str, Any]) -> None:
    kind, body, expected = SIX[which]
    assert search(served, kind, {**body, **more}) == expected


def test_the_id_of_what_is_looked_for_is_ignored(served: Served) -> None:
    for id in ("alice", "nobody", 1, None):
        body = {**SEARCHES["subject"], "subject": {"type": "user", "id": id}}
        assert search(served, "subject", body) == ["alice", "bob"]
        body = {**SEARCHES["resource"], "resource": {"type": "record", "id": id}}
        assert search(served, "resource", body) == ["record-1", "record-2"]
    for action in (READ, {}, "x"):
        assert search(served, "action", {**SEARCHES["action"], "action": action}) == ["read", "write"]  # fmt: skip


def test_a_result_is_what_an_evaluation_permits(served: Served) -> None:
    for subject in (ALICE, BOB):
        for resource in (ONE, TWO):
            found = search(served, "action", {"subject": subject, "resource": resource})
            permitted = [
                name
                for name in ("delete", "read", "write")
                if answered(served, "evaluation", evaluation(subject, {"name": name}, resource))[
                    "decision"
                ]
            ]
            assert found == permitted


UNKNOWN = {
    "a subject, for actions": ("action", evaluation({**ALICE, "id": "nonexistent-user"}, READ, ONE)),
    "a resource, for actions": ("action", evaluation(ALICE, READ, {**ONE, "id": "nothing"})),
    "a type of subject": ("subject", evaluation({"type": "spaceship"}, READ, ONE)),
    "a resource, for subjects": ("subject", evaluation({"type": "user"}, READ, {**ONE, "id": "no"})),
    "a type of resource": ("resource", evaluation(ALICE, READ, {"type": "spaceship"})),
    "a type of resource, for subjects": ("subject", evaluation({"type": "user"}, READ, {**ONE, "type": "spaceship"})),
    "an action": ("subject", evaluation({"type": "user"}, {"name": "fly"}, ONE)),
    "a subject, for resources": ("resource", evaluation({**ALICE, "type": "spaceship"}, READ, {"type": "record"})),
}  # fmt: skip


@pytest.mark.parametrize("which", UNKNOWN)
def test_what_nobody_knows_has_no_results(served: Served, which: str) -> None:
    kind, body = UNKNOWN[which]
    assert answered(served, f"search/{kind}", body) == {"results": []}


MISSING = {
    "subject": (("action",), ("action", "name"), ("resource",), ("resource", "id"), ("resource", "type"), ("subject",), ("subject", "type")),
    "resource": (("subject",), ("subject", "id"), ("subject", "type"), ("action",), ("action", "name"), ("resource",), ("resource", "type")),
    "action": (("subject",), ("subject", "id"), ("subject", "type"), ("resource",), ("resource", "id"), ("resource", "type")),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "place"), [(kind, place) for kind, places in MISSING.items() for place in places]
)
def test_a_search_without_its_input_is_400(
    served: Served, kind: str, place: tuple[str, ...]
) -> None:
    assert ask(served, f"search/{kind}", without(SEARCHES[kind], *place)).status == 400
    spoilt = json.loads(json.dumps(SEARCHES[kind]))
    inner = spoilt
    for each in place[:-1]:
        inner = inner[each]
    inner[place[-1]] = 1
    assert ask(served, f"search/{kind}", spoilt).status == 400


@pytest.mark.parametrize("kind", SEARCHES)
def test_pages_have_together_what_there_is(served: Served, kind: str) -> None:
    whole = answered(served, f"search/{kind}", SEARCHES[kind])
    assert set(whole) == {"results"}
    found: list[Any] = []
    page: dict[str, Any] = {"limit": 1, "customAttr": "ignored"}
    for _ in range(10):
        answer = answered(served, f"search/{kind}", {**SEARCHES[kind], "page": page})
        assert list(answer) == ["page", "results"]  # it comes first
        assert answer["page"]["count"] == len(answer["results"]) <= 1
        found += answer["results"]
        token = answer["page"]["next_token"]
        if not token:
            break
        page = {"token": token}
    assert found == whole["results"]
    assert token == ""


@pytest.mark.parametrize("kind", SEARCHES)
def test_a_token_is_good_for_its_search_alone(served: Served, kind: str) -> None:
    asked = {**SEARCHES[kind], "page": {"limit": 1}}
    token = answered(served, f"search/{kind}", asked)["page"]["next_token"]
    assert token
    others = [
        (kind, {**SEARCHES[kind], "context": {"a": 1}}),
        (kind, {**SEARCHES[kind], "resource" if kind != "resource" else "subject": {**(TWO if kind != "resource" else BOB)}}),
        *((other, SEARCHES[other]) for other in SEARCHES if other != kind),
    ]  # fmt: skip
    for endpoint, body in others:
        assert ask(served, f"search/{endpoint}", {**body, "page": {"token": token}}).status == 400
    same = {**SEARCHES[kind], "page": {"token": token, "limit": 1}}
    assert ask(served, f"search/{kind}", same).status == 200
    same["page"]["limit"] = 2
    assert ask(served, f"search/{kind}", same).status == 400


@pytest.mark.parametrize("token", ["x", "AAAA", "é", "=" * 44, "A" * 44, "A" * 100_000])
def test_a_token_that_nobody_gave_is_400(served: Served, token: str) -> None:
    body = {**SEARCHES["subject"], "page": {"token": token}}
    assert ask(served, "search/subject", body).status == 400


@pytest.mark.parametrize("page", [[], "x", {"limit": -1}, {"limit": 1.5}, {"limit": "1"}, {"limit": True}, {"token": 1}])  # fmt: skip
def test_a_page_that_is_none_is_400(served: Served, page: Any) -> None:
    assert ask(served, "search/subject", {**SEARCHES["subject"], "page": page}).status == 400


def test_the_ends_of_pages(served: Served) -> None:
    def page(**asked: Any) -> Any:
        return answered(served, "search/subject", {**SEARCHES["subject"], "page": asked})

    assert page() == page(limit=2) == page(limit=10**30) == page(token="", limit=5)
    assert page()["page"] == {"next_token": "", "count": 2}
    none = page(limit=0)
    assert none["results"] == [] and none["page"]["next_token"]
    assert page(token=page(limit=1)["page"]["next_token"])["page"]["next_token"] == ""


def test_the_metadata(served: Served) -> None:
    answer = served.ask("GET", "/.well-known/authzen-configuration")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content) == {
        "policy_decision_point": URL,
        "access_evaluation_endpoint": f"{URL}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{URL}/access/v1/evaluations",
        "search_subject_endpoint": f"{URL}/access/v1/search/subject",
        "search_resource_endpoint": f"{URL}/access/v1/search/resource",
        "search_action_endpoint": f"{URL}/access/v1/search/action",
    }


HOSTILE = ["1e400", "-1e400", "1" * 400, "0.1e-400", '"\\ud800"', '"\\u0000"', '"\\ufffd"', '""', "[[[]]]", '"' + "x" * 5_000 + '"']  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=[str(each) for each in range(len(HOSTILE))])
def test_what_is_hostile_is_unknown_and_no_error(served: Served, value: str) -> None:
    """In the place of a value, and of an id where it is a string."""
    for endpoint in ENDPOINTS:
        text = json.dumps({**WHOLE, "context": {"x": "HERE"}, "page": {"limit": 1}})
        texts = [text.replace('"HERE"', value)]
        if value.startswith('"'):
            texts += [json.dumps(WHOLE).replace(f'"{each}"', value) for each in ("alice", "record-1", "read", "record")]  # fmt: skip
        for each in texts:
            answer = served.ask(
                "POST",
                f"/access/v1/{endpoint}",
                key=KEY,
                content=each.encode(),
                headers={"content-type": "application/json"},
            )
            assert answer.status == 200, answer.content
            json.loads(answer.content)
