"""A part of AgentDojo over the wire: the table of the replay holds at the place where calls are made."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from examples.agentdojo_replay import SUITES, answered

from .campaign import PAGE
from .playing import Playing, attacked

EVERY = {"banking": 24, "workspace": 60}
"""One of so many attacks is played."""
PASS = {"banking": {"permit", "deny"}, "workspace": {"permit"}}
"""How the user's calls are decided if the person says yes: one bill holds nothing but the attack's text."""


@pytest.mark.parametrize("approves", [False, True], ids=["nobody approves", "all is approved"])
@pytest.mark.parametrize("suite", SUITES)
def test_no_attack_gets_through_a_guard(suite: str, approves: bool, tmp_path: Path) -> None:
    answered("runs.jsonl")
    chosen = list(attacked(suite))[:: EVERY[suite]]
    outcome = anyio.run(Playing(suite, approves, tmp_path).play, chosen)
    assert outcome.through == [] and len(outcome.times["permit"]) > len(chosen)
    if approves:
        assert set(outcome.user) == PASS[suite]
        assert set(outcome.refused) <= {("user_task_0", "send_money")}


def test_the_page_has_the_table_of_the_replay() -> None:
    replayed = (Path(__file__).parents[3] / "examples" / "agentdojo" / "README.md").read_text(
        "utf-8"
    )
    rows = [
        each
        for each in PAGE.read_text("utf-8").splitlines()
        if each.startswith(("| banking", "| workspace"))
    ]
    assert len(rows) == len(SUITES) and all(each in replayed for each in rows)
