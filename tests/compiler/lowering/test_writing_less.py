"""What is said once becomes what it stands for: kinds, groups, extensions, terms, and what a freeze says."""

from __future__ import annotations

import pytest

from agpc.compiler.check.compiling.compile import Compilation, compile_sources
from agpc.compiler.check.compiling.memory import Memory
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.report.source import Source

DESK = """
package desk
agent bot = "spiffe://acme.example/bot"
intent answer "Answer"
tool mail {
    read send action fetch(u: string)
    send action send(to: [string])
    action odd(a: int)
}
tool shop { write action refund(amount: int) }
"""


def compilation(*texts: str, memory: Memory | None = None) -> Compilation:
    return compile_sources([Source(f"{n}.agp", text) for n, text in enumerate(texts)], memory)


def compiled(*texts: str) -> ir.Policy:
    found = compilation(*texts)
    assert found.policy is not None, [each.message for each in found.diagnostics]
    return found.policy


def messages(*texts: str) -> list[str]:
    return [each.message for each in compilation(*texts).diagnostics]


def allows(body: str, *more: str) -> dict[str, tuple[str, ...]]:
    policy = compiled(DESK + f"grant g {{ to bot for answer {body} }}", *more)
    printed = compile_sources(policy_sources(policy)).policy
    assert printed is not None and printed.allows == policy.allows
    return {each.id: each.capabilities for each in policy.allows}


def test_a_kind_is_written_out_and_the_rule_is_called_by_what_was_written() -> None:
    assert allows("allow any send") == {"desk.g.any_send": ("desk.mail.fetch", "desk.mail.send")}
    assert allows("allow mail.* read") == {"desk.g.mail_read": ("desk.mail.fetch",)}
    assert allows("allow any write, mail.odd") == {
        "desk.g.any_write_mail_odd": ("desk.mail.odd", "desk.shop.refund")
    }


def test_allows_of_one_kind_are_numbered_with_names_that_are_labels() -> None:
    found = allows("allow any send when now > 2026-01-01T00:00:00Z allow any send")
    assert list(found) == ["desk.g.any_send_1", "desk.g.any_send_2"]


def test_two_names_that_would_be_one_are_reported() -> None:
    assert messages(
        DESK + "grant g { to bot for answer allow any send allow mail.odd as any_send }"
    ) == ["two rules have the identity `desk.g.any_send`"]


@pytest.mark.parametrize(
    ("statement", "counted"),
    [
        ("meter m = count of any read per task", True),
        ("meter m = max args.a of mail.* read per task", None),
        ("meter m = count of denied any read per task", True),
        ("meter m = count of asked any read per task", True),
        ("meter m = last of any read per task", True),
        ("meter m = count of done any read per task", False),
    ],
)
def test_a_meter_counts_what_has_no_kind_unless_it_has_to_be_finished(
    statement: str, counted: bool | None
) -> None:
    if counted is None:  # not all that is of every kind has the argument
        assert messages(DESK + statement) != []
        return
    (meter,) = compiled(DESK + statement).meters
    assert ("desk.mail.odd" in meter.capabilities) is counted


def test_after_counts_what_has_no_kind_and_after_done_does_not() -> None:
    body = "grant g {{ to bot for answer allow mail.odd when {} any read }}"
    for words, counted in (("after", True), ("after done", False), ("not after", True)):
        (meter,) = compiled(DESK + body.format(words)).meters
        assert ("desk.mail.odd" in meter.capabilities) is counted


def test_statements_of_what_may_not_be_are_about_what_has_no_kind_and_others_are_not() -> None:
    policy = compiled(
        DESK + 'agent two = "spiffe://acme.example/two"\n'
        "assert no agent can any read assert bot can any read separate any read, shop.refund "
        "isolate bot from two except any read "
        "grant g { to bot for answer allow mail.fetch }"
    )
    can, cannot = sorted(policy.assertions, key=lambda each: not each.possible)
    assert can.capabilities == ("desk.mail.fetch",)
    assert cannot.capabilities == ("desk.mail.fetch", "desk.mail.odd")
    assert policy.separations[0].capabilities == (
        "desk.mail.fetch",
        "desk.mail.odd",
        "desk.shop.refund",
    )
    assert policy.isolations[0].excepted == ("desk.mail.fetch",)


def test_a_group_of_another_package_is_of_its_names_and_an_action_comes_first() -> None:
    other = "package lib\ntool mail { send action ping }\ngroup out = any send, mail.ping\ngroup send = mail.ping"
    assert allows("allow lib.out", "package desk\nuse lib", other) == {
        "desk.g.lib_out": ("desk.mail.fetch", "desk.mail.send", "lib.mail.ping")
    }
    same = "package mail\ntool t { action x }\ngroup send = t.x"
    assert allows("allow mail.send", "package desk\nuse mail", same) == {
        "desk.g.mail.send": ("desk.mail.send",)
    }


def test_groups_to_any_depth_take_no_recursion_and_no_time() -> None:
    chain = "".join(f"group g{n} = g{n + 1}, g{n + 1}\n" for n in range(3_000))
    policy = compiled(
        DESK + chain + "group g3000 = mail.send grant g { to bot for answer allow g0 }"
    )
    assert policy.allows[0].capabilities == ("desk.mail.send",)


def test_a_group_that_an_allow_finds_nothing_in_is_told_where_it_is_named() -> None:
    unmarked = DESK + "tool u { action x }\ngroup reads = u.* read\n"
    assert messages(unmarked + "forbid f { deny reads }") == []
    assert messages(unmarked + "grant g { to bot for answer allow reads }") == [
        "no action in group `reads` is marked as one of this kind"
    ]


def test_another_package_marks_actions_and_gives_no_attributes() -> None:
    extension = "package other\nuse desk\nextend desk.mail {{ {} }}"
    policy = compiled(DESK, extension.format("destroy action send"))
    kinds = {each.name: each.kinds for each in policy.resources[0].actions}
    assert kinds["send"] == ("send", "destroy")
    assert messages(DESK, extension.format("grade: string")) == [
        "only package `desk` gives `desk.mail` attributes"
    ]


def test_rules_are_made_anew_where_an_extension_or_terms_of_another_file_changed() -> None:
    memory = Memory()
    grant = DESK + "grant g { to bot for answer terms t allow any destroy, mail.send }"
    texts = [
        "package desk\nextend mail { destroy action odd }",
        "package desk\nterms t { credential ttl 5m }",
    ]
    first = compilation(grant, *texts, memory=memory).policy
    assert first is not None and first.allows[0].capabilities == ("desk.mail.odd", "desk.mail.send")
    texts = [
        "package desk\nextend shop { destroy action refund }",
        "package desk\nterms t { credential ttl 6m }",
    ]
    second = compilation(grant, *texts, memory=memory).policy
    assert second is not None
    assert second.allows[0].capabilities == ("desk.mail.send", "desk.shop.refund")
    assert second.allows[0].credential == ir.Credential(360)


def test_terms_of_another_package_read_their_own_names() -> None:
    lib = """
    package lib
    context { risk: int }
    let risky = context.risk > 2
    meter refusals = count of denied any per task within 10m
    terms short { revoke when risky or refusals.before >= 3 require step_up "mfa" within 1h controls nist-ai-rmf-1.0:GOVERN-1.2 }
    """
    body = "grant g { to bot for answer terms lib.short allow mail.send }"
    (allow,) = compiled("package desk\nuse lib", DESK + body, lib).allows
    assert len(allow.revoke) == 1 and allow.controls == ("nist-ai-rmf-1.0:GOVERN-1.2",)
    assert [type(each).__name__ for each in allow.requirements] == ["StepUp"]
    assert messages(DESK + body, lib) == ["package `lib` is not used here"]


def test_the_controls_of_a_grant_win_over_those_of_its_terms_and_stand_beside_the_package() -> None:
    (allow,) = compiled(
        DESK + "controls owasp-agentic-2026:ASI03 "
        "terms t { controls nist-ai-rmf-1.0:GOVERN-1.2 } "
        "grant g { to bot for answer terms t allow mail.send controls nist-ai-rmf-1.0:MAP-1.1 }"
    ).allows
    assert allow.controls == ("nist-ai-rmf-1.0:MAP-1.1", "owasp-agentic-2026:ASI03")


def test_a_mistake_in_terms_names_the_grants_that_use_it() -> None:
    found = compilation(
        DESK + "terms t { revoke when args.amount > 5 } "
        "grant g { to bot for answer terms t allow shop.refund } "
        "grant h { to bot for answer terms t allow mail.send }"
    ).diagnostics
    assert [each.code for each in found] == ["AGP1109"]
    assert [each.text for each in found[0].labels[1:]] == ["used by grant `desk.h`"]


def test_validity_in_a_forbid_is_a_condition_on_the_clock() -> None:
    (forbid,) = compiled(
        DESK + "forbid f { deny any valid from 2026-12-01 until 2026-12-10 }"
    ).forbids
    assert forbid.condition == ir.And(
        (
            ir.Compare(
                ">=", ir.Attribute("now", (), ir.TIME), ir.Constant(ir.TIME, "2026-12-01T00:00:00Z")
            ),
            ir.Compare(
                "<", ir.Attribute("now", (), ir.TIME), ir.Constant(ir.TIME, "2026-12-11T00:00:00Z")
            ),
        )
    )


def test_a_window_of_a_forbid_prints_and_reads_back() -> None:
    text = (
        'forbid f { deny any when now > 2026-01-01T00:00:00Z during fri..mon 22:00..06:00 "UTC" }'
    )
    policy = compiled(DESK + text)
    assert policy.forbids[0].window == ir.Window((0, 4, 5, 6), 1320, 360, "UTC")
    assert compiled(*(each.text for each in policy_sources(policy))).forbids == policy.forbids


def test_what_a_family_leaves_out_prints_and_reads_back() -> None:
    text = (
        'agent two = "spiffe://acme.example/ns/two" agents most = "spiffe://acme.example/ns/*", bot, two, '
        '"spiffe://acme.example/lab/**" except two, "spiffe://acme.example/lab/x/*" { grade: string }'
    )
    policy = compiled(DESK + text)
    (family,) = policy.families
    left_out = "spiffe://acme.example/lab/x/*, spiffe://acme.example/ns/two"
    assert family.ids == ("spiffe://acme.example/bot",)
    assert family.patterns == (
        f"spiffe://acme.example/lab/** except {left_out}",
        f"spiffe://acme.example/ns/* except {left_out}",
    )
    assert compiled(*(each.text for each in policy_sources(policy))).families == policy.families


def test_members_in_quotes_print_and_read_back() -> None:
    text = (
        DESK
        + 'enum r = "+1", heart, "say \\"x\\"" set liked = ["+1", heart]\n'
        + (
            'tool t { action a(r: r) } grant g { to bot for answer allow t.a when args.r in liked and args.r != "say \\"x\\"" }'
        )
    )
    policy = compiled(text)
    assert policy.enums[0].members == ("+1", "heart", 'say "x"')
    printed = compile_sources(policy_sources(policy)).policy
    assert printed is not None and (printed.allows, printed.sets) == (policy.allows, policy.sets)
    assert messages(text.replace("args.r !=", "args.r ==").replace('== "say', '== "heart')) != []
