"""The Rego bundle: what it is made of, how it reads, and what text cannot do to it."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import FORBID, SPAN
from engines.rego import SHORT_LIVED, Opa, RegoCpp, bundle_of, write
from generators import hostile_text, policies, policies_with_tests
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.source import Source
from agpc.compiler.testing.run import passes
from agpc.compiler.text.strings import is_seen
from agpc.targets.emission import Emission, Options
from agpc.targets.rego import TARGET, text
from agpc.targets.rego.conditions import glob_pattern
from agpc.targets.rego.modules import MOST_LINES

from .opa import OPA, REGAL, needs_opa, needs_regal
from .policies import ALLOW, POLICY, request
from .scopes import scopes

POLICIES = Path(__file__).parents[2] / "policies"


def emit(policy: ir.Policy) -> Emission:
    return TARGET.emit(policy, Options())


def is_visible(code: str) -> bool:
    return all(is_seen(each) or each in "\n\t" for each in code)


# --- Text -----------------------------------------------------------------------------------------

ANY_TEXT = hostile_text() | st.text(st.characters(exclude_categories=["Cs"]))


@given(ANY_TEXT)
def test_a_string_literal_says_the_text_and_nothing_else(value: str) -> None:
    literal = text.string(value)
    assert json.loads(literal) == value
    assert is_visible(literal)
    assert "\n" not in literal


@given(ANY_TEXT)
def test_a_yaml_scalar_stays_inside_its_comment(value: str) -> None:
    first, *rest = text.yaml(value).split("\n")
    assert all(line.startswith("#     ") for line in rest)
    folded = "".join([first, *(line.removeprefix("#     ") for line in rest)])
    assert folded.isascii()
    assert folded.isprintable()
    unquoted = folded[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in unquoted


@given(ANY_TEXT)
def test_a_pattern_cannot_leave_its_raw_string(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
    pattern = glob_pattern(quoted)
    assert pattern.count("`") == 2
    assert is_visible(pattern)


@given(st.lists(ANY_TEXT))
def test_names_are_not_looked_for_in_strings(values: list[str]) -> None:
    code = " == ".join(["request.args.x", *map(text.string, values)])
    assert text.names(code) == {"request"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
        lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
        max_leaves=10,
    ),
    st.integers(0, 3),
    st.sampled_from([0, 40, 200]),
)
def test_a_term_is_the_data(data: Any, indent: int, room: int) -> None:
    if "Infinity" in json.dumps(data):
        return
    written = text.value(data, indent, room)
    assert (
        json.loads(re.sub(r",\n(\t*[}\]])", r"\1", written)) == data
    )  # Rego ends lists with commas
    assert is_visible(written)


HOSTILE_POLICY = replace(
    POLICY,
    allows=(
        replace(
            ALLOW,
            condition=ir.In(
                ir.Attribute("args", ("x",), ir.STRING), ir.Constants(ir.STRING, ("a", "b"))
            ),
        ),
    ),
    forbids=(replace(FORBID, condition=ir.Has(ir.Attribute("args", ("y",), ir.STRING))),),
)


def hostile(policy: ir.Policy, value: str) -> ir.Policy:
    """The policy with a text wherever one may stand."""
    owner = ir.Owner(value, value)
    x = ir.Attribute("args", ("x",), ir.STRING)
    equal = ir.Compare("==", x, ir.Constant(ir.STRING, value))
    glob = value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
    return replace(
        policy,
        packages=tuple(replace(each, owner=owner) for each in policy.packages),
        sets=(ir.ConstantSet("p.s", ir.STRING, (value, "b")),),
        allows=tuple(
            replace(
                each,
                condition=ir.Or(
                    (
                        equal,
                        ir.In(x, ir.Constants(ir.STRING, (value, "b"), "p.s")),
                        ir.Like(x, glob),
                    )
                ),
                owner=owner,
                controls=(value,),
                obligations=(ir.Obligation("note", (("text", value),)),),
                span=replace(SPAN, file=value),
            )
            for each in policy.allows
        ),
        forbids=tuple(
            replace(
                each,
                condition=ir.Compare(
                    "==", ir.Attribute("args", ("y",), ir.STRING), ir.Constant(ir.STRING, value)
                ),
                because=value or None,
            )
            for each in policy.forbids
        ),
        tests=(ir.Test(value, calls(value)[1], "permit", ("p.g.post",), SPAN),),
    )


def calls(value: str) -> list[Any]:
    """Requests: without `y`, with one that is another text, and with the text itself."""
    found = [request(value), request(value, note=value), request("z"), request(value)]
    found[1]["action"]["properties"]["y"] = f"{value}z"
    found[2]["action"]["properties"]["y"] = ""
    found[3]["action"]["properties"]["y"] = value
    return found


HOSTILE_TEXTS = ['"', "\\", "`", "\n", "\r\n", "${x}", "{{ x }}", "{% raw %}", "# METADATA", "\0"]
HOSTILE_TEXTS += [
    "\u202e",
    "\u2028",
    "\ufeff",
    "\U0001f600",
    '"}\nallow := true\n#',
    "a" * 300,
    "%s",
]


@needs_opa
@pytest.mark.parametrize("value", HOSTILE_TEXTS)
def test_text_reaches_opa_as_it_is(value: str, tmp_path: Path) -> None:
    policy = hostile(HOSTILE_POLICY, value)
    files = emit(policy).files
    asked = calls(value)
    opa = Opa(OPA, files, tmp_path)
    assert opa.decide(asked) == [interpreter.decide(policy, each).to_authzen() for each in asked]
    opa.run("check", "--strict", "--bundle", opa.folder)
    assert opa.run("fmt", "--list", tmp_path) == ""
    folders = (opa.folder, tmp_path / "tests")
    opa.run("test", *folders)
    notes = [
        each["annotations"]
        for folder in folders
        for each in json.loads(opa.run("inspect", "-a", "-f", "json", folder))["annotations"]
    ]
    assert value in [each.get("title") for each in notes]
    assert [value] in [each.get("custom", {}).get("controls") for each in notes]


@given(hostile_text())
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_nothing_invisible_is_in_a_bundle(value: str) -> None:
    for content in emit(hostile(HOSTILE_POLICY, value)).files.values():
        assert is_visible(content)


FIELD_NAMES = ["as", "contains", "data", "default", "else", "every", "false", "if", "import", "in"]
FIELD_NAMES += ["input", "not", "null", "package", "set", "some", "true", "with", "_", "__"]
FIELD_NAMES += ["plain"]


def field_policy() -> ir.Policy:
    """A policy that reads fields, of objects and of records, and a member of each of the names."""
    level = ir.LevelType("p.level")
    record = ir.RecordType(tuple(ir.Field(each, ir.INT, optional=True) for each in FIELD_NAMES))
    conditions: list[ir.Condition] = [ir.Has(ir.Attribute("args", ("all",), record))]
    for name in FIELD_NAMES:
        here, inner = (
            ir.Attribute("args", path, ir.INT, optional=True) for path in ((name,), ("all", name))
        )
        conditions += [
            ir.Compare("==", here, ir.Constant(ir.INT, 1)),
            ir.Has(inner),
            ir.Not(ir.Has(here)),
            ir.Compare("==", ir.Attribute("args", ("l",), level), ir.Constant(level, name)),
        ]
    return replace(
        POLICY,
        levels=(ir.Enumeration("p.level", tuple(FIELD_NAMES)),),
        allows=tuple(
            replace(ALLOW, id=f"p.g.{number:03}", condition=each)
            for number, each in enumerate(conditions)
        ),
    )


def field_requests() -> list[Any]:
    found = [request()]
    for name in FIELD_NAMES:
        found.append(request())
        found[-1]["action"]["properties"] = {name: 1, "all": {name: 1}, "l": name}
    return found


@needs_opa
def test_a_field_of_any_name_is_written_as_opa_s_formatter_has_it(tmp_path: Path) -> None:
    policy, asked = field_policy(), field_requests()
    opa = Opa(OPA, emit(policy).files, tmp_path)
    opa.run("check", "--strict", "--bundle", opa.folder)
    assert opa.run("fmt", "--list", opa.folder) == ""
    assert opa.decide(asked) == [interpreter.decide(policy, each).to_authzen() for each in asked]


def test_rego_cpp_reads_a_field_of_any_name() -> None:
    policy = field_policy()
    engine = RegoCpp(policy, emit(policy).files)
    for asked in field_requests():
        assert engine.decide(asked) == interpreter.decide(policy, asked).to_authzen()


# --- The bundle -----------------------------------------------------------------------------------


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


@needs_opa
def test_a_policy_s_tests_run_in_opa(tmp_path: Path) -> None:
    tests = (
        ir.Test("one", request(), "permit", ("p.g.post",), SPAN),
        ir.Test("one", {}, "deny", (), SPAN),
        ir.Test("wrong", request(), "deny", None, SPAN),
    )
    write(emit(replace(POLICY, tests=tests)).files, tmp_path)
    done = subprocess.run(
        [OPA, "test", *map(str, sorted(tmp_path.iterdir())), "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    failed = {each["name"]: each.get("fail", False) for each in json.loads(done.stdout)}
    assert failed == {"test_1_one": False, "test_2_one": False, "test_3_wrong": True}


TERMS = """package p
owner "o" contact "c"
agent a = "spiffe://t.example/a"
intent why "why"
tool t { action post, read, drop }
grant g {
    to a
    for why
    allow t.post as post require approval by "role:x", "user:y" count 2 within 1h and step_up "mfa"
    allow t.post as other require step_up "key"
    allow t.read as read
    credential ttl 15m renew 3
    oblige notify(channel: "ops")
    audit full
}
forbid no { deny t.drop because "never" }
test "t" {
    agent a for why
"""
EXPECTED = {
    'call t.read() expect permit with credential ttl 15m renew 3, owner "o" contact "c"': True,
    "call t.read() expect permit with credential ttl 15m": False,
    "call t.read() expect permit with no credential": False,
    "call t.read() expect permit with no owner": False,
    "call t.read() expect permit with oblige notify, audit full": True,
    'call t.read() expect permit with oblige notify(channel: "ops"), audit full': True,
    "call t.read() expect permit with oblige notify(), audit full": False,
    "call t.read() expect permit with oblige notify": False,
    "call t.read() expect permit with no obligation": False,
    'call t.drop() expect deny because "never"': True,
    'call t.drop() expect deny because "ever", "never"': False,
    "call t.drop() expect deny by no rule": False,
    'call t.post() expect challenge asking step_up "key" or approval by "user:y", "role:x" count 2 within 1h'
    ' and step_up "mfa"': True,
    'call t.post() expect challenge asking step_up "key" or approval by "role:x", "user:y" count 2'
    ' and step_up "mfa"': False,
    'call t.post() expect challenge asking step_up "key"': False,
}


@needs_opa
def test_the_terms_that_tests_expect_are_looked_at_in_opa(tmp_path: Path) -> None:
    policy = compile_sources([Source("p.agp", TERMS + "\n".join(EXPECTED) + "}")]).policy
    assert policy is not None
    in_order = sorted(policy.tests, key=lambda each: each.span)
    expected = {
        each.span.line: passed for each, passed in zip(in_order, EXPECTED.values(), strict=True)
    }
    for each in policy.tests:
        assert passes(each, interpreter.decide(policy, each.request)) == expected[each.span.line], (
            each
        )
    got = run_tests(policy, tmp_path)
    assert got == {number: expected[each.span.line] for number, each in enumerate(policy.tests, 1)}


@needs_opa
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(policies_with_tests())
def test_tests_pass_in_opa_if_they_pass_here(policy: ir.Policy) -> None:
    expected = {
        number: passes(each, interpreter.decide(policy, each.request))
        for number, each in enumerate(policy.tests, 1)
    }
    with tempfile.TemporaryDirectory() as folder:
        assert run_tests(policy, Path(folder)) == expected


def run_tests(policy: ir.Policy, folder: Path) -> dict[int, bool]:
    """Whether each test of a policy passes in OPA, by its number."""
    write(emit(policy).files, folder)
    done = subprocess.run(
        [OPA, "test", *map(str, sorted(folder.iterdir())), "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        int(each["name"].split("_")[1]): not each.get("fail", False)
        for each in json.loads(done.stdout or "[]") or []
    }


@needs_opa
def test_allow_and_the_package_documents_say_the_same(tmp_path: Path) -> None:
    opa = Opa(OPA, emit(POLICY).files, tmp_path)
    for asked, permitted in ((request(), True), ({}, False)):
        opa.input.write_text(json.dumps(asked))
        query = "[data.agp.allow, data.agp.decision == data.agp.p.decision]"
        done = opa.run("eval", "--bundle", opa.folder, "--input", opa.input, query)
        assert json.loads(done)["result"][0]["expressions"][0]["value"] == [permitted, True]
    done = opa.run("eval", "--bundle", opa.folder, "data.agp.decision.context.effect")
    assert json.loads(done)["result"][0]["expressions"][0]["value"] == "deny"
