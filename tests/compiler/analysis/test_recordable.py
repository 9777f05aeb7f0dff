"""What is proved of facts: within what a record can give, and no more than that."""

from __future__ import annotations

import pytest

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source

HEAD = """\
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot"
intent work "work" { order: string }
level grade = low < mid < high
set desk = ["a", "b"]
set few  = ["a"]
tool t {
    grade: grade
    read  action look(order: string)
    write action pay(order: string, n: number)
    action late
    action low(to: [string])
}
meter pays  = count of t.pay per task
meter big   = count of t.pay when args.n > 100 per task
meter other = count of t.pay per args.order as args.order within 1h
meter spent = sum args.n of t.pay per task
meter peak  = max resource.grade of t.* per task
meter seen  = last of t.look per task
source from_desk = desk
source from_few  = few
source by_task   = task
source wide      = said, desk
"""
PROVED = [
    ("t.pay when pays <= 3", "t.pay when pays.before >= 3"),
    ("t.pay when pays <= 3", "t.pay when pays.before > pays"),
    ("t.late when pays.before >= 0", "t.late when pays.before != pays"),
    ("t.pay when big <= 3", "t.pay when args.n > 100 and big.before >= 3"),
    ("t.pay when big <= 3", "t.pay when args.n <= 100 and big.before > 3"),
    ("t.pay when spent <= 10", "t.pay when args.n > 10"),
    ("t.pay when spent <= 10", "t.pay when spent.before > 10"),
    ("t.pay when peak <= mid", "t.pay when resource.grade == high"),
    ("t.pay when peak <= mid", "t.pay when peak.before == high"),
    ("t.pay when peak == mid and resource.grade == low", "t.pay when peak.before != mid"),
    ("t.look when args.order from from_few", 't.look when args.order != "a"'),
    ("t.look when args.order from by_task", "t.look when args.order != task.order"),
    ("t.low when args.to from from_few", "t.low when not args.to subset of desk"),
    ("t.low when seen.before >= now", "t.low when not seen.before >= now"),
]
"""What an allow permits, and what is proved never to be permitted by it."""
REFUTED = [
    ("t.pay when pays <= 3", "t.pay when pays.before >= 2"),
    ("t.pay when big <= 3", "t.pay when args.n <= 100 and big.before >= 3"),
    ("t.late when pays.before >= 1", "t.late when pays.before >= 7"),
    ("t.pay when spent <= 10", "t.pay when args.n >= 10"),
    ("t.pay when peak <= mid", "t.pay when peak.before < low"),
    ("t.look when args.order from wide", 't.look when args.order != "a"'),
    ("t.low when seen.before < now", "t.low when seen.before < 2026-01-01T00:00:00Z"),
]


def codes(allowed: str, never: str) -> set[str]:
    rules = f"grant g {{\n    to bot\n    for work\n    allow {allowed}\n}}\nassert no agent can {never}\n"
    compiled = compile_sources([Source("p.agp", HEAD + rules)])
    assert compiled.policy is not None, compiled.diagnostics
    asked = ("AGP3101", "AGP2999")
    return {
        each.code for each in analyze(compiled.policy, codes=("AGP3101",)) if each.code in asked
    }


@pytest.mark.parametrize(("allowed", "never"), PROVED)
def test_what_no_record_gives_is_proved_never_to_be(allowed: str, never: str) -> None:
    assert codes(allowed, never) == set()


@pytest.mark.parametrize(("allowed", "never"), REFUTED)
def test_what_a_record_gives_is_found(allowed: str, never: str) -> None:
    assert codes(allowed, never) == {"AGP3101"}
