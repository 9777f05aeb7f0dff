"""Who can, as the editor finds it out: the command's answers, or fewer, and then it says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol.types import MarkupKind

from agpc.compiler.analysis.delegated import all_answers
from agpc.compiler.analysis.procedure.calls.scope import Scope
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.lsp.features.about.access import KeptAnswers, WhoCan, about_access
from agpc.lsp.markup import render

EXAMPLES = Path(__file__).parents[2] / "examples"
LONG = 1e6


def policy_of(name: str) -> ir.Policy:
    return load_policy([EXAMPLES / name])


def by_call(found: WhoCan) -> list[tuple[str, str, str]]:
    return sorted(
        (each.agent, each.intent, each.how) for each in found.answers if each.how != "never"
    )


def shown(policy: ir.Policy, found: WhoCan) -> str:
    return render(about_access(policy, found, ""), MarkupKind.PlainText).value


@pytest.mark.parametrize("name", ["finance", "support", "desk"])
def test_the_answers_are_those_of_the_command(name: str) -> None:
    policy, asked = policy_of(name), KeptAnswers()
    for capability in policy.capabilities:
        found = asked.who_can(policy, capability, LONG)
        assert found.limit is None
        world = World(policy)
        scope = Scope(
            world.names.agents_of(),
            world.names.intents_of(ir.DECLARED),
            world.names.capabilities_of((capability,)),
        )
        command = WhoCan(tuple(all_answers(world, scope)), None)
        assert by_call(found) == by_call(command), capability


def test_what_has_no_time_says_so_and_is_never_a_yes_or_a_no() -> None:
    policy, asked = policy_of("finance"), KeptAnswers()
    capability = "finance.ledger.post"
    found = asked.who_can(policy, capability, 0.0)
    assert found.limit == 0.0
    assert "That is not all" in shown(policy, found)
    assert "Nobody can" not in shown(policy, found)
    whole = asked.who_can(policy, capability, LONG)
    assert whole.limit is None and by_call(whole)
    assert "That is not all" not in shown(policy, whole)
