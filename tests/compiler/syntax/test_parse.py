"""What is written reaches the tree, with the place where it stands."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from importlib.resources import files
from pathlib import Path
from time import process_time

import pytest

from agpc.compiler.format.mend import parse_mended
from agpc.compiler.report.diagnostics import Diagnostics
from agpc.compiler.report.source import Source, Span
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.syntax.parse import parse, parse_expression
from agpc.grammar import grammar_text

PAGE = (Path(__file__).parents[1] / "format" / "formatted" / "language.agp").read_text(
    encoding="utf-8"
)
KEYWORDS = sorted(set(re.findall(r'"([a-z_]+)"', grammar_text())))
NOWHERE = Span("", 1, 1, 1, 1)


def parsed(text: str) -> tuple[syntax.Statement, ...]:
    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", f"package p\n{text}"), diagnostics)
    assert diagnostics == []
    return file.statements


def one(text: str) -> syntax.Statement:
    (statement,) = parsed(text)
    return statement


def clauses(text: str) -> tuple[object, ...]:
    statement = one(text)
    assert isinstance(statement, syntax.RuleDeclaration | syntax.TestDeclaration)
    return statement.clauses


def condition(text: str) -> syntax.Expression:
    diagnostics: Diagnostics = []
    expression = parse_expression(text, diagnostics)
    assert diagnostics == [] and expression is not None
    return expression


def name(text: str) -> syntax.Name:
    return syntax.Name(NOWHERE, text)


def text(value: str) -> syntax.Text:
    return syntax.Text(NOWHERE, value, value)


def number(written: str) -> syntax.Number:
    return syntax.Number(NOWHERE, written)


def test_the_page_of_the_language_parses() -> None:
    statements = parsed(PAGE.removeprefix("package finance\n"))
    kinds = [type(each).__name__ for each in statements]
    assert len(kinds) == 21
    assert kinds[:3] == ["OwnerClause", "Controls", "Use"]
    assert kinds[-1] == "TestDeclaration"


# --- keywords are contextual ----------------------------------------------------------------------


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_keyword_may_name_anything(word: str) -> None:
    tool = one(f"tool {word} {{ {word}: string {word}?: [int] action {word}({word}: string) }}")
    assert isinstance(tool, syntax.ResourceDeclaration)
    assert tool.name.text == word
    assert [each.name.text for each in tool.attributes] == [word, word]
    (action,) = tool.actions
    assert (action.name.text, action.parameters[0].name.text) == (word, word)


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_keyword_may_be_an_action_in_a_list(word: str) -> None:
    tool = one(f"tool t {{ action read, {word}, list tenant: string action {word} }}")
    assert isinstance(tool, syntax.ResourceDeclaration)
    assert [each.name.text for each in tool.actions] == ["read", word, "list", word]


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_keyword_may_be_a_member_an_agent_and_a_package(word: str) -> None:
    statements = parsed(
        f"enum e = a, {word}, b\nlevel l = a < {word}\nenum f = {word}\n"
        f'agent {word} = "spiffe://x/y"\nagents {word} = {word}, "spiffe://x/*"\nuse {word}\n'
    )
    assert [type(each).__name__ for each in statements] == [
        "EnumDeclaration", "LevelDeclaration", "EnumDeclaration", "AgentDeclaration",
        "AgentsDeclaration", "Use",
    ]  # fmt: skip


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_keyword_may_be_part_of_a_path(word: str) -> None:
    assert condition(f"args.{word} == {word}.x and {word}.{word}") == condition(
        f"(args.{word} == {word}.x) and ({word}.{word})"
    )
    comparison = condition(f"args.{word} == {word}.x")
    assert isinstance(comparison, syntax.Comparison)
    assert (comparison.left, comparison.right) == (name(f"args.{word}"), name(f"{word}.x"))


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_keyword_may_be_a_rule_a_label_and_a_key(word: str) -> None:
    statements = parsed(
        f"grant {word} {{ to a for b allow {word}.{word}, {word}.* as {word} when {word}.x }}\n"
        f'test "t" {{ agent a {{ {word}: 1 }} call {word}.{word}({word}: 1) expect deny by {word} }}'
    )
    grant, test = statements
    assert isinstance(grant, syntax.RuleDeclaration)
    assert isinstance(test, syntax.TestDeclaration)
    allow = grant.clauses[2]
    assert isinstance(allow, syntax.AllowClause)
    assert allow.capabilities == (name(f"{word}.{word}"), name(f"{word}.*"))
    assert allow.label == name(word)


def test_keywords_need_no_space_around_signs_but_are_whole_words() -> None:
    assert isinstance(condition("not(a.b)"), syntax.Not)
    assert condition("nota") == name("nota")
    assert condition("not_") == name("not_")


# --- lists end with a comma only inside brackets --------------------------------------------------


@pytest.mark.parametrize(
    "listed",
    [
        "enum e = a, b{}",
        "enum e = a, set{}",
        'agents e = a, "spiffe://x/*"{}',
        "agents e = a, b{} {{ tenant: string{} }}",
        "controls a:b, c:d{}",
        'controls a:b, "c"{}',
        "separate a.b, c.d{}",
        "separate a.b, c.d{} per task",
        "isolate a from b except a.b, c.d{}",
        "assert no a, b{} can c.d, e.f{}",
        'grant g {{ to a, b{} for c, d{} allow e.f, g.*{} as x when a.b require step_up "m" }}',
        "grant g {{ to a, b{}\n # note\n for c allow e.f, g.*{} when agent.x == y }}",
        'grant g {{ allow e.f, g.*{} require step_up "x" revoke when a.b }}',
        'grant g {{ during mon, tue..fri{} 07:00..19:00 "UTC" }}',
        'grant g {{ require approval by "a", "b"{} count 2 within 1h }}',
        'grant g {{ require approval by "a", "b"{} audit full }}',
        "forbid f {{ deny a.b, c.d{} unless a.b in [x, y{}] }}",
        "tool t {{ a: int{} b: {{ c: int{} }}{} action x(p: int, q: int{}) action y, z{} action w }}",
        "tool t {{ action x, y{} a: int }}",
        "tool t {{ action x, y{} action: int }}",
        'test "t" {{ agent a {{ x: 1{} }} call c.d(e: 1{}) expect deny by f, g{} }}',
        'test "t" {{ agent a call c.d() approved by "u" as "r", "s"{} 10m ago expect deny }}',
    ],
)
def test_a_comma_behind_a_list_without_brackets_is_a_mistake_that_the_formatter_mends(
    listed: str,
) -> None:
    count = listed.count("{}")
    bare = parsed(listed.format(*[""] * count) + "\nuse q")
    assert len(bare) == 2
    for comma in (",", " ,\n# note\n"):
        source = Source("x.agp", f"package p\n{listed.format(*[comma] * count)}\nuse q")
        wrong: Diagnostics = []
        assert parse(source, wrong).statements == bare
        assert {each.message for each in wrong} == {
            "a comma stands behind the last member of a list only inside brackets"
        }
        places = [each.labels[0].span for each in wrong]
        lines = source.text.split("\n")
        assert {lines[each.line - 1][each.column - 1 : each.end_column - 1] for each in places} == {
            ","
        }
        left: Diagnostics = []
        mended, file = parse_mended(source, left)
        assert (file.statements, left) == (bare, [])
        assert len(mended.text) == len(source.text)


@pytest.mark.parametrize(
    "listed",
    [
        "grant g {{ for a, b{} revoke when a.b valid until 2027-01-01 }}",
        "agents e = a, b{} user {{a: int}}",
        "agents e = a, b{} context {{a: int}}",
        'test "t" {{ agent a call c.d() expect challenge by f, g{} asking step_up "x" within 5m }}',
        'test "t" {{ agent a call c.d() expect challenge by f, g{} asking step_up "x" }}',
    ],
)
def test_a_comma_that_version_1_read_otherwise_is_a_mistake_where_it_may_be_meant(
    listed: str,
) -> None:
    for comma in (",", " ,\n# note\n"):
        wrong: Diagnostics = []
        source = Source("x.agp", f"package p\n{listed.format(comma)}")
        parse(source, wrong)
        assert "a comma stands behind" in " ".join(each.message for each in wrong)
        left: Diagnostics = []
        assert parse_mended(source, left)[1].statements == parsed(listed.format(""))
        assert left == []


def test_in_version_2_the_same_text_names_one_member_more() -> None:
    read: Diagnostics = []
    text = "language 2 package p agents e = a, user { a: int } grant g { to a, revoke when a.b }"
    agents, grant = parse(Source("x.agp", text), read).statements
    assert read == []
    assert isinstance(agents, syntax.AgentsDeclaration)
    assert agents.members == (name("a"), name("user"))
    assert isinstance(grant, syntax.RuleDeclaration)
    assert grant.clauses[0] == syntax.ToClause(NOWHERE, (name("a"), name("revoke")))


@pytest.mark.parametrize(
    "listed",
    [
        "bind b {{ resource r {{ a = x:y, z{} b = q{} attribute c = d }} }}",
        'bind b {{ resource r {{ a = x:y, z{} attribute = q }} agent a "x" }}',
        "agents e = a, b {{ tenant: string{} }}",
        "set s = [1, 2{}]",
        "grant g {{ oblige n(a: 1, b: [1{}]{}) }}",
        "tool t {{ a: int{} b: {{ c: int{} }}{} action x(p: int, q: int{}) action w }}",
        'test "t" {{ agent a {{ x: 1{} }} call c.d(e: 1{}) expect deny }}',
    ],
)
def test_a_list_in_brackets_may_end_with_a_comma(listed: str) -> None:
    count = listed.count("{}")
    bare = parsed(listed.format(*[""] * count) + "\nuse q")
    assert parsed(listed.format(*[","] * count) + "\nuse q") == bare
    assert parsed(listed.format(*[" ,\n# note\n"] * count) + "\nuse q") == bare


def test_a_member_may_have_the_name_of_the_keyword_that_follows() -> None:
    statements = parsed("enum e = a, use\nuse q\nenum f = owner, user, agent\ncontext { a: int }")
    assert [len(each.members) for each in statements[::2]] == [2, 3]  # type: ignore[union-attr]


# --- statements -----------------------------------------------------------------------------------


def test_every_control_of_the_catalogue_can_be_named() -> None:
    catalogue = files("agpc.compiler.lowering.names") / "controls.json"
    data = json.loads(catalogue.read_text("utf-8"))
    ids = [f"{framework}:{id}" for framework in data for id in data[framework]["controls"]]
    assert len(ids) > 100
    for separator in (", ", ",", " ,\n"):
        statement = one(f"controls {separator.join(ids)}")
        assert isinstance(statement, syntax.Controls)
        assert [each.text for each in statement.ids] == ids
    quoted = one("controls " + ", ".join(json.dumps(id) for id in ids))
    assert quoted == statement


def test_a_rule_has_all_its_clauses() -> None:
    found = clauses(
        """grant g {
            to any agent  for any intent
            allow any
            when a.b unless c.d
            unless approval per task by "x", "y" count 2 within 1h30m and step_up "mfa"
            require step_up "mfa" within 5m
            credential ttl 15m renew 3  credential ttl 1d
            revoke when a.b
            valid from 2026-01-01 until 2027-01-01T10:00:00+02:00  valid until 2027-01-01
            during mon..fri, sun 07:00..19:00 "Europe/Berlin"
            audit full  oblige notify(to: "x", n: [1, { a: null }])  because "b"
            owner "o" contact "c"  controls a:b
        }"""
    )
    approval = syntax.ApprovalNeed(
        NOWHERE, True, (text("x"), text("y")), number("2"), syntax.Duration(NOWHERE, "1h30m")
    )
    assert found[0] == syntax.ToClause(NOWHERE, None)
    assert found[1] == syntax.ForClause(NOWHERE, None)
    assert found[2] == syntax.AllowClause(NOWHERE, (name("any"),), None, name("a.b"), ())
    assert found[3] == syntax.UnlessClause(NOWHERE, name("c.d"), ())
    assert found[4] == syntax.UnlessClause(
        NOWHERE, None, (approval, syntax.StepUpNeed(NOWHERE, text("mfa"), None))
    )
    assert found[9] == syntax.ValidClause(
        NOWHERE,
        syntax.Date(NOWHERE, "2026-01-01"),
        syntax.Time(NOWHERE, "2027-01-01T10:00:00+02:00"),
    )
    assert found[11] == syntax.DuringClause(
        NOWHERE,
        ((name("mon"), name("fri")), (name("sun"), name("sun"))),
        name("07:00"),
        name("19:00"),
        text("Europe/Berlin"),
    )
    assert len(found) == 17


def test_a_when_after_an_allow_is_that_allows() -> None:
    (allow,) = clauses('grant g { allow a.b\nwhen c.d require step_up "x" }')
    assert isinstance(allow, syntax.AllowClause)
    assert allow.when == name("c.d")


@pytest.mark.parametrize(
    ("beyond", "expected"),
    [
        ("when e.f", syntax.WhenClause(NOWHERE, name("e.f"))),
        (
            'require step_up "y"',
            syntax.RequireClause(NOWHERE, (syntax.StepUpNeed(NOWHERE, text("y"), None),)),
        ),
    ],
)
def test_what_an_allow_cannot_take_any_more_is_nobodys(
    beyond: str, expected: syntax.Clause
) -> None:
    written = f'grant g {{ allow a.b when c.d require step_up "x"\n{beyond} audit full }}'
    diagnostics: Diagnostics = []
    (grant,) = parse(Source("x.agp", f"package p\n{written}"), diagnostics).statements
    assert [(each.code, each.labels[0].span.line) for each in diagnostics] == [("AGP1407", 3)]
    assert isinstance(grant, syntax.RuleDeclaration)
    assert grant.clauses[1] == expected  # and what follows is read
    assert len(grant.clauses) == 3


def test_a_when_behind_another_clause_is_the_grants() -> None:
    found = clauses("grant g { allow a.b\naudit full\nwhen e.f\nallow a.c }")
    assert found[2] == syntax.WhenClause(NOWHERE, name("e.f"))


def test_an_expect_after_a_call_is_that_calls() -> None:
    found = clauses(
        """test "t" {
            agent "spiffe://x/y" { a: 1 } for i { b: [EUR, null, { c: true }] }
            call a.b() expect deny by x, y for each agent in f
            call c.d(e: 2026-01-01T00:00:00Z)
            resource { a: -1.5 } task { state: ended } user {} context { t: 10m }
            at 2026-01-01T00:00:00Z
            approved by "u" 10m ago
            step_up "mfa" 5m ago
            expect challenge
        }"""
    )
    first, second = found[1:3]
    assert isinstance(first, syntax.CallClause) and isinstance(second, syntax.CallClause)
    assert first.expect == syntax.Expectation(
        NOWHERE, "deny", (name("x"), name("y")), (), (), (), name("f")
    )
    assert second.expect is None
    assert found[-1] == syntax.Expectation(NOWHERE, "challenge", None, (), (), (), None)
    assert len(found) == 11


def test_constraints_and_assertions() -> None:
    statements = parsed(
        """separate a.b, c.* per task
        isolate a from b.c except d.e
        assert no agent can a.b
        assert any agent can any for any intent
        assert no a, b can c.d for e, f when g.h without step_up "m" and approval by "r"
        """
    )
    no_agent, any_agent, whole = statements[2:]
    assert statements[0] == syntax.SeparateDeclaration(NOWHERE, (name("a.b"), name("c.*")), True)
    assert statements[1] == syntax.IsolateDeclaration(
        NOWHERE, name("a"), name("b.c"), (name("d.e"),)
    )
    assert no_agent == syntax.AssertDeclaration(
        NOWHERE, False, None, (name("a.b"),), None, None, ()
    )
    assert any_agent == syntax.AssertDeclaration(
        NOWHERE, True, None, (name("any"),), None, None, ()
    )
    assert isinstance(whole, syntax.AssertDeclaration)
    assert (whole.agents, whole.intents) == ((name("a"), name("b")), (name("e"), name("f")))
    assert len(whole.without) == 2


def test_bindings() -> None:
    bind = one(
        """bind aws {
            resource r.s "arn:aws:s3:::x/${path}" {
                read = s3:GetObject, s3:GetObjectVersion on "arn"
                list = "quoted", get
                attribute sensitivity = s3:ExistingObjectTag/sensitivity
            }
            resource bare
            agent a.b "arn:x"  session tag intent = "agp:intent"  context ip = aws:SourceIp
        }"""
    )
    assert isinstance(bind, syntax.BindDeclaration)
    resource = bind.items[0]
    assert isinstance(resource, syntax.BindResource)
    assert resource.items == (
        syntax.BindAction(
            NOWHERE,
            name("read"),
            (name("s3:GetObject"), name("s3:GetObjectVersion")),
            text("arn"),
        ),
        syntax.BindAction(NOWHERE, name("list"), (text("quoted"), name("get")), None),
        syntax.BindAttribute(
            NOWHERE, name("sensitivity"), name("s3:ExistingObjectTag/sensitivity")
        ),
    )
    assert len(bind.items) == 5


# --- conditions and literals ----------------------------------------------------------------------


def test_precedence_is_not_then_and_then_or() -> None:
    assert condition("a or b and not c or d") == syntax.Any_(
        NOWHERE,
        (
            name("a"),
            syntax.All_(NOWHERE, (name("b"), syntax.Not(NOWHERE, name("c")))),
            name("d"),
        ),
    )
    assert condition("not a in [b]") == syntax.Not(NOWHERE, condition("a in [b]"))
    assert condition("(a or b) or c") != condition("a or b or c")


@pytest.mark.parametrize(
    "op",
    ["==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "contains all", "contains any",
     "subset of", "like", "under", "within"],
)  # fmt: skip
@pytest.mark.parametrize("quantifier", ["every", "some", None])
def test_every_operator(op: str, quantifier: str | None) -> None:
    comparison = condition(f"{quantifier or ''} args.a {op} b.c")
    assert isinstance(comparison, syntax.Comparison)
    assert (comparison.quantifier, comparison.op) == (quantifier, op)


def test_other_conditions() -> None:
    assert condition("has a.b") == syntax.Has(NOWHERE, name("a.b"))
    age = condition("age(a.b) < 30m")
    assert isinstance(age, syntax.Comparison)
    assert age.left == syntax.AgeOf(NOWHERE, name("a.b"))
    assert condition("age == 5").left == name("age")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("written", "literal"),
    [
        ("10_000", number("10000")),
        ("-5", number("-5")),
        ("0.8", number("0.8")),
        ("1e3", number("1e3")),
        ("-1_0.5e-7", number("-10.5e-7")),
        ("true", syntax.Bool(NOWHERE, True)),
        ("null", syntax.Null(NOWHERE)),
        ("90s", syntax.Duration(NOWHERE, "90s")),
        ("1h30m", syntax.Duration(NOWHERE, "1h30m")),
        ("2026-11-24", syntax.Date(NOWHERE, "2026-11-24")),
        ("2026-11-24T10:00:00.5Z", syntax.Time(NOWHERE, "2026-11-24T10:00:00.5Z")),
        ("2026-11-24T10:00:00-05:30", syntax.Time(NOWHERE, "2026-11-24T10:00:00-05:30")),
        ("currency.EUR", name("currency.EUR")),
        (r'"a\"\\\n\t\r\u{1F600}b"', text('a"\\\n\t\r\U0001f600b')),
        (r'"a\*\?*"', text(r"a\*\?*")),
        ('"# no comment"', text("# no comment")),
    ],
)
def test_literals(written: str, literal: syntax.Literal_) -> None:
    assert one(f"set s = [{written}]") == syntax.SetDeclaration(
        NOWHERE, name("s"), syntax.ListLiteral(NOWHERE, (literal,))
    )


# --- places ---------------------------------------------------------------------------------------


def nodes(value: object) -> list[syntax.Node]:
    if isinstance(value, tuple):
        return [node for each in value for node in nodes(each)]
    if is_dataclass(value) and isinstance(value, syntax.Node):
        below = [node for each in fields(value) for node in nodes(getattr(value, each.name))]
        return [value, *below]
    return []


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_span_covers_what_is_written(line_end: str) -> None:
    text = PAGE.replace("Match supplier", "\U0001f600 Match\tsupplier").replace("\n", line_end)
    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", text), diagnostics)
    assert diagnostics == []
    lines = Source("x.agp", text).lines()
    names = [node for node in nodes(file) if isinstance(node, syntax.Name | syntax.Text)]
    assert len(names) > 100
    for node in names:
        span = node.span
        assert span.line == span.end_line
        written = lines[span.line - 1][span.column - 1 : span.end_column - 1]
        assert written == (node.text if isinstance(node, syntax.Name) else f'"{node.raw}"')
    for comment in file.comments:
        assert lines[comment.span.line - 1][comment.span.column - 1 :] == comment.text


def test_columns_count_code_points_and_tabs_as_one() -> None:
    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", 'package p\n\tset s = ["\U0001f600é", x]'), diagnostics)
    (statement,) = file.statements
    assert isinstance(statement, syntax.SetDeclaration)
    assert str(statement.values.items[1].span) == "x.agp:2:17"


def test_a_span_covers_the_whole_of_a_statement() -> None:
    diagnostics: Diagnostics = []
    text = "package p\n\ngrant g {\n    to a\n    for b\n    allow c.d when not (e.f)\n}  # end\n"
    (grant,) = parse(Source("x.agp", text), diagnostics).statements
    assert (grant.span.line, grant.span.column) == (3, 1)
    assert (grant.span.end_line, grant.span.end_column) == (7, 2)
    assert isinstance(grant, syntax.RuleDeclaration)
    assert (grant.clauses[2].span.column, grant.clauses[2].span.end_column) == (5, 29)


def test_comments_are_kept_and_strings_are_none() -> None:
    diagnostics: Diagnostics = []
    text = '# one  \npackage p # two\nowner "# not" contact "\\"# not" # three\n#\n'
    file = parse(Source("x.agp", text), diagnostics)
    assert [each.text for each in file.comments] == ["# one", "# two", "# three", "#"]
    assert [each.span.line for each in file.comments] == [1, 2, 3, 4]


def test_a_byte_order_mark_may_come_first() -> None:
    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", "\ufeffpackage p\n"), diagnostics)
    assert diagnostics == [] and file.package == name("p")


# --- cost -----------------------------------------------------------------------------------------


def test_the_time_grows_with_the_text_alone() -> None:
    rule = PAGE[PAGE.index("grant") : PAGE.index("forbid")]

    def cost(count: int) -> float:
        text = "package p\n" + rule * count
        start = process_time()
        parse(Source("x.agp", text), [])
        return (process_time() - start) / count

    cost(10)
    assert min(cost(400) for _ in range(3)) < 3 * min(cost(40) for _ in range(3))
