"""A desk with a guard: its agent looks orders up, refunds what somebody approves, and writes mails."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agpc.guard import Asked, Guard, Returned, Settings, Task
from agpc.guard.enforcing.embedded import Embedded
from agpc.service.config.read import read_settings
from agpc.service.core import SYSTEM, Judge, Know, as_person

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

    def __init__(self, guard: Guard, enforcement: Embedded, task: Task) -> None:
        self.guard, self.enforcement, self.task = guard, enforcement, task
        self.shop = Shop()
        self._keys = itertools.count()

    def asked(self, action: str = "lookup", tool: str = "shop", **arguments: Any) -> Asked:
        return Asked(self.task, f"desk.{tool}", action, arguments)

    async def call(self, action: str = "lookup", tool: str = "shop", **arguments: Any) -> Any:
        return (await self.guard.call(self.asked(action, tool, **arguments), self.shop)).given

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        with self.enforcement.core.view() as view:
            rows = view.events(0, view.head.seq)
            return [json.loads(bytes(each.body or b"{}")) for each in rows if each.kind in kinds]

    def open_calls(self) -> list[str]:
        with self.enforcement.core.view() as view:
            return [f"c-{each.seq}" for each in view.calls(without_outcome=True)]

    async def know(self, person: str, *roles: str) -> None:
        key = f"k-{next(self._keys)}"
        await self.enforcement.core.do(Know(caller=SYSTEM, key=key, person=person, roles=roles))

    async def judge(self, verdict: Any = "approve", person: str = LEAD, **more: Any) -> None:
        """Answer the latest question."""
        core = self.enforcement.core
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


@asynccontextmanager
async def desk(
    folder: Path, settings: Settings | None = None, text: str = POLICY
) -> AsyncIterator[Desk]:
    """Open a desk on a store in a folder."""
    (folder / "desk.agp").write_text(text, encoding="utf-8")
    flags = {"policies": [str(folder / "desk.agp")], "store": f"sqlite:///{folder}/agpc.db"}
    enforcement = await Embedded.begin(read_settings(None, flags))
    guard = Guard(enforcement, settings or Settings(wait=0))
    try:
        task = await enforcement.start(
            HELPER, "desk.answer", {"order": "o-7"}, user=JOE, key="start"
        )
        yield Desk(guard, enforcement, task)
    finally:
        await guard.close()
        await enforcement.close()
