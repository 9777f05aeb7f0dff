"""Tests that tell what was before: they kill mutants of limits, and are suggested with a record of their own."""

from __future__ import annotations

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
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


HIGH = """
test "what was read is told by itself" {
    agent bot for work
    said  "pay alice"
    did   t.look(id: "a") with resource { grade: high, id: "secrets" } gave { name: "bob" } 5m ago
    tried t.look(id: "b") with resource {} 4m ago
    did   t.look(id: "c") 3m ago
    said  "pay carol" 2m ago
    resource { grade: low }
    call  t.look(id: "a") expect deny
    call  t.pay(to: "alice") expect permit
    call  t.pay(to: "bob") expect permit
    call  t.pay(to: "carol") expect permit
    at    2026-11-24T10:00:00Z
}
"""


def test_an_earlier_call_has_a_resource_of_its_own_where_it_says_so() -> None:
    made = policy(POLICY + HIGH)
    assert [each.differences for each in run_tests(made) if not each.passed] == []
    calls = [each for each in made.tests[0].record or () if each["event"] == "call"]
    assert [each["request"]["resource"] for each in calls] == [
        {"type": "p.t", "id": "secrets", "properties": {"grade": "high"}},
        {"type": "p.t", "id": "test-resource", "properties": {}},
        {"type": "p.t", "id": "test-resource", "properties": {"grade": "low"}},
    ]


def test_what_was_said_has_a_time_of_its_own_where_it_says_so() -> None:
    lone = """test "{}" {{
        agent bot for work
        {}
        call t.pay()
        at 2026-11-24T10:00:00Z
        expect deny
    }}
    """
    told = {
        "with a call": 'said "x" did t.look(id: "a") 5m ago said "y" 2m ago',
        "before a call": 'said "x" 9m ago did t.look(id: "a") 5m ago said "y"',
        "by itself": 'said "x" said "y" 1m ago',
        "now": 'said "x" said "y"',
    }
    made = policy(POLICY + "".join(lone.format(*each) for each in told.items()))
    said = {
        each.name: [line["time"][11:19] + line.get("text", "") for line in each.record or ()]
        for each in made.tests
    }
    assert said == {
        "with a call": ["09:55:00", "09:55:00x", "09:55:00", "09:55:00", "09:58:00y"],
        "before a call": ["09:51:00", "09:51:00x", "09:51:00y", "09:55:00", "09:55:00"],
        "by itself": ["09:59:00", "09:59:00x", "09:59:00y"],
        "now": ["10:00:00", "10:00:00x", "10:00:00y"],
    }


def test_what_was_before_prints_and_reads_back() -> None:
    texts = (
        HIGH,
        HIGH.replace('"pay alice"', '"pay alice" 5m ago'),
        HIGH.replace('"pay alice"', '"pay alice" 9m ago'),
        HIGH.replace('"pay alice"', '"pay alice" 0s ago'),
    )
    for text in texts:
        made = policy(POLICY + text)
        printed = compile_sources(policy_sources(made)).policy
        assert printed is not None and printed.tests == made.tests
