"""Engines that run an emitted Rego bundle: OPA, and rego-cpp through `regopy`."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.chain import flaw_of_chain, of_each
from agpc.compiler.meaning.request import Call
from agpc.runtime.glob import parse_glob
from agpc.targets.rego.target import CHAIN, NO_CHAIN, STARTS

NO_CHAINS = (resources.files("agpc.targets.rego") / "library" / NO_CHAIN).read_text("utf-8")
NO_STARTS = "package agpc.starts\n\nis_asked_for if false\n"
BATCH = "[answer | some request in input; answer := data.agp.decision with input as request]"

SHORT_LIVED = {**os.environ, "GOGC": "off", "GOMEMLIMIT": "1GiB", "GOMAXPROCS": "1"}
"""For a process of Go that soon ends: a third of what it does would be to collect its garbage."""


def find_opa() -> str | None:
    """Find OPA: by the environment's `OPA`, on the path, or in the repository's `.cache/bin`."""
    cached = Path(__file__).parents[2] / ".cache" / "bin" / "opa"
    return (
        os.environ.get("OPA") or shutil.which("opa") or (str(cached) if cached.exists() else None)
    )


def bundle_of(files: Mapping[str, str]) -> dict[str, str]:
    """Give the part of an emission that is served, by paths in the bundle."""
    return {
        path.removeprefix("bundle/"): content
        for path, content in files.items()
        if path.startswith("bundle/")
    }


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write an emission's files."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8", newline="")


class Opa:
    """A bundle that OPA runs, one process for a batch of requests."""

    def __init__(self, opa: str, files: Mapping[str, str], folder: Path) -> None:
        self.opa, self.folder = opa, folder / "bundle"
        self.input = folder / "input.json"
        write(files, folder)

    def decide(self, requests: Sequence[Any]) -> list[Any]:
        """Answer requests, in order."""
        self.input.write_text(carried(list(requests)), encoding="utf-8")
        done = self.run("eval", "--bundle", self.folder, "--input", self.input, BATCH)
        return json.loads(done)["result"][0]["expressions"][0]["value"]

    def run(self, *arguments: object) -> str:
        """Run a subcommand and give its output; an error of OPA's is one of the test's."""
        done = subprocess.run(
            [self.opa, *map(str, arguments)],
            env=SHORT_LIVED,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


WORKER = """
import json, os, sys
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # what rego-cpp itself prints is not an answer
import regopy

def built(modules):
    engine = regopy.Interpreter()
    for path, content in modules:
        if path.endswith(".json"):
            for key in reversed(path.split("/")[:-1]):
                content = json.dumps(key) + ": " + content
                content = "{" + content + "}"
            engine.add_data_json(content)
        else:
            engine.add_module(path, content)
    return engine, engine.build("answer := data.agp.decision")

for line in sys.stdin:
    asked = json.loads(line)
    if "modules" in asked:
        engine, bundle = built(asked["modules"])
    else:
        engine.set_input_term(asked["request"])
        print(json.dumps(engine.query_bundle(bundle)[0]["answer"]), file=answers, flush=True)
"""
TRIES = 3


class RegoCpp:
    """A bundle that rego-cpp runs, compiled once, in a process that it shares with the bundles before.

    rego-cpp 1.5.2 now and then aborts its process after many queries; then the request is asked
    again in a new one, and only an answer counts.
    """

    process: subprocess.Popen[str] | None = None
    running: RegoCpp | None = None
    """Whose bundle the process runs."""

    def __init__(self, policy: ir.Policy, files: Mapping[str, str]) -> None:
        self.policy = policy
        if policy.delegations:  # its process falls where `with` has it ask a rule again
            files = {**files, f"bundle/{CHAIN}": NO_CHAINS}
        if policy.starts:
            files = {**files, f"bundle/{STARTS}": NO_STARTS}
        self.modules = [
            (path, literal(json.loads(content)) if path.endswith(".json") else content)
            for path, content in bundle_of(files).items()
            if path.endswith((".rego", ".json"))
        ]

    def decide(self, request: Any) -> Any:
        """Answer one request."""
        for _ in range(TRIES):
            try:
                answer = self._ask(literal(request))
            except BrokenPipeError:
                answer = ""
            if answer:
                return json.loads(answer)
            RegoCpp.close()
        raise AssertionError(f"rego-cpp gave no answer to {request}")

    def _ask(self, request: str) -> str:
        process = RegoCpp.process = RegoCpp.process or start()
        assert process.stdin is not None and process.stdout is not None
        if RegoCpp.running is not self:
            process.stdin.write(json.dumps({"modules": self.modules}) + "\n")
            RegoCpp.running = self
        process.stdin.write(json.dumps({"request": request}) + "\n")
        process.stdin.flush()
        return process.stdout.readline()

    @classmethod
    def close(cls) -> None:
        """End the process, if there is one."""
        if cls.process is not None:
            cls.process.kill()
            cls.process.communicate()
        cls.process = cls.running = None

    def cannot(self, request: Any) -> str | None:
        """Say why rego-cpp 1.5.2 cannot run a request as OPA does, if it cannot.

        These are faults of that engine, not of a bundle.
        """
        if self.policy.starts and has_starter(request):
            return "it falls over `with`, by which a starter is told from agents"
        if self.policy.delegations and has_chain(self.policy, request):
            return "it falls over `with`, by which a call is decided for each agent of a chain"
        scalars = list(_scalars(request))
        if any(type(each) is float and not _is_short(each) for each in scalars):
            return "it compares numbers by 15 digits, and fails on the largest and the smallest"
        if any(_has_nothing(request, each) for each in self.policy.meters):
            return "it fails on a number below all doubles, which is what nothing is read as"
        patterns = [
            "".join(part for part in parse_glob(each.pattern) if isinstance(part, str))
            for each in _leaves(self.policy)
            if isinstance(each, ir.Like)
        ]
        texts = [each for each in scalars if isinstance(each, str)]
        if patterns and not all(
            each.isascii() and each.isprintable() and not {'"', "\\"} & set(each)
            for each in (*texts, *patterns)
        ):
            return "it matches patterns byte by byte, and leaves JSON escapes as they are"
        return None


atexit.register(RegoCpp.close)


def start() -> subprocess.Popen[str]:
    """Start a process of rego-cpp."""
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


def has_starter(request: Any) -> bool:
    """Whether somebody asks for a call who says that he is a starter."""
    context = request.get("context") if isinstance(request, dict) else None
    return isinstance(context, dict) and context.get("starter") is not None


def has_chain(policy: ir.Policy, request: Any) -> bool:
    """Whether a call is decided for others than the caller, or would have to be."""
    call = Call.read(policy, request)
    if call is None:
        return False
    flawed = flaw_of_chain(policy, call.request) is not None
    return flawed or len(of_each(call.request)) > 1


def _has_nothing(request: Any, meter: ir.Meter) -> bool:
    """Whether a request says of a meter of numbers that there is no number."""
    value: Any = request
    for step in ("context", "meters", meter.key):
        value = value.get(step) if isinstance(value, dict) else None
    readings = value.values() if isinstance(value, dict) else ()
    return meter.type == ir.OrNothing(ir.NUMBER) and {"none": True} in readings


def carried(data: Any) -> str:
    """Write JSON text as a client would send it; an infinite number as one too big for a double."""
    return re.sub(r'"\\u0000(-?)infinity\\u0000"', r"\g<1>1e400", json.dumps(_spell(data)))


def literal(data: Any) -> str:
    """Write JSON text for rego-cpp, which leaves escapes as they are: spelled as the target does.

    An unpaired surrogate becomes U+FFFD, as with OPA's reader.
    """
    text = re.sub("[\ud800-\udfff]", "\ufffd", json.dumps(data, ensure_ascii=False))
    return "".join(each if each.isprintable() else _escape(each) for each in text)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _is_short(value: float) -> bool:
    return value == 0 or (1e-300 < abs(value) < 1e300 and float(f"{value:.15g}") == value)


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


def _scalars(data: Any) -> Iterator[Any]:
    match data:
        case dict():
            for key, value in data.items():
                yield key
                yield from _scalars(value)
        case list():
            for value in data:
                yield from _scalars(value)
        case _:
            yield data


def _leaves(policy: ir.Policy) -> Iterator[ir.Condition]:
    pending: list[ir.Condition | None] = []
    for rule in policy.rules:
        pending.append(rule.condition)
        pending.extend(rule.revoke if isinstance(rule, ir.Allow) else [rule.unless])
    while pending:
        match pending.pop():
            case ir.And(parts) | ir.Or(parts):
                pending.extend(parts)
            case ir.Not(part):
                pending.append(part)
            case ir.Quantified(test=test):
                pending.append(test)
            case None:
                pass
            case leaf:
                yield leaf
