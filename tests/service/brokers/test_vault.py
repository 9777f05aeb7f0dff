"""Vault: tokens that a real server of it gives to leases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agpc.runtime.values import NANOSECONDS, read_time
from agpc.service.brokers.broker import Credential, NotBrokered, PlatformFailed, Wanted
from agpc.service.brokers.vault import Vault, make

from .lending import Shop, shop
from .vaults import Server, vault, why_not

GIVEN: dict[str, Any] = {
    "address": "https://vault.example.org",
    "token": {"file": "vault.token"},
    "grants": [
        {"capability": "shop.parts.fetch", "policies": ["parts-read"]},
        {"capability": "shop.parts.put", "policies": ["shop-write"]},
        {"capability": "shop.forge.pull", "policies": ["parts-read", "shop-write"]},
    ],
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if reason := why_not():
        pytest.skip(reason)
    with vault() as found:
        yield found


@pytest.fixture
def given(server: Server, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "vault.token").write_text(f"{server.token}\n")
    return {**GIVEN, "address": server.url, "private": True}


@pytest.fixture
def clerk(tmp_path: Path, given: dict[str, Any]) -> Iterator[Shop]:
    brokers = {
        "vault": make(given, tmp_path),
        "agents": make({**given, "role": "agents"}, tmp_path),
        "wide": make({**given, "role": "wide"}, tmp_path),
    }
    with shop(tmp_path, brokers) as found:
        yield found


def ask(clerk: Shop, *names: str, broker: str = "vault") -> Any:
    return clerk.credential(clerk.lease(*names)["lease"], broker)


@pytest.mark.parametrize("broker", ["vault", "agents"])
def test_a_lease_becomes_a_token_for_what_it_stands_for(
    clerk: Shop, server: Server, broker: str
) -> None:
    lease = clerk.lease("parts.fetch")
    found = clerk.credential(lease["lease"], broker).json()
    token = found["credential"]["token"]
    assert server.ask("GET", "secret/parts", token)[1]["data"] == {"of": "parts"}
    assert server.ask("GET", "secret/shop", token)[0] == 403
    assert server.ask("POST", "secret/parts", token, of="me")[0] == 403
    assert server.ask("POST", "auth/token/create", token, policies=["parts-read"])[0] == 403
    assert server.ask("POST", "auth/token/renew-self", token)[0] == 403
    told = server.told(found["credential"]["accessor"])
    assert told is not None
    assert (told["policies"], told["orphan"], told["meta"]["lease"]) == (
        ["parts-read"], True, lease["lease"],
    )  # fmt: skip
    (event,) = map(json.loads, clerk.events("credential"))
    assert event["asked"]["policies"] == ["parts-read"]
    assert token not in json.dumps(event)


def test_policies_are_joined(clerk: Shop, server: Server) -> None:
    found = ask(clerk, "parts.fetch", "forge.pull").json()
    told = server.told(found["credential"]["accessor"])
    assert told is not None and told["policies"] == ["parts-read", "shop-write"]


@pytest.mark.parametrize(("name", "most"), [("parts.put", 300), ("parts.fetch", 3_600)])
def test_it_ends_no_later_than_the_lease_and_the_settings_say(
    clerk: Shop, server: Server, name: str, most: int
) -> None:
    lease = clerk.lease(name)
    found = clerk.credential(lease["lease"], "vault").json()
    told = server.told(found["credential"]["accessor"])
    assert told is not None
    assert 0 < told["creation_ttl"] == told["explicit_max_ttl"] < most
    ends = told["creation_time"] + told["creation_ttl"]
    said = read_time(found["expires_at"])
    assert said is not None and ends <= said / NANOSECONDS
    assert found["expires_at"] <= lease["expires_at"]


@pytest.mark.parametrize("name", ["parts.list", "forge.other"])
def test_what_is_not_there_gets_nothing(clerk: Shop, name: str) -> None:
    answer = ask(clerk, name)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_brokered")
    assert clerk.events("credential") == []


@pytest.mark.parametrize(
    "change",
    [
        {"policies": ["parts-read", "shop-write"]},
        {"no_default_policy": False},
        {"ttl": "2h", "explicit_max_ttl": "2h"},
        {"renewable": True},
    ],
    ids=lambda change: " ".join(change),
)
def test_a_token_for_more_is_revoked_and_given_to_nobody(
    clerk: Shop, server: Server, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    """Whoever made Vault give more, a role or what lies between: here what is asked is changed on its way."""
    real = Vault._ask

    def changed(self: Vault, path: str, told: Any) -> Any:
        return real(self, path, {**told, **change} if "policies" in told else told)

    monkeypatch.setattr(Vault, "_ask", changed)
    before = server.accessors()
    answer = ask(clerk, "parts.fetch")
    assert (answer.status_code, answer.json()["code"]) == (424, "platform_failed")
    assert "more, or for longer" in answer.text and server.accessors() == before


def test_a_role_does_not_widen_what_is_asked(clerk: Shop, server: Server) -> None:
    told = server.told(ask(clerk, "parts.fetch", broker="wide").json()["credential"]["accessor"])
    assert told is not None and (told["policies"], told["renewable"]) == (["parts-read"], False)


def test_a_role_that_refuses_a_policy_is_told_without_its_words(clerk: Shop) -> None:
    answer = ask(clerk, "parts.put", broker="agents")
    assert (answer.status_code, answer.json()["code"]) == (424, "platform_failed")
    assert "status 400" in answer.text and "shop-write" not in answer.text


@pytest.mark.parametrize("content", ["hvs.other", "", "a\r\nx: y"])
def test_another_token_opens_nothing(clerk: Shop, tmp_path: Path, content: str) -> None:
    (tmp_path / "vault.token").write_text(content)
    answer = ask(clerk, "parts.fetch")
    assert (answer.status_code, answer.json()["code"]) == (424, "platform_failed")


def test_the_token_of_a_lease_that_ends_meanwhile_is_revoked(
    clerk: Shop, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, before = clerk.lease("parts.fetch")["lease"], server.accessors()
    made = Vault.obtain

    def obtain(self: Vault, prepared: Any) -> Credential:
        found = made(self, prepared)
        assert clerk.post(f"/v1/leases/{lease}/revoke").status_code == 200
        assert len(server.accessors() - before) == 1
        return found

    monkeypatch.setattr(Vault, "obtain", obtain)
    answer = clerk.credential(lease, "vault")
    assert (answer.status_code, answer.json()["code"]) == (409, "has_ended")
    assert server.accessors() == before


def test_one_that_came_too_late_is_revoked(
    clerk: Shop, server: Server, given: dict[str, Any], tmp_path: Path
) -> None:
    """Vault counts from when it makes the token, which may be a while after it was asked for."""
    now = [100.0]
    broker = make(given, tmp_path)
    broker._watch = lambda: now[0]
    prepared = broker.prepare(wanted(clerk, 60))
    real, before = broker._ask, server.accessors()

    def slow(path: str, told: Any) -> Any:
        found = real(path, told)
        now[0] += 3
        return found

    broker._ask = slow  # type: ignore[method-assign]
    with pytest.raises(PlatformFailed, match="for longer"):
        broker.obtain(prepared)
    assert server.accessors() == before
    now[0] += 60
    with pytest.raises(PlatformFailed, match="the lease ended"):
        broker.obtain(prepared)


def wanted(clerk: Shop, seconds: int) -> Wanted:
    return Wanted(
        lease="l-1", task="t-1", intent="shop.restock", agent="spiffe://acme.example/a",
        capabilities=("shop.parts.fetch",), until=seconds * NANOSECONDS, now=0,
        policy=clerk.core.generation,
    )  # fmt: skip


def test_a_lease_that_is_all_but_over_gets_none(clerk: Shop, given: Any, tmp_path: Path) -> None:
    with pytest.raises(NotBrokered, match="ends within"):
        make(given, tmp_path).prepare(wanted(clerk, 2))


@pytest.mark.parametrize(
    "change",
    [
        {"grants": []},
        {"grants": [{"capability": "a.b.c", "policies": ["root"]}]},
        {"grants": [{"capability": "a.b.c", "policies": ["p", "Default"]}]},
        {"grants": [{"capability": "a.b.c", "policies": []}]},
        {"grants": GIVEN["grants"][:1] * 2},
        {"address": "http://vault.example.org"},
        {"address": "https://a@b/"},
        {"address": "https://vault.example.org/?x"},
        {"token": "hvs.here"},
        {"role": "a/b"},
        {"namespace": "a\r\nb"},
        {"longest": "5s"},
        {"more": 1},
    ],
)
def test_settings_that_are_none_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    make(GIVEN, tmp_path)
    with pytest.raises(ValueError):
        make({**GIVEN, **change}, tmp_path)
