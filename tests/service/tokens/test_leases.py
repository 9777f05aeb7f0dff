"""Leases over HTTP: issued, renewed, revoked, looked up, exchanged; and nothing of it for whom it is not."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from starlette.testclient import TestClient

from agpc.service.config.read import read_settings
from agpc.service.core import SYSTEM, Adopt, Review
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.endpoints.leases import ACCESS_TOKEN, EXCHANGE, JWT, lease_routes
from agpc.service.serving.trust import bundles_of, callers_of
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import Tokens

from ..core.desk import HELPER, SECRET, Desk, opened, policy, start
from ..core.lending import POLICY
from ..identity.issuer import US, Issuer, new_key

GATEWAY = "spiffe://acme.example/ns/gateways/sa/one"
READER = "spiffe://acme.example/ns/readers/sa/one"
OTHER = "spiffe://acme.example/ns/desk/sa/other"
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
spiffe = "spiffe://acme.example/ns/readers/sa/*"
roles = ["read"]

[[workloads]]
spiffe = "spiffe://acme.example/ns/desk/sa/*"
roles = ["lease"]
itself = true
"""


class Caller:
    """What a workload asks."""

    def __init__(self, client: TestClient, issuer: Issuer, id: str) -> None:
        self.client, self.issuer, self.id = client, issuer, id
        self._keys = 0

    def token(self) -> str:
        return self.issuer.token(sub=self.id)

    def post(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
        self._keys += 1
        body.setdefault("key", f"k-{self._keys}")
        return self.client.post(path, json=body, headers={**self._bearer(), **(headers or {})})

    def form(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Any:
        return self.client.post(path, data=fields, headers={**self._bearer(), **(headers or {})})

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self._bearer())

    def exchange(self, token: str, of: str, **more: Any) -> Any:
        headers = more.pop("headers", None)
        fields = {
            "grant_type": EXCHANGE,
            "subject_token": token,
            "subject_token_type": JWT,
            "task": of,
            "scope": "desk.shop.peek",
        } | more
        return self.form("/v1/token", headers, **fields)

    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token()}"}


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with opened(store_url, policy(POLICY)) as found:
        yield found


@pytest.fixture
def client(tmp_path: Path, desk: Desk, issuer: Issuer) -> TestClient:
    (tmp_path / "acme.json").write_bytes(issuer.jwks())
    file = tmp_path / "service.toml"
    file.write_text(TOML, encoding="utf-8")
    settings = read_settings(file, {})
    bundles = bundles_of(settings)
    bundles.refresh(all=True)
    callers = callers_of(settings, bundles)
    tokens = Tokens(TokenKeys(SECRET, 30 * 86_400, time.time), US)
    parts = ProcessParts(callers, more=[lease_routes(desk.core, tokens, callers.tokens)])
    return TestClient(Service(desk.core, settings.settings, parts).app, base_url=US)


@pytest.fixture
def gateway(client: TestClient, issuer: Issuer) -> Caller:
    return Caller(client, issuer, GATEWAY)


@pytest.fixture
def helper(client: TestClient, issuer: Issuer) -> Caller:
    return Caller(client, issuer, HELPER)


@pytest.fixture
def task(gateway: Caller) -> str:
    found: str = gateway.post("/v1/tasks", **start()).json()["task"]["id"]
    return found


def issue(caller: Caller, task: str, *names: str, **more: Any) -> dict[str, Any]:
    capabilities = [f"desk.shop.{each}" for each in names or ("peek",)]
    answer = caller.post("/v1/leases", task=task, capabilities=capabilities, **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def active(caller: Caller, token: str) -> bool:
    answer = caller.form("/v1/introspect", token=token)
    assert answer.status_code == 200
    found: bool = answer.json()["active"]
    return found


def test_a_lease_from_its_issue_to_its_end(gateway: Caller, task: str) -> None:
    lease = issue(gateway, task, "browse", context={"confidence": 0.9})
    assert lease["decision"] is True and lease["token_type"] == "Bearer"
    assert 890 <= lease["expires_in"] <= 900
    told = gateway.form("/v1/introspect", token=lease["token"]).json()
    assert (told["active"], told["sub"], told["task"]) == (True, HELPER, task)
    renewed = gateway.post(f"/v1/leases/{lease['lease']}/renew").json()
    assert renewed["renewals_left"] == 1 and active(gateway, renewed["token"])
    assert active(gateway, lease["token"])  # until its own time is over
    assert gateway.post(f"/v1/leases/{lease['lease']}/revoke", why="Enough.").status_code == 200
    for token in (lease["token"], renewed["token"]):
        assert gateway.form("/v1/introspect", token=token).json() == {"active": False}
    again = gateway.post(f"/v1/leases/{lease['lease']}/revoke")
    assert (again.status_code, again.json()["had_ended"]) == (200, True)


def test_the_answer_to_a_key_has_no_token_once_the_lease_has_ended(
    gateway: Caller, task: str
) -> None:
    first = issue(gateway, task, key="one")
    assert issue(gateway, task, key="one")["lease"] == first["lease"]
    gateway.post(f"/v1/leases/{first['lease']}/revoke")
    again = issue(gateway, task, key="one")
    assert again["lease"] == first["lease"] and "token" not in again


def test_a_token_is_not_said_to_be_good_for_longer_than_its_lease(
    gateway: Caller, task: str, desk: Desk
) -> None:
    lease = issue(gateway, task)
    before = gateway.form("/v1/introspect", token=lease["token"]).json()
    shorter = policy(POLICY.replace("ttl 5m", "ttl 2m"))
    desk.do(Adopt(caller=SYSTEM, key="shorter", generation=shorter))
    assert not active(gateway, lease["token"])  # nobody has looked at it yet
    (listed,) = Caller(gateway.client, gateway.issuer, READER).get("/v1/leases").json()["leases"]
    assert listed["good"] is False
    desk.do(Review(caller=SYSTEM, key="review"))
    after = gateway.form("/v1/introspect", token=lease["token"]).json()
    assert after == {**before, "exp": before["exp"] - 180}


@pytest.mark.parametrize("state", ["ended", "drifted"])
def test_a_token_ends_with_its_task(gateway: Caller, task: str, state: str) -> None:
    lease = issue(gateway, task)
    assert active(gateway, lease["token"])
    gateway.post(f"/v1/tasks/{task}/state", state=state)
    assert not active(gateway, lease["token"])


def test_a_lease_that_is_denied_says_why(gateway: Caller, task: str) -> None:
    answer = issue(gateway, task, "lookup")
    assert answer["decision"] is False and "token" not in answer
    assert "reads `args`" in answer["context"]["reasons"][0]
    for body in (
        {"task": task},
        {"task": task, "capabilities": []},
        {"task": task, "capabilities": "desk.shop.peek"},
        {"task": task, "capabilities": ["desk.shop.peek"] * 2},
        {"task": task, "capabilities": ["desk.shop.peek", 7]},
        {"task": task, "capabilities": ["desk.shop.peek"], "ttl": 5},
        {"task": task, "capabilities": ["desk.shop.none"]},
    ):
        assert gateway.post("/v1/leases", **body).status_code == 400


def test_what_is_no_token_of_ours_is_not_active(gateway: Caller, issuer: Issuer, task: str) -> None:
    token = issue(gateway, task)["token"]
    for each in ("x", token[:-4], issuer.token(sub=HELPER), token.upper()):
        assert gateway.form("/v1/introspect", token=each).json() == {"active": False}
    assert gateway.form("/v1/introspect", tok=token).status_code == 400
    twice = gateway.client.post(
        "/v1/introspect",
        content=f"token=x&token={token}",
        headers={**gateway._bearer(), "content-type": "application/x-www-form-urlencoded"},
    )
    assert twice.status_code == 400 and twice.json()["error"] == "invalid_request"
    assert gateway.post("/v1/introspect", token=token).status_code == 400  # JSON


def test_leases_are_listed_and_shown(
    client: TestClient, issuer: Issuer, gateway: Caller, task: str
) -> None:
    reader = Caller(client, issuer, READER)
    leases = [issue(gateway, task)["lease"] for _ in range(3)]
    listed = reader.get("/v1/leases?limit=2").json()
    assert [each["lease"] for each in listed["leases"]] == leases[:0:-1]
    rest = reader.get(f"/v1/leases?limit=2&before={listed['next']}").json()
    assert [each["lease"] for each in rest["leases"]] == leases[:1] and rest["next"] is None
    assert reader.get("/v1/leases?task=t-none").json()["leases"] == []
    shown = reader.get(f"/v1/leases/{leases[0]}").json()
    assert shown["good"] is True and "token" not in json.dumps(shown)
    assert reader.get("/v1/leases/l-999").status_code == 404
    assert reader.post("/v1/leases", task=task, capabilities=["desk.shop.peek"]).status_code == 403
    assert gateway.get("/v1/leases").status_code == 403


def test_the_keys_are_for_everybody(client: TestClient) -> None:
    answer = client.get("/.well-known/jwks.json")
    assert answer.status_code == 200 and len(answer.json()["keys"]) == 3
    assert "private" not in answer.headers["cache-control"]


# --- Exchange -------------------------------------------------------------------------------------


def test_an_agent_exchanges_its_svid(helper: Caller, gateway: Caller, task: str) -> None:
    answer = helper.exchange(helper.token(), task)
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert given["issued_token_type"] == ACCESS_TOKEN and given["scope"] == "desk.shop.peek"
    assert answer.headers["cache-control"] == "no-store"
    assert active(gateway, given["access_token"])


def test_the_same_token_gives_the_same_lease(helper: Caller, gateway: Caller, task: str) -> None:
    token = helper.token()
    one, other = helper.exchange(token, task).json(), helper.exchange(token, task).json()
    assert one["lease"] == other["lease"]
    gateway.post(f"/v1/leases/{one['lease']}/revoke")
    again = helper.exchange(token, task)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_denied_exchange_may_be_tried_again(helper: Caller, gateway: Caller, task: str) -> None:
    token = helper.token()
    denied = helper.exchange(token, task, scope="desk.shop.browse")
    assert (denied.status_code, denied.json()["error"]) == (400, "invalid_scope")
    gateway.post(f"/v1/tasks/{task}/context", context={"confidence": 0.9})
    assert helper.exchange(token, task, scope="desk.shop.browse").status_code == 200


def test_an_agent_does_not_say_itself_how_sure_it_is(helper: Caller, task: str) -> None:
    for more in ({"context": {"confidence": 1}}, {"properties": {"tenant": "a"}}):
        answer = helper.post("/v1/leases", task=task, capabilities=["desk.shop.browse"], **more)
        assert answer.status_code == 400


def test_nobody_exchanges_what_is_not_theirs(
    client: TestClient, issuer: Issuer, helper: Caller, gateway: Caller, task: str
) -> None:
    other = Caller(client, issuer, OTHER)
    stranger = new_key()
    now = int(time.time())
    tried = {
        "another agent's token": helper.exchange(other.token(), task),
        "another agent's task": other.exchange(other.token(), task),
        "somebody else's token": other.exchange(helper.token(), task),
        "a wrong key": helper.exchange(issuer.token(sub=HELPER, key=stranger), task),
        "a wrong audience": helper.exchange(issuer.token(sub=HELPER, aud=["x"]), task),
        "an old one": helper.exchange(issuer.token(sub=HELPER, exp=now - 31), task),
        "a lease's": helper.exchange(issue(gateway, task)["token"], task),
        "no task": helper.exchange(helper.token(), "t-none"),
        "another subject": helper.exchange(issuer.token(sub="spiffe://x.example/a"), task),
    }
    for what, answer in tried.items():
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), what
    # on the edge of the stated leeway it is still taken
    assert helper.exchange(issuer.token(sub=HELPER, exp=now - 20), task).status_code == 200


@pytest.mark.parametrize(
    "changed, error",
    [
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"subject_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"subject_token": ""}, "invalid_request"),
        ({"task": ""}, "invalid_request"),
        ({"scope": ""}, "invalid_request"),
        ({"scope": "desk.shop.none"}, "invalid_request"),
        ({"scope": "desk.shop.lookup"}, "invalid_scope"),
        ({"audience": "https://other.example"}, "invalid_target"),
        ({"resource": "https://other.example"}, "invalid_target"),
        ({"audience": US, "resource": "https://other.example"}, "invalid_target"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"actor_token_type": JWT}, "invalid_request"),
        ({"requested_token_type": "urn:x"}, "invalid_request"),
    ],
)
def test_an_exchange_has_its_form(
    helper: Caller, task: str, changed: dict[str, str], error: str
) -> None:
    answer = helper.exchange(helper.token(), task, **changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


# --- Proofs of possession -------------------------------------------------------------------------


def dpop(key: Any, path: str, jti: str) -> dict[str, str]:
    told = {"jti": jti, "htm": "POST", "htu": f"{US}{path}", "iat": int(time.time())}
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    registry = jws.JWSRegistry(algorithms=["ES256"])
    return {"dpop": jws.serialize_compact(head, json.dumps(told), key, registry=registry)}


def test_a_lease_is_bound_to_a_key_that_was_proved(gateway: Caller, task: str) -> None:
    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    lease = issue(
        gateway, task, "browse", context={"confidence": 0.9}, headers=dpop(key, "/v1/leases", "a")
    )
    assert lease["token_type"] == "DPoP"
    told = gateway.form("/v1/introspect", token=lease["token"]).json()
    assert told["cnf"] == {"jkt": key.thumbprint()}
    path = f"/v1/leases/{lease['lease']}/renew"
    for headers in (None, dpop(other, path, "b")):
        assert gateway.post(path, headers).status_code == 403
    assert gateway.post(path, dpop(key, path, "c")).status_code == 200


def test_a_proof_counts_once(gateway: Caller, task: str) -> None:
    key = ECKey.generate_key("P-256")
    proof = dpop(key, "/v1/leases", "a")
    first = issue(gateway, task, key="one", headers=proof)
    again = gateway.post("/v1/leases", proof, task=task, capabilities=["desk.shop.peek"])
    assert (again.status_code, again.json()["code"]) == (401, "replayed")
    fresh = dpop(key, "/v1/leases", "b")
    assert issue(gateway, task, key="one", headers=fresh)["lease"] == first["lease"]
    wrong = gateway.post(
        "/v1/leases", dpop(key, "/v1/token", "c"), task=task, capabilities=["desk.shop.peek"]
    )
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_dpop_proof")
