"""The generated package: view models for the templates, and the files that they make."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from importlib import resources

from ...compiler.ir import nodes as ir
from ...compiler.report.diagnostics import Diagnostic
from ...runtime.rules import Vocabulary
from ..abilities import everything
from ..code.literals import Code
from ..code.names import imports_of, words_in
from ..code.package import Files, Package
from ..embedded import embedded, notice
from ..emission import (
    Artifact,
    Emission,
    Options,
)
from ..starts import exact
from .constants import Constants
from .facts import facts_view, has_facts
from .literals import (
    call,
    comment,
    given_fields,
    literal,
)
from .names import RUNTIME_NAMES
from .rules import (
    rule_of,
    vocabulary_of,
)

DEFAULT_PACKAGE = "agp_policy"
DEFAULT_PROJECT = "agp-policy"
MOST_TYPED = 500  # names of actions; a type checker takes time with a larger union
RUNTIME_MODULES = (
    "__init__",
    "address_text",
    "agents",
    "arguments",
    "call",
    "chain",
    "conditions",
    "decision",
    "evaluator",
    "evidence",
    "facts",
    "finding",
    "glob",
    "groups",
    "hosts",
    "people",
    "possible",
    "rules",
    "starts",
    "strict_json",
    "values",
    "windows",
)
MONITOR_NEEDS = ("characters", "hidden", "links", "record_lines", "time_text")
MONITOR_MODULES = (
    "__init__",
    "aggregates",
    "calls",
    "cells",
    "definitions",
    "known",
    "limits",
    "monitor",
    "own",
    "record",
    "requests",
    "runs",
    "shares",
    "sources",
    "starts",
    "store",
    "tables",
    "texts",
    "told",
    "values",
)


class PythonTarget:
    """Emits a package without dependencies whose `decide` is exact for the whole language."""

    name = "python"
    settings: Mapping[str, str] = {"package": "the name of the Python package"}
    abilities = everything("programs in Python")

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make the package; the setting `package` names it."""
        package = options.settings.get("package", DEFAULT_PACKAGE)
        if not package.isascii() or not package.isidentifier() or keyword.iskeyword(package):
            message = f"the setting `package` names a Python package, and not `{package}`"
            return Emission({}, (), (Diagnostic("AGP5006", message),))
        files = {f"{package}/{path}": text for path, text in _files(policy).items()}
        files["pyproject.toml"] = _project(package)
        return Emission(
            files=files,
            ledger=exact(policy),
            artifacts={path: Artifact(kind="python") for path in files},
        )


def _files(policy: ir.Policy) -> dict[str, str]:
    """Make the files of the package, by path inside it."""
    package, constants = Package(__package__, FILES), Constants(policy)
    package.render("__init__.py", "init_with_facts.py" if has_facts(policy) else "init.py")
    package.render("vocabulary.py", vocabulary=_vocabulary_view(vocabulary_of(policy)))
    if has_facts(policy):
        _add_facts(package, policy, constants)
    rules = (*policy.rules, *policy.starts.values())  # the forbids, then the allows, by identity
    package.add_rules(rules, constants)
    package.render("requests.py", resources=_declared(policy))
    runtime = __package__.rpartition(".targets.")[0] + ".runtime"
    texts = embedded(runtime, "", [f"{module}.py" for module in RUNTIME_MODULES], "#")
    texts = {f"runtime/{name}": text for name, text in texts.items()}
    folders = ["runtime"]
    if has_facts(policy):
        texts |= _monitor(runtime)
        folders.append("monitor")
    return {**package.files, **texts, **notice(*folders), "py.typed": ""}


def _add_facts(package: Package, policy: ir.Policy, constants: Constants) -> None:
    """Write the meters and sources out, for a monitor."""
    view = facts_view(policy, constants)
    words = words_in(view.code)
    package.render(
        "definitions.py",
        imports=imports_of(RUNTIME_NAMES, words | {"Facts"}),
        constants=[each.name for each in constants if each.name in words],
        facts=view,
    )


def _monitor(runtime: str) -> dict[str, str]:
    """Give the monitor, and what of the runtime it alone needs."""
    layer = runtime.rpartition(".")[0] + ".monitor"
    modules = embedded(layer, "", [f"{module}.py" for module in MONITOR_MODULES], "#")
    needs = embedded(runtime, "", [f"{module}.py" for module in MONITOR_NEEDS], "#")
    table = resources.files(runtime) / "characters.json"
    return {
        **{f"monitor/{name}": text for name, text in modules.items()},
        **{f"runtime/{name}": text for name, text in needs.items()},
        "runtime/characters.json": table.read_text("utf-8"),
    }


def _declared(policy: ir.Policy) -> list[tuple[str, str]] | None:
    """The types of resources and what their actions may be called, as literals; None if too many."""
    called = {name: sorted(actions) for name, actions in policy.actions_called.items()}
    if sum(map(len, called.values())) > MOST_TYPED:
        return None
    return [
        (literal(name), ", ".join(map(literal, actions)))
        for name, actions in sorted(called.items())
        if actions
    ]


def _project(package: str) -> str:
    """Describe the project to pip; it is built by hatchling, which leaves nothing in the folder."""
    name = re.sub("_+", "-", package).strip("-") or DEFAULT_PROJECT
    return f"""\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.0.0"
description = "A compiled AGP policy. Generated by agpc."
requires-python = ">=3.11"
license-files = ["{package}/NOTICE", "{package}/runtime/LICENSE"]
classifiers = ["Private :: Do Not Upload"]

[tool.hatch.build]
ignore-vcs = true  # what is generated is often ignored

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


def _rule(rule: ir.Rule, applies: str | None, binds: str | None) -> str:
    """Write a rule."""
    built = rule_of(rule)
    tests = {"applies": applies, "binds": binds}
    arguments = given_fields(built)
    arguments += [(test, Code(name)) for test, name in tests.items() if name is not None]
    return call(type(built).__name__, arguments, indent=4)


FILES = Files(".py", "__init__", RUNTIME_NAMES, comment, _rule, always=frozenset({"Rule"}))


def _vocabulary_view(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Write the fields of the vocabulary."""
    return [(name, literal(value, indent=4)) for name, value in given_fields(vocabulary)]
