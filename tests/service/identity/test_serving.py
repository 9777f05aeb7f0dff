"""`agpc serve` knows workloads by their tokens, takes up keys that are new, and lets people in by their provider."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..http.processes import POLICY, Process, process
from ..http.served import CALL
from .hostile import hostile
from .issuer import Issuer, new_key

US = "https://agp.acme.example"
GATEWAY = "spiffe://acme.example/ns/gateways/sa/one"
TOML = """
public_url = "https://agp.acme.example"
trust_domains = [{ name = "acme.example", bundle = "acme.json" }]

[[workloads]]
spiffe = "spiffe://acme.example/ns/gateways/sa/*"
roles = ["decide", "read"]
agents = ["spiffe://example.org/**"]

[oidc]
issuer = "ISSUER"
client_id = "agpc"
client_secret = { env = "OIDC_SECRET" }
private = true
roles = { all = "role:auditor" }
step_up = { mfa = "amr:mfa" }
readers = ["role:auditor"]
"""


def asked(served: Process, token: str) -> int:
    return served.ask(
        "POST", "/v1/calls", {**CALL, "key": token[-20:]}, authorization=f"Bearer {token}"
    ).status


def test_a_service_knows_workloads_and_people(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "bank.agp").write_text(POLICY.replace("LIMIT", "100"))
    issuer = Issuer()
    (tmp_path / "acme.json").write_bytes(issuer.jwks())
    with hostile() as provider:
        (tmp_path / "service.toml").write_text(TOML.replace("ISSUER", provider.issuer))
        with process(
            tmp_path, "policies", "--config", "service.toml", OIDC_SECRET="hunter2"
        ) as served:
            served.ready()
            token = issuer.token(sub=GATEWAY)
            assert asked(served, token) == 200
            assert asked(served, issuer.token(sub=GATEWAY, aud="them")) == 401
            assert served.ask("GET", "/v1/calls").status == 401
            person_signs_in(served, provider)
            read = served.ask("GET", "/v1/events", authorization=f"Bearer {token}").json["events"]
            (session,) = [each["body"] for each in read if each["event"] == "session"]
            assert (session["person"], session["methods"]) == ("user:ann", ["mfa"])

            issuer.keys["k2"] = new_key()
            new = issuer.token("k2", sub=GATEWAY)
            assert asked(served, new) == 401
            (tmp_path / "acme.json").write_bytes(issuer.jwks())
            served.until(lambda: asked(served, new) == 200, "the new key is known")
            assert served.end() == 0
            log = served.log
    for secret in ("hunter2", token, new, "SSSS"):
        assert secret not in log
    assert json.loads(log.splitlines()[0])


def person_signs_in(served: Process, provider: Any) -> None:
    begun = served.ask("GET", "/sign-in/provider?back=/trail")
    told = {
        name: each[0] for name, each in parse_qs(urlsplit(begun.headers["location"]).query).items()
    }
    assert told["redirect_uri"] == f"{US}/callback"
    provider.claims = {"nonce": told["nonce"], "groups": ["all"], "amr": ["mfa"]}
    flow = begun.headers["set-cookie"].partition(";")[0]
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request(
        "GET", f"/callback?code=SSSS&state={told['state']}", headers={"cookie": flow}
    )
    came = connection.getresponse()
    cookies = came.headers.get_all("set-cookie", [])
    connection.close()
    assert came.status == 200, served.log
    (session,) = [
        each.partition(";")[0] for each in cookies if each.startswith("__Host-agpc-session=")
    ]
    assert served.ask("GET", "/trail", cookie=session).status == 200
    assert served.ask("GET", "/trail").headers["location"] == "/sign-in"
