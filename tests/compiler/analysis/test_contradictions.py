"""What findings about contradictions and dead rules say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from agpc.compiler.analysis.run import analyze
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import Diagnostic

from .finding_fixtures import FIXTURES, policy_of, witnesses


def findings(text: str, codes: Collection[str]) -> list[Diagnostic]:
    return list(analyze(policy_of(text), codes=codes))


def test_the_witness_of_a_bypass_is_permitted_by_another_and_asked_for_by_the_allow() -> None:
    text = FIXTURES["AGP2108"]
    policy = policy_of(text)
    allows = {allow.span: allow for allow in policy.allows}
    for finding in findings(text, ["AGP2108"]):
        (witness,) = witnesses(finding)
        bypassed, *others = (allows[label.span] for label in finding.labels)
        decision = decide(policy, witness)
        assert decision.effect == "permit"
        assert bypassed.id not in decision.rules
        assert {each.id for each in others} & set(decision.rules)
        alone = decide(replace(policy, allows=(bypassed,)), witness)
        assert alone.effect == "challenge"


def test_the_witness_of_a_part_is_denied_and_permitted_but_for_the_forbid() -> None:
    text = FIXTURES["AGP2102"]
    policy = policy_of(text)
    rules = {rule.span: rule.id for rule in policy.rules}
    for finding in findings(text, ["AGP2102"]):
        allow, forbid, *_ = (rules[label.span] for label in finding.labels)
        (witness,) = witnesses(finding)
        decision = decide(policy, witness)
        assert (decision.effect, forbid in decision.rules) == ("deny", True)
        assert allow in decide(replace(policy, forbids=()), witness).rules


TOGETHER = """package p
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool t { action x(n: int) }
grant g {
    to bot
    for pay
    allow t.x as low when args.n < 5
    allow t.x as unneeded when args.n > 90
    allow t.x as high when args.n > 3
    allow t.x as middle when args.n > 2 and args.n < 8
}
"""


def test_rules_that_cover_only_together_are_named_and_no_more() -> None:
    found = {each.labels[0].span.line: each for each in findings(TOGETHER, ["AGP2101"])}
    assert [label.span.line for label in found[11].labels] == [11, 10, 8]
    assert found[11].message == (
        "allow `p.g.middle` changes nothing, since `p.g.high` and `p.g.low` cover it"
    )
    assert [label.span.line for label in found[9].labels] == [9, 10]


NEVER = """package p
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool t { action x(n: int, m: int) }
grant g {
    to bot
    for pay
    allow t.x when args.m < 5 and args.n > 5 and args.m > 3 and args.n < 4
    valid until 2027-01-01
}
"""


def test_only_what_excludes_each_other_is_named() -> None:
    (finding,) = findings(NEVER, ["AGP2105"])
    assert finding.message == "allow `p.g.t.x` can never apply"
    assert finding.notes == ("this cannot be: `when args.n > 5`; `when args.n < 4`",)
    lines = NEVER.split("\n")
    shown = [
        lines[e.span.line - 1][e.span.column - 1 : e.span.end_column - 1] for e in finding.labels
    ]
    assert shown[1:] == ["args.n > 5", "args.n < 4"]


def test_a_limit_that_is_hit_is_undetermined_and_no_finding() -> None:
    patterns = 'agent.id like "*/b?" and agent.id like "*/?o"'
    text = NEVER.replace("args.m < 5", patterns).replace("< 4", "< 7")
    family = text.replace("agent bot = ", "agents bot = ").replace('/bot"', '/*"')
    (finding,) = findings(family, ["AGP2105"])
    assert finding.code == "AGP2999"
    assert finding.notes == (
        "the procedure hit a limit: the agent's identity is matched with a pattern",
    )


def test_a_limit_below_one_call_is_told_once() -> None:
    policy = policy_of(FIXTURES["AGP2201"])
    assert not analyze(policy, codes=["AGP2105"])
    assert analyze(policy, codes=["AGP2201"])
