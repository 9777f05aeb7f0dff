"""Engines that run an emitted Rego bundle: OPA, and rego-cpp through `regopy`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import regopy

BATCH = "[answer | some request in input; answer := data.agp.decision with input as request]"


def find_opa() -> str | None:
    """Find OPA: by the environment's `OPA`, on the path, or in the repository's `.cache/bin`."""
    cached = Path(__file__).parents[2] / ".cache" / "bin" / "opa"
    return (
        os.environ.get("OPA") or shutil.which("opa") or (str(cached) if cached.exists() else None)
    )


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write an emission's files."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")


class Opa:
    """A bundle that OPA runs, one process for a batch of requests."""

    def __init__(self, opa: str, files: Mapping[str, str], folder: Path) -> None:
        self.opa, self.folder = opa, folder / "bundle"
        self.input = folder / "input.json"
        write(files, self.folder)

    def decide(self, requests: Sequence[Any]) -> list[Any]:
        """Answer requests, in order."""
        self.input.write_text(carried(list(requests)), encoding="utf-8")
        done = self.run("eval", "--bundle", self.folder, "--input", self.input, BATCH)
        return json.loads(done)["result"][0]["expressions"][0]["value"]

    def run(self, *arguments: object) -> str:
        """Run a subcommand and give its output; an error of OPA's is one of the test's."""
        done = subprocess.run(
            [self.opa, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


class Regopy:
    """A bundle that rego-cpp runs, compiled once."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.interpreter = regopy.Interpreter()
        for path, content in files.items():
            if path.endswith(".rego") and not path.endswith("_test.rego"):
                self.interpreter.add_module(path, content)
        self.bundle = self.interpreter.build("x := data.agp.decision")

    def decide(self, requests: Sequence[Any]) -> list[Any]:
        """Answer requests, in order."""
        return [self._decide(request) for request in requests]

    def _decide(self, request: Any) -> Any:
        self.interpreter.set_input_term(decoded(request))
        return json.loads(str(self.interpreter.query_bundle(self.bundle)))["bindings"]["x"]


def carried(data: Any) -> str:
    """Write JSON text as a client would send it; an infinite number as one too big for a double."""
    return re.sub(r'"\\u0000(-?)infinity\\u0000"', r"\g<1>1e400", json.dumps(_spell(data)))


def decoded(data: Any) -> str:
    """Write JSON text for rego-cpp, which takes escapes literally: only those that must be."""
    text = json.dumps(_spell(data), ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", "\ufffd", text)  # as OPA's reader does


def _spell(data: Any) -> Any:
    match data:
        case float() if data - data != 0.0:
            return "\0-infinity\0" if data < 0 else "\0infinity\0"
        case dict():
            return {key: _spell(value) for key, value in data.items()}
        case list():
            return [_spell(value) for value in data]
        case _:
            return data
