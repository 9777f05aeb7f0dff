"""Workloads as callers: what each may do is said of its SPIFFE ID, and an agent that acts for itself asks nothing that is not recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from agpc.service.authzen.point import DecisionPoint
from agpc.service.config.models import Loaded, Settings
from agpc.service.config.read import ConfigError, read_settings
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.endpoints.authzen import routes
from agpc.service.serving.trust import bundles_of, callers_of

from ..core.desk import HELPER, OTHER, Desk, call, opened, policy, start
from .issuer import US, Issuer, new_key

GATEWAY = "spiffe://acme.example/ns/gateways/sa/one"
TOML = """
public_url = "https://agp.acme.example"

[[trust_domains]]
name = "acme.example"
bundle = "acme.json"

[[workloads]]
spiffe = "spiffe://acme.example/ns/gateways/sa/*"
roles = ["decide", "outcome", "start"]
agents = ["spiffe://acme.example/**"]

[[workloads]]
spiffe = "spiffe://acme.example/ns/desk/sa/helper"
roles = ["decide", "outcome"]
itself = true
"""


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(f"sqlite:///{tmp_path / 'agpc.db'}", policy()) as found:
        yield found


def loaded(folder: Path, text: str = TOML) -> Loaded:
    file = folder / "service.toml"
    file.write_text(text, encoding="utf-8")
    return read_settings(file, {})


@pytest.fixture
def client(tmp_path: Path, desk: Desk, issuer: Issuer) -> TestClient:
    (tmp_path / "acme.json").write_bytes(issuer.jwks())
    settings = loaded(tmp_path)
    bundles = bundles_of(settings)
    bundles.refresh(all=True)
    point = DecisionPoint(desk.core, key=bytes(32), most=10)
    parts = ProcessParts(callers_of(settings, bundles), more=[routes(point, US)])
    return TestClient(Service(desk.core, settings.settings, parts).app, base_url=US)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def ask(client: TestClient, path: str, body: Any, token: str) -> Any:
    return client.post(path, json=body, headers=bearer(token))


def test_a_gateway_and_an_agent_prove_who_they_are(
    client: TestClient, desk: Desk, issuer: Issuer
) -> None:
    gateway, helper = issuer.token(sub=GATEWAY), issuer.token(sub=HELPER)
    started = ask(client, "/v1/tasks", {"key": "s", **start()}, gateway)
    task = started.json()["task"]["id"]
    asked = {"key": "k", **call(task, "shop", "lookup", order="o-7")}
    permitted = ask(client, "/v1/calls", asked, helper)
    assert permitted.json()["decision"] is True
    id = permitted.json()["call"]
    told = {"key": "o", "outcome": "failed"}
    assert ask(client, f"/v1/calls/{id}/outcome", told, gateway).status_code == 404
    assert ask(client, f"/v1/calls/{id}/outcome", told, helper).status_code == 200
    with desk.core.view() as view:
        bodies = [json.loads(bytes(each.body or b"{}")) for each in view.events(1, view.head.seq)]
    assert [(each["event"], each["caller"]) for each in bodies] == [
        *(("call", GATEWAY), ("task", GATEWAY), ("call", HELPER), ("outcome", HELPER)),
    ]  # fmt: skip


def test_an_agent_speaks_for_itself_alone_and_starts_nothing(
    client: TestClient, issuer: Issuer
) -> None:
    helper = issuer.token(sub=HELPER)
    other = call("t-1", "shop", "lookup", order="o-7")
    other["subject"]["id"] = OTHER
    assert ask(client, "/v1/calls", {"key": "k", **other}, helper).status_code == 403
    assert ask(client, "/v1/tasks", {"key": "s", **start()}, helper).status_code == 403


@pytest.mark.parametrize(
    "path", ["evaluation", "evaluations", "search/subject", "search/resource", "search/action"]
)
def test_an_agent_cannot_try_what_nobody_records(
    client: TestClient, issuer: Issuer, path: str
) -> None:
    asked = call("t-1", "shop", "lookup", order="o-7")
    answer = ask(client, f"/access/v1/{path}", asked, issuer.token(sub=HELPER))
    assert (answer.status_code, answer.json()["code"]) == (403, "own_identity")
    assert ask(client, f"/access/v1/{path}", asked, issuer.token(sub=GATEWAY)).status_code == 200


def test_patterns_of_agents_do_not_mean_the_caller_itself(
    client: TestClient, issuer: Issuer
) -> None:
    asked = call("t-1", "shop", "lookup", order="o-7")
    asked["subject"]["id"] = GATEWAY
    gateway = issuer.token(sub=GATEWAY)
    assert ask(client, "/v1/calls", {"key": "k", **asked}, gateway).status_code == 403
    answer = ask(client, "/access/v1/evaluation", asked, gateway).json()
    assert answer["decision"] is False and "does not speak" in json.dumps(answer)


@pytest.mark.parametrize(
    "claims",
    [{"sub": OTHER}, {"aud": "them"}, {"exp": 1}, {"sub": "spiffe://other.example/a"}],
    ids=str,
)
def test_who_is_not_let_in_is_told_nothing_of_the_token(
    client: TestClient, issuer: Issuer, claims: dict[str, Any]
) -> None:
    answer = ask(client, "/v1/calls", {}, issuer.token(**claims, secret="hunter2"))
    assert answer.status_code == 401 and answer.json()["code"] in (
        "refused_token",
        "unknown_workload",
    )
    assert "hunter2" not in answer.text and "spiffe" not in answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_nobody_else_may_call(client: TestClient, issuer: Issuer) -> None:
    forged = issuer.token(sub=GATEWAY, key=new_key())
    for headers in (
        {},
        bearer("agpk_x"),
        bearer(forged),
        bearer("a.b.c"),
        {"authorization": f"Basic {issuer.token()}"},
    ):
        assert client.post("/v1/calls", json={}, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('name = "acme.example"', 'name = "spiffe://acme.example"', "in lower case"),
        ('name = "acme.example"', 'name = "other.example"', "none of `trust_domains`"),
        ('bundle = "acme.json"', "", "`bundle`, `bundle_url` and `workload_api`"),
        ('bundle = "acme.json"', 'bundle = "a"\nprivate = true', "for a `bundle_url`"),
        ('bundle = "acme.json"', 'bundle_url = "ftp://x"', "https://"),
        ('bundle = "acme.json"', 'bundle = "a"\nkeep = "10s"', "less than `refresh`"),
        ('agents = ["spiffe://acme.example/**"]', "", "says for which"),
        ('roles = ["decide", "outcome"]', 'roles = ["decide", "read"]', "and no more"),
        ('roles = ["decide", "outcome"]', 'roles = ["approve"]', "'decide'"),
        ('public_url = "https://agp.acme.example"', "", "svid.audience"),
        ("[[workloads]]", '[[trust_domains]]\nname = "acme.example"\nbundle = "b"\n[[workloads]]', "twice"),
        ("public_url", '[svid]\nleeway = "10m"\n[x]\npublic_url', "less than or equal"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant(tmp_path: Path, before: str, after: str, why: str) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, TOML.replace(before, after, 1))
    assert why in str(refused.value)


def test_workloads_are_callers() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Settings(listen="0.0.0.0:1")
