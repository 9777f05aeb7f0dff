"""What tests show of rules: each kind of rule, clause and atom, and what no test can show."""

from __future__ import annotations

from textwrap import dedent

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.compiler.testing.coverage import Coverage
from agpc.compiler.testing.coverage_points import PointRecord
from agpc.compiler.testing.impossible import note_impossible
from agpc.compiler.testing.witnesses import Witnesses

VOCABULARY = """\
package shop
owner "shop" contact "shop@acme.example"
agent bot = "spiffe://acme.example/bots/one"
agent other = "spiffe://acme.example/bots/two"
agents bots = "spiffe://acme.example/bots/*"
intent sell "Sell"
intent buy "Buy"
level secrecy = open < closed < secret
context { region?: string, score: number }
tool till {
    secrecy: secrecy
    owner?: string
    action open
    action refund(amount: number, to: [string], note?: string)
}
"""


def policy_of(*texts: str) -> ir.Policy:
    sources = [
        Source(f"{number}.agp", VOCABULARY + dedent(text) if number == 0 else dedent(text))
        for number, text in enumerate(texts)
    ]
    compilation = compile_sources(sources)
    assert compilation.policy is not None, compilation.diagnostics
    return compilation.policy


def measured(*texts: str) -> Coverage:
    policy = policy_of(*texts)
    return Coverage.of_tests(policy, policy.tests)


def shown(coverage: Coverage, rule: str) -> dict[str, set[str]]:
    """What was shown of a rule, by its parts as they are written."""
    return {
        f"{each.point.clause} {each.point.text}".strip() or each.point.kind: set(each.shown)
        for each in coverage.of[f"shop.{rule}"]
    }


def test_a_rule_that_decides_and_a_requirement_that_is_missing_are_seen() -> None:
    coverage = measured("""\
        grant selling {
            to bot
            for sell
            allow till.refund as refunding when args.amount <= 100 require approval by "role:boss"
        }
        test "it waits" {
            agent bot for sell
            call till.refund(amount: 2)
            at 2026-01-01T00:00:00Z
            expect challenge by refunding
        }
        """)
    assert shown(coverage, "selling.refunding") == {
        "decides": {"decides"},
        "when args.amount <= 100": {"true"},
        'require approval by "role:boss"': {"missing"},
    }
    assert (coverage.score.covered, coverage.score.countable) == (2, 3)


FORBID = """\
    grant selling {
        to bots
        for sell
        allow till.refund as refunding
    }
    forbid large {
        deny till.refund
        when args.amount > 100
        unless resource.owner == "boss"
    }
    test "large" {
        agent bot for sell
        call till.refund(amount: 200)
        %s
        expect %s
    }
    """


@pytest.mark.parametrize(
    ("resource", "effect", "large", "unless"),
    [
        ("", "deny by large", {"decides"}, {"unknown"}),
        ('resource { owner: "me" }', "deny by large", {"decides"}, {"false"}),
        ('resource { owner: "boss" }', "permit", set(), {"true"}),
    ],
)
def test_a_forbid_overrides_an_allow_unless_its_exception_is_true(
    resource: str, effect: str, large: set[str], unless: set[str]
) -> None:
    coverage = measured(FORBID % (resource, effect))
    assert shown(coverage, "large") == {
        "decides": large,
        "overrides": {"overrides"} if large else set(),
        "when args.amount > 100": {"true"},
        'unless resource.owner == "boss"': unless,
    }
    (exception,) = (each for each in coverage.of["shop.large"] if each.point.clause == "unless")
    assert exception.point.counted == ("true", "false", "unknown")  # `owner?`


def test_a_forbid_that_applies_where_nothing_is_open_overrides_nothing() -> None:
    coverage = measured("""\
        forbid all { deny any }
        test "nobody" { agent bot for sell call till.open() expect deny by all }
        """)
    assert shown(coverage, "all") == {"decides": {"decides"}, "overrides": set()}


def test_atoms_are_looked_at_in_requests_that_the_rule_names_and_in_no_other() -> None:
    coverage = measured("""\
        grant selling {
            to bot
            for sell
            allow till.refund as refunding when args.amount <= 100
        }
        test "another agent" { agent other for sell call till.refund(amount: 2) expect deny }
        test "another intent" { agent bot for buy call till.refund(amount: 2) expect deny }
        test "another call" { agent bot for sell call till.open() expect deny }
        """)
    assert not any(each.shown for each in coverage.records)


def test_each_test_of_a_family_and_each_element_of_a_list_counts() -> None:
    coverage = measured("""\
        grant selling {
            to bots
            for sell
            allow till.refund as refunding
                when every args.to in ["a", "b"] and context.score > 1
        }
        test "to strangers" {
            agent bots for sell
            call till.refund(amount: 2, to: ["a", "x"])
            context { score: 3 }
            expect deny for each agent in bots
        }
        test "to nobody" {
            agent bots for sell
            call till.refund(amount: 2, to: [])
            context { score: 3 }
            expect permit for each agent in bots
        }
        """)
    found = shown(coverage, "selling.refunding")
    assert found['when every args.to in ["a", "b"]'] == {"true", "false"}
    assert found['when every args.to in ["a", "b"] and context.score > 1'] == {"true", "false"}
    (quantified,) = (
        each for each in coverage.records if isinstance(each.point.judged, ir.Quantified)
    )
    assert quantified.shown["false"] == ["to strangers [shop.bot]", "to strangers [shop.other]"]


SHARED = """\
    let small = args.amount <= 100
    grant selling {
        to bot
        for sell
        allow till.refund as refunding when small
    }
    """
SHARED_TOO = """\
    package audit
    use shop
    owner "audit" contact "audit@acme.example"
    forbid unseen {
        deny shop.till.refund
        when not shop.small
    }
    test "a small refund" {
        agent shop.bot for shop.sell
        call shop.till.refund(amount: 2)
        expect permit
    }
    """


def test_what_several_rules_of_several_packages_share_counts_for_each() -> None:
    policy = policy_of(SHARED, SHARED_TOO)
    coverage = Coverage.of_tests(policy, policy.tests)
    atoms = [each for each in coverage.records if each.point.kind == "atom"]
    assert [each.point.rule.id for each in atoms] == [
        "shop.selling.refunding",
        "audit.unseen",
    ]
    assert {str(each.point.span) for each in atoms} == {"0.agp:16:13"}  # where `let` says it
    assert all(set(each.shown) == {"true"} for each in atoms)


def test_some_rules_alone_are_looked_at() -> None:
    policy = policy_of(SHARED, SHARED_TOO)
    coverage = Coverage.of_tests(policy, policy.tests, {"audit.unseen"})
    assert set(coverage.of) == {"audit.unseen"}
    assert (coverage.score.covered, coverage.score.countable) == (1, 3)


def test_times_and_revocations_are_seen() -> None:
    coverage = measured("""\
        grant selling {
            to bot
            for sell
            valid until 2027-01-01
            during mon..fri 08:00..18:00 "UTC"
            allow till.open as opening
            revoke when context.score < 1
        }
        test "on a Saturday" {
            agent bot for sell
            call till.open()
            context { score: 0 }
            at 2026-01-03T10:00:00Z
            expect deny
        }
        """)
    found = shown(coverage, "selling.opening")
    assert found["revoke when context.score < 1"] == {"true"}
    assert found["valid until 2027-01-02T00:00:00Z"] == {"true"}
    assert found['during mon..fri 08:00..18:00 "UTC"'] == {"false"}


# --- What no test can show ------------------------------------------------------------------------


def judged(*texts: str) -> Coverage:
    coverage = measured(*texts)
    note_impossible(coverage, Witnesses(coverage.policy))
    return coverage


def nevers(coverage: Coverage) -> dict[tuple[str, str], str]:
    def name(record: PointRecord) -> str:
        return record.point.text or record.point.kind

    return {
        (name(each), result): why for each in coverage.records for result, why in each.never.items()
    }


def test_an_atom_that_no_value_makes_true_or_false_does_not_count() -> None:
    coverage = judged("""\
        grant selling {
            to bot
            for sell
            allow till.open as opening when resource.secrecy >= open
        }
        """)
    assert nevers(coverage) == {("resource.secrecy >= open", "false"): "no value makes it false"}
    assert coverage.score.countable == 2


def test_an_atom_that_is_about_another_agent_than_the_rule_does_not_count() -> None:
    coverage = judged("""\
        grant selling {
            to bot
            for sell
            allow till.open as opening when agent.id != "spiffe://acme.example/bots/two"
        }
        """)
    assert nevers(coverage) == {
        (
            'agent.id == "spiffe://acme.example/bots/two"',
            "true",
        ): "no call that the rule names makes it true"
    }


def test_an_allow_that_is_always_forbidden_does_not_count_and_says_by_what() -> None:
    coverage = judged("""\
        grant selling {
            to bot
            for sell
            allow till.open as opening
        }
        forbid all { deny till.open }
        """)
    assert nevers(coverage) == {("decides", "decides"): "it is always forbidden, by `shop.all`"}


def test_rules_whose_condition_leaves_nothing_do_not_count() -> None:
    coverage = judged("""\
        grant selling {
            to bot
            for sell
            allow till.refund as refunding when args.amount < 1 and args.amount > 2
        }
        forbid nothing {
            deny till.open
            when not (resource.secrecy >= open) and has context.region
                and not has context.region
        }
        """)
    decides = {
        (each.point.rule.id, why)
        for each in coverage.records
        if each.point.kind == "decides"
        for why in each.never.values()
    }
    assert decides == {
        ("shop.selling.refunding", "its condition is never true"),
        ("shop.nothing", "its condition is always false"),
    }


def test_what_a_test_showed_is_never_asked_about() -> None:
    coverage = measured(SHARED, SHARED_TOO)
    before = {id(each): dict(each.shown) for each in coverage.records}
    note_impossible(coverage, Witnesses(coverage.policy))
    assert all(each.shown == before[id(each)] for each in coverage.records)
    assert not any(set(each.shown) & set(each.never) for each in coverage.records)


def test_a_score_is_rounded_down_and_all_of_nothing_is_covered() -> None:
    coverage = measured("")
    assert (coverage.score.text, coverage.score.is_under(100)) == ("100.0", False)
    coverage = measured(SHARED, SHARED_TOO)
    assert coverage.score.text == "50.0"
    assert not coverage.score.is_under(50)
    assert coverage.score.is_under(50.1)
