"""agpc, the compiler for AGP: agent-governance policy, from source text to what enforces it.

```
engine = agpc.load("policies/")
request = agpc.read_request(body)  # an OpenID AuthZEN evaluation; refuses what readers take apart
decision = engine.decide(request)
if decision.effect == "permit": ...
```
"""

from __future__ import annotations

TYPE_CHECKING = False  # what typing says, without the cost of importing it
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from typing import Any

    from .compiler.check.compiling.load import PolicyError
    from .compiler.check.project.files import PolicyFilesError
    from .compiler.ir.nodes import Policy
    from .runtime.decision import Decision
    from .runtime.evaluator import Evaluator as Engine
    from .runtime.strict_json import NotJSON, read_request

__version__ = "0.1.0"
__all__ = [
    "Decision",
    "Engine",
    "NotJSON",
    "Policy",
    "PolicyError",
    "PolicyFilesError",
    "compile",
    "facts",
    "load",
    "read_request",
]

_HOMES = {
    "Decision": (".runtime.decision", "Decision"),
    "Engine": (".runtime.evaluator", "Evaluator"),
    "NotJSON": (".runtime.strict_json", "NotJSON"),
    "Policy": (".compiler.ir.nodes", "Policy"),
    "PolicyError": (".compiler.check.compiling.load", "PolicyError"),
    "PolicyFilesError": (".compiler.check.project.files", "PolicyFilesError"),
    "read_request": (".runtime.strict_json", "read_request"),
}


def load(*paths: str | os.PathLike[str]) -> Engine:
    """Compile files and directories to an engine in memory, whose `decide` takes a request.

    Raises `PolicyFilesError` if they cannot be read, `PolicyError` if they do not compile.
    """
    from .targets.python import evaluator

    return evaluator(compile(*paths))


def compile(*paths: str | os.PathLike[str]) -> Policy:
    """Compile files and directories to the policy IR; raises as `load` does."""
    from .compiler.check.compiling.load import load_policy

    return load_policy(paths)


def facts(policy: Policy, record: Iterable[Any], request: Any) -> Any:
    """Give a request with the facts that follow from a record: lines as text, or as JSON data, in the order of time.

    What the request said of facts itself is dropped. The policy is one that `compile` gives.
    """
    from .compiler.meaning.facts import facts as known

    return known(policy, record, request)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import agpc` costs nothing."""
    from importlib import import_module

    if name in _HOMES:
        module, attribute = _HOMES[name]
        return getattr(import_module(module, __name__), attribute)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
