"""Recorded calls of chains: asked for every agent, and not replayable where nobody said for whom one acted."""

from __future__ import annotations

from typing import Any

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.replay.absence import Absence
from agpc.compiler.report.source import Source

TEXT = """package p
agent boss = "spiffe://t.example/boss" { grade: int }
agent hand = "spiffe://t.example/hand"
intent plan "P"
intent work "W"
tool t { action see }
grant g { to boss for plan allow t.see WHEN }
grant h { to hand for work allow t.see }
"""
DELEGATE = "delegate boss for plan to hand for work\n"


def policy(when: str = "", more: str = DELEGATE) -> ir.Policy:
    found = compile_sources([Source("p.agp", TEXT.replace("WHEN", when) + more)]).policy
    assert found is not None
    return found


def request(**context: Any) -> dict[str, Any]:
    task = {"id": "t-1", "intent": "p.work", "state": "active"}
    return {
        "subject": {"type": "agent", "id": "spiffe://t.example/hand", "properties": {}},
        "action": {"name": "see", "properties": {}},
        "resource": {"type": "p.t", "id": "r", "properties": {}},
        "context": {"task": task, **context},
    }


LINK = {
    "agent": "spiffe://t.example/boss",
    "task": {"id": "t-0", "intent": "p.plan", "state": "active"},
}


def test_who_did_not_say_for_whom_it_acts_cannot_be_asked_again() -> None:
    assert Absence(policy(), policy(more="")).rests_on(request()) == ("context.delegation",)
    assert Absence(policy(), None).rests_on(request()) == ("context.delegation",)
    assert Absence(policy(), policy()).rests_on(request()) == ()
    assert Absence(policy(), policy(more="")).rests_on(request(delegation=[])) == ()


def test_what_a_link_lacks_counts() -> None:
    head = policy("when agent.grade >= 3")
    chain = request(delegation=[LINK])
    assert Absence(head, policy()).rests_on(chain) == ("agent.grade",)
    assert Absence(head, head).rests_on(chain) == ()
    whole = request(delegation=[{**LINK, "properties": {"grade": 3}}])
    assert Absence(head, policy()).rests_on(whole) == ()
