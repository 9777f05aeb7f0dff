"""Calls that are decided, counted by a meter, recorded and committed before they are answered."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from measured import ROUNDS, SECONDS, cells_of
from servers import HERE, Asked, Server, ask, service
from tables import table
from workloads import start_tasks, tasks_of, write_calls, write_payments

sys.path.insert(0, str(HERE.parents[1] / "tests" / "service"))
import postgres

HEADS = ("requests/s", "p50", "p99", "CPU per request")
TASKS = 64
MANY_TASKS = 100_000
WORKERS = (1, 2)
PROCESSES = (1, 2, 4)


@contextmanager
def on_sqlite(workers: int = 1) -> Iterator[tuple[Server, Path]]:
    with tempfile.TemporaryDirectory(prefix="agpc-bench-") as name:
        folder = Path(name)
        store = f"sqlite:///{folder}/agpc.db"
        with service(write_payments(folder), store, folder, workers=workers) as server:
            yield server, folder


@contextmanager
def on_postgres(processes: int = 1) -> Iterator[tuple[list[Server], Path]]:
    """Some processes on one PostgreSQL, which waits for its disk."""
    with (
        postgres.cluster(fsync=True) as cluster,
        tempfile.TemporaryDirectory(prefix="agpc-bench-") as name,
        ExitStack() as stack,
    ):
        folder = Path(name)
        policies, store = write_payments(folder), cluster.create_database()
        servers = [stack.enter_context(service(policies, store, folder)) for _ in range(processes)]
        yield servers, folder


def calls(servers: list[Server], bodies: Path, connections: int) -> list[Asked]:
    """Some rounds, in which all calls are permitted."""
    found = [ask(servers, "/v1/calls", bodies, connections, seconds=SECONDS) for _ in range(ROUNDS)]
    assert all(each.expected == 1.0 for each in found), "a call was not permitted"
    return found


def report() -> str:
    """Both stores, with one connection and with many; and processes beside each other."""
    rows = []
    for workers in WORKERS:
        with on_sqlite(workers) as (server, folder):
            start_tasks(server, TASKS, folder)
            bodies = write_calls(tasks_of(server, TASKS), folder)
            for connections in (1, 16, 64) if workers == 1 else (64,):
                cells = cells_of(calls([server], bodies, connections))
                rows.append(("SQLite", f"{workers}", f"{connections}", *cells))
    if why := postgres.why_not():
        rows.append((f"PostgreSQL: {why}", *[""] * 6))
    else:
        for processes in PROCESSES:
            with on_postgres(processes) as (servers, folder):
                start_tasks(servers[0], TASKS, folder)
                bodies = write_calls(tasks_of(servers[0], TASKS), folder)
                for connections in (1, 16, 64) if processes == 1 else (64,):
                    cells = cells_of(calls(servers, bodies, connections))
                    rows.append(("PostgreSQL", f"{processes}", f"{connections}", *cells))
    return table(("store", "processes", "connections", *HEADS), rows)


def growing(most: int) -> str:
    """Ask the same of a store of which tasks and then records become more, on disk."""
    rows = []

    def look(server: Server, folder: Path, tasks: str) -> None:
        size = server.ask("/v1/events?limit=1")["size"]
        stored = sum(each.stat().st_size for each in folder.glob("agpc.db*"))
        cells = cells_of(calls([server], folder / "calls.txt", 16))
        rows.append((f"{size:,}", tasks, f"{stored / 1e9:.2f} GB", *cells))

    with on_sqlite() as (server, folder):
        start_tasks(server, TASKS, folder)
        write_calls(tasks_of(server, TASKS), folder)
        look(server, folder, f"{TASKS}")
        start_tasks(server, MANY_TASKS, folder)
        many = write_calls(tasks_of(server, MANY_TASKS), folder)
        look(server, folder, f"{MANY_TASKS + TASKS:,}")
        while (size := server.ask("/v1/events?limit=1")["size"]) < most:
            number = min(most - size, max(size, 100_000))
            ask([server], "/v1/calls", many, 128, seconds=36_000, requests=number)
            look(server, folder, f"{MANY_TASKS + TASKS:,}")
    return table(("events", "tasks", "store", *HEADS), rows)
