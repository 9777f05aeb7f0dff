"""The generated package: view models for the templates, and the files that they make."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ...compiler.ir import nodes as ir
from ...compiler.records import dataclass
from ...compiler.report.diagnostics import Diagnostic
from ..abilities import everything
from ..code.conditions import Conditions
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
from .literals import comment
from .names import LIBRARY_NAMES
from .rules import (
    rule_of,
    vocabulary_of,
)
from .types import capabilities_of

DEFAULT_PACKAGE = "agp-policy"
RULES_IN_A_FILE = 500
LIBRARY = (
    "addresses",
    "agents",
    "call",
    "decision",
    "evaluator",
    "evidence",
    "glob",
    "json_data",
    "json_equal",
    "json_text",
    "rules",
    "times",
    "values",
    "windows",
)
_PACKAGE = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_LONGEST = 214  # characters of a package's name


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


class JavaScriptTarget:
    """Emits an ES module without dependencies whose `decide` is exact for the whole language."""

    name = "javascript"
    settings: Mapping[str, str] = {"package": "the name of the npm package"}
    abilities = everything("Node and browsers")

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make the package; the setting `package` names it."""
        package = options.settings.get("package", DEFAULT_PACKAGE)
        if len(package) > _LONGEST or _PACKAGE.fullmatch(package) is None:
            message = f"the setting `package` names an npm package, and not `{package}`"
            return Emission({}, (), (Diagnostic("AGP5006", message),))
        files = _files(policy, package)
        return Emission(
            files=files,
            ledger=tuple(LedgerEntry(rule.id, "exact", span=rule.span) for rule in policy.rules),
            artifacts={path: Artifact(kind="javascript") for path in files},
        )


def _files(policy: ir.Policy, package: str) -> dict[str, str]:
    """Make the files of the package, by path inside it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader(__package__),
        undefined=StrictUndefined,
        autoescape=False,  # it is JavaScript, and all that comes from a policy is a literal
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    constants = Constants(policy)
    views = _rule_views(policy, Conditions(constants))
    definitions = list(constants)
    defined = {each.name for each in definitions}
    files: dict[str, str] = {}

    def render(path: str, template: str, **view: object) -> None:
        files[path] = templates.get_template(f"{template}.j2").render(**view)

    parts = [views[at : at + RULES_IN_A_FILE] for at in range(0, len(views), RULES_IN_A_FILE)]
    names = [f"part_{number}" for number in range(1, len(parts) + 1)]
    files["package.json"] = _package_json(package)
    render("index.js", "index.js")
    render("index.d.ts", "index.d.ts", capabilities=capabilities_of(policy))
    render("vocabulary.js", "vocabulary.js", vocabulary=vocabulary_of(policy))
    render(
        "constants.js",
        "constants.js",
        imports=imports_of(LIBRARY_NAMES, words_in(each.expression for each in definitions)),
        definitions=[(each.name, each.expression, comment(each.origin)) for each in definitions],
    )
    render("rules/index.js", "rules.js", parts=names)
    for name, part in zip(names, parts, strict=True):
        words = words_in(code for view in part for code in view.code)
        render(
            f"rules/{name}.js",
            "part.js",
            imports=imports_of(LIBRARY_NAMES, words),
            constants=[each.name for each in definitions if each.name in defined & words],
            rules=part,
        )
    texts = embedded(__package__, "library", [f"{module}.js" for module in LIBRARY], "//")
    files |= {f"library/{name}": text for name, text in texts.items()}
    files |= notice("library")
    return files


def _rule_views(policy: ir.Policy, conditions: Conditions) -> list[RuleView]:
    """Prepare the rules by identity, the order in which decisions list them."""
    names = FunctionNames()
    views = []
    for rule in sorted(policy.rules, key=lambda rule: rule.id):
        effect = "forbid" if isinstance(rule, ir.Forbid) else "allow"
        written: list[str] = []
        called: list[str | None] = []
        for kind, test in (
            (effect, test_of(rule, conditions)),
            ("binds", binding_test_of(rule, conditions)),
        ):
            name = None if test is None else names.name(kind, rule.id)
            called.append(name)
            if test is not None and name is not None:
                written += SYNTAX.functions(name, test)
        views.append(
            RuleView(
                heading=comment(f"{rule.id} ({rule.span})"),
                functions=tuple(written),
                definition=rule_of(rule, called[0], called[1], indent=2),
            )
        )
    return views


def _package_json(package: str) -> str:
    """Describe the package to npm, to bundlers and to TypeScript."""
    described = {
        "name": package,
        "version": "0.0.0",
        "description": "A compiled AGP policy. Generated by agpc.",
        "private": True,
        "type": "module",
        "exports": {".": {"types": "./index.d.ts", "default": "./index.js"}},
        "types": "./index.d.ts",
        "license": "SEE LICENSE IN NOTICE",
    }
    return json.dumps(described, indent=2) + "\n"
