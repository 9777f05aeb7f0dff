"""Names that nothing uses: which are reported, and everything that counts as a use."""

from __future__ import annotations

import pytest

from agpc.compiler.check.compiling.unused import names_of, unused_names
from agpc.compiler.report.source import Source
from agpc.compiler.syntax.parse import parse


def unused(*texts: str) -> list[str]:
    files = [parse(Source(f"{number}.agp", text), []) for number, text in enumerate(texts)]
    return [each.message for each in unused_names(files, names_of)]


DECLARED = """\
package shop
level grade = low < high
enum currency = EUR, USD
set banks = ["x"]
let small = args.amount <= 5
agents bots = "spiffe://acme.example/*"
"""


def test_what_nothing_uses_is_reported() -> None:
    assert unused(DECLARED) == [
        "nothing uses level `grade`",
        "nothing uses enum `currency`",
        "nothing uses set `banks`",
        "nothing uses named condition `small`",
        "nothing uses family `bots`",
    ]


@pytest.mark.parametrize(
    ("use", "kept"),
    [
        ("tool t { a: grade action x }", "grade"),
        ("tool t { a: [grade] action x }", "grade"),
        ("tool t { action x(a: { b: grade }) }", "grade"),
        ("context { a?: currency }", "currency"),
        ("set s = [EUR] forbid f { deny any when args.c in s }", "currency"),
        ("set s = [currency.USD] forbid f { deny any when args.c in s }", "currency"),
        ("forbid f { deny any when every args.to in banks }", "banks"),
        ("forbid f { deny any when not args.to in banks }", "banks"),
        ("grant g { to x for y allow a.b when small }", "small"),
        ("let other = not small forbid f { deny any unless other }", "small"),
        ("assert no agent can t.x when small", "small"),
        ("grant g { to bots for y allow a.b }", "bots"),
        ("forbid f { to bots deny any }", "bots"),
        ("isolate bots from x", "bots"),
        ("agents more = bots forbid f { to more deny any }", "bots"),
        ('test "t" { agent bots for y call a.b() expect deny }', "bots"),
        ('test "t" { call a.b() expect deny for each agent in bots }', "bots"),
        ('bind aws { agent bots "arn:x" }', "bots"),
    ],
)
def test_every_place_where_a_name_may_stand_counts(use: str, kept: str) -> None:
    found = unused(DECLARED + use)
    assert len(found) == 4
    assert not any(f"`{kept}`" in each for each in found)


def test_a_field_an_action_or_a_label_of_the_same_name_is_no_use() -> None:
    text = (
        DECLARED
        + "tool t { banks: string action small(currency: string) } grant grade { to x for y allow t.x as bots }"
    )
    assert len(unused(text)) == 5


def test_another_package_uses_a_name_with_its_package_and_only_so() -> None:
    assert unused(DECLARED, "package other use shop forbid f { deny any when shop.small }") == [
        each for each in unused(DECLARED) if "small" not in each
    ]
    assert len(unused(DECLARED, "package other forbid f { deny any when small }")) == 5


def test_a_package_that_is_used_for_nothing_is_reported() -> None:
    used = "package shop tool t { action x }"
    assert unused(used, "package other use shop") == ["package `other` uses no name of `shop`"]
    assert unused(used, "package other use shop forbid f { deny shop.t.x }") == []
    assert unused(used, "package other use shop", "package other forbid f { deny shop.t.* }") == []


def test_a_package_with_fields_of_requests_is_used_without_a_name() -> None:
    fields = "package shop context { region: string }"
    assert (
        unused(fields, 'package other use shop forbid f { deny any when context.region == "x" }')
        == []
    )
