"""What evidence can be there while other evidence is not."""

from __future__ import annotations

import pytest

from agpc.compiler.analysis.procedure.search.evidence import is_ruled_out
from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source

X, Y, BOTH = (ir.Approval(by) for by in (("role:x",), ("role:y",), ("role:x", "role:y")))
SOON, LATER = ir.Approval(("role:x",), within=60), ir.Approval(("role:x",), within=120)
TWO = ir.Approval(("role:x", "role:y"), count=2)
OF_TASK = ir.Approval(("role:x",), per_task=True)
STEP_UP = ir.StepUp("mfa", within=60)


@pytest.mark.parametrize(
    ("met", "lacking", "ruled_out"),
    [
        (X, [X], True),
        (X, [Y], False),
        (BOTH, [X], False),
        (BOTH, [X, Y], True),
        (BOTH, [SOON, Y], False),
        (SOON, [LATER], True),
        (LATER, [SOON], False),
        (X, [TWO], False),
        (TWO, [BOTH], True),
        (TWO, [X], False),
        (X, [OF_TASK], True),
        (OF_TASK, [X], False),
        (STEP_UP, [ir.StepUp("mfa")], True),
        (STEP_UP, [ir.StepUp("otp"), X], False),
    ],
)
def test_who_is_left_to_approve(
    met: ir.Requirement, lacking: list[ir.Requirement], ruled_out: bool
) -> None:
    assert is_ruled_out(met, lacking) is ruled_out


def test_an_approval_by_the_one_who_is_left() -> None:
    policy = compile_sources(
        [
            Source(
                "p.agp",
                """package p
agent bot = "spiffe://t.example/bot"
intent read "Read"
tool t { action x }
grant g0 { to bot for read allow t.x
    require approval by "role:x" and approval by "role:x", "role:y" }
grant g1 { to bot for read allow t.x require approval by "role:y" }
""",
            )
        ]
    ).policy
    assert policy is not None
    (found,) = analyze(policy, codes=["AGP2108"])
    assert (found.code, found.message) == (
        "AGP2108",
        'what allow `p.g0.t.x` requires is never needed: `approval by "role:x"`',
    )
