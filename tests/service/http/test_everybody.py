"""Each route and each kind of caller: keys, workloads, agents that act for themselves, people, and who shows nothing good.

What is expected is made of the table of routes, which `test_roles` holds against a second one.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from agpc.service.authzen.point import DecisionPoint
from agpc.service.config.models import Loaded, Settings
from agpc.service.core.operations.callers import ROLES
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.contract.routes import Route
from agpc.service.http.endpoints.authzen import routes
from agpc.service.http.endpoints.credentials import credential_routes
from agpc.service.http.endpoints.hearing import hearing_routes
from agpc.service.http.endpoints.leases import lease_routes
from agpc.service.http.endpoints.signals import signal_routes
from agpc.service.http.gate.callers import hashed
from agpc.service.identity.bundles import Bundles
from agpc.service.page.routes import page_routes
from agpc.service.serving.trust import bundles_of, callers_of
from agpc.service.signals.reading import Transmitters
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import Tokens

from ..identity.issuer import US, Issuer, new_key, unsigned
from .served import Remembering, callers

PROGRAMS = tuple(each for each in ROLES if each != "approve")
HOSTS = ["spiffe://acme.example/ns/hosted/sa/*"]
NEED_AGENTS = {"decide", "start", "lease", "confirm"}
OF_AGENTS = ("decide", "outcome", "lease")
ISSUER, STRANGER = Issuer(), Issuer({"k1": new_key()})
ROLES_OF: dict[str, frozenset[str]] = {
    **{f"key {each}": frozenset([each]) for each in PROGRAMS},
    **{f"workload {each}": frozenset([each]) for each in PROGRAMS},
    **{f"agent {each}": frozenset([each]) for each in OF_AGENTS},
    "person": frozenset(["approve"]),
    "person who reads": frozenset(["approve", "read"]),
}
"""What each that is known may do."""
REFUSED = {
    "unknown key": "Bearer agpk_other",
    "hash of a key": f"Bearer {hashed('agpk_key-of-admin')}",
    "basic": "Basic eDphZ3BrX2tleS1vZi1hZG1pbg==",
    "workload that is none": f"Bearer {ISSUER.token(sub='spiffe://acme.example/ns/no/sa/body')}",
    "workload of another domain": f"Bearer {ISSUER.token(sub='spiffe://evil.example/ns/w/sa/admin')}",
    "signed by a stranger": f"Bearer {STRANGER.token(sub='spiffe://acme.example/ns/w/sa/admin')}",
    "not signed": "Bearer "
    + unsigned(
        {"alg": "none", "kid": "k1"},
        {"sub": "spiffe://acme.example/ns/w/sa/admin", "aud": [US], "exp": 2**33},
    ),
    "for somebody else": f"Bearer {ISSUER.token(sub='spiffe://acme.example/ns/w/sa/admin', aud='them')}",
    "of yesterday": f"Bearer {ISSUER.token(sub='spiffe://acme.example/ns/w/sa/admin', exp=int(time.time()) - 86_400)}",
}
"""What opens nothing, nor a route that is open to all."""


def settings() -> dict[str, Any]:
    def workload(kind: str, role: str, **more: Any) -> dict[str, Any]:
        return {"spiffe": f"spiffe://acme.example/ns/{kind}/sa/{role}", "roles": [role], **more}

    return {
        "public_url": US,
        "trust_domains": [{"name": "acme.example", "bundle": "acme.json"}],
        "callers": callers(),
        "people": [
            {"id": "user:ann", "roles": ["role:lead"], "key_sha256": hashed("agpk_ann")},
            {"id": "user:bob", "roles": ["role:lead"], "key_sha256": hashed("agpk_bob"), "read": True},
        ],
        "workloads": [
            *(workload("w", each, agents=HOSTS if each in NEED_AGENTS else []) for each in PROGRAMS),
            *(workload("itself", each, itself=True) for each in OF_AGENTS),
        ],
        "limits": {"rate": 1_000_000, "burst": 1_000_000},
    }  # fmt: skip


def authorization(who: str) -> str:
    kind, _, role = who.partition(" ")
    if kind == "key":
        return f"Bearer agpk_key-of-{role}"
    if kind == "person":
        return f"Bearer agpk_{'bob' if role else 'ann'}"
    folder = "itself" if kind == "agent" else "w"
    return f"Bearer {ISSUER.token(sub=f'spiffe://acme.example/ns/{folder}/sa/{role}')}"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    folder = tmp_path_factory.mktemp("everybody")
    (folder / "acme.json").write_bytes(ISSUER.jwks())
    loaded = Loaded(settings=Settings.model_validate(settings()), root=folder)
    bundles = bundles_of(loaded)
    bundles.refresh(all=True)
    core = Remembering()
    tokens = Tokens(TokenKeys(bytes(32), 86_400, time.time), US)
    more = (
        routes(DecisionPoint(core, key=bytes(32), most=10), US),  # type: ignore[arg-type]
        page_routes(core, is_secure=True),
        lease_routes(core, tokens),
        signal_routes(core, tokens),
        hearing_routes(core, Transmitters((), Bundles(()))),  # type: ignore[arg-type]
        credential_routes(core, {}, US),
    )
    return Service(core, loaded.settings, ProcessParts(callers_of(loaded, bundles), more=more))


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(service.app, base_url=US, follow_redirects=False) as found:
        yield found


def asked(client: TestClient, route: Route, authorization: str | None) -> Any:
    path = re.sub(r"\{[\w:]+\}", "x-1", route.path)
    headers = {} if authorization is None else {"authorization": authorization}
    return client.request(route.method, path, headers=headers)


def of_api(service: Service) -> Iterator[Route]:
    return (each for each in service.routes if not each.hidden)


def place(route: Route, who: str) -> str:
    return f"{route.method} {route.path} by {who}"


def test_whoever_is_known_may_do_what_their_role_says(service: Service, client: TestClient) -> None:
    seen: set[tuple[str, bool]] = set()
    for route, who in itertools.product(of_api(service), ROLES_OF):
        answer = asked(client, route, authorization(who))
        code = answer.json().get("code") if answer.status_code in (401, 403) else None
        if route.needs is None:
            assert answer.status_code == 200, place(route, who)
        elif not route.needs & ROLES_OF[who]:
            assert answer.status_code == 403, place(route, who)
            assert code in ("wrong_role", "not_a_person"), place(route, who)
        elif who.startswith("agent") and not route.for_agents:
            assert (answer.status_code, code) == (403, "own_identity"), place(route, who)
        else:
            assert code not in ("no_key", "unknown_key", "wrong_role", "own_identity"), place(
                route, who
            )
        seen.add((who, bool(route.needs and route.needs & ROLES_OF[who])))
    assert seen == set(itertools.product(ROLES_OF, (True, False)))  # each opens some, and not all


def test_who_shows_nothing_is_let_in_where_all_are(service: Service, client: TestClient) -> None:
    for route in of_api(service):
        answer = asked(client, route, None)
        assert answer.status_code == (200 if route.needs is None else 401), place(route, "nobody")


@pytest.mark.parametrize("shown", REFUSED)
def test_what_is_no_proof_opens_nothing(service: Service, client: TestClient, shown: str) -> None:
    for route in of_api(service):
        answer = asked(client, route, REFUSED[shown])
        assert answer.status_code == 401, place(route, shown)
        assert REFUSED[shown].partition(" ")[2] not in answer.text


@pytest.mark.parametrize("who", [*ROLES_OF, *REFUSED])
def test_no_page_is_shown_to_who_has_not_signed_in(
    service: Service, client: TestClient, who: str
) -> None:
    """A page has sessions: what a program shows makes none, and a key that is sent along shows none of them."""
    shown = REFUSED[who] if who in REFUSED else authorization(who)
    for route in service.routes:
        if route.hidden and route.path not in ("/sign-in", "/page.css"):
            answer = asked(client, route, shown)
            if who in REFUSED:
                assert answer.status_code == 401, place(route, who)
            else:
                assert answer.status_code in (303, 403), place(route, who)
                assert not answer.cookies or route.path in ("/sign-in/provider", "/callback")


def test_no_agent_reaches_what_nobody_records(service: Service) -> None:
    """Of those routes that an agent's roles open, these are closed to an agent that acts for itself."""
    closed = {(each.method, each.path) for each in service.routes if not each.for_agents}
    assert closed == {("GET", "/v1/tasks/{id}/possible")} | {
        ("POST", f"/access/v1/{each}")
        for each in ("evaluation", "evaluations", "search/subject", "search/resource", "search/action")
    }  # fmt: skip
