"""Families whose patterns match in too many ways: what is said is still so, and what is open is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.calls import agents_of_families as meetings
from agpc.compiler.analysis.run import FINDINGS, WITHOUT_AGENTS, analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.compiler.report.source import Source

HEAD = """package p
intent pay "Pay"
intent close "Close"
tool t { action read(amount: number) action send(amount: number) action x(amount: number) }
agent bot = "spiffe://a.example/a/a"
"""
PATTERNS = ("a/*", "*/a", "*/b", "b/*", "a/**", "*/*/c", "a/*/*", "*/b/*", "b/a")
ACTIONS = ("t.x", "t.x", "t.read", "t.send")


def policy_of(text: str) -> ir.Policy:
    found = compile_sources([Source("p.agp", HEAD + text)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def few(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(meetings, "MAX_SHAPES", most)


@st.composite
def policies(draw: st.DrawFn) -> str:
    patterns = draw(st.lists(st.sampled_from(PATTERNS), min_size=2, max_size=5, unique=True))
    text = "".join(
        f'agents f{n} = "spiffe://a.example/{each}"\n' for n, each in enumerate(patterns)
    )
    whom = st.sampled_from([*(f"f{n}" for n in range(len(patterns))), "bot"])
    what = st.sampled_from(ACTIONS)
    bound = st.sampled_from(["", " when args.amount > 1", " when args.amount > 2"])
    for n in range(draw(st.integers(1, 5))):
        to = draw(st.one_of(whom, st.just("any agent")))
        text += f"grant g{n} {{ to {to} for {draw(st.sampled_from(['pay', 'close']))} "
        text += f"allow {draw(what)}{draw(bound)} }}\n"
    for n in range(draw(st.integers(0, 2))):
        to = draw(st.one_of(whom.map(lambda name: f" to {name}"), st.just("")))
        text += f"forbid d{n} {{ deny {draw(what)}{to}{draw(bound)} }}\n"
    for _ in range(draw(st.integers(1, 3))):
        no = draw(st.sampled_from(["no ", "no ", ""]))
        text += f"assert {no}{draw(whom)} can {draw(what)}{draw(bound)}\n"
    if draw(st.booleans()):
        text += "separate t.read, t.x\n"
    if draw(st.booleans()):
        text += "isolate f0 from f1\n"
    return text


def key(each: Diagnostic) -> tuple[str, object]:
    return each.code, each.labels[0].span


def proofs(found: tuple[Diagnostic, ...]) -> set[object]:
    return {key(each) for each in found if each.code.startswith(("AGP31", "AGP33"))}


@given(policies(), st.integers(0, 2))
def test_no_statement_is_proved_that_all_meetings_refute(text: str, more: int) -> None:
    policy = policy_of(text)
    whole = analyze(policy, codes=tuple(FINDINGS))
    _, patterns = policy.identify()
    longest = max(each.count("/") for each in (*patterns, "spiffe://a.example/a/a")) + 1
    alone = {shape for each in patterns for shape in meetings.shapes_of(each.split("/"), longest)}
    with pytest.MonkeyPatch.context() as monkeypatch:
        few(monkeypatch, len(alone) + more)
        found = analyze(policy, codes=tuple(FINDINGS))
    open_ = {each.labels[0].span for each in found if each.code == "AGP2999" and each.labels}
    assert proofs(found) <= proofs(whole)
    assert {span for _, span in proofs(whole)} <= {span for _, span in proofs(found)} | open_
    said = {each.code for each in found}
    for each in whole:
        if key(each) not in map(key, found) and each.code != "AGP2999":
            assert "AGP2999" in said, each
    for each in found:
        if each.code in ("AGP2101", "AGP2103", "AGP2104", "AGP2105", "AGP2108"):
            assert key(each) in map(key, whole), each


CROSSED = "".join(
    f'agents x{n} = "spiffe://a.example/x{n}/*"\nagents y{n} = "spiffe://a.example/*/y{n}"\n'
    for n in range(71)
)


def crossed(more: str) -> tuple[ir.Policy, tuple[Diagnostic, ...]]:
    grants = "".join(
        f"grant {side}{n} {{ to {side}{n} for pay allow t.x when args.amount > {n} }}\n"
        for n in range(71)
        for side in "xy"
    )
    policy = policy_of(CROSSED + grants + more)
    return policy, analyze(policy)


def test_families_that_cross_in_too_many_ways_leave_open_only_what_is_about_two_of_them() -> None:
    policy, found = crossed(
        "grant b { to bot for pay allow t.read when args.amount > 2 and args.amount < 1 }\n"
        "assert no x3 can t.x when args.amount < 2\n"
        "assert no x3 can t.x when args.amount > 80\n"
        "assert no bot can t.x\n"
        "assert no y3 can t.send\n"
    )
    left = [each.message for each in found if each.code == "AGP2999"]
    assert left == [
        f"could not tell whether `assert no p.x3 can p.t.x when args.amount {some}` holds"
        for some in ("< 2", "> 80")
    ]
    broken = [each for each in found if each.code == "AGP3101"]
    assert [each.labels[1].span for each in broken] == [
        next(each.span for each in policy.allows if each.id == "p.x3.t.x")
    ]
    assert any(each.code == "AGP2105" and "p.b" in each.message for each in found)
    assert any(each.code == "AGP4201" for each in found)


def test_rules_that_forbids_to_crossing_families_meet_are_open_together() -> None:
    forbids = "".join(
        f"forbid n{n} {{ deny t.x to y{n} when args.amount < {n} }}\n" for n in range(71)
    )
    left = [each for each in crossed(forbids)[1] if each.code == "AGP2999"]
    assert len(left) <= 3, [each.message for each in left]


def test_too_many_patterns_leave_what_needs_no_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, 3)
    found = analyze(
        policy_of(
            'agents f = "spiffe://a.example/a/*", "spiffe://a.example/b/*"\n'
            'agents g = "spiffe://a.example/**"\n'
            "grant b { to any agent for any intent allow t.* }\n"
            "assert no f can t.x\nisolate f from g\n"
        )
    )
    assert {"AGP2999", "AGP3203", "AGP3204", "AGP3206", "AGP4201"} <= {each.code for each in found}
    assert sum(each.code == "AGP2999" for each in found) == 3


def test_what_needs_no_agents_asks_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = policy_of("grant b { to any agent for any intent allow t.x when not has args.amount }")
    few(monkeypatch, -1)
    assert analyze(policy, codes=WITHOUT_AGENTS)
