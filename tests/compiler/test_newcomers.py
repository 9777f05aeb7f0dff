"""What a newcomer mistypes: one message that says what to write, and nothing that misleads."""

from __future__ import annotations

import re

import pytest
from generators.habits import AROUND, HABITS, VOCABULARY

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source

HEAD = """package p
owner "team" contact "team@example.org"
agent bot = "spiffe://t.example/bot" { tenant: string }
intent work "Work"
set nets = ["10.0.0.0/8", "10.0.0.1/8"]
tool t { action post(amount: number, to: [string]) }
context { ip: ip }
"""
GRANT = "grant g { to bot for work allow t.post as post %s }\n"


def told(text: str) -> list[str]:
    """Every error as `message: help`."""
    found = compile_sources([Source("p.agp", HEAD + text)]).diagnostics
    return [f"{each.message}: {each.help}" for each in found if each.severity == "error"]


@pytest.mark.parametrize(
    ("clause", "advice"),
    [
        ("when agent.tenant == acme", '"acme"'),
        ("when principal.tenant == agent.tenant", "`agent`, `args`"),
        ('when agent.tenant startsWith "a"', "like"),
        ('when context.ip in "10.0.0.0/8"', 'within "10.0.0.0/8"'),
        ("when context.ip within nets", '`"10.0.0.1/8"` is neither'),
        ('require approval by "role:x" within 60min', "write `60m`"),
        ("valid until 31.12.2026", "days"),
        ("when args.amount <= 5,000", "`5,000` is not a number: write `5_000`"),
        ("when args.amount <= 1,005,000 and args.amount > 1", "write `1_005_000`"),
        ("when 0 < args.amount <= 5", "join two comparisons with `and`"),
        ('when any args.to in ["a"]', "write `some args.to …`"),
        ('when all args.to in ["a"]', "write `every args.to …`"),
        ('when args.amount <= 5 and approval by "role:x"', "write `require approval …`"),
        ('when args.amount <= 5 and step_up "mfa"', "write `require step_up …`"),
        ("when args.amount === 5", "write `==`"),
        ("when args.amount !== 5", "write `!=`"),
        ("when context.ip within 10.0.0.0/8", 'write `"10.0.0.0/8"`'),
        (r"when agent.tenant like /^a\d+$/", 'write a glob, as in `like "pay-*"`'),
        ("when agent.tenant under /data/x", 'write `"/data/x"`'),
        ('when agent.tenant == "a" + "b"', "no arithmetic"),
        ('when agent.tenant == "a" &&& args.amount > 5', "write `and`"),
        ("allow t.(post, read)", "`ledger.read, ledger.post`"),
        ("allow t.{post, read}", "`ledger.read, ledger.post`"),
    ],
)
def test_one_mistake_is_one_message(clause: str, advice: str) -> None:
    (only,) = told(GRANT % clause)
    assert advice in only


@pytest.mark.parametrize(
    ("expect", "advice"),
    [
        ("permit ttl 15m", "write `with credential ttl 15m`"),
        ("permit credential ttl 15m", "write `with credential …`"),
        ("permit by post, credential ttl 15m", "write `with credential …`"),
        ("permit by post oblige notify", "write `with oblige …`"),
        ("permit with ttl 15m", "write `credential ttl 15m`"),
        ("permit with credential 15m", "write `credential ttl 15m`"),
        ("permit with notify", "`oblige NAME`"),
        ("permit obliging notify", "`with credential ttl 15m, oblige NAME`"),
        ("permit without credential", "write `with no credential`"),
        ("permit with no obligations", "write `no obligation`"),
        ("permit with oblige notify and credential ttl 15m", "write `,`"),
        ("permit with oblige notfy", "did you mean `notify`?"),
        ('challenge approval by "role:x"', "write `asking approval …`"),
        ('challenge with approval by "role:x"', "write `expect challenge asking approval …`"),
        ('challenge requires approval by "role:x"', "write `asking`"),
        ('challenge waiting for step_up "mfa"', "write `asking`"),
        ("deny by nothing", "write `by no rule`"),
        ('deny reason "x"', "write `because "),
    ],
)
def test_one_mistake_in_an_expectation_is_one_message(expect: str, advice: str) -> None:
    grant = GRANT % "oblige notify()"
    (only,) = told(f'{grant}test "x" {{ agent bot for work call t.post() expect {expect} }}\n')
    assert advice in only


def test_a_clause_that_is_broken_is_not_called_missing() -> None:
    messages = told("grant g { to * for work allow t.post }\nforbid f { deny * }\n")
    assert messages
    assert not any(each.startswith(("grant", "forbid")) for each in messages)


def test_a_clause_that_is_missing_is_called_so_beside_a_broken_rule() -> None:
    messages = told("grant g { to * for work allow t.post }\nforbid f { to bot }\n")
    assert any(each.startswith("forbid `f` has no `deny`") for each in messages)


@pytest.mark.parametrize(
    ("written", "meant"), [("float", "`number`"), ("datetime", "`time`"), ("list", "`[string]`")]
)
def test_types_of_other_languages_are_known(written: str, meant: str) -> None:
    (only,) = told(f"tool other {{ field: {written} }}\n")
    assert meant in only


def test_a_grant_is_not_taken_for_a_rule() -> None:
    (only,) = told(
        GRANT % "" + 'test "x" { agent bot for work call t.post(amount: 5) expect permit by g }\n'
    )
    assert only.endswith("a grant is not a rule; each `allow` is: `g.post`")


@pytest.mark.parametrize(
    ("type_", "advice"),
    [
        ("string[]", "write `[string]`"),
        ("list<string>", "a list is written `[string]`"),
        ("string?", "as in `name?: string`"),
    ],
)
def test_types_as_other_languages_write_them_are_known(type_: str, advice: str) -> None:
    (only,) = told(f"tool other {{ field: {type_} }}\n")
    assert advice in only


@pytest.mark.parametrize(
    ("clauses", "advice"),
    [
        ("to: bot\n for work\n allow t.post", "`to` takes no `:`"),
        ("to bot\n for work\n allow t:post", "write `t.post`"),
        ('to "spiffe://t.example/bot"\n for work\n allow t.post', "declare `agent NAME = "),
    ],
)
def test_what_a_clause_names_is_written_by_itself(clauses: str, advice: str) -> None:
    (only,) = told(f"grant g {{\n {clauses}\n}}\n")
    assert advice in only


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("package: p\nrules:\n  - allow: [a]\n", "YAML"),
        ("# rules\n---\nversion: 1\n", "YAML"),
        ('{\n  "version": 1,\n  "rules": [{}]\n}\n', "JSON"),
        ('[{"a": 1}]\n', "JSON"),
    ],
)
def test_a_file_of_another_language_is_one_message(text: str, language: str) -> None:
    found = compile_sources([Source("p.agp", text)]).diagnostics
    assert [each.message for each in found] == [f"this is {language}, not AGP"]


@pytest.mark.parametrize("member", ["true", "false", "null", "user", "now"])
@pytest.mark.parametrize("declared", ["enum e = low, {}", "level e = low < {}"])
def test_a_member_is_not_called_what_a_condition_reads_otherwise(
    declared: str, member: str
) -> None:
    (only,) = told(declared.format(member) + "\n")
    assert only.startswith(f"a member cannot be called `{member}`: ")


@pytest.mark.parametrize(
    ("clauses", "keyword"),
    [
        ("allow t.post when args.amount > 1 when args.amount < 5", "when"),
        ("allow t.post when args.amount > 1\n   when args.amount < 5", "when"),
        ('allow t.post require approval by "role:x" when args.amount > 5', "when"),
        ('allow t.post\n   require approval by "role:x"\n   when args.amount > 5', "when"),
        ('require approval by "role:x" when args.amount > 5\n allow t.post', "when"),
        ('require approval by "role:x"\n   when args.amount > 5\n allow t.post', "when"),
        ('require approval by "role:x"\n when args.amount > 5\n allow t.post', "when"),
        ('allow t.post require step_up "a" require approval by "role:x"', "require"),
        ("revoke when args.amount > 9 when args.amount > 5\n allow t.post", "when"),
        ('oblige page(to: "x") when args.amount > 5\n allow t.post', "when"),
        ("credential ttl 15m when args.amount > 5\n allow t.post", "when"),
        ("audit full when args.amount > 5\n allow t.post", "when"),
    ],
)
def test_what_is_the_grants_is_not_taken_for_a_part_of_another_clause(
    clauses: str, keyword: str
) -> None:
    (only,) = told(f"grant g {{\n to bot\n for work\n {clauses}\n}}\n")
    beyond = clauses.startswith("allow")
    is_what = "is no part of the `allow` before it" if beyond else "looks like a part of"
    assert only.startswith(f"this `{keyword}` {is_what}")


@pytest.mark.parametrize(
    "clauses",
    [
        "to bot for work when args.amount > 5 allow t.post",
        'to bot\n for work\n allow t.post when args.amount > 1 require approval by "role:x"',
        "to bot\n for work\n audit full\n when args.amount > 5\n allow t.post",
        "to bot\n for work\n allow t.post when args.amount > 1\n audit full\n when args.amount < 5",
    ],
)
def test_a_clause_of_the_grant_that_reads_so_is_none_of_these(clauses: str) -> None:
    assert told(f"grant g {{\n {clauses}\n}}\n") == []


@pytest.mark.parametrize("path", ["spire", "spire/agent/x", "spire/server"])
def test_identities_that_spiffe_keeps_for_itself_are_a_warning(path: str) -> None:
    text = (
        f'agent other = "spiffe://t.example/{path}"\nagent good = "spiffe://t.example/spired/x"\n'
    )
    found = compile_sources([Source("p.agp", HEAD + text)]).diagnostics
    assert [each.code for each in found] == ["AGP1311"]


LETS = """let deep = args.amount > 1
let mid = deep and args.nope > 2
tool u { action go(amount: string) }
"""
USED = (
    'grant g { to bot for work allow t.post when %s }\nforbid f { deny u.go when %s because "x" }\n'
)


def labels(text: str) -> dict[str, list[str]]:
    """What each message has to say of its further places."""
    found = compile_sources([Source("p.agp", HEAD + text)]).diagnostics
    return {each.message: [label.text for label in each.labels[1:]] for each in found}


def test_an_error_in_a_named_condition_names_the_rules_that_use_it() -> None:
    found = labels(LETS + USED % ("mid", "mid"))
    assert found == {
        "`p.t.post` declares no `nope`": ["used by grant `p.g`"],
        "`p.u.go` declares no `nope`": ["used by forbid `p.f`"],
        "a `string` has no `>`": ["used by `p.mid`", "used by forbid `p.f`"],
    }


def test_many_rules_that_use_one_wrong_condition_are_one_message() -> None:
    many = "".join(f'forbid f{n} {{ deny u.go when deep because "x" }}\n' for n in range(9))
    (found,) = labels("let deep = args.nope > 1\ntool u { action go }\n" + many).values()
    assert found == [f"used by forbid `p.f{n}`" for n in range(3)]


def test_an_error_that_a_named_condition_has_anywhere_names_no_rule() -> None:
    found = labels("let wrong = context.nope == 1\n" + GRANT % "when wrong")
    assert found == {"the `context` block declares no `nope`": []}


def test_a_forbid_that_absence_triggers_through_a_named_condition_is_named() -> None:
    text = (
        "let high = args.n > 1\ntool u { action go(n?: int) }\n"
        'forbid f { deny u.go when high because "x" }\n'
    )
    (found,) = labels(text).values()
    assert found == ["used by forbid `p.f`"]


@pytest.mark.parametrize(
    ("condition", "start"),
    [
        ("args.amount > 5 and args.amount < 3", "never applies"),
        ("args.amount > 5 or args.amount <= 5", "has a condition that says nothing"),
    ],
)
def test_a_finding_in_a_named_condition_is_at_the_rule_that_uses_it(
    condition: str, start: str
) -> None:
    sources = [Source("p.agp", HEAD + f"let odd = {condition}\n" + GRANT % "when odd")]
    policy = compile_sources(sources).policy
    assert policy is not None
    (found,) = analyze(policy, codes=["AGP2105", "AGP2106"])
    assert "p.g.post" in found.message
    assert [label.span.line for label in found.labels] == [9, 8, 8]
    assert found.labels[0].text == start


# Each as (where, what was written, what the only message says). `when`: a condition; `grant`: what stands
# behind `to` and `for`; `file`: a statement.
TOLD = [
    ("when", "args.note is not None", "write `has args.note`"),
    ("when", "args.note is null", "write `not has args.note`"),
    ("when", "args.note != None", "asked with `has`"),
    ("when", "args.note == undefined", "asked with `has`"),
    ("grant", 'during mon..fri 09:00..17:00\n credential ttl 15m', "the time zone is missing"),
    ("when", "args.amount * 2 <= 5", "no arithmetic"),
    ("when", "args.amount / 2 <= 5", "no arithmetic"),
    ("when", "args.amount - 2 <= 5", "no arithmetic"),
    ("grant", 'allow t.post oblige notify("x")', 'write `notify(NAME: "x")`'),
    ("grant", "oblige notify\n allow t.post", "write `oblige notify()`"),
    ("file", "-- c", "a comment starts with `#`"),
    ("when", "now - args.at < 30m", "write `age(args.at)`"),
    ("grant", 'allow t.post because "x"', "write a comment"),
    ("grant", 'allow t.post during mon-fri 9am-5pm "Europe/Berlin"', "mon..fri 09:00..17:00"),
    ("grant", 'allow t.post during weekdays 09:00..17:00 "UTC"', "write `mon..fri`"),
    ("file", 'tool u { "action": "x" }', "write `action x`"),
    ("file", "tool u { action: read }", "write `action read`"),
    ("when", 'args.ip == "10.0.0.0/8"', 'write `within "10.0.0.0/8"`'),
    ("when", '"x" in args.note', 'write `args.note like "*x*"`'),
    ("grant", "allow t.post limit 10 per 1h", "calls are counted by a meter"),
    ("when", "context.confidence > 80%", "`0.8`"),
    ("when", "args.amount between 1 and 5", "write `args.amount >= 1 and args.amount <= 5`"),
    ("when", "context.hour < 5", "write `during"),
    ("when", "context.score < 5", "declare it"),
    ("when", "request.amount < 5", "`args.amount`"),
    ("when", "params.amount < 5", "`args.amount`"),
    ("when", "agent == bot", "after `to`"),
    ("when", 'agent.ten == "x"', "did you mean `tenant`?"),
    ("when", "some x in args.to", "write `some args.to == …`"),
    ("when", 'every x in args.to satisfies x == "a"', "write `every args.to == …`"),
    ("grant", "allow t.post require approval\n credential ttl 15m", 'write `approval by "role:NAME"`'),
    ("when", "args.amount < 5 as small", "write `allow … as small when …`"),
    ("file", "assert bot cannot t.post", "write `assert no bot can …`"),
    ("file", "test { agent bot for work call t.post(amount: 5) expect deny }", 'write `test "'),
    ("file", 'test "x" { agent bot for work call t.post({amount: 5}) expect deny }', "amount: 5"),
    ("file", 'intent i """a"""', "one pair of quotes"),
    ("when", 'agent?.tenant == "x"', "write `agent.tenant`"),
    ("when", "not in args.to", "write `NAME not in args.to`"),
    ("when", 'args.note not like "x*"', "write `not args.note like …`"),
    ("when", 'args.note not equals "x"', "write `args.note != …`"),
    ("when", "args.amount is greater than 5", "write `args.amount > …`"),
    ("when", "args.amount less than 5", "write `args.amount < …`"),
    ("when", "args.amount lte 5", "write `<=`"),
    ("when", 'args.note ne "x"', "write `!=`"),
    ("when", "len(args.to) <= 3", "write `size LIST`"),
    ("when", "now() > args.at", "write `now`"),
    ("when", 'ipInCidr(args.ip, "10.0.0.0/8")', "within"),
    ("when", 'args.to[0] == "x"', "write `some NAME == …`"),
    ("when", "agent.id == bot", "to bot"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "written", "advice"), TOLD, ids=[each[1] for each in TOLD])
def test_a_habit_is_told_once_and_with_what_to_write(where: str, written: str, advice: str) -> None:
    head = HEAD.replace(
        "action post(amount: number, to: [string])",
        "action post(amount: number, to: [string], note?: string, at: time, ip: ip, "
        "files: [{ path: string }])",
    ).replace("{ ip: ip }", "{ ip: ip confidence: number }")
    around = {
        "when": "grant g { to bot for work allow t.post when %s }\n",
        "grant": "grant g {\n to bot\n for work\n %s\n}\n",
        "file": "%s\n",
    }[where]
    found = compile_sources([Source("p.agp", head + around % written)]).diagnostics
    (only,) = [f"{each.message}: {each.help}" for each in found if each.severity == "error"]
    assert advice in only


@pytest.mark.parametrize(
    "pattern",
    ["x%", "%x%", "%x", "a_", "^x", "^x.*$", "x$", ".*x.*", "[a-z]?", r"\\d", "(?:a|b)", "x.+"],
)
def test_a_pattern_of_another_language_is_a_warning(pattern: str) -> None:
    text = VOCABULARY + AROUND["when"] % f'args.note like "{pattern}"'
    found = compile_sources([Source("p.agp", text)]).diagnostics
    assert [each.code for each in found] == ["AGP2110"]


@pytest.mark.parametrize(
    "pattern",
    [
        "x*",
        "*.example.*",
        ".*",
        "a_b",
        "__*",
        "100%*",
        "pay-?",
        "a/*/b",
        "*@x.org",
        "$x",
        "*.*",
        "%",
        "_",
    ],
)
def test_a_glob_is_not_taken_for_a_pattern_of_another_language(pattern: str) -> None:
    text = VOCABULARY + AROUND["when"] % f'args.note like "{pattern}"'
    assert compile_sources([Source("p.agp", text)]).diagnostics == ()


@pytest.mark.parametrize(
    ("where", "written", "message", "advice"), HABITS, ids=[" ".join(each[:2]) for each in HABITS]
)
def test_a_habit_is_one_message(where: str, written: str, message: str, advice: str) -> None:
    text = VOCABULARY + AROUND[where] % written.replace("\\n", "\n")
    found = compile_sources([Source("p.agp", text)]).diagnostics
    assert [(each.message, each.help) for each in found] == [(message, advice)]


CLAUSE = r"(?:require|valid|credential|audit|revoke|oblige|during|unless) \S"
CONDITION = r"(?:not |has |some |every |age\(|args\.|context\.|agent\.|resource\.|now )"
STATEMENT = r"(?:assert|agents?|intent|tool|level|enum|set|user|context|separate|isolate|test) \S"
PART = r"…|[A-Z]{3}|owner|\{$"
"""What is left to fill in, where a text shows how something is written and is not all of it."""


def advised() -> list[tuple[str, str]]:
    """Each whole clause, condition or statement that some advice says to write, with where it stands."""
    found = set()
    for where, _, _, advice in HABITS:
        for text in re.findall(r"`([^`]+)`", advice) if "write `" in advice else ():
            is_forbid = text.startswith("unless")
            if where in ("clause", "forbid") and re.match(CLAUSE, text):
                place = "forbid" if is_forbid else "clause"
            elif where == "when" and re.match(CONDITION, text) and " " in text:
                place = "when"
            elif where == "file" and re.match(STATEMENT, text):
                place = "file"
            else:
                continue
            if not re.search(PART, text.replace("UTC", "")):
                found.add((place, text))
    return sorted(found)


@pytest.mark.parametrize(("where", "text"), advised())
def test_what_is_advised_compiles(where: str, text: str) -> None:
    text = VOCABULARY + AROUND[where] % text
    found = compile_sources([Source("p.agp", text)]).diagnostics
    assert [each for each in found if each.severity == "error"] == []


def test_a_package_that_is_missing_is_one_mistake() -> None:
    (only,) = told(
        "use shared\n"
        "tool u { level: shared.level action go }\n"
        "grant g { to bot, shared.a for work, shared.w allow shared.t.read, u.go when shared.ok }\n"
        'forbid f { to shared.a deny shared.t.* because "x" }\n'
    )
    assert only.startswith("there is no package `shared` among these files: ")


def test_names_of_a_package_that_nobody_has_are_one_mistake() -> None:
    (only,) = told("grant g { to other.a for other.w allow other.t.read when other.ok }\n")
    assert only.startswith("there is no package `other` among these files: ")


def test_an_attribute_under_a_foreign_name_is_not_taken_for_a_package() -> None:
    (only,) = told(GRANT % "when request.urgent")
    assert only.startswith("`request.urgent` is not an attribute")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("meter m = count of t.post within 1h", "`per agent within 1h`"),
        ("meter m = count of t.post within 1h per agent", "`per agent within 1h`"),
        ("meter m = sum of t.post per agent within 1h", "`sum args.NAME of t.post`"),
        ("meter m = count of t.post per agent within 1w", "write `7d`"),
        ("group g = t.post when args.amount > 5", "write `when …` in the rules that name it"),
        ("tool u { action get() -> { body: string, ... } }", "leave it out"),
        ('set s = ["a" "b"]', "write `,` before it"),
        (GRANT % 'require approval by "role:x" within 1h count 2', "write `count 2 within …`"),
        (GRANT % 'require confirmation by "user:x"', "leave out `by …`"),
        (GRANT % "when after t.post done", "write `after done t.post`"),
        ("grant g { to bot for work allow send t.post }", "write `any send`, `t.* send`"),
        (
            'test "x" { agent bot for work did t.post() 5m ago gave 5 call t.post() expect deny }',
            "`did RESOURCE.ACTION() gave { … } 5m ago`",
        ),
    ],
)
def test_a_slip_in_what_version_2_brought_is_told_with_the_way_out(text: str, advice: str) -> None:
    (only,) = told(text + "\n")
    assert advice in only
