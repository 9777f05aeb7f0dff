"""From a policy to the files of an OPA bundle, and to the tests that stand beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from ...compiler.ir import nodes as ir
from ..abilities import everything
from ..embedded import embedded
from ..emission import (
    Artifact,
    Emission,
    Options,
)
from ..starts import exact
from . import text
from .attributes import Attributes
from .constants import Constants
from .index import index
from .modules import TEST_PACKAGE, Files, render
from .rules import RuleView, RuleWriter
from .scope import ScopeWriter
from .tests import test_view

BUNDLE, TESTS = "bundle", "tests"  # folders; whoever serves the first serves no tests
ROOTS = ("agp", "agpc")
CHAIN = "agpc/chain/chain.rego"
STARTS = "agpc/starts/starts.rego"
NO_CHAIN = "no_chain.rego"
LIBRARY = {  # files that are the same for every policy, by where they stand in the bundle
    "agp/decision.rego": "decision.rego",
    CHAIN: "chain.rego",
    "agpc/evidence/evidence.rego": "evidence.rego",
    "agpc/people/people.rego": "people.rego",
    "agpc/json_data/json_data.rego": "json_data.rego",
    "agpc/matching/matching.rego": "matching.rego",
    "agpc/hosts/hosts.rego": "hosts.rego",
    "agpc/one/one.rego": "one.rego",
    "agpc/values/values.rego": "values.rego",
    "agpc/windows/windows.rego": "windows.rego",
}
LONG_TERM = 28  # lines of a constant; Regal wants rules of at most 30

ALIAS = """The decision, under the name of one package. It is that of the whole policy set, since a
forbid of any package meets the calls of every one."""
AGENTS = """Which agents a SPIFFE ID stands for: any that is declared, or those of a family."""
DELEGATIONS = """Which `delegate` names an agent with its task: as who hands on (`above`), and as whom (`below`)."""
REQUEST = """How the rules read a request, beside `data.agpc.values`: lists, whose elements make a set; `has`
says that an attribute is there and of its type, `lacks` that it is missing or null."""
RULES = """When each rule applies, and what it gives then. An allow needs every condition to be
definitely true; a forbid applies unless it definitely does not."""
ABOUT_TESTS = "The tests of the policy set."
VOCABULARY = (
    "The members of levels, with their ranks, and of enums; and the named sets that rules use."
)


class RegoTarget:
    """Writes an OPA bundle in Rego v1 that decides as the interpreter does."""

    name = "rego"
    abilities = everything("Open Policy Agent")

    def emit(self, policy: ir.Policy, options: Options) -> Emission:
        """Make the bundle; every rule is enforced exactly."""
        bundle = _bundle(policy)
        served = {**bundle, ".manifest": _manifest(bundle, policy)}
        files = {f"{BUNDLE}/{path}": content for path, content in sorted(served.items())}
        files |= {f"{TESTS}/{path}": content for path, content in sorted(_tests(policy).items())}
        return Emission(
            files,
            exact(policy),
            artifacts={path: Artifact(_kind(path)) for path in files},
        )


def _bundle(policy: ir.Policy) -> dict[str, str]:
    files = Files()
    sources = dict(LIBRARY)
    if not policy.delegations:
        sources[CHAIN] = NO_CHAIN
    if policy.starts:
        sources[STARTS] = "starts.rego"
    library = embedded(__package__, "library", sources.values(), "#", "\n\n")
    for path, source in sources.items():
        files.add(path, library[source])
    scopes = ScopeWriter(policy)
    attributes, constants = Attributes(), Constants(policy)
    write = RuleWriter(policy, scopes, attributes, constants)
    by_package: dict[str, list[tuple[str, ...]]] = {}
    dutiful = [rule for rule in policy.allows if rule.has_duties]
    allows = [*policy.allows, *policy.starts.values()]
    for allow in sorted(allows, key=lambda rule: rule.id):
        written = by_package.setdefault(_package_of(policy, allow), [])
        written.append(_rule(write.allow(allow)))
    for allow in sorted(dutiful, key=lambda rule: rule.id):
        by_package[_package_of(policy, allow)].append(_rule(write.duty(allow)))
    for forbid in sorted(policy.forbids, key=lambda rule: rule.id):
        by_package.setdefault(_package_of(policy, forbid), []).append(_rule(write.forbid(forbid)))
    for kind, rules in (("allow", allows), ("duty", dutiful), ("forbid", policy.forbids)):
        if not rules:
            by_package.setdefault("", []).append((_constant(kind, "set()"),))
    for package, rendered_rules in sorted(by_package.items()):
        files.add_module(f"agpc/rules/{package or 'rules'}", "agpc.rules", RULES, rendered_rules)

    sides = [
        render("clause", {"clause": each})
        for declared in ("above", "below")
        for each in scopes.delegations(declared)
    ]
    if sides:
        files.add_module("agpc/delegations/delegations", "agpc.delegations", DELEGATIONS, sides)
    agents = [render("clause", {"clause": each}) for each in scopes.agents()]
    files.add_module("agpc/agents/agents", "agpc.agents", AGENTS, agents)
    definitions = [render("clause", {"clause": each}) for each in attributes.definitions()]
    files.add_module("agpc/request/request", "agpc.request", REQUEST, definitions)
    terms = [constants.members(), *constants.named_sets()]
    named = [_constant(each.head, each.term) for each in terms]
    files.add_module("agpc/vocabulary/vocabulary", "agpc.vocabulary", VOCABULARY, named)
    files.add("agpc/index/data.json", _json(index(policy, scopes)))
    for name in _aliases(policy):
        path = "/".join(("agp", *name.split("."), "decision"))
        files.add_module(path, f"agp.{name}", ALIAS, [render("alias", {})])
    return files.by_path


def _tests(policy: ir.Policy) -> dict[str, str]:
    files = Files()
    tests = [
        render("test", {"test": test_view(number, each)})
        for number, each in enumerate(policy.tests, 1)
    ]
    files.add_module("agpc/decision/decision", TEST_PACKAGE, ABOUT_TESTS, tests)
    return files.by_path


def _rule(view: RuleView) -> tuple[str, ...]:
    """Write a rule, and what stands behind it: its facts where they are long, and its clauses."""
    facts = [] if view.facts_head is None else [_constant(view.facts_head, view.facts)]
    clauses = [render("clause", {"clause": each}) for each in view.clauses]
    return (render("rule", {"rule": view}), *facts, *clauses)


def _constant(head: str, term: str) -> str:
    return render("term", {"head": head, "is_long": term.count("\n") > LONG_TERM, "term": term})


def _package_of(policy: ir.Policy, rule: ir.Rule) -> str:
    """Name the package of a rule: the longest whose name its identity starts with."""
    names = [each.name for each in policy.packages if rule.id.startswith(f"{each.name}.")]
    return max(names, key=len, default="")


def _aliases(policy: ir.Policy) -> Iterator[str]:
    """Name the packages that get a decision document of their own.

    Not those whose document would stand where another rule does.
    """
    names = {each.name for each in policy.packages}
    rules = {"decision", "allow"} | {f"{name}.decision" for name in names}
    for name in sorted(names):
        parts = name.split(".")
        above = {".".join(parts[:at]) for at in range(1, len(parts) + 1)}
        if not above & rules and all(text.identifier(part) == part for part in parts):
            yield name


def _manifest(files: Mapping[str, str], policy: ir.Policy) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        for part in (path, content):
            data = part.encode("utf-8")
            digest.update(len(data).to_bytes(8, "big") + data)
    manifest = {"revision": digest.hexdigest(), "rego_version": 1, "roots": list(ROOTS)}
    facts = {each.key: each.digest for each in policy.meters}
    facts |= {each.key: each.digest for each in policy.sources}
    return _json({**manifest, "metadata": {"facts": facts}} if facts else manifest)


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def _kind(path: str) -> str:
    if path.startswith(f"{TESTS}/"):
        return "test"
    if path == f"{BUNDLE}/.manifest":
        return "bundle-manifest"
    return "data" if path.endswith(".json") else "policy"
