"""The scenario by which OpenID certifies decision points, test for test, over HTTP: `authorization-api-1_0-scenario.md`.

Beside what the scenario writes out there is what the suite sends: methods, content types, members that nobody knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..http.served import Served
from .point import KEY, URL, answered, ask, certifying, deciding, example

ALICE: dict[str, Any] = {"type": "user", "id": "alice"}
BOB: dict[str, Any] = {"type": "user", "id": "bob"}
ADMIN: dict[str, Any] = {**BOB, "properties": {"role": "admin"}}
ONE: dict[str, Any] = {"type": "record", "id": "record-1"}
TWO: dict[str, Any] = {"type": "record", "id": "record-2"}
ARCHIVED: dict[str, Any] = {**TWO, "properties": {"status": "archived"}}
ACTIVE: dict[str, Any] = {**ONE, "properties": {"status": "active"}}
READ, WRITE = {"name": "read"}, {"name": "write"}
CONTEXT = {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}
"""A time that is none by RFC 3339: it has no seconds."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The fixture of the scenario, on each kind of store."""
    url = None
    if request.param == "postgres":
        url = request.getfixturevalue("shared_cluster").create_database()
    with certifying(tmp_path_factory.mktemp("certified"), url=url) as found:
        yield found


def evaluation(subject: Any, action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"subject": subject, "action": action, "resource": resource, **more}


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


# --- 400 ------------------------------------------------------------------------------------------


def without(body: dict[str, Any], *place: str) -> dict[str, Any]:
    found = json.loads(json.dumps(body))
    inner = found
    for each in place[:-1]:
        inner = inner[each]
    del inner[place[-1]]
    return found  # type: ignore[no-any-return]


WHOLE = evaluation(ALICE, READ, ONE)
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


ENDPOINTS = ("evaluation", "evaluations", "search/subject", "search/resource", "search/action")
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


# --- Headers, and asking again --------------------------------------------------------------------


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


SEARCHES: dict[str, Any] = {
    "subject": {"subject": {"type": "user"}, "action": READ, "resource": ONE},
    "resource": {"subject": ALICE, "action": READ, "resource": {"type": "record"}},
    "action": {"subject": ALICE, "resource": ONE},
}


def test_asking_again_gives_the_same_answer(served: Served) -> None:
    asked = [
        *(("evaluation", body) for body, _ in FIXTURE.values()),
        ("evaluations", {**WHOLE, "evaluations": [{}, {"action": WRITE}, {"subject": BOB}]}),
        *((f"search/{kind}", body) for kind, body in SEARCHES.items()),
    ]
    for endpoint, body in asked:
        first, *others = (ask(served, endpoint, body).content for _ in range(3))
        assert others == [first, first]


# --- Batches --------------------------------------------------------------------------------------


def batch(served: Served, items: Any, **more: Any) -> list[bool]:
    found = answered(served, "evaluations", {**more, "evaluations": items})
    assert set(found) == {"evaluations"}
    return [each["decision"] for each in found["evaluations"]]


def test_decisions_of_a_batch(served: Served) -> None:
    assert batch(served, [{"action": READ}, {"action": WRITE}], subject=BOB, resource=ONE) == [True, False]  # fmt: skip
    assert batch(served, [{"resource": ACTIVE}, {"resource": ARCHIVED}], subject=ALICE, action=WRITE) == [True, False]  # fmt: skip
    assert batch(served, [{"subject": ALICE}, {"subject": ADMIN}], action=WRITE, resource=ARCHIVED) == [False, True]  # fmt: skip
    whole = [evaluation(ALICE, READ, ONE), evaluation(BOB, WRITE, ONE)]
    assert batch(served, whole) == [True, False]


def test_a_default_is_inherited_and_replaced_as_a_whole(served: Served) -> None:
    default = evaluation(ALICE, WRITE, ACTIVE)
    assert batch(served, [{}, {"resource": ARCHIVED}], **default) == [True, False]
    # Nothing of the default is left in what replaces it: it has no id.
    assert batch(served, [{"resource": {"type": "record"}}, {"action": {}}], **default) == [False, False]  # fmt: skip


def test_a_context_is_inherited_and_replaced(served: Served) -> None:
    items = [
        {"resource": ONE},
        {
            "resource": TWO,
            "context": {"time": "2025-06-27T19:00-07:00", "source": "batch-override"},
        },
    ]
    assert batch(served, items, subject=ALICE, action=READ, context=CONTEXT) == [True, True]


def test_an_item_that_is_none_keeps_its_place(served: Served) -> None:
    body = {
        "subject": ALICE,
        "action": READ,
        "options": {"evaluations_semantic": "execute_all"},
        "evaluations": [{"resource": ONE}, {}, "x", {"resource": ONE, "subject": 1}, {"resource": ONE}],
    }  # fmt: skip
    found = answered(served, "evaluations", body)["evaluations"]
    assert [each["decision"] for each in found] == [True, False, False, False, True]
    assert [each["context"].get("error", {}).get("status") for each in found] == [None, 400, 400, 400, None]  # fmt: skip
    assert found[1]["context"]["error"]["message"] == "`resource` is missing"
    assert batch(served, [{"resource": ONE}], action=READ) == [False]


@pytest.mark.parametrize("items", [..., [], None])
def test_a_batch_of_nothing_is_one_evaluation(served: Served, items: Any) -> None:
    body = WHOLE if items is ... else {**WHOLE, "evaluations": items}
    found = answered(served, "evaluations", body)
    assert found["decision"] is True
    assert "evaluations" not in found
    assert found == answered(served, "evaluation", WHOLE)


@pytest.mark.parametrize(
    ("semantic", "actions", "decisions"),
    [
        (None, "rwr", [True, False, True]),
        ("execute_all", "rwr", [True, False, True]),
        ("deny_on_first_deny", "rwr", [True, False]),
        ("deny_on_first_deny", "r?r", [True, False]),
        ("deny_on_first_deny", "rr", [True, True]),
        ("permit_on_first_permit", "wrw", [False, True]),
        ("permit_on_first_permit", "?rw", [False, True]),
        ("permit_on_first_permit", "ww", [False, False]),
    ],
)
def test_the_three_semantics(served: Served, semantic: Any, actions: str, decisions: Any) -> None:
    named: dict[str, Any] = {"r": READ, "w": WRITE, "?": {}}
    items = [{"action": named[each]} for each in actions]
    options = {} if semantic is None else {"options": {"evaluations_semantic": semantic}}
    assert batch(served, items, subject=BOB, resource=ONE, **options) == decisions


@pytest.mark.parametrize(
    "more",
    [
        {"options": {"evaluations_semantic": "bogus_value"}},
        {"options": {"evaluations_semantic": 1}},
        {"options": {"evaluations_semantic": ["execute_all"]}},
        {"options": []},
        {"evaluations": {}},
        {"evaluations": "x"},
        {"subject": "alice"},
        {"evaluations": [{}] * 101},
    ],
)
def test_a_batch_that_is_none_is_400(served: Served, more: dict[str, Any]) -> None:
    body = {**WHOLE, "evaluations": [{"resource": ONE}], **more}
    assert ask(served, "evaluations", body).status == 400


def test_a_batch_of_the_most_items_is_taken(served: Served) -> None:
    items = [{"subject": BOB if each % 3 else ALICE} for each in range(100)]
    assert batch(served, items, **evaluation(ALICE, WRITE, ONE)) == [not each % 3 for each in range(100)]  # fmt: skip


# --- Searches -------------------------------------------------------------------------------------


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


# --- Pages ----------------------------------------------------------------------------------------


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


# --- Metadata -------------------------------------------------------------------------------------


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
