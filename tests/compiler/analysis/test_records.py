"""Witnesses with facts: a short record gives them, or it is said that they are assumed."""

from __future__ import annotations

import json

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compile import compile_sources
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.compiler.report.source import Source

TEXT = """\
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot"
intent work "work" { order: string }
tool t { read action look(order: string) action pay(order: string) action late action low }
meter pays = count of t.pay per task
meter seen = last of t.look per task
grant g {
    to  bot
    for work
    allow t.pay when pays <= 3
    allow t.late when pays.before >= 5
    allow t.look when args.order from said
    allow t.low when seen.before < now
}
"""


def found(statement: str) -> list[Diagnostic]:
    compiled = compile_sources([Source("p.agp", TEXT + statement)])
    assert compiled.policy is not None, compiled.diagnostics
    codes = ("AGP3101", "AGP3102", "AGP2999")
    line = TEXT.count("\n") + 1
    return [
        each
        for each in analyze(compiled.policy)
        if each.code in codes and each.labels[0].span.line == line
    ]


def test_what_a_short_record_gives_is_possible() -> None:
    assert found("assert bot can t.pay") == []


def test_what_it_does_not_give_is_open() -> None:
    (late,) = found("assert bot can t.late")
    assert late.code == "AGP2999"
    assert "its facts are assumed" in late.notes[0]
    (look,) = found("assert bot can t.look")
    assert look.code == "AGP2999"


def test_a_proof_holds_for_all_facts() -> None:
    assert found("assert no agent can t.pay when pays > 3") == []


def test_a_broken_statement_says_whether_the_facts_are_assumed() -> None:
    (pay,) = found("assert no agent can t.pay")
    assert pay.code == "AGP3101"
    witness = json.loads(pay.notes[0].removeprefix("witness: "))
    (meter,) = [v for k, v in witness["context"]["meters"].items() if k.startswith("p.pays#")]
    assert meter == {"before": 0, "with": 1}
    assert not any("assumed" in each for each in pay.notes)
    (late,) = found("assert no agent can t.late")
    assert late.code == "AGP3101"
    assert any("assumed" in each for each in late.notes)


def test_nothing_is_a_value_below_all() -> None:
    (low,) = found("assert no agent can t.low")
    assert low.code == "AGP3101"
    assert found("assert bot can t.low") == []
