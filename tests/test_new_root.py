"""A root that is added to the table is read everywhere, or refused: growth of the language opens nothing."""

from __future__ import annotations

from typing import Any

import pytest

from agpc.compiler.check.compile import compile_sources
from agpc.compiler.check.ir_json import IRError, dumps, loads
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.print import condition_text
from agpc.compiler.ir.roots import ROOTS, Row
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.explain import explain
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


@pytest.mark.parametrize("target", sorted({*target_names()} - {*PROGRAMS}))
def test_a_platform_that_does_not_see_a_new_root_opens_nothing(
    policy: ir.Policy, target: str
) -> None:
    try:
        made = load_target(target).emit(policy, Options())
    except (KeyError, ValueError):
        return
    assert [each.enforcement for each in made.ledger] == ["elsewhere"]


@pytest.mark.parametrize("target", PROGRAMS)
def test_a_target_that_sees_the_request_reads_a_new_root(policy: ir.Policy, target: str) -> None:
    made = load_target(target).emit(policy, Options())
    assert [each.enforcement for each in made.ledger] == ["exact"]
    assert any("device" in str(text) for text in made.files.values())
