"""A real server of HashiCorp Vault, in memory and on this machine, and what an operator sets up in it."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).parents[3] / ".cache" / "bin" / "vault-in-memory"
BROKER = """
path "auth/token/create-orphan" { capabilities = ["create", "update", "sudo"] }
path "auth/token/create/*" { capabilities = ["update"] }
path "auth/token/revoke-accessor" { capabilities = ["update"] }
"""
"""What the token of the service may: make tokens, and end them. `sudo` is for those that no role bounds."""
POLICIES = {
    "parts-read": 'path "secret/parts" { capabilities = ["read"] }',
    "shop-write": 'path "secret/shop" { capabilities = ["create", "read", "update"] }',
    "agpc-broker": BROKER,
}


def why_not() -> str | None:
    """Why there is no server here."""
    return (
        None
        if PROGRAM.exists()
        else f"no {PROGRAM.name} in .cache/bin: `make vault` builds it, in some minutes"
    )


@dataclass
class Server:
    """A Vault, its root token, and the token of the service."""

    url: str
    root: str
    token: str = ""

    def ask(self, method: str, path: str, token: str | None = None, **body: Any) -> tuple[int, Any]:
        """Ask it; give the status and the answer."""
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self.url}/v1/{path}", data, method=method)
        request.add_header("x-vault-token", token or self.root)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                content = answer.read()
                return answer.status, json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            return error.code, None

    def told(self, accessor: str) -> dict[str, Any] | None:
        """What it says of a token; None where there is none."""
        status, found = self.ask("POST", "auth/token/lookup-accessor", accessor=accessor)
        return found["data"] if status == 200 else None

    def accessors(self) -> set[str]:
        """All tokens that there are."""
        return set(self.ask("LIST", "auth/token/accessors")[1]["data"]["keys"])


@contextmanager
def vault() -> Iterator[Server]:
    """Run one with policies, a secret engine and a token of the service."""
    process = subprocess.Popen(
        [PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # it ends when its input does
    try:
        assert process.stdout is not None
        found = Server(*process.stdout.readline().split())
        assert found.ask("POST", "sys/mounts/secret", type="kv")[0] == 204
        for name, text in POLICIES.items():
            assert found.ask("PUT", f"sys/policies/acl/{name}", policy=text)[0] == 204
        for name in ("parts", "shop"):
            assert found.ask("POST", f"secret/{name}", of=name)[0] == 204
        role = {"allowed_policies": ["parts-read"], "orphan": True, "renewable": False}
        assert found.ask("POST", "auth/token/roles/agents", **role)[0] == 204
        wide = {
            "allowed_policies": ["parts-read", "default"],
            "orphan": True,
            "token_no_default_policy": False,
            "renewable": True,
        }
        assert found.ask("POST", "auth/token/roles/wide", **wide)[0] == 204
        made = found.ask(
            "POST", "auth/token/create", policies=["agpc-broker"], no_default_policy=True
        )
        found.token = made[1]["auth"]["client_token"]
        yield found
    finally:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait(30)
        process.stdout.close()  # type: ignore[union-attr]
