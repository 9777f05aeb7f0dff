"""The generated package: view models for the templates, and the files that they make."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from ...compiler.ir import nodes as ir
from ...compiler.records import dataclass
from ...compiler.report.diagnostics import Diagnostic
from ...runtime.rules import Vocabulary
from ..abilities import everything
from ..code.conditions import Conditions
from ..code.literals import Code
from ..code.names import FunctionNames, imports_of, words_in
from ..code.rules import binding_test_of, test_of
from ..embedded import embedded, notice
from ..emission import (
    Artifact,
    Emission,
    LedgerEntry,
    Options,
)
from .constants import Constants
from .dialect import SYNTAX
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
RULES_IN_A_FILE = 500  # Python's compiler takes memory in proportion to the file
RUNTIME_MODULES = (
    "__init__",
    "agents",
    "call",
    "conditions",
    "decision",
    "evaluator",
    "evidence",
    "glob",
    "groups",
    "rules",
    "strict_json",
    "values",
    "windows",
)


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as the template lays it out: a comment, functions, and the rule itself."""

    heading: str
    functions: tuple[str, ...]
    definition: str

    @property
    def code(self) -> tuple[str, ...]:
        """All that is code."""
        return (*self.functions, self.definition)


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
            ledger=tuple(LedgerEntry(rule.id, "exact", span=rule.span) for rule in policy.rules),
            artifacts={path: Artifact(kind="python") for path in files},
        )


def _files(policy: ir.Policy) -> dict[str, str]:
    """Make the files of the package, by path inside it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # not for the in-memory form

    templates = Environment(
        loader=PackageLoader(__package__),
        undefined=StrictUndefined,
        autoescape=False,  # it is Python, and all that comes from a policy is a literal
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    constants = Constants(policy)
    views = _rule_views(policy, Conditions(constants))
    definitions = list(constants)
    defined = {each.name for each in definitions}
    vocabulary = vocabulary_of(policy)
    files: dict[str, str] = {}

    def render(path: str, template: str, **view: object) -> None:
        files[path] = templates.get_template(template).render(**view)

    parts = [views[at : at + RULES_IN_A_FILE] for at in range(0, len(views), RULES_IN_A_FILE)]
    names = [f"part_{number}" for number in range(1, len(parts) + 1)]
    render("__init__.py", "init.py.j2")
    render("vocabulary.py", "vocabulary.py.j2", vocabulary=_vocabulary_view(vocabulary))
    render(
        "constants.py",
        "constants.py.j2",
        imports=imports_of(RUNTIME_NAMES, words_in(each.expression for each in definitions)),
        definitions=[(each.name, each.expression, comment(each.origin)) for each in definitions],
    )
    render("rules/__init__.py", "rules.py.j2", parts=names)
    for name, part in zip(names, parts, strict=True):
        words = words_in(code for view in part for code in view.code)
        render(
            f"rules/{name}.py",
            "part.py.j2",
            imports=imports_of(RUNTIME_NAMES, words | {"Rule"}),
            constants=[each.name for each in definitions if each.name in defined & words],
            rules=part,
        )
    render("requests.py", "requests.py.j2", resources=_declared(policy))
    runtime = __package__.rpartition(".targets.")[0] + ".runtime"
    texts = embedded(runtime, "", [f"{module}.py" for module in RUNTIME_MODULES], "#")
    files |= {f"runtime/{name}": text for name, text in texts.items()}
    files |= notice("runtime")
    files["py.typed"] = ""
    return files


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


def _rule_views(policy: ir.Policy, conditions: Conditions) -> list[RuleView]:
    """Prepare the rules: the forbids, then the allows, by identity."""
    names = FunctionNames()
    views = []
    for rule in policy.rules:
        built = rule_of(rule)
        arguments = given_fields(built)
        written: list[str] = []
        for argument, kind, test in (
            ("applies", type(built).__name__.lower(), test_of(rule, conditions)),
            ("binds", "binds", binding_test_of(rule, conditions)),
        ):
            if test is not None:
                name = names.name(kind, rule.id)
                arguments.append((argument, Code(name)))
                written += SYNTAX.functions(name, test)
        views.append(
            RuleView(
                heading=comment(f"{rule.id} ({built.source})"),
                functions=tuple(written),
                definition=call(type(built).__name__, arguments, indent=4),
            )
        )
    return views


def _vocabulary_view(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Write the fields of the vocabulary."""
    return [(name, literal(value, indent=4)) for name, value in given_fields(vocabulary)]
