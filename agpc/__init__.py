"""agpc, the compiler for AGP: agent-governance policy, from source text to what enforces it.

engine = agpc.load("policies/")
decision = engine.decide(request)      # an OpenID AuthZEN evaluation, as a dict
if decision.effect == "permit": ...
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .compiler.files import PolicyFilesError
    from .compiler.ir import Policy
    from .compiler.load import PolicyError
    from .runtime.decision import Decision

__version__ = "0.1.0"
__all__ = ["Decision", "Engine", "Policy", "PolicyError", "PolicyFilesError", "compile", "load"]

_HOMES = {
    "Decision": ".runtime.decision",
    "Policy": ".compiler.ir",
    "PolicyError": ".compiler.load",
    "PolicyFilesError": ".compiler.files",
}


class Engine(Protocol):
    """A policy, ready to decide; safe to share between threads."""

    def decide(self, request: object) -> Decision:
        """Decide one request; what is no AuthZEN evaluation is denied. Never raises."""
        ...


def load(*paths: str | os.PathLike[str]) -> Engine:
    """Compile files and directories to an engine in memory.

    Raises `PolicyFilesError` if they cannot be read, `PolicyError` if they do not compile.
    """
    from .targets.python import evaluator

    return evaluator(compile(*paths))


def compile(*paths: str | os.PathLike[str]) -> Policy:
    """Compile files and directories to the policy IR; raises as `load` does."""
    from .compiler.load import load_policy

    return load_policy(paths)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import agpc` costs nothing."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
