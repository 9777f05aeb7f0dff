"""The generated package: view models for the templates, and the files that they make."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from ...compiler import ir
from ...compiler.diagnostics import Diagnostic
from ...runtime.rules import Vocabulary
from ..emission import Artifact, Emission, LedgerEntry, Options
from .conditions import Conditions
from .constants import Constants
from .expressions import functions
from .literals import Code, call, comment, given_fields, literal
from .names import FunctionNames, imports_for, words_in
from .rules import binding_test_of, rule_of, test_of, vocabulary_of

DEFAULT_PACKAGE = "agp_policy"
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

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make the package; the setting `package` names it."""
        package = options.settings.get("package", DEFAULT_PACKAGE)
        if not package.isascii() or not package.isidentifier() or keyword.iskeyword(package):
            message = f"the setting `package` names a Python package, and not `{package}`"
            return Emission({}, (), (Diagnostic("AGP5006", message),))
        files = {f"{package}/{path}": text for path, text in _files(policy).items()}
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
    render("__init__.py", "init.py.jinja")
    render("vocabulary.py", "vocabulary.py.jinja", vocabulary=_vocabulary_view(vocabulary))
    render(
        "constants.py",
        "constants.py.jinja",
        imports=imports_for(words_in(each.expression for each in definitions)),
        definitions=[(each.name, each.expression, comment(each.origin)) for each in definitions],
    )
    render("rules/__init__.py", "rules.py.jinja", parts=names)
    for name, part in zip(names, parts, strict=True):
        words = words_in(code for view in part for code in view.code)
        render(
            f"rules/{name}.py",
            "part.py.jinja",
            imports=imports_for(words | {"Rule"}),
            constants=[each.name for each in definitions if each.name in defined & words],
            rules=part,
        )
    runtime = resources.files(__package__.rpartition(".targets.")[0] + ".runtime")
    for module in RUNTIME_MODULES:
        text = (runtime / f"{module}.py").read_bytes().decode("utf-8")
        files[f"runtime/{module}.py"] = text.replace("\r\n", "\n")
    files["py.typed"] = ""
    return files


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
                written += (each.source for each in functions(name, test))
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
