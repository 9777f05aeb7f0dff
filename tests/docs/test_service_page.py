"""Pages of docs/service with commands: they do what they show, with a service that really runs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from docs.blocks import DOCS, blocks
from docs.sessions import Session

PAGES = {
    "README.md": (3, b"starter.answer_ticket"),
    "leases.md": (2, b"desk.answer"),
    "brokers.md": (2, b"shop.restock"),
}
"""How many blocks of commands a page has beside that which serves, and what the page of the service shows then."""


@contextmanager
def serving(arguments: list[str], folder: Path, port: int) -> Iterator[None]:
    """Run `agpc serve` as a process until it is ready, and end it in order."""
    process = subprocess.Popen(
        [sys.executable, "-m", "agpc", *arguments, "--listen", f"127.0.0.1:{port}"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        for _ in range(600):
            try:
                with urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        break
            except (URLError, ConnectionError):
                assert process.poll() is None, process.communicate()[1].decode()
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """What stands in for AWS."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl, which the page uses")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_what_it_shows(
    tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    page, (blocks_of_commands, seen) = DOCS / "service" / name, PAGES[name]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (first,) = [each for each in blocks(page) if each.words == ("serve",)]
    *before, serve = [line.removeprefix("$ ") for line in first.text.splitlines()]
    assert serve.split()[:2] == ["agpc", "serve"]
    session = Session(tmp_path)
    for block in blocks(page):
        if block.words[:1] == ("file",) and block.language in ("agp", "toml"):
            file = tmp_path / block.words[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            text = block.text
            if "127.0.0.1:5000" in text:
                text = text.replace("127.0.0.1:5000", request.getfixturevalue("aws"))
            file.write_text(text, encoding="utf-8")
    session.environment["AGPC_SERVICE"] = f"http://127.0.0.1:{port}"
    session.environment["PATH"] = f"{session.environment['PATH']}{os.pathsep}{os.defpath}"
    session.run_console(replace(first, text="".join(f"$ {each}\n" for each in before)))
    run = 0
    with serving(serve.split()[1:], tmp_path, port):
        for block in blocks(page):
            text = block.text.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
            if block.language in ("agp", "toml"):
                continue
            if block.words[:1] == ("file",):
                (tmp_path / block.words[1]).write_text(text, encoding="utf-8")
            elif block.language == "console" and block.words != ("serve",):
                session.run_console(replace(block, text=text))
                run += 1
        with urlopen(f"http://127.0.0.1:{port}/") as shown:
            assert seen in shown.read()
    assert run == blocks_of_commands
    assert (tmp_path / "agpc.db").exists()
