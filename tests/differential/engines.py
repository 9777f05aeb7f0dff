"""The engines that the campaign compares with the interpreter, each over one policy.

An engine answers a batch of requests. A whole answer is an AuthZEN response; of platforms that only
permit or deny, it is a bool. None stands for a request that the engine cannot be given, for a reason
that its harness states.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines import javascript
from engines.cedar import Engine as CedarEngine
from engines.rego import Opa, RegoCpp, find_opa
from targets.generated import imported

from agpc.compiler.ir import nodes as ir
from agpc.targets.cedar import TARGET as CEDAR
from agpc.targets.emission import Emission, Options, Target
from agpc.targets.javascript import TARGET as JAVASCRIPT
from agpc.targets.python import TARGET as PYTHON
from agpc.targets.python import evaluator
from agpc.targets.rego import TARGET as REGO

Answer = Any
Decide = Callable[[Sequence[Any]], list[Answer]]


@dataclass(frozen=True, slots=True)
class Engine:
    """A name, the target whose artifacts it runs, and how it is opened over an emission.

    `policy` is the one that the artifacts are made from, which a harness may need to know.
    """

    name: str
    target: Target
    open: Callable[[ir.Policy, Emission], Any]
    whole: bool = True
    missing: str | None = None


@contextmanager
def in_memory(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The evaluator that `agpc.load` gives."""
    engine = evaluator(policy)
    yield lambda requests: [engine.decide(each).to_authzen() for each in requests]


@contextmanager
def generated(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The generated package, imported."""
    with imported(emission.files) as module:
        yield lambda requests: [module.decide(each).to_authzen() for each in requests]


@contextmanager
def on_node(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The ES module, through its strict reader of JSON text."""
    process = javascript.node()
    assert process is not None
    module = process.load(emission.files)
    try:
        yield module.decide
    finally:
        shutil.rmtree(module.folder, ignore_errors=True)


@contextmanager
def on_opa(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The bundle on OPA."""
    found = find_opa()
    assert found is not None
    with tempfile.TemporaryDirectory(prefix="agpc-opa-") as folder:
        yield Opa(found, emission.files, Path(folder)).decide


@contextmanager
def on_rego_cpp(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """The bundle on rego-cpp, which has no time zones and cannot be given every request."""
    if any(rule.window is not None for rule in policy.allows):
        yield lambda requests: [None] * len(requests)
        return
    engine = RegoCpp(policy, emission.files)
    yield lambda requests: [
        None if engine.cannot(each) else engine.decide(each) for each in requests
    ]


@contextmanager
def on_cedar(policy: ir.Policy, emission: Emission) -> Iterator[Decide]:
    """Policies and schema on Cedar, which permits or denies."""
    engine = CedarEngine(emission.files)
    assert engine.validation.validation_passed, engine.validation.errors
    yield lambda requests: [engine.decide(each) for each in requests]


ENGINES = (
    Engine("python, in memory", PYTHON, in_memory),
    Engine("python, generated", PYTHON, generated),
    Engine(
        "javascript on Node",
        JAVASCRIPT,
        on_node,
        missing=None if javascript.find_node() else javascript.NO_NODE,
    ),
    Engine(
        "rego on OPA",
        REGO,
        on_opa,
        missing=None if find_opa() else "there is no OPA: set OPA, or put `opa` on the path",
    ),
    Engine("rego on rego-cpp", REGO, on_rego_cpp),
    Engine("cedar", CEDAR, on_cedar, whole=False),
)


def emit(engine: Engine, policy: ir.Policy) -> Emission:
    """The artifacts of a policy for an engine."""
    return engine.target.emit(policy, Options())
