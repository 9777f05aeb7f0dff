"""GitHub: tokens that a stand-in gives, which is written from the published API and is not GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from agpc.service.brokers.github import GitHub, make

from .app import App, github
from .lending import Shop, shop

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def grant(capability: str, *repositories: str, **permissions: str) -> dict[str, Any]:
    return {
        "capability": f"shop.{capability}",
        "repositories": list(repositories),
        "permissions": permissions,
    }


@pytest.fixture
def app() -> Iterator[App]:
    with github(KEY.public_key()) as found:
        yield found


@pytest.fixture
def given(app: App) -> dict[str, Any]:
    return {
        "app": app.id,
        "installation": app.installation,
        "key": {"file": "app.pem"},
        "endpoint": app.url,
        "private": True,
        "grants": [
            grant("forge.pull", "parts", contents="read"),
            grant("forge.push", "parts", contents="write", issues="read"),
            grant("forge.other", "shop", contents="read"),
            grant("parts.put", "parts", contents="read"),
            grant("parts.list", "missing", contents="read"),
        ],
    }


@pytest.fixture
def clerk(tmp_path: Path, given: dict[str, Any]) -> Iterator[Shop]:
    (tmp_path / "app.pem").write_bytes(pem(KEY))
    with shop(tmp_path, {"github": make(given, tmp_path)}) as found:
        yield found


def ask(clerk: Shop, *names: str) -> Any:
    return clerk.credential(clerk.lease(*names)["lease"], "github")


def test_a_lease_becomes_a_token_for_what_it_stands_for(clerk: Shop, app: App) -> None:
    found = ask(clerk, "forge.pull", "parts.fetch").json()
    told = app.tokens[found["credential"]["token"]]
    assert [each["name"] for each in told["repositories"]] == ["parts"]
    assert told["permissions"] == {"contents": "read", "metadata": "read"}
    assert found["expires_at"] == told["expires_at"]
    (event,) = map(json.loads, clerk.events("credential"))
    assert event["asked"]["repositories"] == ["parts"]
    assert found["credential"]["token"] not in json.dumps(event)


def test_permissions_are_joined_where_the_repositories_are_the_same(clerk: Shop, app: App) -> None:
    found = ask(clerk, "forge.pull", "forge.push").json()
    permissions = app.tokens[found["credential"]["token"]]["permissions"]
    assert permissions == {"contents": "write", "issues": "read", "metadata": "read"}


def test_no_token_has_permissions_where_another_capability_is(clerk: Shop, app: App) -> None:
    answer = ask(clerk, "forge.other", "forge.push")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_brokered")
    assert "get a lease for each" in answer.text and app.tokens == {}


@pytest.mark.parametrize("name", ["parts.put", "parts.fetch"])
def test_a_lease_of_less_than_an_hour_or_of_nothing_there_gets_none(
    clerk: Shop, app: App, name: str
) -> None:
    answer = ask(clerk, name)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_brokered")
    assert app.tokens == {} and clerk.events("credential") == []


def test_what_the_app_does_not_have_is_refused_by_the_platform(clerk: Shop, app: App) -> None:
    answer = ask(clerk, "parts.list")
    assert (answer.status_code, answer.json()["code"]) == (424, "platform_failed")
    assert "not granted" not in answer.text  # its words may hold anything


@pytest.mark.parametrize(
    "change",
    [
        {"permissions": {"contents": "write"}},
        {"permissions": {"contents": "read", "administration": "write"}},
        {"permissions": {"contents": "everything"}},
        {"permissions": None},
        {"repository_selection": "all"},
        {"repositories": [{"name": "secret"}]},
        {"repositories": None},
        {"expires_at": "2100-01-01T00:00:00Z"},
    ],
    ids=repr,
)
def test_a_token_for_more_is_ended_and_given_to_nobody(
    clerk: Shop, app: App, change: dict[str, Any]
) -> None:
    app.change = change
    answer = ask(clerk, "forge.pull")
    assert answer.status_code == 424 and "ghs_" not in answer.text
    assert app.tokens == {} and len(app.ended) == 1


@pytest.mark.parametrize("change", [{"token": None}, {"token": "a b"}, {"expires_at": "soon"}])
def test_what_is_no_token_is_none(clerk: Shop, app: App, change: dict[str, Any]) -> None:
    app.change = change
    assert ask(clerk, "forge.pull").json()["code"] == "platform_failed"


def test_the_token_of_a_lease_that_ends_meanwhile_is_ended(
    clerk: Shop, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = clerk.lease("forge.pull")["lease"]
    obtain = GitHub.obtain

    def slowly(self: GitHub, prepared: Any) -> Any:
        found = obtain(self, prepared)
        assert clerk.post(f"/v1/leases/{lease}/revoke").status_code == 200
        return found

    monkeypatch.setattr(GitHub, "obtain", slowly)
    assert clerk.credential(lease, "github").json()["code"] == "has_ended"
    assert app.tokens == {} and len(app.ended) == 1


@pytest.mark.parametrize("content", [pem(OTHER), b"canary", b""], ids=["other", "none", "empty"])
def test_another_key_opens_nothing(clerk: Shop, app: App, content: bytes) -> None:
    (clerk.root / "app.pem").write_bytes(content)
    answer = ask(clerk, "forge.pull")
    assert answer.status_code == 424 and "canary" not in answer.text and app.tokens == {}


@pytest.mark.parametrize(
    "change",
    [
        {"grants": []},
        {"grants": [grant("forge.pull", "parts", contents="read")] * 2},
        {"grants": [grant("forge.pull", contents="read")]},
        {"grants": [grant("forge.pull", "parts")]},
        {"grants": [grant("forge.pull", "acme/parts", contents="read")]},
        {"endpoint": "http://api.github.com", "private": False},
        {"installation": 0},
    ],
    ids=repr,
)
def test_settings_that_are_none_are_refused(
    tmp_path: Path, given: dict[str, Any], change: dict[str, Any]
) -> None:
    with pytest.raises(ValueError):
        make({**given, **change}, tmp_path)
