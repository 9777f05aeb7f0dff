"""A small policy, with more rules or fewer, and a request that it is about."""

from __future__ import annotations

from typing import Any

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source

VOCABULARY = """\
package shop
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till { action open(amount: int) }
context { place: string zone?: string }
"""


def compiled(rules: str) -> ir.Policy:
    found = compile_sources([Source("shop.agp", VOCABULARY + rules)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def grant(rest: str) -> str:
    return f"grant g {{ to bot for sell {rest} }}\n"


RECORD: dict[str, Any] = {
    "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
    "action": {"name": "open", "properties": {"amount": 5}},
    "resource": {"type": "shop.till", "id": "t"},
    "context": {"task": {"id": "t1", "state": "active", "intent": "shop.sell"}},
}
