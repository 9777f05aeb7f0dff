"""A policy and a core for tests: a desk whose agent looks orders up and writes at most three mails in a task."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agpc.service.core import SYSTEM, Adopt, Caller, Core, CoreSettings, Decide, Operation, Start
from agpc.service.policies.generation import Generation, load_generation
from agpc.service.store import Store

HELPER = "spiffe://acme.example/ns/desk/sa/helper"
OTHER = "spiffe://acme.example/ns/desk/sa/other"
POLICY = """
language 2
package desk

agent helper = "spiffe://acme.example/ns/desk/sa/helper"
agent other  = "spiffe://acme.example/ns/desk/sa/other"
intent answer "Answer a customer" { order: string }
intent look   "Look an order up" { order: string }

tool shop {
    read action lookup(order: string) -> { total: number, customer: string }
    write action refund(order: string, amount: number)
}
tool mail {
    send action send(to: [string], body: string)
}
tool vault {
    write action put(secret: string)
    read action look()
}

source vouched = said, task, shop.lookup.customer
meter mails = count of mail.send per task

grant answering {
    to  helper
    for answer
    allow shop.lookup when args.order == task.order
    allow mail.send when args.to from vouched and mails <= 3
    allow shop.refund when args.order == task.order require approval by "role:lead" within 1h
    allow look.start when args.order == task.order
}
grant looking {
    to  helper
    for look
    allow shop.lookup when args.order == task.order
}
grant keeping {
    to helper
    for answer
    allow vault.put, vault.look
    audit metadata
}
"""
SECRET = bytes(range(32))
DESK = Caller("desk", ("start", "decide", "outcome"), (HELPER,))


@cache
def policy(text: str = POLICY) -> Generation:
    """Load a policy: once, for it never changes."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "desk.agp"
        file.write_text(text, encoding="utf-8")
        return load_generation([file])


class Desk:
    """A core with this policy, and what one asks of it."""

    def __init__(self, core: Core) -> None:
        """Take a core."""
        self.core = core
        self._keys = 0

    def do(self, operation: Operation) -> dict[str, Any]:
        """Do an operation."""
        return asyncio.run(self.core.do(operation))

    def key(self) -> str:
        """Give a key that was not used."""
        self._keys += 1
        return f"k-{self._keys}"

    def start(
        self, *, said: str | None = None, order: str = "o-7", key: str | None = None
    ) -> dict[str, Any]:
        """Start a task."""
        return self.do(
            Start(caller=DESK, key=key or self.key(), request=start(order=order), said=said)
        )

    def call(
        self, task: str, tool: str, action: str, *, key: str | None = None, **arguments: Any
    ) -> dict[str, Any]:
        """Decide a call."""
        request = call(task, tool, action, **arguments)
        return self.do(Decide(caller=DESK, key=key or self.key(), request=request))


def start(*, order: str = "o-7", intent: str = "answer", task: str | None = None) -> dict[str, Any]:
    """Ask for a start, perhaps inside of a task."""
    context: dict[str, Any] = (
        {"user": {"id": "user:joe"}} if task is None else {"task": {"id": task}}
    )
    return {
        "subject": {"type": "agent", "id": HELPER},
        "action": {"name": "start", "properties": {"order": order}},
        "resource": {"type": f"desk.{intent}", "id": "new"},
        "context": context,
    }


def call(task: str, tool: str, action: str, **arguments: Any) -> dict[str, Any]:
    """Ask for a call."""
    return {
        "subject": {"type": "agent", "id": HELPER},
        "action": {"name": action, "properties": arguments},
        "resource": {"type": f"desk.{tool}", "id": tool},
        "context": {"task": {"id": task}},
    }


@contextmanager
def opened(url: str, generation: Generation, **settings: Any) -> Iterator[Desk]:
    """A desk on a store, under a policy."""
    with opened_on(Store(url), generation, **settings) as desk:
        yield desk


@contextmanager
def opened_on(store: Store, generation: Generation, **settings: Any) -> Iterator[Desk]:
    """A desk on a store that is open."""
    core = Core(store, generation, CoreSettings(secret=SECRET, **settings))
    try:
        asyncio.run(core.do(Adopt(caller=SYSTEM, key="begin", generation=generation)))
        yield Desk(core)
    finally:
        core.stop()
