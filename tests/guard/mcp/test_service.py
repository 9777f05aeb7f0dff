"""A guard without a store of its own: the service decides and records, and nothing runs where it does not answer."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
from forking import agpc
from forking.ports import free_port

from .guarding import Guarding, text_of
from .servers import hostile_server

POLICY = """
tool words {
    action echo(text: string)
}
grant saying {
    to bot
    for answer
    allow words.echo when not args.text like "*secret*"
}
"""


@contextmanager
def serving(it: Guarding) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A service with the policy of a guard, on the store that its trail is looked for in."""
    port = free_port()
    command = [*agpc(), "serve", str(it.path), "--store", it.store]
    with it.said.open("w") as log:
        process = subprocess.Popen(
            [*command, "--listen", f"127.0.0.1:{port}"], stderr=log, stdout=log
        )
    for _ in range(2400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None, it.said.read_text()
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(60)


def test_the_service_decides_and_records(tmp_path: Path) -> None:
    it = Guarding(tmp_path, POLICY, hostile_server("good", str(tmp_path / "calls")))

    async def use(process: subprocess.Popen[bytes]) -> None:
        async with it.client() as client:
            assert [each.name for each in (await client.list_tools()).tools] == ["echo"]
            assert text_of(await client.call_tool("echo", {"text": "a"})) == "a"
            assert (await client.call_tool("echo", {"text": "secret"})).is_error
            assert (await client.call_tool("other", {})).is_error
            process.terminate()
            await anyio.to_thread.run_sync(process.wait, 60)
            gone = await client.call_tool("echo", {"text": "b"})
            assert gone.is_error and "nothing runs undecided" in text_of(gone)

    with serving(it) as (url, process):
        it.options = ("--service", url)
        anyio.run(use, process)
    assert it.decisions() == [("echo", "permit"), ("echo", "deny")]
    assert it.outcomes() == ["done"] and len(it.events("refused")) == 1
    assert len((tmp_path / "calls").read_text().splitlines()) == 1
