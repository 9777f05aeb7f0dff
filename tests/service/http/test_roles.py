"""Every route asks who calls: the table, and what a real server answers for each route and each caller."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator

import pytest

from agpc.service.authzen.point import DecisionPoint
from agpc.service.config.callers import CallerEntry
from agpc.service.http.endpoints.authzen import routes
from agpc.service.http.endpoints.credentials import credential_routes
from agpc.service.http.endpoints.hearing import hearing_routes
from agpc.service.http.endpoints.leases import lease_routes
from agpc.service.http.endpoints.people import people_routes
from agpc.service.http.endpoints.signals import signal_routes
from agpc.service.http.gate.callers import hashed, new_entry, new_key
from agpc.service.http.gate.endpoint import Endpoint
from agpc.service.identity.bundles import Bundles
from agpc.service.page.routes import page_routes
from agpc.service.signals.reading import Transmitters
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import Tokens

from .served import AGENT, PERSONS_KEY, Remembering, Served, callers, people, serving
from .served import KEY as KEYS

KEY = {**KEYS, "approve": PERSONS_KEY}

ROUTES = {
    ("POST", "/v1/calls"): {"decide"},
    ("POST", "/v1/calls/{id}/outcome"): {"outcome"},
    ("POST", "/v1/calls/{id}/settle"): {"admin"},
    ("POST", "/v1/refusals"): {"decide"},
    ("POST", "/v1/tasks"): {"start", "decide"},
    ("POST", "/v1/tasks/{id}/said"): {"start"},
    ("POST", "/v1/tasks/{id}/context"): {"decide"},
    ("POST", "/v1/tasks/{id}/state"): {"start", "decide", "admin"},
    ("POST", "/v1/clock"): {"admin"},
    ("GET", "/v1/requests"): {"approve", "read", "admin"},
    ("GET", "/v1/requests/{id}"): {"approve", "read", "admin"},
    ("POST", "/v1/requests/{id}/verdict"): {"approve"},
    ("POST", "/v1/requests/{id}/confirmation"): {"confirm"},
    ("GET", "/v1/tasks"): {"read", "admin"},
    ("GET", "/v1/tasks/{id}"): {"read", "admin"},
    ("GET", "/v1/tasks/{id}/possible"): {"decide"},
    ("GET", "/v1/calls"): {"read", "admin"},
    ("GET", "/v1/calls/{id}"): {"read", "admin"},
    ("GET", "/v1/events"): {"read", "admin"},
    ("GET", "/log/checkpoint"): {"read", "admin"},
    ("GET", "/log/tile/{path:path}"): {"read", "admin"},
    ("GET", "/metrics"): {"read", "admin"},
    ("GET", "/v1/candidate"): {"read", "admin"},
    ("POST", "/access/v1/evaluation"): {"decide"},
    ("POST", "/access/v1/evaluations"): {"decide"},
    ("POST", "/access/v1/search/subject"): {"decide"},
    ("POST", "/access/v1/search/resource"): {"decide"},
    ("POST", "/access/v1/search/action"): {"decide"},
    ("POST", "/v1/leases"): {"decide", "lease"},
    ("POST", "/v1/leases/{id}/renew"): {"decide", "lease"},
    ("POST", "/v1/leases/{id}/revoke"): {"decide", "lease", "start", "admin", "approve"},
    ("POST", "/v1/leases/{id}/credential"): {"decide", "lease"},
    ("GET", "/v1/people"): {"read", "admin"},
    ("POST", "/v1/people"): {"admin"},
    ("GET", "/v1/leases"): {"read", "admin"},
    ("GET", "/v1/leases/{id}"): {"read", "admin"},
    ("POST", "/v1/introspect"): {"decide", "read", "outcome", "admin"},
    ("POST", "/v1/token"): {"decide", "lease"},
    ("GET", "/.well-known/jwks.json"): None,
    ("POST", "/ssf/poll"): {"read"},
    ("POST", "/ssf/events"): {"signal"},
    ("GET", "/.well-known/ssf-configuration"): None,
    ("GET", "/.well-known/authzen-configuration"): None,
    ("GET", "/healthz"): None,
    ("GET", "/readyz"): None,
    ("GET", "/openapi.json"): None,
}
"""Who may do what: a second time, so that nobody changes it in passing."""
PAGES = (
    *("/", "/tasks/{id:path}", "/calls", "/calls/{id}", "/trail", "/trail/{id}", "/policy", "/health"),
)  # fmt: skip
"""Pages for people, who sign in with a key: without a session they lead there."""
ASKING = {
    ("GET", "/requests"): "/sign-in?back=/requests",
    ("GET", "/requests/{id}"): "/sign-in?back=/requests/q-1",
    ("POST", "/requests/{id}"): "/sign-in?back=/requests/q-1",
    ("POST", "/leases/{id}"): "/sign-in",
}
"""Pages for those who are asked, and where they lead without a session."""
SIGNING = {
    ("GET", "/sign-in"): 200,
    ("POST", "/sign-in"): 403,
    ("POST", "/sign-out"): 403,
    ("GET", "/sign-in/provider"): 303,
    ("GET", "/callback"): 303,
    ("GET", "/page.css"): 200,
}
"""What signing in takes, and what it answers to who has neither a form of ours nor a session."""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    core = Remembering()
    point = DecisionPoint(core, key=bytes(32), most=10)  # type: ignore[arg-type]
    tokens = Tokens(TokenKeys(bytes(32), 86_400, time.time), "http://127.0.0.1")
    more = (
        routes(point, "http://127.0.0.1"),
        page_routes(core, is_secure=False),
        lease_routes(core, tokens),
        signal_routes(core, tokens),
        hearing_routes(core, Transmitters((), Bundles(()))),  # type: ignore[arg-type]
        people_routes(core),
        credential_routes(core, {}, "http://127.0.0.1"),
    )
    with serving({"callers": callers(), "people": people()}, core, more=more) as found:
        yield found


def test_every_route_of_the_router_stands_behind_the_gate(served: Served) -> None:
    for each in served.service.app.router.routes:
        assert isinstance(each.app, Endpoint)  # type: ignore[attr-defined]
        assert each.app.gate is served.service.gate  # type: ignore[attr-defined]
    assert len(served.service.app.router.routes) == len(served.service.routes)
    assert served.service.app.user_middleware == []
    behind = {id(each.app) for each in served.service.app.router.routes}  # type: ignore[attr-defined]
    for (method, path), endpoint in served.service.app.straight.items():
        assert id(endpoint) in behind
        assert (endpoint.route.method, endpoint.route.path) == (method, path)


def test_the_table_is_the_table(served: Served) -> None:
    found = {(each.method, each.path): each.needs for each in served.service.routes}
    assert {place: None if needs is None else set(needs) for place, needs in found.items()} == {
        **ROUTES,
        **dict.fromkeys(("GET", each) for each in PAGES),
        **dict.fromkeys(SIGNING),
        **dict.fromkeys(ASKING),
    }


@pytest.mark.parametrize("caller", [*KEY, "nobody"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_who_has_signed_in(served: Served, path: str, caller: str) -> None:
    answer = served.ask("GET", re.sub(r"\{[\w:]+\}", "x-1", path), key=KEY.get(caller))
    assert (answer.status, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("caller", [*KEY, "nobody"])
@pytest.mark.parametrize("place", ASKING, ids=lambda place: f"{place[0]} {place[1]}")
def test_a_request_is_for_who_has_signed_in(
    served: Served, place: tuple[str, str], caller: str
) -> None:
    answer = served.ask(place[0], place[1].replace("{id}", "q-1"), key=KEY.get(caller))
    assert (answer.status, answer.headers["location"]) == (303, ASKING[place])


@pytest.mark.parametrize("place", SIGNING, ids=lambda place: f"{place[0]} {place[1]}")
def test_signing_in_takes_a_form_of_ours(served: Served, place: tuple[str, str]) -> None:
    assert served.ask(*place, key=KEY["read"]).status == SIGNING[place]


@pytest.mark.parametrize("caller", [*KEY, "nobody", "stranger"])
@pytest.mark.parametrize("place", ROUTES, ids=lambda place: f"{place[0]} {place[1]}")
def test_what_each_caller_is_answered(served: Served, place: tuple[str, str], caller: str) -> None:
    method, path = place
    key = {"nobody": None, "stranger": "agpk_other"}.get(caller, KEY.get(caller, ""))
    answer = served.ask(method, re.sub(r"\{[\w:]+\}", "x-1", path), key=key)
    needs = ROUTES[place]
    if caller == "stranger":
        assert answer.status == 401  # also where nobody has to say who they are
    elif needs is None:
        assert answer.status == 200
    elif caller == "nobody":
        assert answer.status == 401 and answer.json["code"] == "no_key"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    elif caller not in needs:
        assert answer.status == 403
        by_people = needs == {"approve"}
        assert answer.json["code"] == ("not_a_person" if by_people else "wrong_role")
    else:
        assert answer.status not in (401, 403)
    assert "agpc-warning" not in answer.headers


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic eDp5",
        "bearer x",
        "Bearer " + "x" * 5000,
        "Bearer \xff",
        "Digest a",
    ],
)
def test_what_is_no_key_of_ours_opens_nothing(served: Served, authorization: str) -> None:
    answer = served.ask("GET", "/v1/tasks", headers={"authorization": authorization})
    assert answer.status == 401


def test_a_key_in_any_case_of_the_scheme_is_taken(served: Served) -> None:
    answer = served.ask("GET", "/v1/candidate", headers={"authorization": f"bEARER {KEY['read']}"})
    assert answer.status == 404


def test_a_hash_is_no_key(served: Served) -> None:
    assert served.ask("GET", "/v1/candidate", key=hashed(KEY["read"])).status == 401


def test_a_new_key_is_random_and_its_entry_is_a_caller() -> None:
    assert new_key()[0] != new_key()[0]
    key, lines = new_entry("gate", ("decide",), (AGENT,))
    assert len(key) == len("agpk_") + 43 and key not in lines
    (entry,) = tomllib.loads(lines)["callers"]
    assert CallerEntry.model_validate(entry).key_sha256 == hashed(key)


@pytest.fixture(scope="module")
def open() -> Iterator[Served]:
    with serving({}) as found:
        yield found


class TestWithoutCallers:
    def test_every_answer_warns(self, open: Served) -> None:
        for path in ("/healthz", "/v1/candidate"):
            assert "no callers" in open.ask("GET", path).headers["agpc-warning"]

    @pytest.mark.parametrize(
        "headers",
        [
            {"host": "evil.example"},
            {"host": ""},
            {"origin": "https://evil.example"},
            {"origin": "null"},
        ],
        ids=["rebound", "no host", "foreign page", "sandboxed page"],
    )
    def test_web_pages_cannot_use_it(self, open: Served, headers: dict[str, str]) -> None:
        assert open.ask("GET", "/v1/candidate", headers=headers).status == 403

    def test_its_own_page_can(self, open: Served) -> None:
        host = f"127.0.0.1:{open.port}"
        headers = {"host": host, "origin": f"http://{host}"}
        assert open.ask("GET", "/v1/candidate", headers=headers).status == 404
