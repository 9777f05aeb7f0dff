"""Answers of the interpreter and of the engines to requests."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engines.rego import Opa, RegoCpp

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

from .opa import OPA
from .policies import X


def decisions(policy: ir.Policy, asked: Sequence[Any]) -> list[Any]:
    return [interpreter.decide(policy, each).to_authzen() for each in asked]


def by_opa(policy: ir.Policy, asked: Sequence[Any]) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        return Opa(OPA, TARGET.emit(policy, Options()).files, Path(folder)).decide(asked)


def by_rego_cpp(policy: ir.Policy, asked: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Answers, and the requests that they are to: those that the engine can run."""
    engine = RegoCpp(policy, TARGET.emit(policy, Options()).files)
    able = [each for each in asked if engine.cannot(each) is None]
    return [engine.decide(each) for each in able], able


def attribute(type_: ir.Type) -> ir.Attribute:
    return ir.Attribute("args", (X,), type_, optional=True)
