"""The pages: what they say, whom they let in, and that what comes from requests is text."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from agpc.service.store import StoreError

from .fake import EVIL, KEY, OTHER, FakeView, hostile, ordinary, service

PAGES = ["/", "/?state=active", "/calls", "/calls?outcome=none", "/trail", "/policy", "/health"]


MEMBERS = st.sampled_from(
    ["answer", "context", "rules", "reasons", "requirements", "obligations", "owner", "by", "request", "action",
     "properties", "resource", "subject", "meters", "task", "text", "state", "why", "outcome", "result", "user", "id",
     "before", "with", "type", "effect", "caller", "policy", "redacted", "name", "contact"]
)  # fmt: skip


def opened(view: FakeView, **more: Any) -> TestClient:
    app = service(view, is_open=True, **more).app
    return TestClient(app, base_url="http://127.0.0.1:8080")


def closed(view: FakeView, is_secure: bool = True) -> TestClient:
    app = service(view, is_open=False, is_secure=is_secure).app
    return TestClient(app, base_url="https://agpc.acme.example", follow_redirects=False)


def form_of(text: str) -> str:
    found = re.search(r'name="form" value="(\w+)"', text)
    assert found is not None
    return found[1]


def signed_in(client: TestClient, key: str = KEY) -> Any:
    form = form_of(client.get("/sign-in").text)
    return client.post("/sign-in", data={"form": form, "key": key})


# --- what they say ---


def test_a_task_is_shown_with_its_words_its_calls_and_what_came_of_them() -> None:
    client = opened(ordinary())
    listed = client.get("/").text
    assert "finance.reconcile" in listed and "user:joe" in listed
    text = client.get("/tasks/t-abcdefghijklmnopqrstuvwxyz").text
    for each in (
        "Please pay the invoices of October.\nThank you!",
        "finance.reconcile_invoices.small_post",
        "A ledger void cannot be undone.",
        "no outcome yet",
        "did not happen",
        html.escape('"DE02120300000000202051"', quote=True).replace("&quot;", "&#34;"),
        "finance.paid",
    ):
        assert each in text


def test_a_call_is_shown_whole() -> None:
    text = opened(ordinary()).get("/calls/c-3").text
    for each in ("payments-platform", "invoice-bot", "500", "finance.ledger", "e-1", "notify"):
        assert each in text


def test_calls_without_an_outcome_are_listed_alone() -> None:
    client = opened(ordinary())
    alone = client.get("/calls?outcome=none").text
    assert "/calls/c-5" in alone
    assert "/calls/c-3" not in alone and "/calls/c-6" not in alone
    assert "/calls/c-3" in client.get("/calls").text


def test_the_trail_the_policy_and_the_health_are_told() -> None:
    client = opened(ordinary())
    trail = client.get("/trail").text
    assert "agpc.acme.example" in trail and "deny by finance.irreversible_voids" in trail
    assert "6 that allow, 4 that forbid" in client.get("/policy").text
    assert "Ready." in client.get("/health").text
    ill = opened(ordinary(), reasons=["the clock is behind the latest event"])
    assert "the clock is behind the latest event" in ill.get("/health").text


def test_where_there_is_nothing_a_page_says_so() -> None:
    client = opened(FakeView())
    assert "No task was started yet" in client.get("/").text
    assert "No policy is active" in client.get("/policy").text
    assert "Nothing has happened yet" in client.get("/trail").text
    for path in ("/tasks/t-1", "/calls/c-1", "/trail/7", f"/trail/{10**30}"):
        assert client.get(path).status_code == 404


def test_pages_of_rows_go_on_where_the_one_before_ended() -> None:
    view = FakeView()
    for number in range(120):
        view.starts(f"t-{number}", "x")
    client, seen, path = opened(view), [], "/"
    while True:
        text = client.get(path).text
        seen += re.findall(r'href="/tasks/(t-\d+)"', text)
        found = re.search(r'href="(\?before=\d+)">Earlier', text)
        if found is None:
            break
        path = f"/{found[1]}"
    assert seen == [f"t-{number}" for number in reversed(range(120))]
    events, path = [], "/trail"
    while path:
        text = client.get(path).text
        events += [int(each) for each in re.findall(r'href="/trail/(\d+)"', text)]
        found = re.search(r'href="(\?before=\d+)">Earlier', text)
        path = f"/trail{found[1]}" if found else ""
    assert events == list(reversed(range(240)))


@pytest.mark.parametrize("before", ["", "x", "-1", "٣", "9" * 40, "1e3", "0"])
def test_a_page_that_nobody_linked_to_is_no_failure(before: str) -> None:
    client = opened(ordinary())
    for path in ("/", "/calls", "/trail", "/tasks/t-abcdefghijklmnopqrstuvwxyz"):
        assert client.get(path, params={"before": before}).status_code == 200


def test_what_retention_removed_is_said_to_be_removed() -> None:
    view = ordinary()
    for each in view.events_:
        each.body = None
    client = opened(view)
    for path in (*PAGES, "/tasks/t-abcdefghijklmnopqrstuvwxyz", "/calls/c-3", "/trail/3"):
        assert client.get(path).status_code == 200
    assert "removed when its time was over" in client.get("/calls/c-3").text


def test_a_store_that_cannot_be_read_is_said() -> None:
    class Broken(FakeView):
        def tasks(self, *_: Any, **__: Any) -> Any:
            raise StoreError("the disk is full")

    answer = opened(Broken()).get("/")
    assert answer.status_code == 503 and "the disk is full." in answer.text


# --- what comes from requests is text ---


@pytest.mark.parametrize("path", [*PAGES, "task", "call", "event"])
def test_nothing_of_a_request_is_markup_or_hides(path: str) -> None:
    view = hostile()
    seq = view.calls_[-1].seq
    client = opened(view)
    if path == "task":
        (path,) = re.findall(
            r'<p class="what"><a href="(/tasks/t-[^"]*%[^"]*)"', client.get("/").text
        )
    path = {"call": f"/calls/c-{seq}", "event": f"/trail/{seq}"}.get(path, path)
    answer = client.get(path)
    assert answer.status_code == 200
    assert re.search(r"[\u202a-\u202e\u200b\x1b]", answer.text) is None
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.text)
    names = {each.tag for each in document.iter() if isinstance(each.tag, str)}
    assert not names & {"script", "style", "iframe", "object", "b_", "img"}
    for element in document.iter():
        if isinstance(element.tag, str):
            assert not [each for each in element.attrib if each.startswith("on") or each == "style"]
            assert all(each.isascii() for each in element.attrib.values())


def test_a_long_value_is_folded_and_whole() -> None:
    view = hostile()
    seq = view.calls_[-1].seq
    client = opened(view)
    whole = client.get(f"/calls/c-{seq}").text
    assert "x" * 1_000_000 in whole and "1,000,002 characters: open all" in whole
    listed = client.get("/calls").text
    assert len(listed) < 100_000
    assert f'<a href="/calls/c-{seq}">1,000,002 characters: see all</a>' in listed
    assert EVIL.split("<")[0] in whole


def test_a_list_stays_small_whatever_a_call_holds_and_says_what_it_leaves_out() -> None:
    view = ordinary()
    task = view.tasks_[0].id
    many = {f"n{number}": "y" * 3000 for number in range(300)}
    seqs = [view.asks(task, "deny", None, "", **{"a" * 100_000: 1}, **many) for _ in range(50)]
    client = opened(view)
    listed = client.get("/calls").text
    assert len(listed) < 1_500_000
    assert "281 more" in listed and "100,000 characters: see all" in listed
    assert f'<a href="/calls/c-{seqs[-1]}">see all</a>' in listed
    whole = client.get(f"/calls/c-{seqs[-1]}").text
    assert "a" * 100_000 in whole and whole.count("y" * 3000) == 300


# --- whom they let in ---


@pytest.mark.parametrize("path", [*PAGES, "/tasks/t-1", "/calls/c-1", "/trail/1"])
def test_who_is_not_signed_in_is_asked_for_a_key(path: str) -> None:
    answer = closed(ordinary()).get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "finance" not in answer.text


def test_a_key_with_the_role_lets_in_and_signing_out_ends_it() -> None:
    client = closed(ordinary())
    answer = signed_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if "session" in each)
    assert cookie.startswith("__Host-agpc-session=")
    for each in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"):
        assert each in cookie
    assert KEY not in cookie and "Domain" not in cookie
    page = client.get("/")
    assert page.status_code == 200 and "signed in as auditor" in page.text
    kept = dict(client.cookies)
    gone = client.post("/sign-out", data={"form": form_of(page.text)})
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    client.cookies.update(kept)  # a copy of the cookie opens nothing, either
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    ("key", "status"),
    [("", 401), ("agpk_nobodys", 401), (OTHER, 403), ("é\0", 401), ("a\r\nb", 401)],
)
def test_another_key_does_not(key: str, status: int) -> None:
    client = closed(ordinary())
    answer = signed_in(client, key)
    assert answer.status_code == status
    assert not key or key not in answer.text
    assert client.get("/").status_code == 303


def test_a_session_is_another_one_after_each_sign_in() -> None:
    client = closed(ordinary())
    client.cookies.set("__Host-agpc-session", "chosen-by-somebody-else")
    signed_in(client)
    names = {each.value for each in client.cookies.jar if "session" in each.name}
    assert "chosen-by-somebody-else" not in {each for each in names if each and len(each) > 40}
    other = closed(ordinary())
    other.cookies.set("__Host-agpc-session", "chosen-by-somebody-else")
    assert other.get("/").status_code == 303


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({}, ""),
        ({}, "0" * 64),
        ({}, "é"),
        ({"origin": "https://evil.example"}, None),
        ({"origin": "null"}, None),
        ({"sec-fetch-site": "cross-site"}, None),
        ({"sec-fetch-site": "same-site"}, None),
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_a_form_of_another_page_does_nothing(
    path: str, headers: dict[str, str], form: str | None
) -> None:
    client = closed(ordinary())
    if path == "/sign-out":
        signed_in(client)
        right = form_of(client.get("/").text)
    else:
        right = form_of(client.get("/sign-in").text)
    data = {"form": right if form is None else form, "key": KEY}
    assert client.post(path, data=data, headers=headers).status_code == 403
    assert client.get("/").status_code == (200 if path == "/sign-out" else 303)


def test_what_is_no_form_is_none() -> None:
    client = closed(ordinary())
    form = form_of(client.get("/sign-in").text)
    assert client.post("/sign-in", json={"form": form, "key": KEY}).status_code == 403
    padded = {"form": form, "key": KEY, "x": "x" * 10_000}
    assert client.post("/sign-in", data=padded).status_code == 403
    assert client.get("/sign-out").status_code == 405


def test_without_callers_only_this_machine_is_answered_and_it_is_said() -> None:
    client = opened(ordinary())
    assert "Nobody has to sign in." in client.get("/").text
    for host in ("evil.example", "127.0.0.1.evil.example", "", "[", "10.1.2.3"):
        answer = client.get("/", headers={"host": host})
        assert answer.status_code == 403, host
        assert "finance" not in answer.text
    assert client.get("/", headers={"host": "localhost:9"}).status_code == 200
    assert client.get("/", headers={"host": "[::1]:9"}).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/tasks/t-0", "/sign-in", "/page.css", "/calls/c-3"])
def test_every_page_has_the_headers_that_keep_a_browser_to_it(path: str) -> None:
    client = closed(ordinary())
    for is_in in (False, True):
        if is_in:
            signed_in(client)
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        if path != "/page.css":
            assert answer.headers["cache-control"] == "no-store"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(MEMBERS | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    body=JSON,
    column=JSON,
    kind=st.sampled_from(["call", "task", "said", "state", "outcome", "generation", "x"]),
)
def test_a_damaged_store_is_shown_as_far_as_it_can_be(body: Any, column: Any, kind: str) -> None:
    view = ordinary()
    told = json.dumps(body).encode()
    for each in view.events_:
        each.body = told
    view.events_[-1].kind = kind
    view.events_[4].kind = "outcome"
    for task in view.tasks_:
        task.user = task.fields = task.context = json.dumps(column)
    client = opened(view)
    for path in (
        *PAGES,
        "/tasks/t-abcdefghijklmnopqrstuvwxyz",
        "/calls/c-3",
        "/calls/c-7",
        "/trail/7",
    ):
        assert client.get(path).status_code == 200, path


def test_the_colours_are_those_of_the_report() -> None:
    root = Path(__file__).parents[3]
    sheets = [root / "service/page/templates/page.css", root / "cli/report/templates/report.css"]
    ours, report = (
        dict(re.findall(r"(--[\w-]+): (light-dark\(.*?\));", each.read_text("utf-8")))
        for each in sheets
    )
    shared = ours.keys() & report.keys()
    assert len(shared) > 5
    assert {each: ours[each] for each in shared} == {each: report[each] for each in shared}
