"""What a guard adds to a call: `make bench-guard` writes benchmarks/results-guard.md.

The same calls, one after the other, to a server and to the server behind a guard, by turns in one run. The server says back
what it is told, and the client does next to nothing, so that what is between them is what is measured.
"""

from __future__ import annotations

import os
import platform
import socket
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
from clients import Client, OnStreams, OverHTTP, ToDisk, processor_time
from tables import table, time_text

RESULTS = HERE.parent / "results-guard.md"
ROUNDS, CALLS, FIRST = 5, 100, 50
BOT = "spiffe://acme.example/ns/desk/sa/bot"
POLICY = f"""
language 2
package desk
owner "Desk" contact "desk@acme.example"
agent bot = "{BOT}"
intent answer "Answer questions"
tool voice {{ read action echo(text: string) }}
grant speaking {{
    to bot
    for answer
    allow voice.echo when args.text like "*message*"
}}
"""
GOALS = {"streams, guarded": 0.003, "streams, decided and not recorded": 0.001}
"""Seconds that a guard may add to a call, at p50 on a machine that has nothing else to do."""
ECHO = (sys.executable, str(HERE / "echo_server.py"))


@dataclass
class Measured:
    """The calls of one way."""

    times: list[float] = field(default_factory=list)
    processor: float = 0.0

    def cells(self, bare: Measured | None) -> tuple[str, ...]:
        """What they came to, beside the same calls without a guard."""
        half, most = at(self.times, 50), at(self.times, 99)
        used = time_text(self.processor / len(self.times)) if self.processor else "under 10 µs"
        if bare is None:
            return time_text(half), time_text(most), used, "", "", ""
        first, last = at(bare.times, 50), at(bare.times, 99)
        return (
            time_text(half),
            time_text(most),
            used,
            time_text(half - first),
            time_text(max(0.0, most - last)),
            f"{half / first:.1f}",
        )


def at(times: list[float], percent: int) -> float:
    """A percentile."""
    return statistics.quantiles(times, n=100)[percent - 1]


def free() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def ways(folder: Path) -> dict[str, Callable[[], Client]]:
    """Each way to the server, by its name."""
    policy, said = folder / "desk.agp", folder / "said"
    policy.write_text(POLICY)
    guard = (sys.executable, "-m", "agpc", "guard", str(policy), "--agent", BOT)
    guard = (*guard, "--intent", "desk.answer", "--store")

    def store(name: str) -> str:
        return f"sqlite:///{folder / name}.db"

    def over_http() -> Client:
        port = free()
        return OverHTTP((*ECHO, "127.0.0.1", str(port)), port, said)

    def guarded_over_http() -> Client:
        behind, port = free(), free()
        server = OverHTTP((*ECHO, "127.0.0.1", str(behind)), behind, said)
        upstream = ("--upstream", f"http://127.0.0.1:{behind}/mcp")
        listen = ("--listen", f"127.0.0.1:{port}")
        command = (*guard, store("http"), *upstream, *listen)
        return OverHTTP(command, port, said, others=[server])

    unrecorded = (sys.executable, str(HERE / "unrecorded.py"), str(policy), store("unrecorded"))
    return {
        "two writes to the disk alone": lambda: ToDisk(folder),
        "streams, the server alone": lambda: OnStreams(ECHO, said),
        "streams, guarded": lambda: OnStreams((*guard, store("streams"), "--", *ECHO), said),
        "streams, decided and not recorded": lambda: OnStreams((*unrecorded, *ECHO), said),
        "HTTP, the server alone": over_http,
        "HTTP, guarded, on both sides": guarded_over_http,
    }


def measure() -> dict[str, Measured]:
    """Make the calls, by turns."""
    with tempfile.TemporaryDirectory() as folder:
        clients = {name: start() for name, start in ways(Path(folder)).items()}
        found = {name: Measured() for name in clients}
        try:
            for number in range(ROUNDS + 1):
                for name, client in clients.items():
                    client.begin()
                    used = processor_time(client.pid)
                    times = [
                        client.call(f"message {each}") for each in range(CALLS if number else FIRST)
                    ]
                    if number:
                        found[name].times += times
                        found[name].processor += processor_time(client.pid) - used
        finally:
            for client in clients.values():
                client.close()
    return found


def goal(found: dict[str, Measured], way: str) -> str:
    """Say of one way whether what is added is less than is wanted."""
    alone = found[f"{way.split(',')[0]}, the server alone"]
    added, wanted = at(found[way].times, 50) - at(alone.times, 50), GOALS[way]
    met = "met" if added < wanted else "not met in this run"
    return f"- *{way}*: less than {time_text(wanted)} added at p50 is wanted, {time_text(added)} were measured: {met}."


def main() -> None:
    """Measure, print and write."""
    load = os.getloadavg()[0]
    found = measure()
    rows = [
        (
            name,
            *each.cells(
                None if "alone" in name else found[f"{name.split(',')[0]}, the server alone"]
            ),
        )
        for name, each in found.items()
    ]
    heads = (
        "way",
        "p50",
        "p99",
        "CPU a call",
        "added, p50",
        "added, p99",
        "times the server alone",
    )
    text = f"""\
# Figures of the guard

By `make bench-guard` (`python benchmarks/guard/run.py`): {ROUNDS} rounds of {CALLS} calls each way, one after the other and by turns, so that what else the
machine does meets all alike. *CPU a call* is that of the process that the client speaks to, guard or server, without the server behind a guard.

{date.today()}, {platform.machine()}, {os.cpu_count()} cores, load {load:.1f} at the beginning; {platform.python_implementation()} {platform.python_version()}.

{table(heads, rows)}

A guarded call is two turns of the store, the decision before and the outcome after it, each of which SQLite writes to the disk (`synchronous = FULL`);
calls that come together share a turn. There is no guard that does not record: *decided and not recorded* is one that was made for
this table, and shows what the proxy alone costs, with the same decision.

{chr(10).join(goal(found, each) for each in GOALS)}

The goals are for a machine that has nothing else to do. What else wants processors or writes to the same disk is in these figures: with a load above the
number of cores they say more than an idle machine would need, and *two writes to the disk
alone*, of as many bytes as the two turns, show by how much: what others write is waited for.
"""
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
