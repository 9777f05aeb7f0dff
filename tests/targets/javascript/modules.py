"""What runs a policy as the JavaScript that is made of it."""

from __future__ import annotations

from engines.javascript import Module, node

from agpc.compiler.ir import nodes as ir
from agpc.targets.emission import Options
from agpc.targets.javascript import TARGET


def files_of(policy: ir.Policy) -> dict[str, str]:
    return dict(TARGET.emit(policy, Options()).files)


def module_of(policy: ir.Policy) -> Module:
    running = node()
    assert running is not None
    return running.load(files_of(policy))
