"""`agpc guard extmcp` as a process: what it says, whom it believes, how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from forking import agpc
from service.identity.authority import Authority

from agpc.service.store import Event, Store

from ..enforcing.desk import HELPER, POLICY
from .gateway import Gateway, Rejected

RESULT = {"content": [], "structuredContent": {"total": 5, "customer": "joe@mail.example"}}
OWN = ("--agent", HELPER, "--intent", "desk.answer", "--field", "order=o-7", "--user", "user:joe")


def command(folder: Path, *options: str) -> list[str]:
    (folder / "desk.agp").write_text(POLICY, encoding="utf-8")
    store = f"sqlite:///{folder}/agpc.db"
    start = (*agpc(), "guard", "extmcp", str(folder / "desk.agp"))
    return [*start, "--store", store, *options]


@asynccontextmanager
async def processor(folder: Path, *options: str) -> AsyncIterator[str]:
    """Start one; give where it listens, and see that it ends in order."""
    process = await asyncio.create_subprocess_exec(
        *command(folder, "--listen", "127.0.0.1:0", *options), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    said = ""
    try:
        while (found := re.search(r"ExtMcp at (127\.0\.0\.1:\d+)", said)) is None:
            line = (await process.stderr.readline()).decode()
            assert line, said
            said += line
        yield found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


def kinds(folder: Path) -> list[str]:
    store = Store(f"sqlite:///{folder}/agpc.db")
    with store.reading() as reading:
        found = [each.kind for each in reading.find(Event, "seq >= 0 ORDER BY seq")]
    store.close()
    return found


def test_it_governs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    async def run() -> None:
        async with processor(tmp_path, *OWN) as address:
            channel = grpc.aio.insecure_channel(address)
            gate = Gateway(channel, {})
            assert await gate.call("lookup", RESULT, order="o-7") == RESULT
            with pytest.raises(Rejected, match="Nothing ran"):
                await gate.call("lookup", RESULT, order="o-8")
            await gate.request("tools/call", {"name": "lookup", "arguments": {"order": "o-7"}})
            await channel.close()
        # the start; a call and its outcome; one that is denied; one without an outcome; the end
        expected = ["generation", "call", "task", "call", "outcome", "call", "call", "state"]
        assert kinds(tmp_path) == expected

    asyncio.run(run())


def test_gateways_show_who_they_are(tmp_path: Path) -> None:
    ours, other = Authority.new("ours"), Authority.new("other")
    served = ours.issue(tmp_path, server=True)
    ca = tmp_path / "ca.pem"
    ca.write_bytes(ours.certificate.public_bytes(Encoding.PEM))
    tls = ("--tls-certificate", str(served[0]), "--tls-key", str(served[1]), "--client-ca", str(ca))

    async def asked(address: str, files: Sequence[Path]) -> None:
        pair = [each.read_bytes() for each in files]
        credentials = grpc.ssl_channel_credentials(
            ca.read_bytes(), *((pair[1], pair[0]) if pair else ())
        )
        async with grpc.aio.secure_channel(address, credentials) as channel:
            assert await Gateway(channel, {}).call("lookup", RESULT, order="o-7") == RESULT

    async def run() -> None:
        async with processor(tmp_path, *OWN, *tls) as address:
            await asked(address, ours.issue(tmp_path))
            for files in ((), other.issue(tmp_path)):
                with pytest.raises(grpc.aio.AioRpcError):
                    await asked(address, files)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--listen", "0.0.0.0:4445", *OWN), "no gateway would have to say who it is"),
        (("--listen", "nowhere"), "an address to listen on"),
        (("--tls-key", "x", *OWN), "belong together"),
        (("--backend", "shop", *OWN), "is NAME=RESOURCE"),
        (("--backend", "shop=desk.none", *OWN), "declares no resource `desk.none`"),
        (("--task", "t-none"), "no such task"),
        (("--agent", HELPER), "give both"),
        (("--task", "t-1", "--user", "user:joe"), "without --user"),
        (("--agent", HELPER, "--intent", "desk.other"), "the task"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    done = subprocess.run(
        command(tmp_path, *options),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "500"},
    )
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
