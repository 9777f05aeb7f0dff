"""Servers that are measured, each a process of its own on a free port, and the program that asks them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agpc.service.http.gate.callers import new_key

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE = 300  # seconds for a server to start
TICKS = os.sysconf("SC_CLK_TCK")
OPA_TOKEN = "opa_token"
OPA_WHO_MAY = f"""
package system.authz

default allow := false

allow if input.identity == "{OPA_TOKEN}"
"""


def why_not() -> str | None:
    """Why nothing can be measured here, or nothing."""
    if shutil.which("go") is None:
        return "the load generator is a Go program, and there is no Go here"
    if opa_program() is None:
        return "no opa here: put it on the path, or at .cache/bin/opa"
    return None


def opa_program() -> str | None:
    cached = ROOT / ".cache" / "bin" / "opa"
    return shutil.which("opa") or (str(cached) if cached.exists() else None)


def opa_version() -> str:
    done = subprocess.run(
        [str(opa_program()), "version"], capture_output=True, text=True, check=True
    )
    return f"OPA {done.stdout.split()[1]}"


@dataclass
class Server:
    """A server that runs."""

    process: subprocess.Popen[bytes]
    port: int
    token: str

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path: str, body: Any = None) -> Any:
        """Ask it once."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        asked = urllib.request.Request(self.url(path), data, headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    def cpu(self) -> float:
        """Seconds of processors that it and its workers have taken."""
        found = 0.0
        pending = [self.process.pid]
        while pending:
            pid = pending.pop()
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                found += (int(fields[11]) + int(fields[12])) / TICKS
                pending += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found


@contextmanager
def running(
    command: Sequence[object], port: int, token: str, ready: str, log: Path
) -> Iterator[Server]:
    """Start a process, and wait until it is ready."""
    with open(log, "wb") as said:
        process = subprocess.Popen([*map(str, command)], stdout=said, stderr=said, cwd=log.parent)
    try:
        server = Server(process, port, token)
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                server.ask(ready)
                break
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(log.read_text("utf-8", "replace")[-4000:])
            time.sleep(0.05)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def opa(bundle: Path, folder: Path) -> Iterator[Server]:
    """OPA with a token to be shown, and its decision log on."""
    program = opa_program()
    assert program is not None
    who_may = folder / "authz.rego"
    who_may.write_text(OPA_WHO_MAY)
    port = free_port()
    command = [
        *(program, "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error"),
        *("--authentication=token", "--authorization=basic"),
        *("--set", "decision_logs.console=true", bundle, who_may),
    ]
    with running(command, port, OPA_TOKEN, "/health", folder / "opa.log") as found:
        yield found


def rego_of(policies: Path, folder: Path) -> Path:
    """The same policy for OPA."""
    out = folder / "compiled"
    agpc = Path(sys.executable).with_name("agpc")
    command = [agpc, "compile", policies, "-t", "rego", "-o", out, "--no-proofs"]
    subprocess.run([*map(str, command)], check=True, capture_output=True)
    return out / "rego" / "bundle"


@contextmanager
def service(
    policies: Path, store: str, folder: Path, *, workers: int = 1, log_requests: bool = False
) -> Iterator[Server]:
    """`agpc serve` with a caller, and the log of evaluations; one `folder` has one set of keys."""
    token_file = folder / "token"
    if not token_file.exists():
        key, digest = new_key()
        token_file.write_text(key)
        (folder / "service.toml").write_text(
            f"""
[[callers]]
name = "bench"
roles = ["decide", "start", "outcome", "read"]
agents = ["spiffe://**"]
key_sha256 = "{digest}"

[limits]
rate = 1000000
burst = 1000000

[audit]
decision_log = "evaluations.jsonl"

[logging]
requests = {"true" if log_requests else "false"}
"""
        )
    port = free_port()
    command = [
        *(Path(sys.executable).with_name("agpc"), "serve", policies),
        *("--config", folder / "service.toml", "--store", store),
        *("--listen", f"127.0.0.1:{port}", "--workers", workers),
    ]
    log = folder / f"service-{port}.log"
    with running(command, port, token_file.read_text(), "/readyz", log) as found:
        yield found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


# --- Asking ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What asking for some seconds came to."""

    rate: float
    p50: float
    p99: float
    cpu: float
    """Seconds of processors that the servers took for one request, and `client` those of who asked."""
    client: float
    expected: float
    """The part of the answers that had the expected text in it."""


def ask(
    servers: Sequence[Server],
    path: str,
    bodies: Path,
    connections: int,
    *,
    seconds: float = 4,
    requests: int = 0,
    expect: str = '"decision":true',
) -> Asked:
    """Ask servers over connections that stay open; each request with `KEY` in it gets a key of its own."""
    command = [
        *(load_program(), "-url", ",".join(each.url(path) for each in servers)),
        *("-bodies", bodies, "-connections", connections, "-seconds", seconds),
        *("-warm", 0 if requests else 1, "-requests", requests),
        *("-token", servers[0].token, "-keys", secrets.token_hex(4), "-expect", expect),
    ]
    before = sum(each.cpu() for each in servers)
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    spent = sum(each.cpu() for each in servers) - before
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    found = json.loads(done.stdout)
    count, took = found["requests"], found["seconds"]
    if set(found["statuses"]) != {"200"}:
        raise RuntimeError(f"not all answers were 200: {found['statuses']}")
    whole = took if requests else took + 1
    return Asked(
        rate=count / took,
        p50=found["p50"],
        p99=found["p99"],
        cpu=spent / (count * whole / took),
        client=found["client_cpu"] / count,
        expected=found["expected"] / count,
    )


KEY = "@" * 24
"""Stands in a body where each request has a key of its own."""


def load_program() -> Path:
    """The load generator, built where it is not."""
    found = ROOT / "build" / "load"
    sources = sorted((HERE / "load").glob("*.go"))
    if not found.exists() or found.stat().st_mtime < max(each.stat().st_mtime for each in sources):
        subprocess.run(["go", "build", "-o", str(found), "."], cwd=HERE / "load", check=True)
    return found
