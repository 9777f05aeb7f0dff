"""One mistake in a whole policy is one message, wherever the policy uses what it breaks."""

from __future__ import annotations

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source

POLICY = """\
package shop
owner "team" contact "team@example.org"
controls owasp-agentic-2026:ASI02
agent bot = "spiffe://t.example/ns/a/sa/bot" { tenant: string }
agents bots = "spiffe://t.example/ns/a/sa/*"
intent refund "Refund an order" { max: number }
level sens = public < internal < secret
enum currency = EUR, USD
set banks = ["A", "B"]
tool pay {
    tenant: string
    sens: sens
    action send(amount: number, currency: currency, to: [string], memo?: string)
    action void(entry: string)
    action read, list
}
context {
    confidence: number
    ip: ip
}
let same = agent.tenant == resource.tenant
grant refunds {
    to bot
    for refund
    when same
    allow pay.read, pay.list as look
        when resource.sens <= internal
    allow pay.send as small
        when args.currency == EUR and args.amount <= 500 and every args.to in banks
        require approval by "role:boss" within 1h
    credential ttl 15m renew 3
    revoke when context.confidence < 0.8
    valid until 2027-06-30
    during mon..fri 07:00..19:00 "Europe/Berlin"
    audit full
    oblige notify(channel: "x")
}
forbid voids {
    to bots
    deny pay.void
    unless approval by "role:boss" within 15m
    because "No."
}
separate pay.send, pay.void
assert no agent can pay.void without approval by "role:boss"
bind aws {
    resource pay "arn:aws:dynamodb:eu-central-1:111122223333:table/${tenant}" {
        read = dynamodb:GetItem
        attribute sens = dynamodb:Tag
    }
    context ip = aws:SourceIp
}
test "t" {
    agent bot { tenant: "t" } for refund { max: 5 }
    call pay.read()
    resource { tenant: "t", sens: internal }
    context { confidence: 0.9, ip: "10.0.0.1" }
    at 2026-11-24T10:00:00Z
    expect permit by look
}
"""


def told(old: str, new: str) -> list[str]:
    """Every error of the policy with one thing in it changed, as `message: help`."""
    assert old in POLICY
    found = compile_sources([Source("p.agp", POLICY.replace(old, new, 1))]).diagnostics
    return [f"{each.message}: {each.help}" for each in found if each.severity == "error"]


def test_the_policy_itself_is_whole() -> None:
    assert told("package shop", "package shop") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("package shop\n", ""),
        ('contact "team@example.org"', ""),
        ("{ tenant: string }", "{ tenant: String }"),
        ("{ tenant: string }", "{ tenant }"),
        ("{ tenant: string }", "( tenant: string )"),
        ('intent refund "Refund an order"', "intent refund"),
        ("{ max: number }", "{ max: float }"),
        ("level sens = ", "level sens "),
        ("enum currency = ", "enum currency "),
        ('["A", "B"]', '"A", "B"'),
        ("    tenant: string\n    sens", "    tenant: text\n    sens"),
        ("send(amount: number", "send(amount"),
        ("to: [string]", "to: array"),
        ("confidence: number", "confidence: float"),
        ("    ip: ip", "    ip: address"),
        ("same = agent", "same agent"),
        ("    to bot\n    for", "    for"),
        ("    for refund\n    when same\n    allow", "    when same\n    allow"),
        ("to bot\n", "to bto\n"),
        ("to bots\n", "to all of them\n"),
        ("<= internal", "<="),
        ("internal\n", "internl\n"),
        ("500 and every", "500 every"),
        ("within 1h", "within 1"),
        ("    when same", "    when smae"),
        ("deny pay.void", "deny pay.viod"),
        ("call pay.read()", "call pay.read"),
    ],
)
def test_one_mistake_is_one_message(old: str, new: str) -> None:
    assert len(told(old, new)) == 1, told(old, new)


def test_a_name_that_nothing_could_have_declared_is_told_beside_other_mistakes() -> None:
    first, second = told('["A", "B"]', '"A", "B"\nset more = elsewhere')[:2]
    assert first.startswith("expected `[`")
    assert second.startswith("expected `[`")
    found = told("    when same", "    when smae\n    when (same")
    assert any("no named condition `smae`" in each for each in found)


def test_a_rule_of_a_whole_grant_that_is_not_there_is_told_beside_a_broken_one() -> None:
    found = told("expect permit by look", "expect permit by lok\n}\ngrant broken {")
    assert any("there is no rule `lok`" in each for each in found)


@pytest.mark.parametrize("use", ["", "use q\n"])
def test_a_package_that_is_not_there_is_one_mistake_wherever_its_names_are_used(use: str) -> None:
    text = (
        f"package p\n{use}tool t {{ a: q.T action r(b: q.T) }}\nforbid f {{ deny q.t.x when q.c }}"
    )
    found = compile_sources([Source("p.agp", text)]).diagnostics
    assert [each.code for each in found if each.severity == "error"] == ["AGP1103"]
    assert found[0].labels[0].span.line == 2


def test_a_package_that_is_not_used_is_one_mistake_of_a_file() -> None:
    text = "package p\ntool t { a: q.T action r(b: q.T) }"
    found = compile_sources(
        [Source("p.agp", text), Source("q.agp", "package q\nlevel T = A < B")]
    ).diagnostics
    told = [each for each in found if each.severity == "error"]
    assert [each.help for each in told] == ["add `use q`"]


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("package shop", "package: shop", "`package` takes no `:`"),
        ("package shop", "package my-shop", "write `my_shop`"),
        ("package shop", 'package "shop"', "write `shop`"),
        ("package shop", "package shop {", "a package has no braces"),
        ("package shop", "module shop", "write `package`"),
        ('owner "team"', 'owner: "team"', "`owner` takes no `:`"),
        ("controls owasp", "controls [owasp", "a control is named by its framework"),
        ("ASI02", "", "a control is named by its framework"),
        ("agent bot = ", 'agent "bot" = ', "a name stands without quotes"),
        ("agent bot = ", "workload bot = ", "write `agent`"),
        ('"spiffe://t.example/ns/a/sa/bot"', "spiffe://t.example/ns/a/sa/bot", 'write `"spiffe:'),
        ('spiffe://t.example/ns/a/sa/bot"', 't.example/bot"', "does not start with `spiffe://`"),
        ("{ tenant: string }", '{ "tenant": string }', "write `tenant`"),
        ("{ tenant: string }", "{ string tenant }", "write `tenant: string`"),
        ('intent refund "', 'intent refund = "', "takes no `=`"),
        ("public < internal < secret", "public, internal, secret", "`lowest < higher < highest`"),
        ("public < internal < secret", "secret > internal > public", "its lowest member"),
        ("public < internal < secret", "[public, internal, secret]", "stand by themselves"),
        ("enum currency = EUR, USD", "enum currency { EUR, USD }", "write `enum currency = "),
        ("EUR, USD", "EUR | USD", "write `,`"),
        ("EUR, USD", '"EUR", "USD"', "write `EUR`"),
        ('["A", "B"]', '{"A", "B"}', "square brackets"),
        ("tool pay {", "resource pay {", "write `tool`"),
        ("action void(", "void(", "write `action void(…)`"),
        ("action read, list", "actions read, list", "write `action read`"),
        ("action read, list", "action [read, list]", "write `action read, list`"),
        ("memo?: string", "optional memo: string", "write `memo?: string`"),
        ("memo?: string", 'memo: string = ""', "as in `name?: string`"),
        ("to: [string]", "to: list[string]", "written `[string]`"),
        ("let same", "define same", "write `let`"),
        ("let same", "same", "write `let same = …`"),
        ("grant refunds {", 'grant "refunds" {', "write `refunds`"),
        ("to bot\n", "to agent bot\n", "write `to bot`"),
        ("to bot\n", "agent bot\n", "write `to`"),
        ("to bot\n", "principal bot\n", "write `to`"),
        ("to bots\n", "to *\n", "`to any agent`"),
        ("to bots\n", "to any\n", "write `any agent`"),
        ("for refund", "for any", "write `any intent`"),
        ("for refund", "purpose refund", "write `for`"),
        ("allow pay.read, pay.list", "allow [pay.read, pay.list]", "without brackets"),
        ("allow pay.read, pay.list", "allow pay.read and pay.list", "write `,`"),
        ("allow pay.read, pay.list", 'allow "pay.read", "pay.list"', "write `pay.read`"),
        ("allow pay.read", "permit pay.read", "write `allow`"),
        ("allow pay.read", "allow pay/read", "write `pay.read`"),
        ("allow pay.read", "allow pay::read", "write `pay.read`"),
        ("as look\n", 'as "look"\n', "write `look`"),
        ("when resource.sens <= internal", "when resource.sens =< internal", "write `<=`"),
        ("when resource.sens <= internal", "when resource.sens ≤ internal", "write `<=`"),
        ("when resource.sens <= internal", "when resource.sens <> internal", "write `!=`"),
        ("when resource.sens <= internal", "when resource.sens is internal", "write `==`"),
        ("when resource.sens <= internal", "when resource.sens is not internal", "write `!=`"),
        ("when resource.sens <= internal", 'when resource["sens"] <= internal', "with a dot"),
        ("when resource.sens <= internal", "when { resource.sens <= internal }", "without braces"),
        ("when resource.sens <= internal", "when resource.sens exists", "write `has resource.sens`"),
        ("when resource.sens <= internal", "when exists resource.sens", "`has resource.sens`"),
        ("when resource.sens <= internal", "when has(resource.sens)", "takes no parentheses"),
        ("when resource.sens <= internal", "when NOT same", "write `not`"),
        ("when resource.sens <= internal", "when same, not same", "write `and`"),
        ("when resource.sens <= internal", 'when resource.tenant =~ "a.*"', "are globs"),
        ("when resource.sens <= internal", 'when resource.tenant matches "a*"', "are globs"),
        ("when resource.sens <= internal", 'when resource.tenant in ("a", "b")', "square brackets"),
        ("when resource.sens <= internal", "when resource.tenant == “a”", "double quotes"),
        ("when resource.sens <= internal", "when resource.tenant == `a`", "double quotes"),
        ("when resource.sens <= internal", 'when startswith(resource.tenant, "a")', "`NAME like"),
        ("when resource.sens <= internal", 'when resource.tenant.startsWith("a")', "`NAME like"),
        ('"Europe/Berlin"', "Europe/Berlin", 'write `"Europe/Berlin"`'),
        ("mon..fri", "mon-fri", "is written `..`"),
        ("07:00..19:00", "07:00-19:00", "write `..`"),
        ("until 2027-06-30", 'until "2027-06-30"', "write `2027-06-30`"),
        ("expect permit", "expect allow", "write `permit`"),
        ("expect permit", "expect success", "expected `challenge`, `deny` or `permit`"),
        ("deny pay.void", "allow pay.void", "a forbid closes: write `deny`"),
        ("to bot\n", "to all\n", "write `any agent`"),
        ("when resource.sens <= internal", "when len(resource.tenant) > 3", "has no functions"),
    ],
)  # fmt: skip
def test_a_habit_is_one_message_that_says_what_to_write(old: str, new: str, advice: str) -> None:
    (only,) = told(old, new)
    assert advice in only


def test_a_file_of_agp_is_not_called_another_language_for_one_sign() -> None:
    (only,) = told("package shop\n", "package: shop\n")
    assert "YAML" not in only


@pytest.mark.parametrize("odd", ["$", "`", "\0", "\u2003", "*", "<>", "a-b "])
def test_a_file_of_mistakes_is_not_a_message_for_each_of_them(odd: str) -> None:
    text = POLICY + odd * 2_000
    found = compile_sources([Source("p.agp", text)]).diagnostics
    assert 1 <= len(found) <= 250


@pytest.mark.parametrize("name", ["my-bot", "ledger-bot"])
def test_names_with_hyphens_stay_apart(name: str) -> None:
    text = POLICY.replace("agent bot = ", f"agent {name} = ").replace("to bot\n", f"to {name}\n")
    text = text.replace("    agent bot ", f"    agent {name} ")
    found = [each for each in compile_sources([Source("p.agp", text)]).diagnostics]
    errors = [each for each in found if each.severity == "error"]
    assert len(errors) == 3
    assert {each.help for each in errors} == {f"write `{name.replace('-', '_')}`"}


def test_a_test_names_the_resource_that_lacks_what_it_gives() -> None:
    text = """
tool till { action refund }
test "two tools" {
    agent bot for refund
    resource { sens: secret }
    call pay.read() expect permit
    call till.refund() expect permit
}
"""
    found = compile_sources([Source("p.agp", POLICY + text)]).diagnostics
    told = [each.message for each in found if each.severity == "error"]
    assert told == ["`shop.till` declares no `sens`"]
