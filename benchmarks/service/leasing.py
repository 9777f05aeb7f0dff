"""Leases on both stores: how many are issued and renewed a second, how long a new policy takes to look at them all, and what
becomes of calls meanwhile. In one process and without HTTP: what turns take.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tables import time_text

from agpc.service.core import (
    SYSTEM,
    Adopt,
    Caller,
    Core,
    CoreSettings,
    Decide,
    Issue,
    Renew,
    Review,
    Start,
)
from agpc.service.policies.generation import Generation, load_generation
from agpc.service.store import Store

AGENT = "spiffe://acme.example/ns/desk/sa/helper"
DESK = Caller("desk", ("start", "decide"), (AGENT,))
CONNECTIONS = 64
OF_TASK = 250
HEADS = (
    *("store", "leases", "issued a second", "CPU each", "renewed a second", "CPU each"),
    *("all kept by a policy", "CPU", "calls meanwhile, longest"),
    *("all ended by a policy", "CPU", "calls meanwhile, longest"),
)
POLICY = """language 2
package desk
agent helper = "spiffe://acme.example/ns/desk/sa/helper"
intent answer "Answer a customer" { order: string }
context { confidence: number }
tool shop { read action browse }
grant reading {
    to  helper
    for answer
    allow shop.browse
    credential ttl 12h renew 2
    revoke when context.confidence < 0.8
}
"""


def policy(folder: Path, text: str) -> Generation:
    (folder / "desk.agp").write_text(text, encoding="utf-8")
    return load_generation([folder / "desk.agp"])


async def asked(do: Callable[[int], Awaitable[Any]], count: int) -> tuple[str, str]:
    """Ask so many things, as many at once as there are connections; give how many a second, and what each took."""
    numbers = iter(range(count))

    async def one() -> None:
        for number in numbers:
            await do(number)

    began, worked = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    rate = count / (time.perf_counter() - began)
    return f"{rate:,.0f}", time_text((time.process_time() - worked) / count)


@dataclass
class Calls:
    """One who asks for calls, one after the other, until told that it is enough."""

    core: Core
    task: str
    key: str
    waits: list[float] = field(default_factory=list)
    enough: bool = False

    async def run(self) -> None:
        request = {
            "subject": {"type": "agent", "id": AGENT},
            "action": {"name": "browse", "properties": {}},
            "resource": {"type": "desk.shop", "id": "shop"},
            "context": {"task": {"id": self.task}, "confidence": 0.9},
        }
        while not self.enough:
            began = time.perf_counter()
            key = f"{self.key}-{len(self.waits)}"
            await self.core.do(Decide(caller=DESK, key=key, request=request))
            self.waits.append(time.perf_counter() - began)

    def __str__(self) -> str:
        return f"{len(self.waits):,}, {time_text(max(self.waits, default=0.0))}"


async def measured(url: str, folder: Path, count: int) -> tuple[str, ...]:
    active = policy(folder, POLICY)
    core = Core(Store(url), active, CoreSettings(secret=bytes(32)))
    try:
        await core.do(Adopt(caller=SYSTEM, key="begin", generation=active))
        request = {
            "subject": {"type": "agent", "id": AGENT},
            "action": {"name": "start", "properties": {"order": "o-1"}},
            "resource": {"type": "desk.answer", "id": "new"},
            "context": {},
        }
        tasks: list[str] = []
        for number in range(count // OF_TASK + 1):
            found = await core.do(Start(caller=DESK, key=f"s-{number}", request=request))
            tasks.append(found["task"]["id"])
        leases = [""] * count

        async def issue(number: int) -> None:
            operation = Issue(
                caller=DESK,
                key=f"i-{number}",
                task=tasks[number % len(tasks)],
                capabilities=("desk.shop.browse",),
                context={"confidence": 0.9},
            )
            leases[number] = (await core.do(operation))["lease"]

        async def renew(number: int) -> None:
            answer = await core.do(Renew(caller=DESK, key=f"r-{number}", lease=leases[number]))
            assert answer["decision"] is True

        issued = await asked(issue, count)
        renewed = await asked(renew, min(count, 20_000))
        wider = policy(folder, POLICY.replace("renew 2", "renew 3"))
        kept = await looked_at(core, wider, "keep", 0, count, tasks[0])
        stricter = policy(folder, POLICY.replace("0.8", "0.95"))
        ended = await looked_at(core, stricter, "end", count, count, tasks[0])
        return (f"{count:,}", *issued, *renewed, *kept, *ended)
    finally:
        core.stop()


async def looked_at(
    core: Core, other: Generation, key: str, ended: int, count: int, task: str
) -> tuple[str, str, str]:
    """Make another policy active, and look at all leases; give how long that took, and what became of calls meanwhile."""
    calls = Calls(core, task, f"{key}-call")
    asking = asyncio.ensure_future(calls.run())
    began, worked = time.perf_counter(), time.process_time()
    await core.do(Adopt(caller=SYSTEM, key=key, generation=other))
    number, revoked, looked = 0, 0, 0
    while looked < count:
        answer = await core.do(Review(caller=SYSTEM, key=f"{key}-{number}"))
        number, looked = number + 1, looked + answer["looked"]
        revoked += answer["revoked"]
    wall, cpu = time.perf_counter() - began, time.process_time() - worked
    calls.enough = True
    await asking
    assert revoked == ended
    return time_text(wall), time_text(cpu), str(calls)
