"""A bundle as a whole: its manifest, its modules, its words, and what linters say of it."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from engines.hand_policies import FORBID, SPAN
from engines.rego import SHORT_LIVED, Opa, RegoCpp, bundle_of, write
from generators import policies
from hypothesis import HealthCheck, Phase, example, given, settings

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.targets.rego.modules import MOST_LINES

from .emitting import HOSTILE_POLICY, emit, field_policy
from .opa import OPA, REGAL, needs_opa, needs_regal
from .policies import ALLOW, POLICY, request
from .scopes import scopes

POLICIES = Path(__file__).parents[2] / "policies"


@given(policies())
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_compiling_is_deterministic_and_the_order_of_rules_is_irrelevant(policy: ir.Policy) -> None:
    turned = replace(policy, allows=policy.allows[::-1], forbids=policy.forbids[::-1])
    files = emit(policy).files
    assert list(files.items()) == list(emit(policy).files.items())
    same = {path: content for path, content in emit(turned).files.items() if "/rules/" in path}
    assert same == {path: content for path, content in files.items() if "/rules/" in path}


@needs_opa
@given(policies())
@example(scopes())
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_opa_finds_nothing_to_say_of_a_bundle(policy: ir.Policy) -> None:
    with tempfile.TemporaryDirectory() as folder:
        opa = Opa(OPA, emit(policy).files, Path(folder))
        opa.run("check", "--strict", "--bundle", opa.folder)
        opa.run("check", "--strict", "--capabilities", "v1.0.0", "--bundle", opa.folder)
        assert opa.run("fmt", "--list", folder) == ""


def arguments() -> ir.Policy:
    """A policy that gathers fields of records in lists, and in which tasks are started."""
    return load_policy([POLICIES / "arguments.agp"])


@needs_regal
@given(policies())
@example(field_policy())
@example(scopes())
@example(arguments())
@settings(
    max_examples=2,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_regal_finds_nothing_to_say_of_a_bundle(policy: ir.Policy) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(emit(policy).files, Path(folder))
        # The layout is for OPA's own formatter to judge, above: Regal brings that of another OPA.
        command = [REGAL, "lint", "--disable", "opa-fmt", folder]
        done = subprocess.run(command, env=SHORT_LIVED, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_size_is_one_of_several_as_any_number_is() -> None:
    source = Source(
        "p.agp",
        'language 2 package p agent bot = "spiffe://t.example/bot" intent work "w" '
        "tool t { action read(to: [time]) } "
        "grant g { to bot for work allow t.read when not size args.to in [0] and size args.to in [1, 2] }",
    )
    policy = compile_sources([source]).policy
    assert policy is not None
    rules = emit(policy).files["bundle/agpc/rules/p.rego"]
    assert "input.action.properties.to) != 0\n" in rules
    assert "input.action.properties.to) in {1, 2}\n" in rules


def test_every_rule_is_exact_and_has_its_source_line_beside_it() -> None:
    emission = emit(HOSTILE_POLICY)
    assert {entry.rule: entry.enforcement for entry in emission.ledger} == {
        "p.f": "exact",
        "p.g.post": "exact",
    }
    rules = emission.files["bundle/agpc/rules/p.rego"]
    for kind, rule in (("allow", "p.g.post"), ("forbid", "p.f")):
        note = f'# METADATA\n# title: "{rule}"\n# custom:\n#   source: "p.agp:1:1"\n'
        assert note in rules
        assert f"{kind} contains {{\n" in rules.partition(note)[2]


def test_the_policys_own_words_stand_beside_each_rule() -> None:
    source = Source(
        "p.agp",
        'package p agent bot = "spiffe://t.example/bot" intent work "w" tool t { s: string action read }\n'
        'grant g { to bot for work allow t.read when resource.s == "# ${x}\\n\\u{202E}" and '
        f'resource.s != "{"y " * 80}" }} forbid f {{ deny t.read when has resource.s }}',
    )
    policy = compile_sources([source]).policy
    assert policy is not None
    rules = emit(policy).files["bundle/agpc/rules/p.rego"]
    assert all(len(line) <= 120 for line in rules.split("\n") if line.startswith("#"))
    said = " ".join(rules.replace("#", " ").split())
    assert 'for work allow t.read when resource.s == " ${x}\\n\\u{202E}"' in said
    assert "policy: |- deny t.read when has resource.s forbid contains" in said


def test_the_manifest_owns_what_the_modules_define() -> None:
    files = bundle_of(emit(HOSTILE_POLICY).files)
    manifest = json.loads(files[".manifest"])
    assert manifest["roots"] == ["agp", "agpc"]
    assert manifest["rego_version"] == 1
    for path, content in files.items():
        if path.endswith(".rego"):
            (package,) = [each for each in content.split("\n") if each.startswith("package ")]
            assert package.removeprefix("package ").split(".")[0] in manifest["roots"]


def test_the_revision_is_that_of_the_content() -> None:
    def revision(policy: ir.Policy) -> str:
        return str(json.loads(emit(policy).files["bundle/.manifest"])["revision"])

    assert revision(POLICY) == revision(POLICY)
    assert revision(POLICY) != revision(replace(POLICY, forbids=(FORBID,)))


def packages(*names: str) -> ir.Policy:
    return replace(POLICY, packages=tuple(ir.Package(name, None, ()) for name in names))


def test_a_package_has_a_decision_of_its_own_unless_its_name_is_taken() -> None:
    policy = packages("p", "acme.q", "decision", "allow.x", "p.decision", "in", "data.x")
    paths = {path for path in bundle_of(emit(policy).files) if path.startswith("agp/")}
    assert paths == {"agp/decision.rego", "agp/p/decision.rego", "agp/acme/q/decision.rego"}


def test_files_differ_where_letter_case_does_not_count() -> None:
    policy = replace(
        packages("p", "P", "applying"),
        allows=(ALLOW, replace(ALLOW, id="P.g.post"), replace(ALLOW, id="applying.g.post")),
    )
    paths = [path.casefold() for path in emit(policy).files]
    assert len(paths) == len(set(paths))
    assert sum(path.startswith("bundle/agpc/rules/") for path in paths) == 4


def test_rules_stay_where_files_of_tests_are_left_out() -> None:
    """Which `opa build --ignore` may do, and the harness of rego-cpp does."""
    policy = replace(
        packages("a_test", "p"),
        allows=(ALLOW,),
        forbids=(replace(FORBID, id="a_test.f"), replace(FORBID, id="a_test.g")),
    )
    files = emit(policy).files
    assert not any(path.endswith("_test.rego") for path in files)
    answer = RegoCpp(policy, files).decide(request())
    assert answer["context"]["rules"] == ["a_test.f", "a_test.g"]


def test_long_modules_are_split() -> None:
    rules = tuple(replace(ALLOW, id=f"p.g.rule_{number:04}") for number in range(200))
    files = emit(replace(POLICY, allows=rules)).files
    modules = [path for path in files if path.startswith("bundle/agpc/rules/p")]
    assert len(modules) > 1
    assert all(files[path].count("\n") <= MOST_LINES + 20 for path in modules)
    engine = RegoCpp(POLICY, files)
    assert len(engine.decide(request())["context"]["rules"]) == 200


def test_what_is_served_has_no_tests() -> None:
    tests = (ir.Test("one", request(), "permit", ("p.g.post",), SPAN),)
    emission = emit(replace(POLICY, tests=tests))
    assert bundle_of(emission.files) == bundle_of(emit(POLICY).files)
    beside = [path for path in emission.files if not path.startswith("bundle/")]
    assert beside == ["tests/agpc/decision/decision_test.rego"]
    assert [path for path, each in emission.artifacts.items() if each.kind == "test"] == beside
