"""Whole policies over times, ages, windows and validity, against every one of some requests."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source

from ..related_topics import BAD, MOMENTS, TOPICS

HEAD = """package p
agent one = "spiffe://t.example/one"
agent two = "spiffe://t.example/two"
intent i "I"
tool t { s: time u: time action x, y }
"""
WINDOWS = (
    "",
    'during mon..sun 00:00..24:00 "Asia/Kathmandu"',
    'during tue 13:00..14:00 "Europe/Berlin"',
    'during mon 22:00..02:00 "America/New_York"',
    'during wed 09:00..17:00 "UTC"',
)
VALID = (
    "",
    "valid until 2026-12-01T12:00:00Z",
    "valid from 2026-12-01T12:30:00Z",
    "valid from 2026-12-01T12:00:00Z until 2026-12-01T13:00:00Z",
)
CONDITIONS = st.lists(
    st.tuples(st.sampled_from(("", "not ")), st.sampled_from(TOPICS["clock"])),
    min_size=1,
    max_size=2,
).map(lambda parts: " and ".join(f"{no}({leaf})" for no, leaf in parts))
CLAUSES = st.tuples(st.sampled_from(WINDOWS), st.sampled_from(VALID)).map("\n".join)


def policy_of(text: str) -> ir.Policy:
    compilation = compile_sources([Source("clocks.agp", HEAD + text)])
    assert compilation.policy is not None, (text, compilation.diagnostics)
    return compilation.policy


def codes(policy: ir.Policy) -> set[str]:
    return {
        each.code
        for each in analyze(policy)
        if each.code != "AGP2105" or each.message == "allow `p.k.t.x` can never apply"
    }


def is_permitted(policy: ir.Policy, agent: str, action: str, now: Any, s: Any, u: Any) -> bool:
    request = {
        "subject": {"type": "agent", "id": f"spiffe://t.example/{agent}"},
        "action": {"name": action},
        "resource": {"type": "p.t", "id": "r", "properties": {"s": s, "u": u}},
        "context": {"time": now, "task": {"state": "active", "intent": "p.i"}},
    }
    return decide(policy, request).effect == "permit"


TIMES = (*BAD, *MOMENTS)


@given(CONDITIONS, CLAUSES, st.none() | CONDITIONS)
def test_what_can_happen_is_never_said_to_be_impossible(
    allow: str, clauses: str, deny: str | None
) -> None:
    text = f"grant k {{ to one for i allow t.x when {allow}\n{clauses} }}\nassert one can t.x\n"
    if deny is not None:
        text += f"forbid f {{ deny t.x when {deny} }}\n"
    policy = policy_of(text)
    found = codes(policy)
    assert "AGP2999" not in found
    assert ("AGP3102" in found) == bool(found & {"AGP2105", "AGP2103"}), (text, found)
    if "AGP3102" in found:
        calls = product(TIMES, TIMES, TIMES)
        assert not any(is_permitted(policy, "one", "x", *each) for each in calls), text


@given(CONDITIONS, CLAUSES, CONDITIONS, CLAUSES)
def test_two_requests_that_share_a_resource_are_always_found(
    mine: str, my_clauses: str, theirs: str, their_clauses: str
) -> None:
    policy = policy_of(
        f"grant k {{ to one for i allow t.x when {mine}\n{my_clauses} }}\n"
        f"grant l {{ to two for i allow t.y when {theirs}\n{their_clauses} }}\n"
        "isolate one from two\n"
    )
    if "AGP3302" not in codes(policy):
        for s, u in product(TIMES, TIMES):
            reached = [
                any(is_permitted(policy, agent, action, now, s, u) for now in TIMES)
                for agent, action in (("one", "x"), ("two", "y"))
            ]
            assert not all(reached) or "AGP2999" in codes(policy), (mine, theirs, s, u)
