"""Leases on the page of their task, and who ends one there by a click."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from agpc.service.config.callers import CallerEntry, PersonEntry
from agpc.service.config.models import Settings
from agpc.service.core import SYSTEM, Attend, Issue, Know
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.endpoints.leases import lease_routes
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.page.routes import page_routes
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import Tokens

from ..core.desk import DESK, Desk, opened, policy
from ..core.lending import POLICY
from .asked import form_of, signed_in

REVOKERS = frozenset({"role:incident-lead"})
PEOPLE = {"user:ann": ("role:incident-lead",), "user:bob": ("role:clerk",)}
CALLERS = {"auditor": ["read"], "ops": ["read", "admin"]}
EVIL = "<b>so</b>\u202e\u200b"


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with opened(sqlite_url, policy(POLICY), revokers=REVOKERS) as desk:
        for person, roles in PEOPLE.items():
            desk.do(Know(caller=SYSTEM, key=desk.key(), person=person, roles=roles))
        yield desk


def client(desk: Desk, who: str | None, key: str | None = None) -> TestClient:
    people = [
        PersonEntry(id=id, roles=roles, read=True, key_sha256=hashed(f"agpk_{id}"))
        for id, roles in PEOPLE.items()
    ]
    callers = [
        CallerEntry(name=name, roles=tuple(roles), key_sha256=hashed(f"agpk_{name}"))
        for name, roles in CALLERS.items()
    ]
    tokens = Tokens(TokenKeys(bytes(32), 86_400, lambda: 0.0), "https://agpc.example")
    parts = ProcessParts(
        callers=Callers.of(callers, Path(), people=people),
        more=[
            page_routes(desk.core, is_secure=True, revokers=REVOKERS),
            lease_routes(desk.core, tokens),
        ],
    )
    app = Service(desk.core, Settings(), parts).app
    found = TestClient(app, base_url="https://agpc.example", follow_redirects=False)
    if who is not None:
        assert signed_in(found, f"agpk_{who}").status_code == 303
    return found


def lent(desk: Desk) -> tuple[str, str]:
    task = desk.start()["task"]["id"]
    operation = Issue(
        caller=DESK, key=desk.key(), task=task, capabilities=("desk.shop.browse",),
        context={"confidence": 0.9},
    )  # fmt: skip
    return task, str(desk.do(operation)["lease"])


def fields(text: str, lease: str) -> dict[str, str]:
    part = text[text.index(f'action="/leases/{lease}"') :]
    return {name: re.search(f'name="{name}" value="([^"]*)"', part)[1] for name in ("form", "key")}  # type: ignore[index]


def state(desk: Desk, lease: str) -> tuple[str, str | None]:
    with desk.core.view() as view:
        found = view.lease(lease)
        assert found is not None
        return found.state, view.why_ended(found)


@pytest.mark.parametrize("who", ["user:ann", "ops"])
def test_who_may_ends_one_and_the_page_says_why(desk: Desk, who: str) -> None:
    (task, lease), pages = lent(desk), client(desk, who)
    text = pages.get(f"/tasks/{task}").text
    assert f"End lease {lease}" in text and "desk.shop.browse" in text
    answer = pages.post(f"/leases/{lease}", data={**fields(text, lease), "why": EVIL})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/tasks/{task}")
    assert state(desk, lease) == ("revoked", EVIL)
    after = pages.get(f"/tasks/{task}").text
    assert "End lease" not in after and "somebody asked for it" in after
    assert (
        "&lt;b&gt;so" in after
        and "U+202E" in after
        and "\u202e" not in after
        and "<b>" not in after
    )
    again = pages.post(f"/leases/{lease}", data={**fields(text, lease), "why": EVIL})
    assert again.status_code == 303  # the same click


@pytest.mark.parametrize("who", ["user:bob", "auditor"])
def test_who_may_not_sees_no_button_and_ends_nothing(desk: Desk, who: str) -> None:
    (task, lease), pages = lent(desk), client(desk, who)
    text = pages.get(f"/tasks/{task}").text
    assert lease in text and "End lease" not in text
    form = {"form": form_of(text), "key": "k"}
    assert pages.post(f"/leases/{lease}", data=form).status_code in (403, 404)
    assert state(desk, lease) == ("active", None)


@pytest.mark.parametrize("change", [{"form": ""}, {"form": "0" * 64}, {"key": ""}])
def test_a_form_of_somebody_else_ends_nothing(desk: Desk, change: dict[str, str]) -> None:
    (task, lease), pages = lent(desk), client(desk, "user:ann")
    form = {**fields(pages.get(f"/tasks/{task}").text, lease), **change}
    assert pages.post(f"/leases/{lease}", data=form).status_code in (400, 403)
    good = fields(pages.get(f"/tasks/{task}").text, lease)
    elsewhere = pages.post(
        f"/leases/{lease}", data=good, headers={"origin": "https://evil.example"}
    )
    assert elsewhere.status_code == 403
    stranger = client(desk, None).post(f"/leases/{lease}", data=good)
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/sign-in")
    assert state(desk, lease) == ("active", None)


def test_a_role_that_was_lost_between_look_and_click_ends_nothing(desk: Desk) -> None:
    (task, lease), pages = lent(desk), client(desk, "user:ann")
    form = fields(pages.get(f"/tasks/{task}").text, lease)
    desk.do(Know(caller=SYSTEM, key="less", person="user:ann", roles=("role:clerk",)))
    assert pages.post(f"/leases/{lease}", data=form).status_code == 404
    desk.do(Attend(caller=SYSTEM, key="gone", person="user:ann", state="left", why="x"))
    assert pages.post(f"/leases/{lease}", data=form).status_code in (303, 403, 404)
    assert state(desk, lease) == ("active", None)


def test_a_person_ends_one_with_their_key_and_it_is_shown_why(desk: Desk) -> None:
    (_, lease), pages = lent(desk), client(desk, None)

    def revoke(who: str, key: str) -> Any:
        headers = {"authorization": f"Bearer agpk_{who}"}
        return pages.post(f"/v1/leases/{lease}/revoke", json={"key": key, "why": "Enough."}, headers=headers)  # fmt: skip

    assert revoke("user:bob", "k").status_code == 404
    first = revoke("user:ann", "k").json()
    assert first["state"] == "revoked" and "had_ended" not in first
    assert revoke("user:ann", "k").json() == first
    assert revoke("user:ann", "k2").json()["had_ended"] is True
    shown = pages.get(f"/v1/leases/{lease}", headers={"authorization": "Bearer agpk_auditor"})
    assert shown.json()["lease"]["why"] == "Enough."
