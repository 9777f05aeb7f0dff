"""People sign in with a provider: to it and back, once, in the browser that began, and nowhere else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from agpc.service.config.callers import CallerEntry
from agpc.service.config.models import Settings
from agpc.service.core import SYSTEM, Know
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.identity.oidc import Client, SignIn
from agpc.service.identity.persons import ClaimNames
from agpc.service.outbound.fetching import Reach
from agpc.service.page import signing
from agpc.service.page.routes import page_routes
from agpc.service.page.signing import People, path_of

from ..core.asking import bodies
from ..core.desk import Desk, opened, policy
from ..identity.hostile import Hostile, hostile
from ..identity.providers import SECRET, Browser, provider, why_no_provider

US = "https://agp.acme.example"
CALLBACK = f"{US}/callback"
SESSION, FLOW = "__Host-agpc-session", "__Host-agpc-flow"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(f"sqlite:///{tmp_path / 'agpc.db'}", policy()) as found:
        yield found


def people(issuer: str, **more: Any) -> People:
    client = Client(issuer, "agpc", SECRET, CALLBACK, ("email", "groups"), Reach(private=True))
    roles = {"finance-leads": ("role:lead", "role:auditor")}
    reading = ClaimNames("sub", "user:", "groups", roles, {"mfa": ("amr:mfa",)})
    return People(SignIn(client), reading, frozenset(["role:auditor"]), **more)


def page(desk: Desk, who: People) -> TestClient:
    entry = CallerEntry(name="auditor", roles=("read",), key_sha256=hashed("agpk_x"))
    parts = ProcessParts(
        callers=Callers.of([entry], Path()),
        more=[page_routes(desk.core, is_secure=True, people=who)],
    )
    app = Service(desk.core, Settings(), parts).app
    return TestClient(app, base_url=US, follow_redirects=False)


@contextmanager
def with_hostile(desk: Desk) -> Iterator[tuple[TestClient, Hostile]]:
    with hostile() as other:
        yield page(desk, people(other.issuer)), other


def signs_in(
    client: TestClient, other: Hostile, path: str = "/sign-in/provider", **claims: Any
) -> Any:
    """Go to the provider and back; the flow is the one whose nonce the browser brings."""
    begun = client.get(path)
    assert begun.status_code == 303, begun.text
    asked = {
        name: value[0]
        for name, value in parse_qs(urlsplit(begun.headers["location"]).query).items()
    }
    other.flow = replace(other.flow, nonce=asked["nonce"])
    other.claims = claims
    return client.get("/callback", params={"code": "c", "state": asked["state"]})


@pytest.mark.skipif(why_no_provider() is not None, reason=why_no_provider() or "")
def test_a_person_signs_in_and_out(desk: Desk) -> None:
    with provider(CALLBACK) as issuer:
        client = page(desk, people(issuer))
        assert client.get("/").headers["location"] == "/sign-in"
        assert "/sign-in/provider" in client.get("/sign-in").text
        begun = client.get("/sign-in/provider", params={"back": "/trail"})
        answer = Browser().signs_in(begun.headers["location"], CALLBACK, login="ann", amr="mfa")
        came = client.get("/callback", params=answer)
        assert came.status_code == 200 and 'url=/trail"' in came.text and "user:ann" in came.text
        assert FLOW not in client.cookies
        inside = client.get("/trail")
        assert inside.status_code == 200 and "user:ann" in inside.text
        again = client.get("/callback", params=answer)
        assert again.status_code == 403  # the browser has let go of what belonged to it
    (begun_,) = bodies(desk, "session")
    assert (begun_["person"], begun_["methods"], begun_["source"]) == ("user:ann", ["mfa"], issuer)
    with desk.core.view() as view:
        found = view.person("user:ann")
        assert found is not None and json.loads(found.roles) == ["role:auditor", "role:lead"]
    form = inside.text.partition('name="form" value="')[2].partition('"')[0]
    out = client.post("/sign-out", data={"form": form}, headers={"origin": US})
    assert out.status_code == 303 and client.get("/trail").headers["location"] == "/sign-in"
    assert [each["what"] for each in bodies(desk, "session")] == ["begun", "ended"]


def test_cookies_are_for_us_alone(desk: Desk) -> None:
    with with_hostile(desk) as (client, other):
        begun = client.get("/sign-in/provider")
        (flow,) = begun.headers.get_list("set-cookie")
        for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"):
            assert word in flow
        assert "Domain" not in flow
        came = signs_in(client, other, groups=["finance-leads"])
        (session,) = [
            each for each in came.headers.get_list("set-cookie") if each.startswith(SESSION)
        ]
        for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
            assert word in session
        assert came.headers["cache-control"] == "no-store"
        assert "script-src" not in came.headers["content-security-policy"]


def test_a_session_is_one_that_nobody_knew_before(desk: Desk) -> None:
    with with_hostile(desk) as (client, other):
        client.cookies.set(SESSION, "fixed-by-somebody-else")
        came = signs_in(client, other, groups=["finance-leads"])
        first = came.cookies[SESSION]
        assert first != "fixed-by-somebody-else"
        fixed = TestClient(
            client.app,
            base_url=US,
            cookies={SESSION: "fixed-by-somebody-else"},
            follow_redirects=False,
        )
        assert fixed.get("/trail").headers["location"] == "/sign-in"
        client.cookies.clear()
        client.cookies.set(SESSION, first)
        second = signs_in(client, other, groups=["finance-leads"]).cookies[SESSION]
        assert second != first
        old = TestClient(client.app, base_url=US, cookies={SESSION: first}, follow_redirects=False)
        assert (
            old.get("/trail").headers["location"] == "/sign-in"
        )  # rotated, and the old one is gone


def test_only_the_browser_that_began_comes_back(desk: Desk) -> None:
    with with_hostile(desk) as (client, other):
        begun = client.get("/sign-in/provider")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        answer = {"code": "c", "state": state}
        stranger = TestClient(client.app, base_url=US, follow_redirects=False)
        assert stranger.get("/callback", params=answer).status_code == 403
        stranger.get("/sign-in/provider")
        assert stranger.get("/callback", params=answer).status_code == 403
        sealed = client.cookies[FLOW]
        for forged in (
            "",
            "x",
            ".",
            "e30=.",
            f"{sealed}x",
            f"x{sealed}",
            sealed.replace(".", ".0"),
        ):
            for_ = TestClient(client.app, base_url=US, follow_redirects=False)
            assert (
                for_.get(
                    "/callback",
                    params=answer,
                    headers={"cookie": f"{FLOW}={forged}"},
                ).status_code
                == 403
            )
        assert "/token" not in other.asked
        assert bodies(desk, "session") == []


def test_a_sign_in_is_not_for_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with with_hostile(desk) as (client, _):
        begun = client.get("/sign-in/provider")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        real = time.time
        monkeypatch.setattr(signing.time, "time", lambda: real() + signing.LASTS_FLOW)
        assert client.get("/callback", params={"code": "c", "state": state}).status_code == 403


@pytest.mark.parametrize(
    "back",
    [
        *("//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/%2f/evil.example"),
        *("javascript:alert(1)", "/a?b=//c", "/a#b", "/..//evil.example", "/./x", "/ /evil", "/a\r\nb: c", "evil"),
        *("/callback", "/callback/x", "/a//b", "/\u2215evil.example", "/" + "a" * 300, '/"><script>', "/a;url=//x"),
    ],
)  # fmt: skip
def test_nobody_is_led_elsewhere(desk: Desk, back: str) -> None:
    assert path_of(back) == "/"
    with with_hostile(desk) as (client, other):
        begun = client.get("/sign-in/provider", params={"back": back})
        asked = parse_qs(urlsplit(begun.headers["location"]).query)
        other.flow = replace(other.flow, nonce=asked["nonce"][0])
        came = client.get("/callback", params={"code": "c", "state": asked["state"][0]})
        assert came.status_code == 200 and 'url=/"' in came.text and "evil" not in came.text


@pytest.mark.parametrize("back", ["/", "/trail", "/requests/q-12", "/tasks/t-abc", "/a.b/c_d"])
def test_and_somewhere_of_ours_they_are(back: str) -> None:
    assert path_of(back) == back


def test_what_a_provider_refuses_is_told_without_what_it_said(desk: Desk) -> None:
    with with_hostile(desk) as (client, _):
        for extra in (
            {"error": "access_denied", "error_description": "<script>hunter2"},
            {"code": "hunter2", "iss": "https://evil.example"},
            {"code": ["a", "b"]},
            {"code": "x" * 9000},
        ):
            begun = client.get("/sign-in/provider")
            state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
            came = client.get("/callback", params={"state": state, **extra})
            assert came.status_code == 403 and "hunter2" not in came.text
            assert FLOW not in client.cookies and SESSION not in client.cookies


def test_who_has_left_does_not_come_in(desk: Desk) -> None:
    desk.do(Know(caller=SYSTEM, key="gone", person="user:ann", roles=(), active=False))
    with with_hostile(desk) as (client, other):
        came = signs_in(client, other, groups=["finance-leads"])
        assert came.status_code == 403 and "This person has left." in came.text
        assert SESSION not in client.cookies


@pytest.mark.parametrize(
    "path", ["/", "/trail", "/calls", "/requests", "/requests?of=all", "/requests/q-1", "/policy"]
)
def test_who_leaves_sees_nothing_more(desk: Desk, path: str) -> None:
    with with_hostile(desk) as (client, other):
        signs_in(client, other, groups=["finance-leads"])
        assert client.get(path).status_code in (200, 404)
        desk.do(Know(caller=SYSTEM, key="gone", person="user:ann", roles=(), active=False))
        assert client.get(path).headers.get("location") == "/sign-in"


def test_who_loses_the_role_by_which_they_saw_all_sees_it_no_more(desk: Desk) -> None:
    with with_hostile(desk) as (client, other):
        signs_in(client, other, groups=["finance-leads"])
        assert client.get("/trail").status_code == 200
        person = bodies(desk, "session")[0]["person"]
        desk.do(Know(caller=SYSTEM, key="less", person=person, roles=("role:lead",)))
        assert client.get("/trail").headers["location"] == "/sign-in"
        assert client.get("/requests").headers["location"].startswith("/sign-in")


def test_whoever_comes_after_somebody_ends_what_they_have_shown(desk: Desk) -> None:
    with with_hostile(desk) as (client, other):
        signs_in(client, other, groups=["finance-leads"])
        signs_in(client, other, groups=["finance-leads"])
        told = [(each["what"], each["session"]) for each in bodies(desk, "session")]
        (_, first), (_, second), last = told
        assert last == ("ended", first) and first != second


def test_who_may_not_read_does_not(desk: Desk) -> None:
    with with_hostile(desk) as (client, other):
        assert signs_in(client, other, groups=["all"]).status_code == 200
        for path in ("/", "/trail", "/calls", "/policy"):
            assert client.get(path).status_code in (303, 403)


def test_a_provider_that_is_away_is_no_way_in(desk: Desk) -> None:
    client = page(desk, people("http://127.0.0.1:1"))
    answer = client.get("/sign-in/provider")
    assert answer.status_code == 503 and FLOW not in client.cookies


def test_without_a_provider_there_is_none(desk: Desk) -> None:
    entry = CallerEntry(name="auditor", roles=("read",), key_sha256=hashed("agpk_x"))
    parts = ProcessParts(
        callers=Callers.of([entry], Path()), more=[page_routes(desk.core, is_secure=True)]
    )
    client = TestClient(
        Service(desk.core, Settings(), parts).app, base_url=US, follow_redirects=False
    )
    for path in ("/sign-in/provider", "/callback?code=x&state=y"):
        assert client.get(path).headers["location"] == "/sign-in"
