"""Policies of which every text is hostile, for programs that are made of them."""

from __future__ import annotations

from dataclasses import replace

from engines.hand_policies import TENANT
from generators import hostile_text, policies
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Span

TRUE = ir.Constant(ir.BOOL, True)


@st.composite
def spoiled_policies(draw: st.DrawFn) -> ir.Policy:
    """A policy whose rules say hostile text wherever a text may stand."""
    policy = draw(policies())
    texts = [draw(hostile_text(3)) for _ in range(4)]
    names = [each or "x" for each in texts]  # no name is empty
    condition: ir.Condition = ir.Or(
        (
            ir.Compare("==", TENANT, ir.Constant(ir.STRING, texts[0])),
            ir.In(TENANT, ir.Constants(ir.STRING, (texts[1], texts[2]), texts[3])),
            ir.Like(TENANT, texts[2].replace("\\", "\\\\")),
            ir.Has(ir.Attribute("args", (names[0], names[1]), ir.STRING)),
            ir.Compare("==", ir.Attribute("context", (names[3],), ir.BOOL), TRUE),
        )
    )
    spoiled = [
        replace(
            rule,
            id=f"{rule.id}{texts[0]}",
            span=Span(texts[1], 1, 1, 1, 1),
            owner=ir.Owner(texts[2], texts[3]),
            condition=condition if number % 2 else ir.Not(condition),
            obligations=(ir.Obligation(texts[0], ((texts[1], texts[2]), (texts[3], 1.5))),),
            requirements=(ir.Approval((texts[0], texts[2])), ir.StepUp(texts[1])),
        )
        for number, rule in enumerate(policy.allows)
    ]
    forbids = [
        replace(rule, because=texts[0], span=Span(texts[2], 1, 1, 1, 1)) for rule in policy.forbids
    ]
    return replace(policy, allows=tuple(spoiled), forbids=tuple(forbids))
