"""Witnesses with facts: a short record gives them, or it is said that they are assumed."""

from __future__ import annotations

import json
from typing import Any

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.compiler.report.source import Source

TEXT = """\
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot"
intent work "work" { order: string }
tool t { read action look(order: string) action pay(order: string) action late action low action far }
meter pays = count of t.pay per task
meter seen = last of t.look per task
grant g {
    to  bot
    for work
    allow t.pay when pays <= 3
    allow t.late when pays.before >= 5
    allow t.look when args.order from said
    allow t.low when seen.before < now
    allow t.far when pays.before >= 1000
}
"""


def policy_of(more: str) -> ir.Policy:
    compiled = compile_sources([Source("p.agp", TEXT + more)])
    assert compiled.policy is not None, compiled.diagnostics
    return compiled.policy


def found(statement: str) -> list[Diagnostic]:
    codes = ("AGP3101", "AGP3102", "AGP2999")
    line = TEXT.count("\n") + 1
    return [
        each
        for each in analyze(policy_of(statement))
        if each.code in codes and each.labels[0].span.line == line
    ]


def test_what_a_short_record_gives_is_possible() -> None:
    assert found("assert bot can t.pay") == []


def test_calls_that_count_and_what_was_said_make_a_short_record() -> None:
    assert found("assert bot can t.late") == []
    assert found("assert bot can t.look") == []


def test_what_no_short_record_gives_is_open() -> None:
    (far,) = found("assert bot can t.far")
    assert far.code == "AGP2999"
    assert "its facts are assumed" in far.notes[0]


def test_a_proof_holds_for_all_facts() -> None:
    assert found("assert no agent can t.pay when pays > 3") == []


def notes_of(statement: str) -> tuple[dict[str, Any], str]:
    """The witness of a broken statement, and what is said of its facts."""
    (broken,) = found(statement)
    assert broken.code == "AGP3101"
    witness, past = broken.notes
    return json.loads(witness.removeprefix("witness: ")), past


def test_a_broken_statement_shows_the_record_of_its_witness() -> None:
    for what, least in (("t.pay", 0), ("t.late", 5)):
        witness, past = notes_of(f"assert no agent can {what}")
        policy = policy_of("")
        (meter,) = [v for k, v in witness["context"]["meters"].items() if k.startswith("p.pays#")]
        assert meter["before"] >= least
        lines = json.loads(past.removeprefix("record: "))
        given = facts(policy, lines, witness)["context"]["meters"]
        assert given.items() >= witness["context"]["meters"].items()
        assert decide(policy, facts(policy, lines, witness)).effect == "permit"


def test_a_broken_statement_says_that_facts_are_assumed() -> None:
    assert "assumed" in notes_of("assert no agent can t.far")[1]


def test_a_forbid_that_reads_facts_is_not_forgotten() -> None:
    """What a record gives beside may make a forbid apply, and then the witness is none."""
    never = 'forbid f { deny t.pay when pays.before < 2 because "Not yet." }'
    (pay,) = found(f"assert no agent can t.pay\n{never}")
    witness = json.loads(pay.notes[0].removeprefix("witness: "))
    policy = policy_of(never)
    lines = json.loads(pay.notes[1].removeprefix("record: "))
    assert decide(policy, facts(policy, lines, witness)).effect == "permit"


def test_nothing_is_a_value_below_all() -> None:
    (low,) = found("assert no agent can t.low")
    assert low.code == "AGP3101"
    assert found("assert bot can t.low") == []
