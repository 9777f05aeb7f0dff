"""What evidence can be there while other evidence is not."""

from __future__ import annotations

import pytest

from agpc.compiler.analysis.diff.order import is_as_easy
from agpc.compiler.analysis.procedure.search.evidence import is_ruled_out
from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
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


VOCABULARY = """language 2
package p
agent bot = "spiffe://t.example/bot"
intent read "Read"
tool t { action x }
"""
BOTH_ASKED = """grant g0 { to bot for read allow t.x
    require approval by "role:x" and approval by "role:x", "role:y" }
grant g1 { to bot for read allow t.x require approval by "role:y" }
"""


def found(code: str, text: str) -> list[str]:
    policy = compile_sources([Source("p.agp", VOCABULARY + text)]).policy
    assert policy is not None
    return [each.message for each in analyze(policy, codes=[code])]


def test_an_approval_by_the_one_who_is_left() -> None:
    """With one approval by `role:x` the first allow waits for somebody else, and the second for `role:y`."""
    assert found("AGP2108", BOTH_ASKED) == []
    also = 'grant g2 { to bot for read allow t.x require approval by "role:x" }\n'
    assert found("AGP2108", BOTH_ASKED + also) == [
        (
            'what allow `p.g0.t.x` requires is never needed: `approval by "role:x"` and '
            '`approval by "role:x", "role:y"`'
        )
    ]


LIFTED = "forbid {} {{ deny t.x unless {} }}\n"


def test_two_forbids_that_people_lift_ask_for_two_people() -> None:
    asked = 'approval by "role:x"'
    assert found("AGP2104", LIFTED.format("f", asked) + LIFTED.format("g", asked)) == []
    narrow = LIFTED.format("f", f"{asked} within 1h")
    assert found("AGP2104", narrow + LIFTED.format("g", asked)) == []
    stepped = 'step_up "mfa"'
    assert found("AGP2104", LIFTED.format("f", stepped) + LIFTED.format("g", stepped)) == [
        "forbid `p.g` says what `p.f` says"
    ]
    assert found("AGP2104", LIFTED.format("f", asked) + "forbid g { deny t.x }\n") == [
        "forbid `p.f` changes nothing, since `p.g` covers it"
    ]


@pytest.mark.parametrize(
    ("one", "other", "as_easy"),
    [
        ([X], [X], True),
        ([X, X], [X], False),
        ([X, X], [X, X], True),
        ([BOTH, X], [X, Y], True),
        ([BOTH, X], [X], False),
        ([X], [X, STEP_UP], True),
        ([STEP_UP, X], [X], False),
    ],
)
def test_who_approves_once_is_one_person(
    one: list[ir.Requirement], other: list[ir.Requirement], as_easy: bool
) -> None:
    assert is_as_easy(one, other) is as_easy


ASKING = """language 2
package p
agents all = "spiffe://t.example/*"
agent one = "spiffe://t.example/one"
agent two = "spiffe://t.example/two"
intent look "Look"
tool t { read action read(a: bool) }
grant g { to all for look allow t.read }
assert no one can t.read when args.a == true without approval by "role:x" count 3
"""
FORBID = 'forbid f{} {{ to {} deny t.read when args.a == true unless approval by "role:x" because "x" }}\n'


def asserted(*to: str) -> list[str]:
    text = ASKING + "".join(FORBID.format(at, agent) for at, agent in enumerate(to))
    policy = compile_sources([Source("p.agp", text)]).policy
    assert policy is not None
    return [each.code for each in analyze(policy, codes=["AGP3101"])]


def test_several_forbids_that_one_role_lifts_ask_for_several_people() -> None:
    assert asserted("one", "one") == ["AGP3101"]
    assert asserted("one", "one", "one") == []


def test_of_many_forbids_those_that_a_call_comes_under_are_counted_together() -> None:
    """Some are for another agent: that all of them together are about nobody proves nothing."""
    assert asserted("one", "one", "one", "two", "two", "two") == ["AGP2999"]
