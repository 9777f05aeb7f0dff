"""Runs emitted ES modules on Node, many requests in one process."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from .rego import carried, write

Entry = Literal["decide", "decideText"]

RUNNER = """
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const { file, body, texts } = JSON.parse(line);
  let answer;
  try {
    const run = new Function("module", "text", body);
    const module = await import(file);
    answer = { answers: texts.map((text) => run(module, text)) };
  } catch (error) {
    answer = { error: String(error.stack) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\\n`);
}
"""
CALLS = {
    "decide": "return module.decide(JSON.parse(text))",
    "decideText": "return module.decideText(text)",
}
NO_NODE = "there is no Node: set NODE, or put `node` on the path"


def find_node() -> str | None:
    """Find Node: by the environment's `NODE`, or on the path."""
    return os.environ.get("NODE") or shutil.which("node")


def node_environment() -> dict[str, str]:
    """Where Node looks for packages: in `AGPC_NODE_MODULES`, or where CI puts them."""
    cached = Path(__file__).parents[2] / ".cache" / "node_modules"
    return {**os.environ, "NODE_PATH": os.environ.get("AGPC_NODE_MODULES") or str(cached)}


MODULES = 1_000  # that one process may import; Node forgets none


class Node:
    """A Node process, which runs modules that it is given as files by path."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.folder = TemporaryDirectory(prefix="agpc-node-")
        self.numbers = count(1)
        self.imported: set[str] = set()
        self.runner = Path(self.folder.name) / "runner.mjs"
        self.runner.write_text(RUNNER, encoding="utf-8")
        self.process = self.start()
        atexit.register(self.close)

    def start(self) -> subprocess.Popen[str]:
        """Start a process that has imported nothing."""
        self.imported.clear()
        return subprocess.Popen(
            [self.node, str(self.runner)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=node_environment(),
            encoding="utf-8",
        )

    def stop(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(timeout=120)

    def close(self) -> None:
        """End the process, and remove what it ran."""
        self.stop()
        self.folder.cleanup()

    def load(self, files: Mapping[str, str]) -> Module:
        """Write a module's files, to be imported when it first decides."""
        folder = Path(self.folder.name) / f"module_{next(self.numbers)}"
        library = {path: text for path, text in files.items() if path.startswith("library/")}
        write({path: text for path, text in files.items() if path not in library}, folder)
        if library:
            (folder / "library").symlink_to(self.library(library))
        return Module(self, folder)

    def library(self, files: Mapping[str, str]) -> Path:
        """Write a library once, so that Node reads it once: it looks where a link leads."""
        digest = hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()
        folder = Path(self.folder.name) / f"library_{digest}"
        if not folder.exists():
            write(files, folder)
        return folder / "library"

    def run(self, file: Path, body: str, texts: Sequence[str]) -> list[Any]:
        """Run the body of a function of `module`, which is in a file, and `text` for each text."""
        return self.ask({"file": file.as_uri(), "body": body, "texts": list(texts)})

    def ask(self, question: dict[str, Any]) -> list[Any]:
        """Ask the process; an error of its code is one of the test's."""
        if len(self.imported) >= MODULES:
            self.stop()
            self.process = self.start()
        self.imported.add(question["file"])
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AssertionError(answer["error"])
        answers: list[Any] = answer["answers"]
        return answers


class Module:
    """A module on Node."""

    def __init__(self, node: Node, folder: Path) -> None:
        self.node, self.folder = node, folder

    def decide(self, requests: Sequence[Any], entry: Entry = "decideText") -> list[Any]:
        """Answer requests, in order."""
        return self.run(CALLS[entry], [carried(each) for each in requests])

    def run(self, body: str, texts: Sequence[str] = ("",), path: str = "index.js") -> list[Any]:
        """Run the body of a function of `module` and `text` for each text."""
        return self.node.run(self.folder / path, body, texts)


@cache
def node() -> Node | None:
    """Start the process that all tests share; None where there is no Node."""
    found = find_node()
    return None if found is None else Node(found)
