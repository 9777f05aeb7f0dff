"""How soon the language server answers after an edit, over standard input and output: `make bench-lsp`.

Beside it, in the same run, `agpc check --no-analysis` of the same files in a process of its own: what an author
would wait for without a server. Writes benchmarks/results-lsp.md.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from tables import table, time_text
from workload import workload

RUNS = int(os.environ.get("AGPC_BENCH_RUNS", "100"))
COMMAND = [sys.executable, "-m", "agpc", "lsp", "--stdio"]


class Client:
    """A client that waits for each answer."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0
        root = {"uri": folder.as_uri(), "name": "bench"}
        self.ask("initialize", {"processId": None, "capabilities": {}, "workspaceFolders": [root]})
        self.tell("initialized", {})

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline()).strip():
            if line.startswith(b"Content-Length:"):
                length = int(line.split(b":")[1])
        found: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return found

    def tell(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while (found := self.read()).get("id") != self.number or "method" in found:
            pass
        assert "error" not in found, found
        return found["result"]

    def until_told(self, uri: str, version: int) -> None:
        while True:
            found = self.read()
            params = found.get("params")
            if (
                found.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == uri
                and params.get("version") == version
            ):
                return

    def memory(self) -> float:
        """Megabytes that the server holds; nothing where the system does not say."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return float("nan")
        [line] = [each for each in status.read_text().splitlines() if each.startswith("VmHWM")]
        return int(line.split()[1]) / 1_000

    def end(self) -> None:
        self.ask("shutdown", None)
        self.tell("exit", None)
        self.process.wait()


class Author:
    """Edits one document, in four ways in turn."""

    def __init__(self, client: Client, path: Path) -> None:
        self.client, self.uri, self.text = client, path.as_uri(), path.read_text(encoding="utf-8")
        self.version = 1
        item = {"uri": self.uri, "languageId": "agp", "version": 1, "text": self.text}
        client.tell("textDocument/didOpen", {"textDocument": item})
        client.until_told(self.uri, 1)

    def replace(self, start: int, end: int, text: str) -> None:
        span = {"start": self.place(start), "end": self.place(end)}
        self.text = self.text[:start] + text + self.text[end:]
        self.version += 1
        of = {"uri": self.uri, "version": self.version}
        changes = [{"range": span, "text": text}]
        self.client.tell("textDocument/didChange", {"textDocument": of, "contentChanges": changes})

    def place(self, offset: int) -> dict[str, int]:
        before = self.text[:offset]
        return {"line": before.count("\n"), "character": offset - before.rfind("\n") - 1}

    def edit(self, number: int) -> str:
        """A digit in a rule, a line at the top, a brace that breaks the file, and its end."""
        kind = number % 4
        if kind == 0:
            at = self.text.index("args.amount <= ") + len("args.amount <= ")
            self.replace(at, at + 1, str(1 + number % 9))
            return "a digit in a rule"
        if kind == 1:
            at = self.text.index("\n") + 1
            self.replace(at, at, "\n")
            return "a line at the top"
        if kind == 2:
            self.replace(len(self.text), len(self.text), "{")
            return "a brace that breaks the file"
        self.replace(len(self.text) - 1, len(self.text), "")
        return "the brace taken away"


def measured(folder: Path, rules: Path) -> tuple[list[tuple[str, list[float]]], float]:
    """Seconds after an edit, by what is waited for; and the memory that the server took at most."""
    client = Client(folder)
    author = Author(client, rules)
    place = author.place(author.text.index("allow ") + 8)
    asked = {"textDocument": {"uri": author.uri}, "position": place}
    found: dict[str, list[float]] = {}

    def timed(name: str, wait: Callable[[], object]) -> None:
        for number in range(RUNS):
            start = perf_counter()
            kind = author.edit(number)
            wait()
            took = perf_counter() - start
            found.setdefault(name, []).append(took)
            if name == "diagnostics":
                found.setdefault(f"diagnostics, {kind}", []).append(took)

    timed("diagnostics", lambda: client.until_told(author.uri, author.version))
    for method in ("hover", "completion", "definition"):
        timed(method, lambda method=method: client.ask(f"textDocument/{method}", asked))  # type: ignore[misc]
    memory = client.memory()
    client.end()
    return list(found.items()), memory


def written(size: int, folder: Path, *, together: bool) -> Path:
    """Write the rules, over files of 100 or in one; give the file that is edited."""
    files = workload(size).files
    if together:
        texts = [files.pop("vocabulary.agp"), *files.values()]
        first, *others = texts
        path = folder / "all.agp"
        parts = [each.removeprefix("package bench\n") for each in others]
        path.write_text("\n".join([first.rstrip(), *parts]), encoding="utf-8")
        return path
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "rules_000.agp"


def main() -> None:
    """Measure, and write the results."""
    parts = []
    for size, together in ((1_000, False), (1_000, True), (10_000, False)):
        with tempfile.TemporaryDirectory() as directory:
            folder = Path(directory)
            edited = written(size, folder, together=together)
            start = perf_counter()
            command = [sys.executable, "-m", "agpc", "check", "--no-analysis", str(folder)]
            subprocess.run(command, check=True, capture_output=True)
            check = perf_counter() - start
            figures, memory = measured(folder, edited)
        rows = []
        for name, seconds in figures:
            ordered = sorted(seconds)
            p50 = statistics.median(ordered)
            p99 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
            rows.append((name, time_text(p50), time_text(p99), f"{p50 / check:.2f}"))
        where = (
            f"one file of {edited_lines(size):,} lines" if together else "files of 100 statements"
        )
        parts.append(
            f"## {size:,} rules in {where}\n\n"
            + table(("edit until", "p50", "p99", "of a fresh check"), rows)
            + f"\n\nA fresh check without the analysis: {time_text(check)}. Memory at most: {memory:.0f} MB.\n"
        )
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    head = (
        "# Results of the language server\n\n`make bench-lsp`: what an author waits for after an edit, over standard "
        "input and output, the analysis at work beside it.\n\n"
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; "
        f"load average {load}. Each figure of {RUNS} edits: a digit in a rule, a line at the top, a brace that breaks "
        "the file, and its end, in turn.\n\n"
    )
    text = head + "\n".join(parts)
    (ROOT / "benchmarks" / "results-lsp.md").write_text(text, encoding="utf-8")
    print(text)


def edited_lines(size: int) -> int:
    """The lines of all files together."""
    return sum(text.count("\n") for text in workload(size).files.values())


if __name__ == "__main__":
    main()
