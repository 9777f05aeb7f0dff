"""A root that is added to the table is read everywhere, or refused: growth of the language opens nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.ir_json import IRError, dumps, loads
from agpc.compiler.check.compiling.recompile import differences, problems
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.conditions import condition_text
from agpc.compiler.ir.roots import ROOTS, Row
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.explain import explain
from agpc.compiler.meaning.request import Call
from agpc.compiler.report.source import Source
from agpc.targets.emission import Options
from agpc.targets.python import evaluator
from agpc.targets.registry import load_target, target_names

TEXT = """\
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot"
intent work "work"
tool t { action read }
grant g { to bot for work allow t.read when device.level == "high" }
bind aws {
    resource t "arn:aws:s3:::bucket" { read = s3:ListBucket }
    agent bot "arn:aws:iam::111122223333:role/bot"
    session tag intent = "agp:intent"
}
bind vault { resource t "secret/data/t" { read = "read" } agent bot "bot" }
"""
PROGRAMS = ("ir", "javascript", "python", "rego")
"""Targets that see the whole request: all others see what their platform has, and no `device`."""


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> ir.Policy:
    fields = (ir.Field("level", ir.STRING), ir.Field("seen", ir.TIME, optional=True))
    monkeypatch.setitem(ROOTS, "device", Row(("context", "device"), built_in=fields))
    found = compile_sources([Source("p.agp", TEXT)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def request(**context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": "spiffe://t.example/bot"},
        "action": {"name": "read"},
        "resource": {"type": "p.t", "id": "r"},
        "context": {"task": {"id": "t", "intent": "p.work", "state": "active"}, **context},
    }


CALLS = {
    "permit": [request(device={"level": "high"})],
    "deny": [
        request(),
        request(device=None),
        request(device="high"),
        request(device=["high"]),
        request(device={}),
        request(device={"level": "low"}),
        request(device={"level": 1}),
        request(level="high"),
    ],
}


@pytest.mark.parametrize("effect", CALLS)
def test_a_new_root_is_read_where_its_row_says(policy: ir.Policy, effect: str) -> None:
    decide = evaluator(policy).decide
    for each in CALLS[effect]:
        assert interpreter.decide(policy, each).effect == effect
        assert decide(each).effect == effect
        assert explain(policy, each).decision.effect == effect


def test_a_new_root_is_written_as_it_is_read(policy: ir.Policy) -> None:
    (allow,) = policy.allows
    assert allow.condition is not None
    assert condition_text(allow.condition, "p") == 'device.level == "high"'


def test_what_a_new_root_does_not_have_is_an_error(policy: ir.Policy) -> None:
    found = compile_sources([Source("p.agp", TEXT.replace("device.level", "device.lever"))])
    assert found.policy is None
    assert [each.code for each in found.diagnostics] == ["AGP1109"]


def test_no_field_may_stand_where_a_new_root_does(policy: ir.Policy) -> None:
    found = compile_sources([Source("p.agp", TEXT + "context { device: string }")])
    assert found.policy is None


def test_a_document_of_this_version_has_no_new_root(policy: ir.Policy) -> None:
    with pytest.raises(IRError):
        loads(dumps(policy))


def test_a_policy_that_reads_a_new_root_is_what_the_compiler_makes_of_its_source(
    policy: ir.Policy,
) -> None:
    assert list(problems(policy)) == []
    (allow,) = policy.allows
    assert isinstance(allow.condition, ir.Compare)
    lever = ir.Attribute("device", ("lever",), ir.STRING)  # type: ignore[arg-type]
    other = replace(allow, condition=replace(allow.condition, left=lever))
    assert list(problems(replace(policy, allows=(other,)))) != []


def test_a_field_of_a_new_block_may_be_optional_where_another_package_declares_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ROOTS, "device", Row(("context", "device"), "block"))
    given = ir.Attribute("device", ("level",), ir.STRING)  # type: ignore[arg-type]
    assert list(differences(given, replace(given, optional=True), "")) == []
    task = ir.Attribute("task", ("level",), ir.STRING)
    assert list(differences(task, replace(task, optional=True), "")) != []


def test_a_new_block_is_none_of_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROOTS, "device", Row(("context", "device"), "block"))
    with pytest.raises(AttributeError):
        compile_sources([Source("p.agp", TEXT + "user { level: string }")])


def test_what_a_row_requires_is_required_of_a_request(
    policy: ir.Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    (permitted,) = CALLS["permit"]
    assert Call.read(policy, permitted) is not None
    monkeypatch.setitem(ROOTS, "device", Row(("device", "properties"), required=("id",)))
    assert Call.read(policy, permitted) is None
    assert "`device` is missing" in explain(policy, permitted).notes
    assert Call.read(policy, {**permitted, "device": {"id": "d"}}) is not None


def test_a_witness_says_what_a_new_root_holds(policy: ir.Policy) -> None:
    found = compile_sources([Source("p.agp", TEXT + "assert no any agent can t.read")]).policy
    assert found is not None
    (violated,) = [each for each in analyze(found) if each.code == "AGP3101"]
    (witness,) = [each for each in violated.notes if each.startswith("witness: ")]
    read = json.loads(witness.removeprefix("witness: "))
    assert read["context"]["device"] == {"level": "high"}
    assert interpreter.decide(found, read).effect == "permit"


PLATFORMS = sorted({*target_names()} - {*PROGRAMS})


@pytest.mark.parametrize("target", PLATFORMS)
@pytest.mark.parametrize("condition", ['device.level == "high"', "age(device.seen) < 1h"])
def test_a_platform_that_does_not_see_a_new_root_opens_nothing(
    policy: ir.Policy, target: str, condition: str
) -> None:
    text = TEXT.replace('device.level == "high"', condition)
    found = compile_sources([Source("p.agp", text)])
    assert found.policy is not None, found.diagnostics
    made = load_target(target).emit(found.policy, Options())
    assert [each.enforcement for each in made.ledger] == ["elsewhere"]


@pytest.mark.parametrize("target", PLATFORMS)
def test_a_forbid_that_asks_a_new_root_denies_without_it(policy: ir.Policy, target: str) -> None:
    text = TEXT.replace(' when device.level == "high"', "")
    found = compile_sources(
        [Source("p.agp", text + 'forbid f { deny t.read when device.level == "low" }')]
    )
    assert found.policy is not None, found.diagnostics
    made = load_target(target).emit(found.policy, Options())
    by_rule = {each.rule: each.enforcement for each in made.ledger}
    assert by_rule["p.f"] == "stricter" or by_rule["p.g.t.read"] == "elsewhere"


@pytest.mark.parametrize("target", PROGRAMS)
def test_a_target_that_sees_the_request_reads_a_new_root(policy: ir.Policy, target: str) -> None:
    made = load_target(target).emit(policy, Options())
    assert [each.enforcement for each in made.ledger] == ["exact"]
    assert any("device" in str(text) for text in made.files.values())
