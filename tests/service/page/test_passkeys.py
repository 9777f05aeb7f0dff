"""The pages of passkeys: with a code or while signed in they make one, and afterwards nothing goes without it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from agpc.service.config.callers import PersonEntry
from agpc.service.config.models import Settings
from agpc.service.core import SYSTEM, Know, Operation, Passkeys, SignInByPasskey, TakeAway
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.page import passkeys as pages
from agpc.service.page.routes import page_routes
from agpc.service.page.sessions import SHARED
from agpc.service.passkeys.ceremony import Site
from agpc.service.passkeys.statement import bytes_of

from ..core.asking import bodies
from ..core.authenticator import ORIGIN, SITE, Authenticator
from ..core.desk import Desk, opened, policy
from .asked import TEXT, asks, state

CODE, KEY = "agpe_code", "agpk_ann"
LATER = "2200-01-01T00:00:00Z"
SCRIPTED = "script-src 'self'"


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with opened(sqlite_url, policy(TEXT), passkeys=Passkeys(Site(SITE, ORIGIN))) as desk:
        desk.do(Know(caller=SYSTEM, key="ann", person="user:ann", roles=("role:lead",)))
        yield desk


def browser(desk: Desk, until: str = LATER, required: bool = False, **entry: Any) -> TestClient:
    person = PersonEntry(
        id="user:ann", roles=("role:lead",), key_sha256=hashed(KEY), enrol_sha256=hashed(CODE), enrol_until=until,
        **entry,
    )  # fmt: skip
    passkeys = Passkeys(Site(SITE, ORIGIN), required=required)
    routes = page_routes(desk.core, is_secure=True, passkeys=passkeys)
    callers = Callers.of([], Path(), people=[person])
    app = Service(desk.core, Settings(), ProcessParts(callers=callers, more=[routes])).app
    return TestClient(app, base_url=ORIGIN, follow_redirects=False)


def field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, name
    return html.unescape(found[1])


def options(text: str) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]*)"', text)
    assert found is not None
    told: dict[str, Any] = json.loads(html.unescape(found[1]))
    return told


def challenge_of(told: dict[str, Any]) -> bytes:
    found = bytes_of(told["challenge"], 64)
    assert found is not None
    return found


def enrols(client: TestClient, key: Authenticator, code: str = CODE) -> Any:
    text = client.get("/enrol").text
    asked = client.post("/enrol", data={"form": field(text, "form"), "code": code}).text
    made = key.makes(challenge_of(options(asked)))
    names = ("form", "nonce", "code")
    form = {**{each: field(asked, each) for each in names}, "signed": json.dumps(made)}
    return client.post("/enrol/passkey", data=form)


def signs_in(client: TestClient, key: Authenticator, **changes: str) -> Any:
    text = client.get("/sign-in").text
    signed = key.signs(challenge_of(options(text)))
    form = {
        "form": field(text, "form"),
        "nonce": field(text, "nonce"),
        "signed": json.dumps(signed),
        **changes,
    }
    return client.post("/sign-in/passkey", data=form), form


def with_key(client: TestClient) -> TestClient:
    text = client.get("/sign-in").text
    form = {"form": re.findall(r'name="form" value="([^"]*)"', text)[-1], "key": KEY}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


def test_with_a_code_somebody_makes_one_and_signs_in(desk: Desk) -> None:
    client, key = browser(desk), Authenticator()
    assert "The passkey is yours." in enrols(client, key).text
    asked = client.post(
        "/enrol", data={"form": field(client.get("/enrol").text, "form"), "code": CODE}
    )
    assert asked.status_code == 409 and "was made with this code before" in asked.text
    came, form = signs_in(client, key)
    assert came.headers["location"] == "/requests"
    (cookie,) = [
        each
        for each in came.headers.get_list("set-cookie")
        if "agpc-session=" in each and "Max-Age" not in each
    ]
    for word in ("HttpOnly", "Secure", "SameSite=strict"):
        assert word in cookie
    assert "user:ann" in client.get("/requests").text
    # What has let somebody in lets nobody in once more, from wherever.
    assert browser(desk).post("/sign-in/passkey", data=form).status_code == 403


def test_a_nonce_is_answered_once(desk: Desk) -> None:
    client, key = browser(desk), Authenticator(counts=False)
    enrols(client, key)
    name = client.cookies
    text = client.get("/sign-in").text
    kept = dict(name)
    form = {
        "form": field(text, "form"),
        "nonce": field(text, "nonce"),
        "signed": json.dumps(key.signs(challenge_of(options(text)))),
    }
    assert client.post("/sign-in/passkey", data=form).status_code == 303
    client.cookies.clear()
    client.cookies.update(kept)
    assert client.post("/sign-in/passkey", data=form).status_code == 403
    assert len(bodies(desk, "session")) == 1


def test_nothing_is_kept_of_who_is_not_let_in(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "sessions"
    kept.mkdir()
    monkeypatch.setenv(SHARED, str(kept))
    client, known = browser(desk), Authenticator()
    enrols(client, known)
    before = set(kept.iterdir())
    for _ in range(3):
        assert signs_in(client, Authenticator())[0].status_code == 403
    assert set(kept.iterdir()) == before
    assert signs_in(client, known)[0].status_code == 303


def test_who_has_no_passkey_that_is_known_takes_no_turn(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, known = browser(desk), Authenticator()
    form = {"form": field(client.get("/enrol").text, "form"), "code": CODE}
    early = client.post("/enrol", data=form).text
    old = {each: field(early, each) for each in ("form", "nonce", "code")}
    made = json.dumps(Authenticator().makes(challenge_of(options(early))))
    kept = dict(client.cookies)
    enrols(client, known)
    asked: list[Operation] = []

    async def noted(operation: Operation) -> Any:
        asked.append(operation)
        return await done(operation)

    done = desk.core.do
    monkeypatch.setattr(desk.core, "do", noted)
    assert signs_in(client, Authenticator())[0].status_code == 403
    forged = json.dumps(known.signs(b"of another sign-in"))
    assert signs_in(client, known, signed=forged)[0].status_code == 403
    client.cookies.clear()
    client.cookies.update(kept)
    assert client.post("/enrol/passkey", data={**old, "signed": made}).status_code == 409
    assert asked == []
    assert signs_in(client, known)[0].status_code == 303
    assert [type(each) for each in asked] == [SignInByPasskey]


@pytest.mark.parametrize(
    "change", [{"nonce": "1.x.y"}, {"nonce": ""}, {"form": "x"}, {"signed": "{}"}, {"signed": "["}]
)
def test_what_was_not_asked_for_lets_nobody_in(desk: Desk, change: dict[str, str]) -> None:
    client, key = browser(desk), Authenticator()
    enrols(client, key)
    came, _ = signs_in(client, key, **change)
    assert came.status_code in (400, 403) and bodies(desk, "session") == []


def test_a_nonce_is_not_for_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client, key = browser(desk), Authenticator()
    enrols(client, key)
    monkeypatch.setattr(pages, "LASTS_NONCE", 0.0)
    came, _ = signs_in(client, key)
    assert came.status_code == 403


@pytest.mark.parametrize(
    ("code", "until"), [("agpe_other", LATER), (CODE, "2020-01-01T00:00:00Z"), ("", LATER)]
)
def test_a_code_that_is_none_makes_none(desk: Desk, code: str, until: str) -> None:
    client = browser(desk, until)
    form = {"form": field(client.get("/enrol").text, "form"), "code": code}
    assert client.post("/enrol", data=form).status_code == 403


def test_the_first_one_is_made_while_signed_in(desk: Desk) -> None:
    client, key = with_key(browser(desk)), Authenticator()
    text = client.get("/passkeys").text
    signed = json.dumps(key.makes(challenge_of(options(text))))
    form = {"form": field(text, "form"), "nonce": field(text, "nonce"), "signed": signed}
    assert client.post("/passkeys", data=form).headers["location"] == "/passkeys"
    again = client.get("/passkeys").text
    assert "data-options" not in again and "ask an operator" in again
    assert client.post("/passkeys", data=form).status_code == 403  # not a second one
    assert len(bodies(desk, "passkey")) == 1


def test_where_all_need_one_it_is_made_with_a_code(desk: Desk) -> None:
    client = with_key(browser(desk, required=True))
    text = client.get("/passkeys").text
    assert "data-options" not in text and "ask an operator for a code" in text
    assert "You have none yet" in client.get(f"/requests/{asks(desk)}").text


def test_nobody_answers_without_it_who_has_one(desk: Desk) -> None:
    client, key = browser(desk), Authenticator()
    enrols(client, key)
    thief = with_key(browser(desk))  # who has the key, or a session
    id = asks(desk)
    text = thief.get(f"/requests/{id}").text
    names = ("form", "policy", "key")
    form = {**{each: field(text, each) for each in names}, "verdict": "approve"}
    told = thief.post(f"/requests/{id}", data=form)
    assert told.status_code == 403 and "signs what they say with a passkey" in told.text
    asked = thief.post(f"/requests/{id}/statement", data=form).json()
    other = Authenticator(id=key.id).signs(challenge_of(asked))
    told = thief.post(f"/requests/{id}", data={**form, "signed": json.dumps(other)})
    assert told.status_code == 403 and state(desk, id)[1] == []
    good = key.signs(challenge_of(asked))
    told = thief.post(
        f"/requests/{id}", data={**form, "verdict": "refuse", "signed": json.dumps(good)}
    )
    assert told.status_code == 403 and state(desk, id)[1] == []


def test_one_that_is_taken_away_ends_its_sessions(desk: Desk) -> None:
    client, key = browser(desk), Authenticator()
    enrols(client, key)
    signs_in(client, key)
    assert client.get("/requests").status_code == 200
    (made,) = bodies(desk, "passkey")
    desk.do(TakeAway(caller=SYSTEM, key="x", passkey=made["passkey"], why="It was lost."))
    assert client.get("/requests").headers["location"].startswith("/sign-in")


def test_who_has_got_hold_of_one_that_is_taken_away_says_nothing_any_more(desk: Desk) -> None:
    client, key = browser(desk), Authenticator()
    enrols(client, key)
    signs_in(client, key)
    id = asks(desk)
    text = client.get(f"/requests/{id}").text
    form = {each: field(text, each) for each in ("form", "policy", "key")}
    (made,) = bodies(desk, "passkey")
    desk.do(TakeAway(caller=SYSTEM, key="x", passkey=made["passkey"], why="It was stolen."))
    # No page is looked at in between, and there is no passkey left that has to sign.
    told = client.post(f"/requests/{id}", data={**form, "verdict": "approve"})
    assert told.headers["location"].startswith("/sign-in") and state(desk, id)[1] == []


def test_statements_are_for_who_is_signed_in(desk: Desk) -> None:
    id = asks(desk)
    client = browser(desk)
    assert client.post(f"/requests/{id}/statement", data={"form": "x"}).status_code == 403
    with_key(client)
    for form, site in (({"form": "x"}, "same-origin"), ({}, "cross-site")):
        headers = {"sec-fetch-site": site}
        told = client.post(f"/requests/{id}/statement", data=form, headers=headers)
        assert told.status_code == 403 and "challenge" not in told.text


def test_scripts_run_on_pages_of_passkeys_alone(desk: Desk) -> None:
    client, key = browser(desk), Authenticator()
    id = asks(desk)
    assert SCRIPTED in client.get("/sign-in").headers["content-security-policy"]
    with_key(client)
    for path in ("/requests", f"/requests/{id}"):
        answer = client.get(path)
        assert (
            "script" not in answer.headers["content-security-policy"]
            and "<script" not in answer.text
        )
    enrols(browser(desk), key)
    answer = client.get(f"/requests/{id}")
    assert SCRIPTED in answer.headers["content-security-policy"]
    assert re.findall("<script[^>]*>", answer.text) == ['<script src="/passkeys.js" defer>']
    script = client.get("/passkeys.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["x-content-type-options"] == "nosniff"
