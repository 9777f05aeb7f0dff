"""From a policy to the files of an OPA bundle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from ...compiler import ir
from ..emission import Artifact, Emission, LedgerEntry, Options
from . import text
from .attributes import Attributes
from .index import index
from .reads import attributes_of
from .rules import RuleView, allow_view, forbid_view
from .tests import test_view
from .vocabulary import Vocabulary

ROOTS = ("agp", "agpc")
LIBRARY = {  # files that are the same for every policy, by where they stand in the bundle
    "agp/decision.rego": "decision.rego",
    "agpc/evidence/evidence.rego": "evidence.rego",
    "agpc/json_data/json_data.rego": "json_data.rego",
    "agpc/matching/matching.rego": "matching.rego",
    "agpc/values/values.rego": "values.rego",
    "agpc/windows/windows.rego": "windows.rego",
}
_MODULES = ("evidence", "index", "request", "values", "vocabulary", "windows")


@dataclass(frozen=True, slots=True)
class RegoTarget:
    """Writes an OPA bundle in Rego v1 that decides as the interpreter does."""

    name: str = "rego"

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make the bundle; every rule is enforced exactly."""
        files = dict(sorted(_files(policy).items()))
        files[".manifest"] = _manifest(files)
        return Emission(
            files,
            tuple(LedgerEntry(rule.id, "exact") for rule in policy.rules),
            artifacts={path: Artifact(_kind(path)) for path in files},
        )


def _files(policy: ir.Policy) -> dict[str, str]:
    library = resources.files(__package__) / "library"
    files = {
        path: (library / source).read_text(encoding="utf-8") for path, source in LIBRARY.items()
    }
    attributes, vocabulary = Attributes(attributes_of(policy)), Vocabulary(policy)
    files["agpc/rules/applying.rego"] = _render("applying", policy=policy)
    by_file: dict[str, list[RuleView]] = {}
    paths = _rule_files(policy)
    for rule in sorted(policy.rules, key=lambda rule: rule.id):
        view = (
            allow_view(rule, attributes, vocabulary)
            if isinstance(rule, ir.Allow)
            else forbid_view(rule, attributes, vocabulary)
        )
        by_file.setdefault(paths[_package_of(policy, rule)], []).append(view)
    for path, rules in by_file.items():
        files[path] = _render("rules", rules=rules, imports=_imports(_code(rules)))
    definitions = attributes.definitions()
    if definitions:
        code = " ".join(
            line
            for each in definitions
            for line in (each.value or "", *(line for body in each.bodies for line in body))
        )
        files["agpc/request/request.rego"] = _render(
            "request", definitions=definitions, imports=_imports(code)
        )
    if vocabulary.sets:
        sets = vocabulary.named_sets()
        code = " ".join(each.term for each in sets)
        files["agpc/vocabulary/vocabulary.rego"] = _render(
            "vocabulary", sets=sets, imports=_imports(code)
        )
    if policy.tests:
        files["agpc/decision/decision_test.rego"] = _render(
            "decision_test", tests=[test_view(*each) for each in enumerate(policy.tests, 1)]
        )
    for name in _aliases(policy):
        path = "/".join(("agp", *name.split("."), "decision.rego"))
        files[path] = _render("alias", package=name)
    tables = [(name, text.value(table)) for name, table in index(policy, vocabulary).items()]
    files["agpc/index/index.rego"] = _render("index", tables=tables)
    return files


def _package_of(policy: ir.Policy, rule: ir.Rule) -> str:
    """Name the package of a rule: the longest whose name its identity starts with."""
    names = [each.name for each in policy.packages if rule.id.startswith(f"{each.name}.")]
    return max(names, key=len, default="")


def _rule_files(policy: ir.Policy) -> dict[str, str]:
    """Give the file for each package's rules; distinct where letter case does not count too."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    taken.add("agpc/rules/applying")
    for name in ("", *sorted(each.name for each in policy.packages)):
        path = stem = f"agpc/rules/{name or 'rules'}"
        number = 1
        while path.casefold() in taken:
            number += 1
            path = f"{stem}-{number}"
        taken.add(path.casefold())
        found[name] = f"{path}.rego"
    return found


def _aliases(policy: ir.Policy) -> Iterator[str]:
    """Name the packages that get a decision document of their own.

    Not those whose document would stand where another rule does.
    """
    names = {each.name for each in policy.packages}
    rules = {"decision", "allow"} | {f"{name}.decision" for name in names}
    for name in sorted(names):
        parts = name.split(".")
        above = {".".join(parts[:at]) for at in range(1, len(parts) + 1)}
        if not above & rules and all(text.field("x", part) == f"x.{part}" for part in parts):
            yield name


def _code(rules: list[RuleView]) -> str:
    return " ".join(
        line
        for rule in rules
        for line in (
            *rule.body,
            *(line for clause in rule.clauses for body in clause.bodies for line in body),
        )
    )


def _imports(code: str) -> list[str]:
    used = text.names(code)
    return [f"data.agpc.{name}" for name in _MODULES if name in used]


def _manifest(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        for part in (path, content):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)
    manifest = {"revision": digest.hexdigest(), "rego_version": 1, "roots": list(ROOTS)}
    return json.dumps(manifest, indent=2, sort_keys=True) + "\n"


def _kind(path: str) -> str:
    if path == ".manifest":
        return "bundle-manifest"
    if path.endswith("_test.rego"):
        return "test"
    return "policy" if path.endswith(".rego") else "data"


_ENVIRONMENT = Environment(
    loader=PackageLoader(__package__),
    autoescape=False,
    keep_trailing_newline=True,
    lstrip_blocks=True,
    trim_blocks=True,
    undefined=StrictUndefined,
)
_ENVIRONMENT.filters.update(body=text.body, term=text.excused, yaml=text.yaml)


def _render(template: str, **view: object) -> str:
    return _ENVIRONMENT.get_template(f"{template}.rego.j2").render(view)
