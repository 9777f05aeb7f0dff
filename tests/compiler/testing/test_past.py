"""Tests that tell what was before: they kill mutants of limits, and are suggested with a record of their own."""

from __future__ import annotations

from agpc.compiler.check.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.compiler.testing.mutation import Verdict, mutate
from agpc.compiler.testing.run import run_tests
from agpc.compiler.testing.suggest import Suggested, pages

POLICY = """\
language 2
package p
owner "o" contact "o@x.y"
level grade = low < high
agent bot = "spiffe://t.example/bot"
intent work "work"
tool t { grade: grade read action look(id: string) -> { name: string } write action pay(to: string, n?: number) }
meter pays = count of t.pay per task
meter peak = max resource.grade of t.look per task
source known = said, t.look.name
grant g {
    to  bot
    for work
    allow t.pay when pays <= 2 and args.to from known
    allow t.look when peak.before < high
}
"""
ALLOWED = """
test "two pass" {
    agent bot for work
    said  "pay alice"
    did   t.pay(to: "alice") 5m ago
    call  t.pay(to: "alice")
    at    2026-11-24T10:00:00Z
    expect permit
}
"""
LIMITED = """
test "the third does not" {
    agent bot for work
    said  "pay alice"
    did   t.pay(to: "alice") 5m ago
    did   t.pay(to: "alice") 4m ago
    call  t.pay(to: "alice")
    at    2026-11-24T10:00:00Z
    expect deny
}
"""
WIDER = "`p.pays <= 2` becomes `p.pays <= 3`"


def policy(*files: str) -> ir.Policy:
    found = compile_sources([Source(f"{n}.agp", text) for n, text in enumerate(files)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def verdicts(text: str) -> dict[str, Verdict]:
    made = policy(text)
    found = mutate(made, made.tests, 100, lambda _done, _all: None)
    return {each.mutant.change: each for each in found.verdicts}


def test_a_record_kills_a_limit_that_is_off_by_one() -> None:
    assert verdicts(POLICY + ALLOWED + LIMITED)[WIDER].fate == "killed"


def test_what_no_test_notices_is_shown_with_a_record_of_its_own() -> None:
    found = verdicts(POLICY + ALLOWED)
    assert found[WIDER].fate == "survived"
    suggested = [each.test for each in found.values() if isinstance(each.test, Suggested)]
    assert any(each.test.record for each in suggested)
    again = policy(POLICY, *pages(suggested).values())
    outcomes = run_tests(again)
    assert len(outcomes) == len(suggested)
    assert all(each.passed for each in outcomes), [each.differences for each in outcomes]
