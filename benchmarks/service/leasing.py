"""Leases on both stores: how many are issued and renewed a second, and how long a new policy takes to end them all.

`python benchmarks/service/leasing.py [LEASES] [sqlite] [postgres]` prints the table. In one process and without HTTP: what turns take.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "tests" / "service")]
import postgres
from tables import table

from agpc.service.core import SYSTEM, Adopt, Caller, Core, Issue, Renew, Review, Settings, Start
from agpc.service.policies.generation import Generation, load_generation
from agpc.service.store import Store

AGENT = "spiffe://acme.example/ns/desk/sa/helper"
DESK = Caller("desk", ("start", "decide"), (AGENT,))
CONNECTIONS = 64
OF_TASK = 250
HEADS = (
    *("store", "leases", "issued a second", "renewed a second"),
    *("all kept by a policy", "all ended by a policy"),
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


async def asked(do: Callable[[int], Awaitable[Any]], count: int) -> float:
    """Ask so many things, as many at once as there are connections; give how many a second."""
    numbers = iter(range(count))

    async def one() -> None:
        for number in numbers:
            await do(number)

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return count / (time.perf_counter() - began)


async def measured(url: str, folder: Path, count: int) -> tuple[str, ...]:
    active = policy(folder, POLICY)
    core = Core(Store(url), active, Settings(secret=bytes(32)))
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
        kept = await looked_at(core, wider, "keep", 0, count)
        stricter = policy(folder, POLICY.replace("0.8", "0.95"))
        ended = await looked_at(core, stricter, "end", count, count)
        return f"{issued:,.0f}", f"{renewed:,.0f}", f"{kept:,.1f} s", f"{ended:,.1f} s"
    finally:
        core.stop()


async def looked_at(core: Core, other: Generation, key: str, ended: int, count: int) -> float:
    """Make another policy active, and look at all leases; give how long that took."""
    await core.do(Adopt(caller=SYSTEM, key=key, generation=other))
    began, number, revoked, looked = time.perf_counter(), 0, 0, 0
    while looked < count:
        answer = await core.do(Review(caller=SYSTEM, key=f"{key}-{number}"))
        number, looked = number + 1, looked + answer["looked"]
        revoked += answer["revoked"]
    assert revoked == ended
    return time.perf_counter() - began


def main(arguments: Sequence[str]) -> None:
    count = int(arguments[0]) if arguments else 100_000
    stores = arguments[1:] or ("sqlite", "postgres")
    rows = []
    with tempfile.TemporaryDirectory(prefix="agpc-bench-") as name:
        folder = Path(name)
        if "sqlite" in stores:
            found = asyncio.run(measured(f"sqlite:///{folder}/agpc.db", folder, count))
            rows.append(("SQLite", f"{count:,}", *found))
        if "postgres" in stores:
            with postgres.cluster(fsync=True) as cluster:
                found = asyncio.run(measured(cluster.create_database(), folder, count))
                rows.append(("PostgreSQL", f"{count:,}", *found))
    print(table(HEADS, rows))


if __name__ == "__main__":
    main(sys.argv[1:])
