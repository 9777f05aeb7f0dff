"""`agpc serve` as a process, on a free port, and what tests say to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forking import COLD, agpc
from forking.ports import free_port

from .served import Answer

POLICY = """language 2
package bank

owner "Payments" contact "pay@example.org"

agent clerk = "spiffe://example.org/ns/a/sa/b"

intent reconcile "Match the ledger" { period: string }

tool account {
    write action pay(amount: int)
}

terms all_year {
    credential ttl 1h
    valid      from 2026-01-01 until 2027-12-31
    audit      full
}

grant reconcile_books {
    to    clerk
    for   reconcile
    terms all_year

    allow account.pay as paying when args.amount <= LIMIT
}
"""


@dataclass
class Process:
    """A service that runs."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Say one thing."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"content-type": "application/json"} if body is not None else {}
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body), {**sent, **headers}
            )
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, told, answer.read())
        finally:
            connection.close()

    def say(self, text: str, **headers: str) -> int:
        """Say one thing that is no JSON to where signals are brought, and give the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/ssf/events", text, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def until(self, condition: Any, what: str) -> None:
        """Wait until something is so."""
        pause = threading.Event()
        for _ in range(1200):
            if self.process.poll() is not None:
                raise AssertionError(f"the service ended: {self.log}")
            try:
                if condition():
                    return
            except (OSError, http.client.HTTPException):
                pass
            pause.wait(0.05)
        raise AssertionError(f"it never came to be that {what}: {self.log}")

    def ready(self) -> None:
        """Wait until it decides."""
        self.until(lambda: self.ask("GET", "/readyz").status == 200, "it is ready")

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it in order, and give its status."""
        self.process.send_signal(number)
        return self.process.wait(60)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.log.splitlines() if each.startswith("{")]


@contextmanager
def process(folder: Path, *arguments: str, **environment: str) -> Iterator[Process]:
    """Run `agpc serve` in a folder while the block lasts."""
    port = free_port()
    # Workers are processes that it spawns itself.
    start = COLD if "--workers" in arguments else agpc()
    with (folder / "log").open("ab") as log:
        started = subprocess.Popen(
            [*start, "serve", *arguments, "--listen", f"127.0.0.1:{port}"],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, **environment},
        )
    try:
        yield Process(started, port, folder)
    finally:
        if started.poll() is None:
            started.kill()
        started.wait(30)


def make_certificate(folder: Path) -> None:
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
