"""Policies with a node in them that no language has, wherever a condition may stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source

TEXT = """\
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot"
intent work "work"
tool t { name: string action read(n: int, l: [string]) }
context { ok: bool }
grant g { to bot for work allow t.read when context.ok }
forbid f { deny t.read when resource.name == "x" unless context.ok because "no" }
bind aws {
    resource t "arn:aws:s3:::bucket/${name}" { read = s3:GetObject }
    agent bot "arn:aws:iam::111122223333:role/bot"
    session tag intent = "agp:intent"
}
bind vault { resource t "secret/data/${name}" { read = "read" } agent bot "bot" }
"""
NAME = ir.Attribute("resource", ("name",), ir.STRING)
REQUEST: dict[str, Any] = {
    "subject": {"type": "agent", "id": "spiffe://t.example/bot", "properties": {}},
    "action": {"name": "read", "properties": {"n": 1, "l": ["y"]}},
    "resource": {"type": "p.t", "id": "r", "properties": {"name": "y"}},
    "context": {"ok": True, "task": {"id": "t", "intent": "p.work", "state": "active"}},
}


@dataclass(frozen=True, slots=True)
class Probe:
    """A condition that the language does not have."""

    item: ir.Attribute


PROBE: Any = Probe(NAME)
KNOWN = ir.Compare("==", NAME, ir.Constant(ir.STRING, "y"))
CONDITIONS: dict[str, Any] = {
    "alone": PROBE,
    "negated": ir.Not(PROBE),
    "joined": ir.And((KNOWN, PROBE)),
    "alternative": ir.Or((KNOWN, PROBE)),
    "of elements": ir.Quantified(
        "every", ir.Attribute("args", ("l",), ir.ListType(ir.STRING)), PROBE
    ),
}


def policy() -> ir.Policy:
    found = compile_sources([Source("p.agp", TEXT)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def with_probe(place: str, condition: Any) -> ir.Policy:
    known = policy()
    (allow,), (forbid,) = known.allows, known.forbids
    match place:
        case "allow":
            return replace(known, allows=(replace(allow, condition=condition),), forbids=())
        case "revoke":
            return replace(known, allows=(replace(allow, revoke=(condition,)),), forbids=())
        case "forbid":
            return replace(known, forbids=(replace(forbid, condition=condition),))
        case "unless":
            return replace(known, forbids=(replace(forbid, condition=None, unless=condition),))
    raise ValueError(place)


PLACES = ("allow", "revoke", "forbid", "unless")


def refuses(question: Callable[[], object]) -> bool:
    """Whether a question about what nobody knows raises, as a program's fault does."""
    try:
        question()
    except (AssertionError, TypeError, ValueError, AttributeError, KeyError):
        return True
    return False
