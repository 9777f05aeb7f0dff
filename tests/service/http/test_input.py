"""Bad input: a clear answer, in the words of RFC 9457, and nothing reaches the core."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .served import CALL, KEY, START, Served, callers, serving


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving({"callers": callers(), "limits": {"body_bytes": 300_000}}) as found:
        yield found


def with_(value: Any, *place: str, of: dict[str, Any] = CALL) -> dict[str, Any]:
    """A body with something else at a place; `...` leaves it out."""
    found = json.loads(json.dumps(of))
    inner = found
    for each in place[:-1]:
        inner = inner[each]
    if value is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return found  # type: ignore[no-any-return]


MISSHAPEN = {
    "no object": [],
    "a text": "x",
    "nothing": None,
    "empty": {},
    "no key": with_(..., "key"),
    "no subject": with_(..., "subject"),
    "no type": with_(..., "resource", "type"),
    "an unknown member": with_(1, "subjekt"),
    "an unknown member inside": with_(1, "subject", "idd"),
    "a subject that is a text": with_("x", "subject"),
    "a name that is a number": with_(1, "action", "name"),
    "a name that is a list": with_(["pay"], "action", "name"),
    "properties that are a list": with_([], "action", "properties"),
    "a context that is null": with_(None, "context"),
    "an id that is empty": with_("", "resource", "id"),
    "an id with NUL": with_("a\0b", "resource", "id"),
    "an id with U+FFFD": with_("a\ufffd", "resource", "id"),
    "an id that is half a character": with_("\ud800", "resource", "id"),
    "an id of 10 kB": with_("x" * 10_000, "resource", "id"),
    "a key that is empty": with_("", "key"),
    "a key of 10 kB": with_("k" * 10_000, "key"),
    "a key of 256": with_("k" * 256, "key"),
    "a key with NUL": with_("a\0b", "key"),
    "a key with a line end": with_("a\nb", "key"),
    "a key with space at its end": with_("a ", "key"),
    "a key that is not ASCII": with_("schlüssel", "key"),
    "a key that is a number": with_(7, "key"),
}


@pytest.mark.parametrize("body", MISSHAPEN.values(), ids=MISSHAPEN)
def test_a_misshapen_call_is_refused(served: Served, body: Any) -> None:
    before = len(served.core.asked)
    content = json.dumps(body).encode()
    answer = served.ask("POST", "/v1/calls", content=content, key=KEY["decide"])
    assert answer.status == 400 and answer.json["code"] == "misshapen"
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "code"}
    assert len(served.core.asked) == before


BYTES = {
    "empty": b"",
    "no JSON": b"{",
    "two values": b"{} {}",
    "a key twice": b'{"key": "a", "key": "b"}',
    "a key twice, deep": b'{"key": "a", "subject": {"id": "x", "id": "y"}}',
    "NaN": b'{"key": NaN}',
    "Infinity": b'{"key": -Infinity}',
    "a comment": b'{"key": 1 /* */}',
    "not UTF-8": b'{"key": "\xff"}',
    "UTF-16": '{"key": "a"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "65 levels": b"[" * 65 + b"]" * 65,
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "objects in objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "a number of 5,000 digits as key": b'{"key": ' + b"9" * 5_000 + b"}",
}


@pytest.mark.parametrize("content", BYTES.values(), ids=BYTES)
def test_what_is_not_json_is_refused(served: Served, content: bytes) -> None:
    before = len(served.core.asked)
    answer = served.ask(
        "POST",
        "/v1/calls",
        content=content,
        key=KEY["decide"],
        headers={"content-type": "application/json"},
    )
    assert answer.status == 400 and answer.json["code"] in ("unreadable", "misshapen")
    assert len(served.core.asked) == before


def test_huge_numbers_are_the_policy_s_to_judge(served: Served) -> None:
    content = json.dumps(CALL).encode().replace(b'"amount": 1', b'"amount": 1e400')
    answer = served.ask("POST", "/v1/calls", content=content, key=KEY["decide"])
    assert answer.status == 200
    assert served.core.asked[-1].request["action"]["properties"]["amount"] == float("inf")


@pytest.mark.parametrize(
    "media", ["text/plain", "", "application/x-www-form-urlencoded", "application/jsonx"]
)
def test_only_json_is_taken(served: Served, media: str) -> None:
    headers = {"content-type": media}
    content = json.dumps(CALL).encode()
    answer = served.ask("POST", "/v1/calls", content=content, key=KEY["decide"], headers=headers)
    assert answer.status == 415


@pytest.mark.parametrize(
    "key", ["k", "k" * 255, "a b", "../../etc/passwd", "'; DROP TABLE call; --"]
)
def test_keys_are_taken_as_they_stand(served: Served, key: str) -> None:
    answer = served.ask("POST", "/v1/calls", with_(key, "key"), key=KEY["decide"])
    assert answer.status == 200 and served.core.asked[-1].key == key


@pytest.mark.parametrize(
    "id", ["..", "../..", "..%2f..%2fetc", "%00", "a%00b", "%ff", "x" * 600, "%2e%2e", "t-1/"]
)
@pytest.mark.parametrize("route", ["/v1/tasks/{}/said", "/v1/calls/{}/outcome"])
def test_ids_in_paths_lead_nowhere_else(served: Served, route: str, id: str) -> None:
    before = len(served.core.asked)
    body = {"key": "k", "text": "x"} if "said" in route else {"key": "k", "outcome": "done"}
    key = KEY["start" if "said" in route else "outcome"]
    answer = served.ask("POST", route.format(id), body, key=key)
    if id in ("..", "%2e%2e"):  # an id like another, which the core does not know
        assert answer.status == 200 and served.core.asked[-1].NAME in ("say", "outcome")
        return
    assert answer.status in (400, 404, 405)
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(served.core.asked) == before


def test_a_start_is_a_start(served: Served) -> None:
    for body in (
        with_("stop", "action", "name", of=START),
        with_("t-1", "resource", "id", of=START),
        with_(7, "said", of=START),
        with_("x" * 70_000, "said", of=START),
    ):
        assert served.ask("POST", "/v1/tasks", body, key=KEY["start"]).status == 400
    answer = served.ask("POST", "/v1/tasks", with_("pay", "said", of=START), key=KEY["start"])
    assert answer.status == 200 and answer.json["decision"] is False


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=1&limit=2",
        "limit=-1",
        "limit=%31%00",
        "before=x",
        "state=x",
        "a=b",
        "limit=" + "9" * 300,
        "limit=٣",
    ],
)
def test_queries_are_known_and_within_bounds(served: Served, query: str) -> None:
    from urllib.parse import quote

    answer = served.ask("GET", "/v1/tasks?" + quote(query, safe="=&%"), key=KEY["read"])
    assert answer.status == 400 and answer.json["code"] == "bad_query"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1/tasks/", 404),
        ("DELETE", "/v1/tasks", 405),
        ("PUT", "/v1/calls", 405),
        ("OPTIONS", "/v1/calls", 405),
        ("GET", "//v1/tasks", 404),
    ],
)
def test_what_is_not_there_is_said_so(served: Served, method: str, path: str, status: int) -> None:
    answer = served.ask(method, path)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_the_core_refuses_is_told(served: Served) -> None:
    from agpc.service.core import Problem

    served.core.problems = [Problem(409, "key_reused", "the key was used before")]
    answer = served.ask("POST", "/v1/calls", CALL, key=KEY["decide"])
    assert (answer.status, answer.json["code"]) == (409, "key_reused")


def test_an_exception_is_no_text(served: Served) -> None:
    served.core.problems = [RuntimeError("CANARY")]
    answer = served.ask("POST", "/v1/calls", CALL, key=KEY["decide"])
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert b"CANARY" not in answer.content
