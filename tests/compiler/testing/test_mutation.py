"""What is said of mutants is so: the tests named fail on them, witnesses tell them apart, equivalents agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from generators.policies import policies
from generators.requests import requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source, Span
from agpc.compiler.testing.mutants import mutants
from agpc.compiler.testing.mutation import Judge, Mutation, is_seen, mutate
from agpc.compiler.testing.run import passes
from agpc.compiler.testing.suggest import suggest
from agpc.compiler.testing.tidy import Unwritable

SPAN = Span("a.agp", 0, 0, 1, 1)
VOCABULARY = """\
package shop
level secrecy = public < internal < secret
enum region = EU, US, APAC
agent bot = "spiffe://acme.example/ns/shop/sa/bot"
agent other = "spiffe://acme.example/ns/shop/sa/other"
agents bots = "spiffe://acme.example/ns/shop/sa/*"
intent sell "Sell"
intent buy "Buy"
tool till {
    secrecy: secrecy
    region: region
    path: string
    action open
    action refund(amount: int, to: [string])
}
context { ip: ip }
"""
GRANT = "grant g {{ to bot for sell {} }}"


def compiled(text: str) -> ir.Policy:
    found = compile_sources([Source("shop.agp", VOCABULARY + text)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def changes(text: str) -> list[str]:
    return [each.change for each in mutants(compiled(text))]


def test_each_clause_of_an_allow_is_made_weaker() -> None:
    found = changes(
        GRANT.format(
            "allow till.refund when args.amount <= 10 and till.secrecy < secret\n"
        ).replace("till.secrecy", "resource.secrecy")
    )
    assert found[:2] == [
        "`to shop.bot` becomes `to any agent`",
        "`for shop.sell` becomes `for any intent`",
    ]
    assert found[2 : -len(FAMILY)] == [
        "`args.amount <= 10` becomes `args.amount <= 11`",
        "`args.amount <= 10` is gone",
        "`resource.secrecy < secret` becomes `resource.secrecy <= secret`",
        "`resource.secrecy < secret` is gone",
        (
            "`args.amount <= 10 and resource.secrecy < secret` becomes "
            "`args.amount <= 10 or resource.secrecy < secret`"
        ),
    ]


def test_no_mutant_reads_an_argument_that_a_call_does_not_have() -> None:
    wider = "`allow shop.till.refund` becomes `allow shop.till.*`"
    assert wider in changes(GRANT.format("allow till.refund when resource.secrecy < secret\n"))
    assert wider not in changes(GRANT.format("allow till.refund when args.amount <= 10\n"))


def test_terms_and_times_of_an_allow_are_made_weaker() -> None:
    found = changes(
        GRANT.format(
            'allow till.open require approval by "role:boss" count 2 within 1h '
            "revoke when resource.secrecy >= internal "
            "credential ttl 15m renew 3 valid until 2030-01-01 "
            'during mon..fri 08:00..18:30 "UTC" audit full'
        )
    )
    evidence, window = 'approval by "role:boss"', "during mon..fri"
    assert found[3 : -len(FAMILY)] == [
        f"`{evidence} count 2 within 1h` becomes `{evidence} count 2 within 2h`",
        f"`{evidence} count 2 within 1h` becomes `{evidence} count 2`",
        f"`{evidence} count 2 within 1h` becomes `{evidence} within 1h`",
        f"`{evidence} count 2 within 1h` is gone",
        "revoke when: `resource.secrecy >= internal` becomes `resource.secrecy > internal`",
        "revoke when: `resource.secrecy >= internal` is gone",
        "`ttl 15m` becomes `ttl 16m`",
        "`renew 3` becomes `renew 4`",
        "`audit full` is gone",
        "`valid until 2030-01-02T00:00:00Z` becomes `valid until 2030-01-03T00:00:00Z`",
        "`valid until 2030-01-02T00:00:00Z` is gone",
        *(
            f'`{window} 08:00..18:30 "UTC"` becomes `{wider} "UTC"`'
            for wider in (
                "during mon..sat 08:00..18:30",
                f"{window} 07:00..18:30",
                f"{window} 08:00..18:31",
            )
        ),
        f'`{window} 08:00..18:30 "UTC"` is gone',
    ]


def one(kind: str, condition: str) -> list[str]:
    """The changes of a condition: of an allow, or of a forbid."""
    if kind == "allow":
        text = GRANT.format(f"allow till.* when {condition}\n")
        return changes(text)[2:][: -len(FAMILY)]
    return changes(f'forbid f {{ deny till.* when {condition} because "No." }}')[: -len(FAMILY) - 1]


FAMILY = changes("")


def test_conditions_of_allows_are_true_more_often_and_those_of_forbids_less_often() -> None:
    assert one("allow", "resource.region in [EU, US]") == [
        "`resource.region in [EU, US]` with `APAC`, too",
        "`resource.region in [EU, US]` is gone",
    ]
    assert one("forbid", "resource.region in [EU, US]") == [
        "`resource.region in [EU, US]` without `EU`",
        "`resource.region in [EU, US]` without `US`",
    ]
    assert one("allow", "resource.region not in [EU, US]") == [
        "`resource.region not in [EU, US]` without `EU`",
        "`resource.region not in [EU, US]` without `US`",
        "`resource.region not in [EU, US]` becomes `resource.region in [EU, US]`",
        "`resource.region not in [EU, US]` is gone",
    ]
    assert one("forbid", "resource.region == EU or resource.secrecy >= internal") == [
        "`resource.region == EU` is gone",
        "`resource.secrecy >= internal` becomes `resource.secrecy > internal`",
        "`resource.secrecy >= internal` is gone",
        (
            "`resource.region == EU or resource.secrecy >= internal` becomes "
            "`resource.region == EU and resource.secrecy >= internal`"
        ),
    ]
    assert one("allow", 'resource.path like "a/*"')[0] == (
        '`resource.path like "a/*"` becomes `resource.path like "*a/*"`'
    )
    assert one("allow", 'resource.path under "/a/b"')[0] == (
        '`resource.path under "/a/b"` becomes `resource.path under "/a"`'
    )
    assert one("allow", 'context.ip within "10.0.0.0/8"')[0] == (
        '`context.ip within "10.0.0.0/8"` with `10.0.0.0/7` for `10.0.0.0/8`'
    )
    assert one("forbid", "not resource.secrecy > internal")[0] == (
        "`not resource.secrecy > internal` becomes `not resource.secrecy >= internal`"
    )


def test_forbids_go_and_lose_what_they_name_and_what_they_ask_for() -> None:
    found = changes(
        "forbid f { deny till.open, till.refund to bot, other "
        'unless approval by "role:boss" count 2 within 1h because "No." }'
    )[: -len(FAMILY)]
    evidence = 'approval by "role:boss" '
    assert found == [
        "`to shop.bot, shop.other` without `shop.bot`",
        "`to shop.bot, shop.other` without `shop.other`",
        "`deny shop.till.open, shop.till.refund` without `shop.till.open`",
        "`deny shop.till.open, shop.till.refund` without `shop.till.refund`",
        *(
            f"unless: `{evidence}count 2 within 1h` becomes `{evidence}{less}`"
            for less in ("count 2 within 2h", "count 2", "within 1h")
        ),
        "the rule is gone",
    ]


def test_the_pattern_of_a_family_widens() -> None:
    assert [
        f'`"spiffe://acme.example/ns/shop/sa/*"` becomes `"spiffe://acme.example/{wider}"`'
        for wider in ("ns/shop/sa/**", "*/shop/sa/*", "ns/*/sa/*", "ns/shop/*/*")
    ] == FAMILY


SMALL = GRANT.format("allow till.refund when args.amount <= 10\n")


def judged(text: str, time_limit: float = 100) -> Mutation:
    policy = compiled(text)
    return mutate(policy, policy.tests, time_limit, lambda done, total: None)


def test_a_test_at_the_bound_kills_the_mutant_that_moves_it_and_one_far_off_does_not() -> None:
    for amount, fate in (("11", "killed"), ("12", "survived")):
        found = judged(
            SMALL
            + f'test "much" {{ agent bot for sell call till.refund(amount: {amount}, to: []) expect deny }}'
        )
        fates = {each.mutant.change: each for each in found.verdicts}
        moved = fates["`args.amount <= 10` becomes `args.amount <= 11`"]
        assert moved.fate == fate
        assert fates["`args.amount <= 10` is gone"].by == ("much",)
        if fate == "survived":
            assert moved.request is not None
            assert moved.request["action"]["properties"]["amount"] == 11
            assert moved.expected is not None and moved.expected.effect == "deny"
            assert moved.got is not None and moved.got.effect == "permit"


def test_tests_that_would_notice_are_ready_to_be_pasted() -> None:
    rules = (
        SMALL
        + 'grant h { to bot for buy allow till.open as o require approval by "role:boss" within 1h '
        'credential ttl 5m oblige notify(to: "x") }\n'
    )
    before = judged(rules)
    assert (before.count("killed"), before.count("survived")) == (0, before.counted)
    tests = {each.test.text for each in before.verdicts if each.test is not None}
    assert len(tests) < before.counted  # some show several
    after = judged(rules + "\n".join(sorted(tests)))
    assert (after.count("killed"), after.percent) == (after.counted, 100.0)
    assert after.counted == before.counted


def test_what_the_analysis_knows_to_be_equivalent_does_not_count() -> None:
    found = judged(
        SMALL
        + 'forbid f { deny till.refund when args.amount > 20 because "No." }'
        + 'test "much" { agent bot for sell call till.refund(amount: 11, to: []) expect deny }'
    )
    fates = {(each.mutant.of, each.mutant.change): each.fate for each in found.verdicts}
    assert fates["shop.f", "the rule is gone"] == "equivalent"
    assert found.counted == found.count("killed") + found.count("survived") < len(found.verdicts)


INTENTS = """
intent search "Search" { event: string, days: [string] }
intent look "Look" { event: string }
intent idle "Idle"
tool diary { action find(query: string, date?: string) }
grant finding {
    to bots
    for search
    allow diary.find
        when args.query == task.event and (not has args.date or args.date in task.days)
}
"""


def test_a_mutant_that_some_test_could_see_is_never_said_to_be_seen_by_none() -> None:
    """Most requests that show it have fields that the other intents do not declare."""
    found = {each.mutant.change: each for each in judged(INTENTS).verdicts}
    wider = found["`for shop.search` becomes `for any intent`"]
    assert (wider.fate, wider.reason) == ("survived", "")
    assert wider.test is not None
    assert "for look { event: " in wider.test.text
    alone = INTENTS.replace('intent look "Look" { event: string }', "")
    found = {each.mutant.change: each for each in judged(alone).verdicts}
    none = found["`for shop.search` becomes `for any intent`"]
    assert (none.fate, none.reason) == ("unseen", "only a request that no test can make tells")


@pytest.mark.parametrize("twice", [" within 1h", ""])
def test_evidence_that_is_asked_for_twice_is_no_less_asked_for(twice: str) -> None:
    """Who has given the one has given the other, but an answer names both."""
    found = judged(
        GRANT.format(
            f'allow till.open require approval by "role:a" within 1h and approval by "role:a"{twice}\n'
        )
    )
    by_change = {each.mutant.change: each for each in found.verdicts}
    verdict = by_change['`approval by "role:a" within 1h` becomes `approval by "role:a" within 2h`']
    assert verdict.fate == "survived"
    assert verdict.test is not None
    assert 'asking approval by "role:a" within 1h' in verdict.test.text
    assert not {"undetermined", "unseen"} & {each.fate for each in found.verdicts}


def test_a_request_of_a_test_shows_what_the_test_does_not_expect() -> None:
    text = (
        'grant h { to bot for buy allow till.open as o credential ttl 5m oblige notify(to: "x") }'
        'test "open" { agent bot for buy call till.open() expect permit }'
    )
    by_change = {each.mutant.change: each for each in judged(text).verdicts}
    longer = by_change["`ttl 5m` becomes `ttl 6m`"]
    assert longer.test is not None
    (test,) = compiled(text).tests
    assert longer.request == longer.test.test.request == test.request


def test_what_there_is_no_time_for_is_not_killed() -> None:
    found = judged(SMALL, time_limit=-1)
    assert (found.verdicts, found.percent) == ((), 0.0)
    assert [each.change for each in found.not_reached] == changes(SMALL)


def test_several_processes_say_what_one_says() -> None:
    policy = compiled(
        "".join(
            f"grant g{n} {{ to bot for sell allow till.refund when args.amount <= {n} }}\n"
            for n in range(1, 8)
        )
        + 'test "much" { agent bot for sell call till.refund(amount: 8, to: []) expect deny }'
    )
    judge = Judge(policy, policy.tests)
    alone = tuple(judge.judge(number) for number in range(len(judge.mutants)))
    assert len(alone) > 24
    progress: list[tuple[int, int]] = []
    found = mutate(policy, policy.tests, 100, lambda *each: progress.append(each))
    assert found.verdicts == tuple(judge.with_few_tests(alone))
    assert progress == [(n, len(alone)) for n in range(1, len(alone) + 1)]


@given(st.data())
def test_what_is_said_of_a_mutant_is_so(data: st.DataObject) -> None:
    policy = replace(data.draw(policies(max_rules=3)), tests=())
    asked = [data.draw(requests(policy)) for _ in range(6)]
    asked = [each for each in asked if isinstance(each, dict)]
    effects = [decide(policy, each).effect for each in asked]
    tests = tuple(
        ir.Test(f"t{at}", request, effect, None, SPAN)
        for at, (request, effect) in enumerate(zip(asked[:3], effects[:3], strict=True))
    )
    judge = Judge(policy, tests)
    if not judge.mutants:
        return
    numbers = data.draw(
        st.lists(st.integers(0, len(judge.mutants) - 1), min_size=1, max_size=8, unique=True)
    )
    for number in numbers:
        verdict = judge.judge(number)
        changed = verdict.mutant.applied(policy)
        failing = {each.name for each in tests if not passes(each, decide(changed, each.request))}
        assert set(verdict.by) == failing
        if verdict.fate == "survived":
            assert verdict.test is not None
            made = verdict.test.test
            assert passes(made, decide(policy, made.request))
            assert not passes(made, decide(changed, made.request))
            assert verdict.expected == decide(policy, verdict.request)
            assert verdict.got == decide(changed, verdict.request)
            assert verdict.expected is not None and verdict.got is not None
            assert is_seen(verdict.expected, verdict.got)
        elif verdict.fate == "equivalent":
            for each in asked:
                assert not is_seen(decide(policy, each), decide(changed, each)), each
        elif verdict.fate == "unseen":
            for each in asked:
                if is_seen(decide(policy, each), decide(changed, each)):
                    with pytest.raises(Unwritable):
                        suggest(policy, each, against=changed)


def test_a_delegate_that_is_gone_is_noticed_by_a_test_of_its_chain() -> None:
    text = (
        "grant one { to bot for sell allow till.open } grant two { to other for buy allow till.open } "
        "delegate bot for sell to other for buy "
    )
    chain = (
        'test "a chain" { agent other for buy after [bot for sell] call till.open() expect permit }'
    )
    found = mutate(compiled(text + chain), compiled(text + chain).tests, 60, lambda *_: None)
    (gone,) = [each for each in found.verdicts if each.mutant.delegation is not None]
    assert (gone.fate, gone.by) == ("killed", ("a chain",))
    found = mutate(compiled(text), (), 60, lambda *_: None)
    (gone,) = [each for each in found.verdicts if each.mutant.delegation is not None]
    assert gone.fate == "undetermined"
