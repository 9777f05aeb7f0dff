"""A platform that does not see for whom an agent acts says so in its ledger, and permits such an agent nothing."""

from __future__ import annotations

import pytest
from engines import cedar

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source
from agpc.runtime.cedar_request import translate
from agpc.targets.cedar import TARGET as CEDAR
from agpc.targets.chains import REASON, closing
from agpc.targets.emission import Options

POLICY = """language 2
package p
owner "o" contact "c"
agent lead = "spiffe://t.example/lead"
agent hand = "spiffe://t.example/hand"
intent plan "Plan"
intent work "Work"
tool t { read action get(n: int) }
grant leading { to lead for plan allow t.get }
grant working { to hand for work allow t.get }
delegate lead for plan to hand for work
"""


@pytest.fixture(scope="module")
def policy() -> ir.Policy:

    found = compile_sources([Source("p.agp", POLICY)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def test_the_ledger_names_each_agent_to_whom_tasks_may_be_handed(policy: ir.Policy) -> None:
    emission = CEDAR.emit(policy, Options())
    (found,) = [each for each in emission.ledger if each.rule == closing("p.hand", "p.work")]
    assert found.enforcement == "stricter"
    assert found.reasons[0] == REASON


def request(agent: str, intent: str, chain: list[object] | None) -> dict[str, object]:
    context: dict[str, object] = {"task": {"id": "t-1", "intent": intent, "state": "active"}}
    if chain is not None:
        context["delegation"] = chain
    return {
        "subject": {"type": "agent", "id": f"spiffe://t.example/{agent}"},
        "action": {"name": "get", "properties": {"n": 1}},
        "resource": {"type": "p.t", "id": "main"},
        "context": context,
    }


def test_cedar_permits_nobody_to_whom_a_task_may_be_handed(policy: ir.Policy) -> None:
    engine = cedar.Engine(CEDAR.emit(policy, Options()).files)
    link = {"agent": "spiffe://t.example/lead", "task": {"id": "t-0", "intent": "p.plan"}}
    for agent, intent, chain, here, there in (
        ("lead", "p.plan", None, "permit", True),
        ("hand", "p.work", [], "permit", False),
        ("hand", "p.work", None, "deny", False),
        ("hand", "p.work", [link], None, False),
    ):
        asked = request(agent, intent, chain)
        assert here is None or decide(policy, asked).effect == here
        found = translate(engine.translation, asked)
        assert (found is not None and engine.ask(*found)) is there
