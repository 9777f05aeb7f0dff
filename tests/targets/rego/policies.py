"""The policy by hand with a family and words of its own for the tests of Rego, and requests about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engines import hand_policies

from agpc.compiler.ir import nodes as ir

ALLOW = replace(hand_policies.ALLOW, agents=("p.bot", "p.bots"))
POLICY = replace(
    hand_policies.POLICY,
    families=(
        ir.Family("p.bots", ("spiffe://acme.example/fleet/**",), (), (), hand_policies.SPAN),
    ),
    levels=(ir.Enumeration("p.grade", ("low", "mid", "high")),),
    enums=(ir.Enumeration("p.currency", ("EUR", "USD")),),
    allows=(ALLOW,),
)

X = "x"


def request(x: Any = ..., **context: Any) -> dict[str, Any]:
    asked = hand_policies.request(**({} if x is ... else {X: x}))
    asked["context"] |= context
    return asked
