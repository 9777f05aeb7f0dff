"""A desk with a guard: its agent looks orders up, refunds what somebody approves, and writes mails."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.http.served import serving

from agpc.guard import Asked, Enforcement, Guard, Returned, Settings, Task
from agpc.guard.enforcing.embedded import Embedded
from agpc.guard.enforcing.remote import Remote
from agpc.service.client.address import read_address
from agpc.service.client.client import Client
from agpc.service.config.read import read_settings
from agpc.service.core import SYSTEM, Core, Judge, Know, as_person
from agpc.service.http.gate.callers import hashed

HELPER = "spiffe://acme.example/ns/desk/sa/helper"
JOE, LEAD = "user:joe", "user:ann"
POLICY = """
language 2
package desk

agent helper = "spiffe://acme.example/ns/desk/sa/helper"
intent answer "Answer a customer" { order: string }

tool shop {
    read action lookup(order: string, deep?: bool) -> { total: number, customer: string }
    write action refund(order: string, amount: number)
    write action cancel(order: string)
    write action note(text: string)
}
tool mail {
    send action send(to: [string], body: string)
}
bind mcp { resource shop { note = "write-note" } }

source vouched = task, shop.lookup.customer

grant answering {
    to  helper
    for answer
    allow shop.lookup when args.order == task.order
    allow mail.send when args.to from vouched
    allow shop.refund when args.order == task.order require approval by "role:lead" within 1h
    allow shop.cancel when args.order == task.order require confirmation within 10m
    allow shop.note
}
forbid secrets {
    deny    shop.note
    when    args.text like "*secret*"
    because "Notes are read by everybody."
}
"""


@dataclass
class Shop:
    """What really happens: every call that came through."""

    done: list[dict[str, Any]] = field(default_factory=list)
    result: Any = field(default_factory=lambda: {"total": 5, "customer": "joe@mail.example"})

    async def __call__(self, arguments: dict[str, Any]) -> Returned:
        self.done.append(arguments)
        return Returned(self.result, self.result)


class Desk:
    """A guard with a core of its own, its task, and what one asks of it."""

    def __init__(self, guard: Guard, core: Core, task: Task) -> None:
        self.guard, self.enforcement, self.core, self.task = guard, guard.enforcement, core, task
        self.shop = Shop()
        self._keys = itertools.count()

    def asked(self, action: str = "lookup", tool: str = "shop", **arguments: Any) -> Asked:
        return Asked(self.task, f"desk.{tool}", action, arguments)

    async def call(self, action: str = "lookup", tool: str = "shop", **arguments: Any) -> Any:
        return (await self.guard.call(self.asked(action, tool, **arguments), self.shop)).given

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        with self.core.view() as view:
            rows = view.events(0, view.head.seq)
            return [json.loads(bytes(each.body or b"{}")) for each in rows if each.kind in kinds]

    def open_calls(self) -> list[str]:
        with self.core.view() as view:
            return [f"c-{each.seq}" for each in view.calls(without_outcome=True)]

    async def know(self, person: str, *roles: str) -> None:
        key = f"k-{next(self._keys)}"
        await self.core.do(Know(caller=SYSTEM, key=key, person=person, roles=roles))

    async def judge(self, verdict: Any = "approve", person: str = LEAD, **more: Any) -> None:
        """Answer the latest question."""
        core = self.core
        with core.view() as view:
            question = view.requests(state="pending")[0]
        judge = Judge(
            caller=as_person(person),
            key=f"k-{next(self._keys)}",
            request=question.id,
            verdict=verdict,
            policy=core.generation.digest,
            **more,
        )
        await core.do(judge)


REMOTE = ContextVar("remote", default=False)
"""Whether the guards of a test ask a service, and have no core of their own."""
KEY = "agpk_of-the-guard"


@asynccontextmanager
async def desk(
    folder: Path, settings: Settings | None = None, text: str = POLICY
) -> AsyncIterator[Desk]:
    """Open a desk on a store in a folder."""
    (folder / "desk.agp").write_text(text, encoding="utf-8")
    flags = {"policies": [str(folder / "desk.agp")], "store": f"sqlite:///{folder}/agpc.db"}
    embedded = await Embedded.begin(read_settings(None, flags))
    async with asked_of(embedded) as enforcement:
        guard = Guard(enforcement, settings or Settings(wait=0))
        try:
            task = await enforcement.start(
                HELPER, "desk.answer", {"order": "o-7"}, user=JOE, key="start"
            )
            yield Desk(guard, embedded.core, task)
        finally:
            await guard.close()
            await embedded.close()


@asynccontextmanager
async def asked_of(embedded: Embedded) -> AsyncIterator[Enforcement]:
    """The very enforcement, or a service that has its core, over HTTP."""
    if not REMOTE.get():
        yield embedded
        return
    roles = ["start", "decide", "outcome", "confirm", "read"]
    caller = {"name": "guard", "roles": roles, "agents": [HELPER], "key_sha256": hashed(KEY)}
    with serving({"callers": [caller]}, embedded.core) as served:
        address = read_address(f"http://127.0.0.1:{served.port}")
        remote = Remote(Client(address, api_key=KEY), embedded.vocabulary)
        try:
            yield remote
        finally:
            await remote.close()
