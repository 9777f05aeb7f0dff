"""A shop whose clerk has leases on what is at AWS, and a service that turns them into credentials."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from agpc.service.audit.notes import Signer
from agpc.service.brokers.broker import Broker
from agpc.service.config.models import Settings
from agpc.service.core import SYSTEM, Adopt, Core, CoreSettings
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.endpoints.credentials import credential_routes
from agpc.service.http.endpoints.leases import lease_routes
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.policies.generation import load_generation
from agpc.service.store import Store
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import Tokens

CLERK = "spiffe://acme.example/ns/shop/sa/clerk"
PORTER = "spiffe://acme.example/ns/shop/sa/porter"
ROLE = "arn:aws:iam::111122223333:role/clerk"
SECRET = bytes(range(32))
SIGNER = Signer.generate("log.example/shop")
US = "http://127.0.0.1:8080"
POLICY = f"""
language 2
package shop

agent clerk  = "{CLERK}"
agent porter = "{PORTER}"
intent restock "Order what is missing"
context {{ confidence: number }}

dataset parts {{
    read action fetch, list
    write action put
    destroy action drop
}}
tool forge {{
    read action pull()
    write action push()
    read action other()
}}

grant reading {{
    to  clerk, porter
    for restock
    allow parts.fetch, parts.list, forge.pull, forge.push, forge.other
    credential ttl 2h renew 1
}}
grant writing {{
    to  clerk
    for restock
    allow parts.put
    credential ttl 5m
}}
grant sure {{
    to  clerk
    for restock
    allow parts.drop
    credential ttl 1h
    revoke when context.confidence < 0.5
}}

bind aws {{
    resource parts "arn:aws:s3:::acme-parts/${{id}}" {{
        fetch = s3:GetObject
        list  = s3:ListBucket on "arn:aws:s3:::acme-parts"
        put   = s3:PutObject
        drop  = s3:DeleteObject
    }}
    agent clerk "{ROLE}"
    session tag intent = "agp:intent"
    session tag agent  = "agp:agent"
    session tag task   = "agp:task"
}}
"""
KEYS = {"clerk": "agpk_clerk", "admin": "agpk_admin", "other": "agpk_other"}
CALLERS = [
    {"name": "clerk", "roles": ["decide", "start", "lease"], "agents": [CLERK, PORTER]},
    {"name": "admin", "roles": ["admin", "read"]},
    {"name": "other", "roles": ["decide", "lease"], "agents": ["spiffe://acme.example/ns/else/**"]},
]


class Shop:
    """What is asked of it."""

    def __init__(self, client: TestClient, core: Core, root: Path) -> None:
        self.client, self.core, self.root = client, core, root
        self._keys = itertools.count()

    def post(
        self, path: str, caller: str = "clerk", headers: dict[str, str] | None = None, **body: Any
    ) -> Any:
        body.setdefault("key", f"k-{next(self._keys)}")
        told = {"authorization": f"Bearer {KEYS[caller]}", **(headers or {})}
        return self.client.post(path, json=body, headers=told)

    def task(self, agent: str = CLERK) -> str:
        answer = self.post(
            "/v1/tasks",
            subject={"type": "agent", "id": agent},
            action={"name": "start", "properties": {}},
            resource={"type": "shop.restock", "id": "new"},
            context={"user": {"id": "user:ann"}},
        )
        found: str = answer.json()["task"]["id"]
        return found

    def lease(self, *names: str, task: str | None = None, **more: Any) -> dict[str, Any]:
        capabilities = [f"shop.{each}" for each in names]
        answer = self.post(
            "/v1/leases", task=task or self.task(), capabilities=capabilities, **more
        )
        assert answer.json()["decision"] is True, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def credential(
        self, lease: str, broker: str = "aws", caller: str = "clerk", **body: Any
    ) -> Any:
        return self.post(f"/v1/leases/{lease}/credential", caller, broker=broker, **body)

    def events(self, kind: str) -> list[bytes]:
        with self.core.view() as view:
            found = view.events(0, view.head.seq)
            return [bytes(each.body or b"") for each in found if each.kind == kind]


@contextmanager
def shop(root: Path, brokers: Mapping[str, Broker]) -> Iterator[Shop]:
    """Run it with brokers."""
    file = root / "shop.agp"
    file.write_text(POLICY, encoding="utf-8")
    generation = load_generation([file])
    core = Core(
        Store(f"sqlite:///{root}/agpc.db"), generation, CoreSettings(secret=SECRET, signer=SIGNER)
    )
    told = [{**each, "key_sha256": hashed(KEYS[each["name"]])} for each in CALLERS]  # type: ignore[index]
    settings = Settings.model_validate({"callers": told})
    tokens = Tokens(TokenKeys(SECRET, 86_400, lambda: 0.0), US)
    more = [lease_routes(core, tokens), credential_routes(core, brokers, US)]
    parts = ProcessParts(Callers.of(settings.callers, root), more=more)
    try:
        core.do_now(Adopt(caller=SYSTEM, key="begin", generation=generation))
        yield Shop(TestClient(Service(core, settings, parts).app, base_url=US), core, root)
    finally:
        core.stop()
