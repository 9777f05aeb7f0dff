"""Pages of requests over a real core: what would be done exactly, and a click that counts for what was seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from agpc.service.config.callers import CallerEntry, PersonEntry
from agpc.service.config.models import Settings
from agpc.service.core import SYSTEM, Adopt, Know, Say, as_person
from agpc.service.core.waiting import waiting, whole
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.page.routes import page_routes

from ..core.desk import DESK, Desk, policy
from .asked import EVIL, TEXT, a_desk, asks, form_of, pages_of, people, signed_in, state


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with a_desk(sqlite_url) as desk:
        yield desk


def client(desk: Desk, person: str | None = "user:ann") -> TestClient:
    found = TestClient(pages_of(desk), base_url="https://agpc.example", follow_redirects=False)
    if person is not None:
        assert signed_in(found, f"agpk_{person}").status_code == 303
    return found


def fields_of(text: str) -> dict[str, str]:
    names = ("form", "policy", "key")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', text[text.index("answer"):]) for name in names}  # fmt: skip
    return {name: each[1] for name, each in found.items() if each is not None}


def say(pages: TestClient, id: str, verdict: str = "approve", **more: str) -> Any:
    form = {**fields_of(pages.get(f"/requests/{id}").text), "verdict": verdict, **more}
    return pages.post(f"/requests/{id}", data=form)


def test_a_request_is_shown_whole_and_approved(desk: Desk) -> None:
    id, pages = asks(desk), client(desk)
    assert pages.get("/").headers["location"] == "/requests"
    assert f'href="/requests/{id}"' in pages.get("/requests").text
    text = pages.get(f"/requests/{id}").text
    for each in ("desk.shop.refund", "helper", "user:joe", "Refund them.", "desk.answer", "role:lead", "1 h",
                 "desk.answering.shop.refund", "&#34;o-7&#34;", "Approve this call", "Refuse"):  # fmt: skip
        assert each in text, each
    answer = say(pages, id)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/requests/{id}")
    assert state(desk, id) == ("pending", [("user:ann", "approve")])
    listed = pages.get("/requests").text
    assert "approved, not used yet" in listed and "needs nobody any more" in listed
    again = pages.get(f"/requests/{id}").text
    assert "approved, not used yet" in again and ">pending</span>" not in again
    assert "Enough people have approved it" in again and "Approve this call" not in again
    assert say(pages, id, "refuse", message="Not\r\nyet.").status_code == 303
    assert state(desk, id)[0] == "refused"
    assert "Not\nyet." in pages.get(f"/requests/{id}").text


def test_words_are_left_out_neither_in_silence_nor_the_first(desk: Desk) -> None:
    id, pages = asks(desk), client(desk)
    with desk.core.view() as view:
        task = getattr(view.request(id), "task", "")
    for each in range(1, 61):
        desk.do(Say(caller=DESK, key=desk.key(), task=task, text=f"word {each} of many"))
        if each == 49:
            text = pages.get(f"/requests/{id}").text
            assert "word 1 of many" in text and "left out" not in text
    text = pages.get(f"/requests/{id}").text
    assert "Refund them." in text and "word 12 of many" in text and "word 60 of many" in text
    assert "word 11 of many" not in text and ">11 times more something was said here" in text


def test_what_wants_to_mislead_is_seen(desk: Desk) -> None:
    long = "a" * 5000 + "the end"
    task = desk.start(said=EVIL)["task"]["id"]
    arguments = {"to": [EVIL], "body": f"{long}\n{EVIL}", EVIL: "x"}
    answer = desk.call(task, "mail", "send", to=[EVIL], body=f"{long}\n{EVIL}")
    text = client(desk).get(f"/requests/{answer['request']['id']}").text
    assert arguments and "<script" not in text and "\u202e" not in text and "\x1b" not in text
    assert text.count("U+202E") >= 3 and "U+200B" in text and "U+0430" in text
    assert long in text and "characters: open all" in text  # folded, and there


def test_a_text_is_not_taken_for_a_list_that_looks_like_it(desk: Desk) -> None:
    addresses = [f"{name}@example.org" for name in ("a", "b", "c", "d", "e")]
    task = desk.start(said="Write to them.")["task"]["id"]
    asked = [
        desk.call(task, "mail", "send", to=addresses, body=each)["request"]["id"]
        for each in (json.dumps(addresses, indent=2), "one line")
    ]
    pages = client(desk)
    lines, plain = (pages.get(f"/requests/{id}").text for id in asked)
    assert lines.count("text of several lines") == 1 and "text of several lines" not in plain
    # Spaces are not folded, and what the call is on has an end that is seen.
    assert (
        ".value { unicode-bidi: isolate; direction: ltr; white-space: pre-wrap; }"
        in pages.get("/page.css").text
    )
    assert re.search(r'<dt>on</dt>\s*<dd>\s*<code class="value">&#34;', lines) is not None


def test_where_a_value_comes_from_is_told(desk: Desk) -> None:
    task = desk.start(said="write to joe@x.example")["task"]["id"]
    answers = [
        desk.call(task, "mail", "send", to=[to], body="hello")
        for to in ("joe@x.example", "eve@y.example")
    ]
    pages = client(desk)
    known, other = (pages.get(f"/requests/{each['request']['id']}").text for each in answers)
    assert "comes from <code>desk.vouched</code>" in known
    assert "comes from no source that the policy names" in other


def test_a_click_under_another_policy_is_void(desk: Desk) -> None:
    id, pages = asks(desk), client(desk)
    form = {**fields_of(pages.get(f"/requests/{id}").text), "verdict": "approve"}
    wider = policy(TEXT.replace("within 1h", "within 2h"))
    desk.do(Adopt(caller=SYSTEM, key="new", generation=wider))
    answer = pages.post(f"/requests/{id}", data=form)
    assert answer.status_code == 409 and "the policy has changed since" in answer.text
    assert state(desk, id) == ("pending", [])
    assert fields_of(answer.text)["policy"] == wider.digest  # it is shown anew


@pytest.mark.parametrize(
    "change",
    [{"form": ""}, {"form": "0" * 64}, {"policy": ""}, {"key": ""}, {"verdict": "yes"}, {"verdict": ""}],
    ids=["no token", "other token", "no policy", "no key", "other word", "no word"],
)  # fmt: skip
def test_a_form_that_is_not_ours_gives_nothing(desk: Desk, change: dict[str, str]) -> None:
    id, pages = asks(desk), client(desk)
    form = {**fields_of(pages.get(f"/requests/{id}").text), "verdict": "approve", **change}
    assert pages.post(f"/requests/{id}", data=form).status_code in (400, 403, 409)
    assert state(desk, id) == ("pending", [])


@pytest.mark.parametrize("more", ["verdict=refuse", "verdict=", "policy=&message=x", "message=%ff"])
def test_a_form_that_can_be_read_in_two_ways_gives_nothing(desk: Desk, more: str) -> None:
    id, pages = asks(desk), client(desk)
    form = {**fields_of(pages.get(f"/requests/{id}").text), "verdict": "approve"}
    headers = {"content-type": "application/x-www-form-urlencoded"}
    content = f"{urlencode(form)}&{more}"
    answer = pages.post(f"/requests/{id}", content=content, headers=headers)
    assert (answer.status_code, state(desk, id)) == (403, ("pending", []))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"origin": "https://["},
    ],
)
def test_another_site_cannot_click(desk: Desk, headers: dict[str, str]) -> None:
    id, pages = asks(desk), client(desk)
    form = {**fields_of(pages.get(f"/requests/{id}").text), "verdict": "approve"}
    assert pages.post(f"/requests/{id}", data=form, headers=headers).status_code == 403
    assert state(desk, id) == ("pending", [])


def test_the_token_of_somebody_else_is_none(desk: Desk) -> None:
    id, pages = asks(desk), client(desk)
    other = client(desk)
    form = {**fields_of(pages.get(f"/requests/{id}").text), "verdict": "approve"}
    assert other.post(f"/requests/{id}", data=form).status_code == 403
    assert state(desk, id) == ("pending", [])


def test_twice_is_once(desk: Desk) -> None:
    id, pages = asks(desk), client(desk)
    form = {**fields_of(pages.get(f"/requests/{id}").text), "verdict": "approve"}
    for _ in range(2):
        assert pages.post(f"/requests/{id}", data=form).status_code == 303
    assert state(desk, id) == ("pending", [("user:ann", "approve")])


def test_who_is_not_asked_may_look_if_they_may_read_and_answers_nothing(desk: Desk) -> None:
    id, pages = asks(desk), client(desk, "user:bob")
    assert f"/requests/{id}" not in pages.get("/requests").text
    assert f"/requests/{id}" in pages.get("/requests?of=all").text
    text = pages.get(f"/requests/{id}").text
    assert "It is not asked of you" in text and 'name="verdict"' not in text
    mine = client(desk)
    form = {**fields_of(mine.get(f"/requests/{id}").text), "verdict": "approve"}
    form["form"] = form_of(text)
    assert pages.post(f"/requests/{id}", data=form).status_code == 403
    assert state(desk, id) == ("pending", [])


def test_where_nobody_is_a_person_it_is_said_how_one_becomes_one(desk: Desk) -> None:
    id = asks(desk)
    parts = ProcessParts(
        callers=Callers.of([], Path()), more=[page_routes(desk.core, is_secure=False)]
    )
    pages = TestClient(Service(desk.core, Settings(), parts).app, base_url="http://127.0.0.1:8080")
    text = pages.get(f"/requests/{id}").text
    assert "Nobody can answer it yet" in text and "--person" in text and "Approve" not in text


def test_who_has_left_sees_nothing(desk: Desk) -> None:
    id, pages = asks(desk), client(desk)
    desk.do(Know(caller=SYSTEM, key="left", person="user:ann", roles=(), active=False))
    for path in (f"/requests/{id}", "/requests"):
        assert pages.get(path).headers["location"].startswith("/sign-in")


def test_who_saw_everything_sees_nothing_once_they_have_left(desk: Desk) -> None:
    id, pages = asks(desk), client(desk, "user:bob")
    assert pages.get(f"/requests/{id}").status_code == 200
    desk.do(Know(caller=SYSTEM, key="left", person="user:bob", roles=(), active=False))
    for path in (f"/requests/{id}", "/requests?of=all"):
        assert pages.get(path).headers["location"].startswith("/sign-in")
    with desk.core.view() as view:
        bob = as_person("user:bob", may_read=True)
        assert whole(desk.core, view, bob, id) is None
        assert waiting(desk.core, view, bob) == ([], None)


def test_a_session_ends_with_the_key_that_it_came_by(desk: Desk) -> None:
    id, callers = asks(desk), Callers.of([], Path(), people=people())
    parts = ProcessParts(callers=callers, more=[page_routes(desk.core, is_secure=True)])
    service = Service(desk.core, Settings(), parts)
    pages = TestClient(service.app, base_url="https://agpc.example", follow_redirects=False)
    assert signed_in(pages, "agpk_user:ann").status_code == 303
    assert pages.get(f"/requests/{id}").status_code == 200
    other = [each.model_copy(update={"key_sha256": hashed("agpk_new")}) for each in people()[:1]]
    service.gate.callers = Callers.of([], Path(), people=other)
    assert pages.get(f"/requests/{id}").headers["location"].startswith("/sign-in")
    assert signed_in(pages, "agpk_new").status_code == 303
    assert pages.get(f"/requests/{id}").status_code == 200


def test_one_who_is_asked_sees_no_other_pages(desk: Desk) -> None:
    pages = client(desk)
    for path in ("/", "/calls", "/trail", "/trail/1", "/policy", "/health", "/tasks/t-1"):
        assert pages.get(path).headers["location"] == "/requests"
    assert ">Trail<" not in pages.get("/requests").text


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/requests/../x", "/calls"]
)
def test_signing_in_leads_to_requests_and_nowhere_else(desk: Desk, back: str) -> None:
    id = asks(desk)
    for given, to in ((f"/requests/{id}", f"/requests/{id}"), (back, "/requests")):
        pages = client(desk, None)
        text = pages.get("/sign-in", params={"back": given}).text
        form = {"form": form_of(text), "key": "agpk_user:ann", "back": given}
        assert pages.post("/sign-in", data=form).headers["location"] == to
        assert "evil" not in text


def test_many_are_read_in_pages(desk: Desk) -> None:
    tasks = [desk.start()["task"]["id"] for _ in range(6)]  # of each there are 20
    ids = [
        desk.call(tasks[each % 6], "shop", "refund", order="o-7", amount=each)["request"]["id"]
        for each in range(120)
    ]
    pages, seen, path = client(desk), [], "/requests"
    while path:
        text = pages.get(path).text
        seen += re.findall(r'href="/requests/(q-\d+)"', text)
        found = re.search(r'href="(\?state=pending&amp;before=\d+)">Earlier', text)
        path = f"/requests{found[1].replace('&amp;', '&')}" if found else ""
    assert seen == ids[::-1]


def test_a_key_is_of_one(desk: Desk) -> None:
    shared = hashed("agpk_shared")
    two = [PersonEntry(id=id, key_sha256=shared) for id in ("user:ann", "user:bob")]
    with pytest.raises(
        ValueError, match="`person:user:ann` and `person:user:bob` have the same key"
    ):
        Callers.of([], Path(), people=two)
    program = CallerEntry(name="gw", roles=("read",), key_sha256=shared)
    with pytest.raises(ValueError, match="`gw` and `person:user:ann` have the same key"):
        Callers.of([program], Path(), people=two[:1])


def test_arguments_stand_in_one_order_while_it_waits_and_afterwards(desk: Desk) -> None:
    id, pages = asks(desk, order="o-7", amount=5), client(desk)

    def order() -> bool:
        text = pages.get(f"/requests/{id}").text
        return text.index(">amount<") < text.index(">order<")

    assert order()
    assert say(pages, id, "refuse").status_code == 303
    assert state(desk, id)[0] == "refused" and order()


def test_a_page_of_an_error_leads_to_what_one_may_see(desk: Desk) -> None:
    assert 'href="/requests">All requests' in client(desk).get("/requests/q-9999").text
    assert 'href="/">All tasks' in client(desk, "user:bob").get("/requests/q-9999").text
