"""The tests of a policy, run by OPA."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from engines.hand_policies import SPAN
from engines.rego import Opa, write
from generators import policies_with_tests
from hypothesis import HealthCheck, given, settings

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.source import Source
from agpc.compiler.testing.run import passes

from .emitting import emit
from .opa import OPA, needs_opa
from .policies import POLICY, request


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
