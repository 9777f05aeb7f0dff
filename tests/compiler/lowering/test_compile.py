"""What source text becomes: identities, merged clauses, names across files and packages."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source

VOCABULARY = """
package finance
agent  bot   = "spiffe://acme.example/ns/finance/bot" { tenant: string }
agents bots  = "spiffe://acme.example/ns/finance/*"
intent pay "Pay"
tool ledger { tenant: string action read(account: string) action post(amount: number) }
context { confidence: number }
"""


def policy_of(*texts: str) -> ir.Policy:
    compilation = compile_sources([Source(f"{n}.agp", text) for n, text in enumerate(texts)])
    assert compilation.policy is not None, compilation.diagnostics
    return compilation.policy


def grant(body: str, name: str = "g") -> str:
    return f"package finance\ngrant {name} {{ to bot for pay {body} }}"


def ids(*texts: str) -> list[str]:
    return [rule.id for rule in policy_of(VOCABULARY, *texts).rules]


def test_a_rule_is_named_by_its_label_or_its_capabilities() -> None:
    assert ids(grant("allow ledger.read as look")) == ["finance.g.look"]
    assert ids(grant("allow ledger.read")) == ["finance.g.ledger.read"]
    assert ids(grant("allow ledger.post, ledger.read")) == ["finance.g.ledger.post+ledger.read"]
    assert ids(grant("allow ledger.*")) == ["finance.g.ledger.*"]
    assert ids(grant("allow any")) == ["finance.g.any"]


def test_only_twins_are_numbered_and_moving_them_changes_nothing() -> None:
    one = 'allow ledger.read when args.account == "1"'
    two = 'allow ledger.read when args.account == "2"'
    other = "allow ledger.post"
    found = {
        tuple(
            (rule.id, rule.condition)
            for rule in policy_of(VOCABULARY, grant(" ".join(order))).allows
        )
        for order in itertools.permutations((one, two, other))
    }
    assert len(found) == 1
    assert [id for id, _ in next(iter(found))] == [
        "finance.g.ledger.post",
        "finance.g.ledger.read.1",
        "finance.g.ledger.read.2",
    ]


def test_clauses_of_the_grant_and_of_the_allow_both_hold() -> None:
    (rule,) = policy_of(
        VOCABULARY,
        grant(
            'when agent.tenant == resource.tenant\nrequire step_up "mfa" within 5m\n'
            'allow ledger.read when args.account == "1" require approval by "role:a"'
        ),
    ).allows
    assert isinstance(rule.condition, ir.And)
    assert len(rule.condition.parts) == 2
    assert rule.requirements == (ir.Approval(("role:a",)), ir.StepUp("mfa", 300))


def test_files_of_a_package_share_names_and_may_stand_in_any_order() -> None:
    texts = (VOCABULARY, grant("allow ledger.read"), "package finance\nforbid f { deny any }")
    found = {
        tuple(rule.id for rule in policy_of(*order).rules)
        for order in itertools.permutations(texts)
    }
    assert found == {("finance.f", "finance.g.ledger.read")}


def test_names_of_another_package_are_written_with_it() -> None:
    other = """
    package acme.audit
    use finance
    grant look { to finance.bot for finance.pay allow finance.ledger.read when context.confidence > 0.5 }
    """
    (rule,) = policy_of(VOCABULARY, other).allows
    assert rule.id == "acme.audit.look.finance.ledger.read"
    assert rule.capabilities == ("finance.ledger.read",)
    assert rule.agents == ("finance.bot",)


def test_packages_may_use_each_other_since_nothing_is_contained_in_itself() -> None:
    one = 'package a\nuse b\nagent x = "spiffe://t/x"\nforbid f { deny b.t.go }'
    two = "package b\nuse a\ntool t { action go }\nforbid g { to a.x deny t.go }"
    assert [rule.id for rule in policy_of(one, two).forbids] == ["a.f", "b.g"]


def test_two_packages_may_not_make_one_identity() -> None:
    one = VOCABULARY + "grant a { to bot for pay allow ledger.read as c }"
    two = "package finance.a\nuse finance\nforbid c { deny finance.ledger.read }"
    compilation = compile_sources([Source("1.agp", one), Source("2.agp", two)])
    assert compilation.policy is None
    assert [each.code for each in compilation.diagnostics] == ["AGP1102"]


def test_a_named_condition_means_what_it_says_in_its_own_package() -> None:
    shared = 'package shared\nset good = ["x"]\nlet ok = args.account in good'
    using = (
        VOCABULARY
        + 'use shared\nset good = ["y"]\ngrant g { to bot for pay allow ledger.read when shared.ok }'
    )
    (rule,) = policy_of(shared, using).allows
    assert isinstance(rule.condition, ir.In)
    assert rule.condition.of == ir.Constants(ir.STRING, ("x",), "shared.good")


def test_validity_includes_its_last_day_and_excludes_its_last_instant() -> None:
    def end(text: str) -> str | None:
        (rule,) = policy_of(VOCABULARY, grant(f"allow ledger.read valid until {text}")).allows
        assert rule.validity is not None
        return rule.validity.end

    assert end("2026-12-31") == "2027-01-01T00:00:00Z"
    assert end("2026-12-31T12:00:00+01:00") == "2026-12-31T11:00:00Z"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon..fri", (0, 1, 2, 3, 4)),
        ("fri..mon", (0, 4, 5, 6)),
        ("sat, mon", (0, 5)),
        ("mon..mon", (0,)),
    ],
)
def test_days_run_round_the_week(text: str, days: tuple[int, ...]) -> None:
    body = f'allow ledger.read during {text} 22:00..06:00 "Europe/Berlin"'
    (rule,) = policy_of(VOCABULARY, grant(body)).allows
    assert rule.window == ir.Window(days, 22 * 60, 6 * 60, "Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "glob"),
    [
        (r"a\*b*", r"a\*b*"),
        (r"\\*", r"\\*"),
        (r"\u{2a}\u{3f}\u{5c}", r"\*\?\\"),
        (r"\"\n\t", '"\n\t'),
    ],
)
def test_an_escape_in_a_pattern_is_never_a_wildcard(written: str, glob: str) -> None:
    (rule,) = policy_of(
        VOCABULARY, grant(f'allow ledger.read when args.account like "{written}"')
    ).allows
    assert rule.condition == ir.Like(ir.Attribute("args", ("account",), ir.STRING), glob)


def test_compiling_twice_gives_the_same_policy_and_diagnostics() -> None:
    sources = [Source("a.agp", VOCABULARY), Source("b.agp", grant("allow ledger.raed"))]
    assert compile_sources(sources) == compile_sources(list(reversed(sources)))


def test_a_policy_with_errors_is_no_policy() -> None:
    compilation = compile_sources(
        [Source("a.agp", VOCABULARY + "grant g { to bot for pay allow x.y }")]
    )
    assert compilation.policy is None


def test_a_broken_condition_never_leaves_an_allow_without_it() -> None:
    text = (
        VOCABULARY
        + "grant g { to bot for pay allow ledger.read when args.acc == 5 allow ledger.post }"
    )
    assert compile_sources([Source("a.agp", text)]).policy is None


def test_a_table_of_calls_makes_a_case_each() -> None:
    text = (
        VOCABULARY
        + """
    grant g { to bot for pay allow ledger.read }
    test "table" {
        agent bot for pay
        call ledger.read(account: "1") expect permit by ledger.read
        call ledger.post(amount: 5)
        expect deny
    }
    """
    )
    policy = policy_of(text)
    assert [(each.effect, each.rules) for each in policy.tests] == [
        ("deny", None),
        ("permit", ("finance.g.ledger.read",)),
    ]
    for each in policy.tests:
        assert decide(policy, each.request).effect == each.effect


def test_each_agent_of_a_family_makes_a_case() -> None:
    text = (
        VOCABULARY
        + """
    agent other = "spiffe://acme.example/ns/finance/other"
    agent far   = "spiffe://acme.example/ns/other/far"
    test "all" { agent bots for pay call ledger.read() expect deny for each agent in bots }
    """
    )
    found = sorted(each.request["subject"]["id"] for each in policy_of(text).tests)
    assert found == [
        "spiffe://acme.example/ns/finance/bot",
        "spiffe://acme.example/ns/finance/other",
    ]


def test_spans_do_not_make_policies_differ() -> None:
    text = VOCABULARY + "grant g { to bot for pay allow ledger.read }"
    moved = text.replace("grant", "\n\n   grant")
    assert policy_of(text) == policy_of(moved)
    assert replace(policy_of(text), allows=()) != policy_of(text)


def named(count: int, body: str) -> str:
    """`count` named conditions, each of which names the one before."""
    lets = ['let c0 = args.account == "1"']
    lets += [f"let c{n} = {body.format(last=f'c{n - 1}')}" for n in range(1, count)]
    return (
        VOCABULARY
        + "\n".join(lets)
        + f"\ngrant g {{ to bot for pay allow ledger.read when c{count - 1} }}"
    )


def codes_of(text: str) -> set[str]:
    return {each.code for each in compile_sources([Source("a.agp", text)]).diagnostics}


def test_named_conditions_are_no_way_round_the_limit_of_depth() -> None:
    assert codes_of(named(90, "not {last}")) == set()
    for count in (150, 2_000):
        assert codes_of(named(count, "not {last}")) == {"AGP1007"}
        assert "AGP1007" in codes_of(
            named(count, "{last} and (context.confidence > 0.5 or {last})")
        )


def test_a_chain_of_names_has_an_end() -> None:
    assert codes_of(named(100, "{last}")) == set()
    for count in (150, 2_000):
        assert codes_of(named(count, "{last}")) == {"AGP1007"}


@pytest.mark.parametrize("count", [10, 1_000, 5_000])
@pytest.mark.parametrize("step", [1, -1])
def test_families_may_include_one_another_to_any_depth(count: int, step: int) -> None:
    chain = [f"agents f{n} = {f'f{n - 1}' if n else 'bot'}, f{n // 2 or 1}\n" for n in range(count)]
    text = VOCABULARY + "".join(chain[::step])
    assert codes_of(text) == {"AGP1104"}  # `f1` includes itself
    chain[:2] = ["agents f0 = bot\n", "agents f1 = f0\n"]
    policy = policy_of(VOCABULARY + "".join(chain[::step]))
    chained = [each for each in policy.families if each.name.partition(".f")[2].isdigit()]
    assert len(chained) == count
    assert {each.ids for each in chained} == {("spiffe://acme.example/ns/finance/bot",)}


def test_a_circle_of_families_is_told_at_each_of_them_and_not_in_full() -> None:
    text = VOCABULARY + "".join(f"agents f{n} = f{(n + 1) % 2_000}\n" for n in range(2_000))
    found = compile_sources([Source("a.agp", text)]).diagnostics
    assert [each.code for each in found] == ["AGP1104"] * 2_000
    assert all(len(each.message) < 200 for each in found)


@pytest.mark.parametrize("digits", [30, 401, 4_301, 100_000])
@pytest.mark.parametrize(
    "place",
    ["when context.confidence > {n}", "when args.account == {n}", "valid until {n}-01-01",
     "require approval by \"r\" count {n}", "credential ttl {n}m", "when now > {n}"],
)  # fmt: skip
@pytest.mark.parametrize("sign", ["", "-", "0.", "1e"])
def test_a_number_of_any_length_is_a_diagnostic(digits: int, place: str, sign: str) -> None:
    clause = place.replace("{n}", sign + "9" * digits)
    text = VOCABULARY + f"grant g {{ to bot for pay allow ledger.read {clause} }}"
    found = compile_sources([Source("a.agp", text)])
    assert (found.policy is None) == bool(found.diagnostics)
    assert digits == 30 or found.policy is None


def test_named_conditions_are_no_way_round_the_limit_of_size() -> None:
    assert codes_of(named(10, "{last} and {last}")) == set()
    assert codes_of(named(40, "{last} and {last}")) == {"AGP1008"}


def test_a_test_can_name_a_rule_whose_identity_is_no_name() -> None:
    text = (
        VOCABULARY
        + """
    grant g { to bot for pay allow ledger.read, ledger.post }
    test "both" {
        agent bot for pay
        call ledger.read()
        expect permit by "g.ledger.post+ledger.read"
    }
    """
    )
    (case,) = policy_of(text).tests
    assert case.rules == ("finance.g.ledger.post+ledger.read",)
