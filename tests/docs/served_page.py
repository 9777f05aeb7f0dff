"""Runs the blocks of a page beside a service that really runs: the block with the word `serve` starts it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from forking import agpc
from forking.ports import free_port

from docs.blocks import Block, blocks
from docs.sessions import Session


@contextmanager
def serving(arguments: list[str], folder: Path, port: int) -> Iterator[None]:
    """Run `agpc serve` as a process until it is ready, and end it in order."""
    process = subprocess.Popen(
        [*agpc(), *arguments, "--listen", f"127.0.0.1:{port}"],
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


def _is_settings(block: Block) -> bool:
    """Whether it is a file that is there before the service is."""
    return block.words[:1] == ("file",) and block.language in ("agp", "toml", "python")


@contextmanager
def typed(
    page: Path, folder: Path, instead: Mapping[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    """Type all of a page; give the port of its service, which goes on, and how many blocks of commands it took.

    `instead` has other addresses for some that the page names.
    """
    port = free_port()
    (first,) = [each for each in blocks(page) if each.words == ("serve",)]
    *before, serve = [line.removeprefix("$ ") for line in first.text.splitlines()]
    assert serve.split()[:2] == ["agpc", "serve"]
    for block in blocks(page):
        if _is_settings(block):
            file = folder / block.words[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            text = block.text
            for named, other in (instead or {}).items():
                text = text.replace(named, other)
            file.write_text(text, encoding="utf-8")
    session = Session(folder)
    session.environment["AGPC_SERVICE"] = f"http://127.0.0.1:{port}"
    session.environment["PATH"] = f"{session.environment['PATH']}{os.pathsep}{os.defpath}"
    session.run_console(replace(first, text="".join(f"$ {each}\n" for each in before)))
    run = 0
    with serving(serve.split()[1:], folder, port):
        for block in blocks(page):
            text = block.text.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
            if _is_settings(block):
                continue
            if block.words[:1] == ("file",):
                (folder / block.words[1]).write_text(text, encoding="utf-8")
            elif block.language == "console" and block.words != ("serve",):
                session.run_console(replace(block, text=text))
                run += 1
        yield port, run
