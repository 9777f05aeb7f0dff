"""Who may call over HTTP: holders of task tokens and workloads, each in their own task, and nobody whose lease has ended."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from service.http.processes import Process, process
from service.identity.issuer import US, Issuer

from agpc.guard.mcp.client_side import entering
from agpc.guard.mcp.client_side.entering import Entrance
from agpc.service.core.operations.problem import Problem
from agpc.service.http.gate.callers import new_entry

from .guarding import BOT, Guarding
from .over_http import HEADERS, NEW, call, listening, post, reached
from .servers import hostile_server

POLICY = """
tool words {
    action echo(text: string)
    action hidden(text: string)
}
grant saying {
    to bot
    for answer
    allow words.echo, words.hidden
    credential ttl 10m renew 2
}
"""
OTHER = "spiffe://acme.example/ns/desk/sa/other"


@dataclass
class Here:
    """A service and a guard on its store, or one that asks it."""

    it: Guarding
    service: Process
    key: str
    options: tuple[str, ...]

    def ask(self, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
        authorization = f"Bearer {self.key}"
        answer = self.service.ask("POST", path, body, authorization=authorization, **headers)
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.json
        return found

    def task(self, key: str = "t") -> str:
        begun = self.ask(
            "/v1/tasks",
            {
                "key": key,
                "subject": {"type": "agent", "id": BOT},
                "action": {"name": "start", "properties": {}},
                "resource": {"type": "desk.answer", "id": "new"},
                "context": {},
            },
        )
        return str(begun["task"]["id"])

    def lease(self, task: str, *names: str, key: str = "l", **headers: str) -> dict[str, Any]:
        capabilities = [f"desk.words.{each}" for each in names or ("echo",)]
        body = {"key": key, "task": task, "capabilities": capabilities}
        found = self.ask("/v1/leases", body, **headers)
        assert found["decision"] is True, found
        return found


@pytest.fixture(params=["store", "service"])
def here(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Here]:
    it = Guarding(tmp_path, POLICY, hostile_server("good", str(tmp_path / "calls")))
    roles = ["decide", "start", "outcome", "read", "lease", "confirm"]
    key, entry = new_entry("desk", roles, ["spiffe://acme.example/**"])
    config = tmp_path / "service.toml"
    config.write_text(f'public_url = "{US}"\n{entry}')
    monkeypatch.setenv("AGPC_API_KEY", key)
    with process(tmp_path, str(it.path), "--config", str(config), "--store", it.store) as served:
        served.ready()
        if request.param == "service":
            options = ("--task-tokens",)
            it.options = ("--service", f"http://127.0.0.1:{served.port}")
        else:
            options = ("--task-tokens", "--config", str(config))
        yield Here(it, served, key, options)


def bearing(token: str, scheme: str = "Bearer", **more: str) -> dict[str, str]:
    return {**HEADERS, "Authorization": f"{scheme} {token}", **more}


def is_refused(answer: tuple[int, Any], status: int = 401) -> bool:
    return answer[0] == status and "error" in answer[1]


def test_a_task_token_names_the_task_and_ends_with_its_lease(here: Here) -> None:
    task, other = here.task(), here.task("u")
    lease = here.lease(task)
    token = lease["token"]
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "task": other}).encode())
    with listening(here.it, *here.options, own_task=False) as url:
        _, answer = post(url, call("a"), bearing(token))
        assert not answer["result"].get("isError"), answer
        _, answer = post(f"{url}/{task}", call("b"), bearing(token))
        assert not answer["result"].get("isError")
        assert is_refused(post(f"{url}/{other}", call("no"), bearing(token)), 403)
        elsewhere = {**call("no")["params"]["_meta"], "agpc/task": other}
        _, answer = post(url, call("no", _meta=elsewhere), bearing(token))
        assert answer["result"]["isError"]
        wrong = f"{head}.{forged.rstrip(b'=').decode()}.{signature}"
        assert is_refused(post(url, call("no"), bearing(wrong)))
        assert is_refused(post(url, call("no"), HEADERS))  # nobody without a token
        named = {**call("no")["params"], "name": "hidden"}
        listed = {**call("no"), "method": "tools/list", "params": {"_meta": named["_meta"]}}
        plain = {**NEW, "Mcp-Method": "tools/list", "Authorization": f"Bearer {token}"}
        _, answer = post(url, listed, plain)
        assert [each["name"] for each in answer["result"]["tools"]] == ["echo"]
        _, answer = post(
            url, {**call("no"), "params": named}, bearing(token, **{"Mcp-Name": "hidden"})
        )
        assert answer["result"]["isError"] and "stands for other calls" in json.dumps(answer)
        here.ask(f"/v1/leases/{lease['lease']}/revoke", {"key": "r"})
        assert is_refused(post(url, call("no"), bearing(token)))
        ended = here.lease(other, key="m")["token"]
        assert not post(url, call("c"), bearing(ended))[1]["result"].get("isError")
        here.ask(f"/v1/tasks/{other}/state", {"key": "e", "state": "ended"})
        assert is_refused(post(url, call("no"), bearing(ended)))
        said = here.it.said.read_text()
    assert reached(here.it.folder) == ["a", "b", "c"]
    assert {each["task"] for each in here.it.events("call") if "task" in each} <= {task, other}
    assert token not in said and ended not in said


def proof(key: Any, url: str, name: str, token: str | None = None, method: str = "POST") -> str:
    told = {"jti": name, "htm": method, "htu": url, "iat": int(time.time())}
    if token is not None:
        digest = base64.urlsafe_b64encode(sha256(token.encode()).digest())
        told["ath"] = digest.rstrip(b"=").decode()
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    registry = jws.JWSRegistry(algorithms=["ES256"])
    return jws.serialize_compact(head, json.dumps(told), key, registry=registry)


def test_a_token_that_is_bound_to_a_key_is_taken_with_its_proof_alone(here: Here) -> None:
    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    task = here.task()
    bound = here.lease(task, dpop=proof(key, f"{US}/v1/leases", "a"))["token"]
    free = here.lease(task, key="f")["token"]

    with listening(here.it, *here.options, own_task=False) as url:

        def with_proof(text: str, token: str = bound, scheme: str = "DPoP") -> tuple[int, Any]:
            return post(url, call("yes"), bearing(token, scheme, DPoP=text))

        good = proof(key, url, "b", bound)
        assert with_proof(good)[0] == 200
        assert is_refused(with_proof(good))  # once
        assert is_refused(post(url, call("no"), bearing(bound)))
        assert is_refused(post(url, call("no"), bearing(bound, "DPoP")))
        assert is_refused(with_proof(proof(key, url, "c", bound), scheme="Bearer"))
        assert is_refused(with_proof(proof(other, url, "d", bound)))
        assert is_refused(with_proof(proof(key, url, "e")))  # of no token
        assert is_refused(with_proof(proof(key, url, "f", free)))
        assert is_refused(with_proof(proof(key, f"{url}/x", "g", bound)))
        assert is_refused(with_proof(proof(key, url, "h", bound, "GET")))
        assert is_refused(with_proof(proof(key, url, "i", free), free))  # bound to none
        assert post(url, call("free"), bearing(free))[0] == 200
    assert reached(here.it.folder) == ["yes", "free"]


def test_a_proof_counts_once_whichever_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody: Any = None
    entrance, now = Entrance(nobody, None, ()), {"time": 1e9, "monotonic": 1e5}
    monkeypatch.setattr(entering.time, "time", lambda: now["time"])
    monkeypatch.setattr(entering.time, "monotonic", lambda: now["monotonic"])
    entrance._once("proof")
    now["monotonic"] += 3600  # and the other one was set back meanwhile
    with pytest.raises(Problem, match="shown before"):
        entrance._once("proof")
    now["time"] += 3600
    entrance._once("another")
    assert set(entrance._proofs) == {"another"}


def test_workloads_prove_who_they_are_by_their_svids(tmp_path: Path) -> None:
    it = Guarding(tmp_path, POLICY, hostile_server("good", str(tmp_path / "calls")))
    issuer, stranger = Issuer(), Issuer()
    (tmp_path / "acme.json").write_bytes(issuer.jwks())
    config = tmp_path / "service.toml"
    config.write_text(
        f"""
public_url = "{US}"
trust_domains = [{{ name = "acme.example", bundle = "acme.json" }}]

[[workloads]]
spiffe = "spiffe://acme.example/ns/desk/sa/*"
roles = ["decide"]
itself = true
"""
    )
    with listening(it, "--config", str(config)) as url:
        assert not post(url, call("a"), bearing(issuer.token(sub=BOT)))[1]["result"].get("isError")
        assert is_refused(post(url, call("no"), HEADERS))
        assert is_refused(post(url, call("no"), bearing(stranger.token(sub=BOT))))
        assert is_refused(post(url, call("no"), bearing(issuer.token(sub=BOT, aud=["them"]))))
        _, answer = post(url, call("no"), bearing(issuer.token(sub=OTHER)))  # in the task of BOT
        assert answer["result"]["isError"]

        hello = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "t", "version": "0"},
            },
        }
        session = begin(url, hello, issuer.token(sub=BOT))
        ping = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
        for id, status in ((BOT, 200), (OTHER, 404)):  # with another token each time
            headers = {
                "Authorization": f"Bearer {issuer.token(sub=id, jti=id)}",
                "Mcp-Session-Id": session,
                "MCP-Protocol-Version": "2025-11-25",
            }
            assert status_of(url, ping, headers) == status
    assert reached(tmp_path) == ["a"]


def begin(url: str, hello: dict[str, Any], token: str) -> str:
    with _sent(url, hello, {"Authorization": f"Bearer {token}"}) as answer:
        return str(answer.headers["mcp-session-id"])


def status_of(url: str, body: dict[str, Any], headers: dict[str, str]) -> int:
    from urllib.error import HTTPError

    try:
        with _sent(url, body, headers) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def _sent(url: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    from urllib.request import Request, urlopen

    sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    data = json.dumps(body).encode()
    return urlopen(Request(url, data, {**sent, **headers}), timeout=60)
