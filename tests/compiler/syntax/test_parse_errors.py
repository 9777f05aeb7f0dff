"""Mistakes of syntax are expected in the text under test: `### CODE "underlined text"`.

A mark beside code is about its line, a mark on a line of its own about the next line. A missing and
an unexpected diagnostic both fail.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from agpc.compiler.report.diagnostics import Diagnostics
from agpc.compiler.report.source import Source
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.syntax.parse import parse, parse_expression

HERE = Path(__file__).parent
FIXTURES = sorted((HERE / "errors").glob("*.agp"))
MARK = re.compile(r'### (AGP\d{4}) "(.*?)"(?= ###|\s*$)')


def expected(text: str) -> Counter[tuple[int, str, str]]:
    marks: Counter[tuple[int, str, str]] = Counter()
    for number, line in enumerate(text.split("\n"), start=1):
        about = number + 1 if line.startswith("###") else number
        marks.update((about, match[1], match[2]) for match in MARK.finditer(line))
    return marks


def found(text: str) -> Counter[tuple[int, str, str]]:
    diagnostics: Diagnostics = []
    parse(Source("x.agp", text), diagnostics)
    return Counter(
        (each.labels[0].span.line, each.code, underlined(text, each.labels[0].span))
        for each in diagnostics
    )


def underlined(text: str, span: syntax.Span) -> str:
    lines = text.split("\n")
    assert span.line == span.end_line
    return lines[span.line - 1][span.column - 1 : span.end_column - 1]


def messages(text: str) -> list[str]:
    diagnostics: Diagnostics = []
    parse(Source("x.agp", text), diagnostics)
    return [each.message for each in diagnostics]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_mistake_is_reported_where_it_is_and_no_other(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted, got = expected(text), found(text)
    assert wanted, "a fixture without expectations tests nothing"
    assert sorted((got - wanted).items()) == [], "unexpected"
    assert sorted((wanted - got).items()) == [], "missing"


def test_good_clauses_survive_bad_neighbours() -> None:
    text = """package p
grant g {
    to a b
    for c
    allow x.y when args.a = 5
    allow x.z when args.b ==
    allow x.w
    credential ttl
    audit full
}
forbid f { deny any }
"""
    diagnostics: Diagnostics = []
    grant, forbid = parse(Source("x.agp", text), diagnostics).statements
    assert len(diagnostics) == 4
    assert isinstance(grant, syntax.RuleDeclaration) and isinstance(forbid, syntax.RuleDeclaration)
    kinds = [type(clause).__name__.removesuffix("Clause") for clause in grant.clauses]
    assert kinds == ["To", "For", "Allow", "Allow", "Audit"]


def test_an_unclosed_block_is_shown_where_it_opens_and_keeps_its_clauses() -> None:
    text = (
        "package p\ngrant g {\n    to a\n    for b\n    allow c.d\n\nforbid f {\n    deny any\n}\n"
    )
    diagnostics: Diagnostics = []
    statements = parse(Source("x.agp", text), diagnostics).statements
    (only,) = diagnostics
    assert only.message == "expected `}`, found `forbid`"
    opening = only.labels[1].span
    assert (opening.line, underlined(text, opening)) == (2, "{")
    assert [len(each.clauses) for each in statements] == [3, 1]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grant g { to a b }", "expected a clause of the rule, `,` or `}`, found `b`"),
        ("grant g { credential ttl 5 }", "expected a duration, found `5`"),
        ("set s = 5", "expected `[`, found `5`"),
        ("let a = ", "expected a condition, found the end of the file"),
        ("let a = args.x", None),
        ("let a = args.x == ", "expected a value, found the end of the file"),
        ('use "x y"', "expected a name, found a string"),
        ("agent a spiffe", "expected `=`, found `spiffe`"),
        ("nonsense", "expected a statement or the end of the file, found `nonsense`"),
        ("tool t { action go(a: [string) }", "expected `]`, found `)`"),
    ],
)
def test_messages_say_what_was_expected_in_the_readers_words(
    text: str, message: str | None
) -> None:
    assert messages(f"package p\n{text}")[:1] == ([message] if message else [])


@pytest.mark.parametrize(
    "clause", ["did r.a() 5", "failed r.a() on { id: 1 } 5m ago", "tried r.a()"]
)
def test_how_a_call_before_is_told_is_said_where_one_is_told_otherwise(clause: str) -> None:
    diagnostics: Diagnostics = []
    parse(Source("t.agp", f'package p\ntest "t" {{ agent a {clause} expect deny }}'), diagnostics)
    assert (diagnostics[0].help or "").startswith("write `did RESOURCE.ACTION() with resource")


@pytest.mark.parametrize("count", [100, 101, 5_000])
@pytest.mark.parametrize(
    ("opening", "middle", "closing"),
    [("let a = ", "(", ")"), ("set a = ", "[", "]"), ("let a = ", "not ", "")],
)
def test_nesting_beyond_a_hundred_is_an_error(
    count: int, opening: str, middle: str, closing: str
) -> None:
    text = f"package p\n{opening}{middle * count}a.b{closing * count}\nuse q\n"
    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", text), diagnostics)
    assert [each.code for each in diagnostics] == (["AGP1007"] if count > 100 else [])
    assert file.statements[-1] == syntax.Use(file.span, syntax.Name(file.span, "q"))


def test_deeply_nested_types_records_and_mixtures_do_not_exhaust_the_stack() -> None:
    for text in (
        "tool t { a: " + "[" * 3_000 + "string" + "]" * 3_000 + " }",
        "tool t { a: " + "{ b: " * 3_000 + "string" + " }" * 3_000 + " }",
        "let a = " + "not (" * 3_000 + "b" + ")" * 3_000,
        "{" * 20_000,
        "let a = " + "(" * 20_000,
        "grant g { " * 5_000,
    ):
        assert messages(f"package p\n{text}")


def test_a_file_without_a_package_is_an_error_at_its_first_word() -> None:
    assert found("# comment\nuse a\n") == Counter({(2, "AGP1009", "use"): 1})
    assert found("") == Counter({(1, "AGP1009", ""): 1})


def test_errors_are_capped_so_that_a_foreign_file_does_not_flood() -> None:
    assert len(messages("package p\n" + "set = 5\n" * 5_000)) <= 101


@pytest.mark.parametrize("text", ["", "a ==", "a == 1 b", "grant g", "a.b = 1", '"', "(a"])
def test_a_condition_with_a_mistake_gives_none_and_a_diagnostic(text: str) -> None:
    diagnostics: Diagnostics = []
    assert parse_expression(text, diagnostics) is None
    assert diagnostics
