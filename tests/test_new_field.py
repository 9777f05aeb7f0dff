"""A field that a rule gets is met by all who take rules apart: growth of the language leaves nothing out.

Each field has a value here that changes what the rule says. A field that is new has none, and no target may make the
same of a rule with it and without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from agpc.compiler.analysis.access import Access
from agpc.compiler.analysis.diff.beside_decisions import also
from agpc.compiler.analysis.diff.joint.sides import Joined
from agpc.compiler.analysis.procedure.calls.scope import Scope
from agpc.compiler.analysis.procedure.rules.twins import said
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.ir_json import dumps
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.rules import rule_lines
from agpc.compiler.lowering.names.controls import Catalogue
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.explain import explain
from agpc.compiler.report.source import Source, Span
from agpc.lsp.features.about.rules import about_rules
from agpc.targets.emission import Options
from agpc.targets.python import evaluator
from agpc.targets.registry import load_target, target_names

TEXT = """\
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot"
agent other = "spiffe://t.example/other"
intent work "work"
intent play "play"
tool t { name: string action read action write }
grant g { to bot for work allow t.read }
forbid f { deny t.read because "no" }
bind aws {
    resource t "arn:aws:s3:::bucket/${name}" { read = s3:GetObject write = s3:PutObject }
    agent bot "arn:aws:iam::111122223333:role/bot"
    agent other "arn:aws:iam::111122223333:role/other"
    session tag intent = "agp:intent"
}
bind vault { resource t "secret/data/${name}" { read = "read" write = "update" } agent bot "bot" agent other "other" }
"""
CONDITION = ir.Compare(
    "==", ir.Attribute("resource", ("name",), ir.STRING), ir.Constant(ir.STRING, "y")
)
APPROVAL = ir.Approval(("x",))
OWNER = ir.Owner("other", "other@x.y")
OF_ALLOW: dict[str, Any] = {
    "id": "p.g.other",
    "agents": ("p.other",),
    "intents": ("p.play",),
    "capabilities": ("p.t.write",),
    "condition": CONDITION,
    "requirements": (APPROVAL,),
    "revoke": (CONDITION,),
    "credential": ir.Credential(60),
    "validity": ir.Validity("2026-01-01T00:00:00Z", None),
    "window": ir.Window((0,), 0, 60, "UTC"),
    "obligations": (ir.Obligation("mask", ()),),
    "owner": OWNER,
    "controls": ("iso42001:A.9.2",),
    "span": Span("p.agp", 1, 1, 1, 8),
}
OF_FORBID: dict[str, Any] = {
    "id": "p.other",
    "agents": ("p.other",),
    "intents": ("p.play",),
    "capabilities": ("p.t.write",),
    "condition": CONDITION,
    "unless": CONDITION,
    "unless_evidence": (APPROVAL,),
    "because": "other",
    "owner": OWNER,
    "controls": ("iso42001:A.9.2",),
    "span": Span("p.agp", 1, 1, 1, 8),
    "window": ir.Window((0,), 0, 60, "UTC"),
}
BESIDE = {"credential", "owner", "controls", "because"}
"""What goes with a decision that a platform may not carry."""
NOT_ASKED = {"id", "owner", "controls", "because", "span"}
"""On which nothing depends that a decision opens, asks or gives."""
FIELDS = [*((ir.Allow, name) for name in OF_ALLOW), *((ir.Forbid, name) for name in OF_FORBID)]


def policy() -> ir.Policy:
    found = compile_sources([Source("p.agp", TEXT)])
    assert found.policy is not None, found.diagnostics
    return found.policy


KNOWN = policy()


def with_and_without(kind: type, name: str) -> tuple[ir.Policy, ir.Policy]:
    """A policy whose rule has another value in a field, and the one that it is made of."""
    if kind is ir.Allow:
        known = replace(KNOWN, forbids=())
        (allow,) = known.allows
        return replace(known, allows=(replace(allow, **{name: OF_ALLOW[name]}),)), known
    (forbid,) = KNOWN.forbids
    return replace(KNOWN, forbids=(replace(forbid, **{name: OF_FORBID[name]}),)), KNOWN


def test_every_field_of_a_rule_is_looked_at_here() -> None:
    assert list(OF_ALLOW) == [each.name for each in fields(ir.Allow)]
    assert list(OF_FORBID) == [each.name for each in fields(ir.Forbid)]


@pytest.mark.parametrize(("kind", "name"), [each for each in FIELDS if each[1] not in BESIDE])
@pytest.mark.parametrize("target", target_names())
def test_no_target_leaves_a_field_out(target: str, kind: type, name: str) -> None:
    """It makes a difference to the files or to the ledger, where there are files that could open something."""
    other, known = with_and_without(kind, name)
    made = load_target(target).emit(other, Options())
    without = load_target(target).emit(known, Options())
    if made.files:
        assert (made.files, made.ledger) != (without.files, without.ledger)


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_no_form_of_a_rule_leaves_a_field_out(kind: type, name: str) -> None:
    other, known = with_and_without(kind, name)
    assert dumps(other) != dumps(known)
    if name not in ("id", "span"):
        (mine,) = (each for each in other.rules if type(each) is kind)
        (before,) = (each for each in known.rules if type(each) is kind)
        assert rule_lines(other, mine) != rule_lines(known, before)


def request(name: str, **evidence: Any) -> dict[str, Any]:
    task = {"id": "t", "intent": "p.work", "state": "active"}
    return {
        "subject": {"type": "agent", "id": "spiffe://t.example/bot"},
        "action": {"name": "read", "properties": {}},
        "resource": {"type": "p.t", "id": "r", "properties": {"name": name}},
        "context": {"time": "2025-06-01T12:00:00Z", "task": task, **evidence},
    }


APPROVED = {"by": "x", "roles": [], "at": "2025-06-01T12:00:00Z", "task": "t"} | {
    "capability": "p.t.read",
    "resource": "r",
    "args": {},
}
REQUESTS = [request("x"), request("y", approvals=[APPROVED])]


UNSAID = {
    "the reference": {"controls", "span"},
    "the evaluator": {"controls", "span"},
    "an explanation": {"span"},
    "a rule in words": {"id", "span"},
}
"""What makes no difference to what is said."""
READERS: dict[str, Callable[[ir.Policy, dict[str, Any]], object]] = {
    "the reference": lambda policy, asked: interpreter.decide(policy, asked).to_authzen(),
    "the evaluator": lambda policy, asked: evaluator(policy).decide(asked).to_authzen(),
    "an explanation": lambda policy, asked: explain(policy, asked),
    "a rule in words": lambda policy, asked: [
        block for rule in policy.rules for block in about_rules([rule], "p", Catalogue(), 0.0)
    ],
}


@pytest.mark.parametrize(("kind", "name"), FIELDS)
@pytest.mark.parametrize("reader", READERS)
def test_whoever_says_what_a_rule_does_looks_at_every_field(
    reader: str, kind: type, name: str
) -> None:
    """A call that the one policy permits, or denies, has another answer under the other."""
    other, known = with_and_without(kind, name)
    read = READERS[reader]
    differs = any(read(other, each) != read(known, each) for each in REQUESTS)
    assert differs is (name not in UNSAID[reader])


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_rules_that_differ_in_a_field_are_no_twins(kind: type, name: str) -> None:
    other, known = with_and_without(kind, name)
    (mine,) = (each for each in other.rules if type(each) is kind)
    (before,) = (each for each in known.rules if type(each) is kind)
    assert (said(mine) == said(before)) is (name in NOT_ASKED)


NOT_NARROWER = NOT_ASKED | {"agents", "intents", "capabilities", "credential", "obligations"}
"""What says whom and what an allow is for, or what is given with it, and not when."""


@pytest.mark.parametrize("name", sorted({*OF_ALLOW} - NOT_NARROWER))
def test_who_can_do_something_can_do_it_only_under_each_clause(name: str) -> None:
    other, _ = with_and_without(ir.Allow, name)
    found = [*Access(World(other)).answers(Scope(1, 1, 1))]
    assert "permit" not in {way.how for answer in found for way in answer.ways}


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_comparison_looks_at_every_field(kind: type, name: str) -> None:
    other, known = with_and_without(kind, name)
    joined = Joined(known, other)
    assert all(each.is_shared for each in joined.parts.values()) is (name in NOT_ASKED)
    if name in ("owner", "controls", "because"):
        assert name in {each.kind for each in also(joined)}
