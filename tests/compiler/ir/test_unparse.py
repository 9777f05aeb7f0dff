"""What is printed of the IR is read as the same IR again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from generators import FEATURES, WRITTEN, cases, hostile_text, policies, policies_with_tests
from generators.values import GLOBS
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.format.formatter import format_source
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.identities import place_of
from agpc.compiler.ir.printing.conditions import (
    condition_text,
    days_text,
    duration_text,
    pattern_text,
    requirement_text,
    string_text,
    type_text,
    window_text,
)
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source
from agpc.compiler.text.strings import is_seen
from agpc.runtime.glob import quote_glob
from agpc.runtime.values import NANOSECONDS, read_duration

EXAMPLES = Path(__file__).parents[3] / "examples"


def compiled(sources: tuple[Source, ...]) -> ir.Policy:
    """The policy that sources give, which have to be free of errors."""
    result = compile_sources(sources)
    errors = [each for each in result.diagnostics if each.severity == "error"]
    assert not errors, "\n".join((*(source.text for source in sources), *map(repr, errors)))
    assert result.policy is not None
    return result.policy


@given(policies(features=WRITTEN))
def test_printing_a_policy_and_compiling_it_changes_nothing(policy: ir.Policy) -> None:
    sources = policy_sources(policy)
    assert compiled(sources) == policy, "\n".join(source.text for source in sources)


@settings(max_examples=20)
@given(policies_with_tests())
def test_what_tests_expect_survives_printing_and_formatting(policy: ir.Policy) -> None:
    sources = policy_sources(policy)
    assert compiled(sources) == policy, "\n".join(source.text for source in sources)
    formatted = tuple(Source(each.name, format_source(each)) for each in sources)
    assert compiled(formatted) == policy, "\n".join(source.text for source in formatted)
    assert tuple(Source(each.name, format_source(each)) for each in formatted) == formatted


@given(cases(features=FEATURES))
def test_printing_a_policy_and_compiling_it_keeps_every_decision(
    case: tuple[ir.Policy, Any],
) -> None:
    policy, request = case
    assert decide(compiled(policy_sources(policy)), request) == decide(policy, request)


DIRECTORIES = sorted({file.parent for file in EXAMPLES.rglob("*.agp")})
BESIDE = {"service": "finance"}
"""Examples that use another one, which they are compiled with."""


@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: path.name)
def test_examples_come_back(directory: Path) -> None:
    files = sorted(directory.glob("*.agp"))
    if directory.name in BESIDE:
        files += sorted((EXAMPLES / BESIDE[directory.name]).glob("*.agp"))
    policy = compiled(tuple(Source(each.name, each.read_text("utf-8")) for each in files))
    assert compiled(policy_sources(policy)) == policy


EVERYTHING = """
package acme.finance
owner "o" contact "c"
controls nist-ai-rmf-1.0:GOVERN-1.2
use acme
agent a = "spiffe://t.example/a" { tenant: string, seen: [time] }
agents f = "spiffe://t.example/*", a { tenant: string }
intent why "because" { limit?: number, parts: [{ n: int, of?: json }] }
enum kind = not, has, plain
set odd = [kind.not, kind.has]
tool ledger {
    tenant: string, kind: kind, open: bool, keep: duration, meta: json
    action post(amount: number, to: [string], kind: kind), read, any
}
context { at: time, ip: ip }
user { name: string }
let odd_kind = resource.kind in odd or resource.kind == kind.has
grant g {
    to a for why
    allow ledger.post
        when args.amount <= 0.1 and odd_kind
        require approval per task by "role:x", "user:y" count 2 within 90s and step_up "mfa"
    allow ledger.post when not resource.open
    allow ledger.*, acme.other.read
    revoke when age(context.at) > 36500d
    valid from 2026-01-01 until 2026-01-01
    during sat..mon, wed 22:30..06:00 "Europe/Berlin"
    audit metadata
    oblige mask.fields(names: "a,b", depth: 2, deep: true, wait: 15m)
    controls owasp-agentic-2026:ASI03
}
grant plain { to any agent for any intent allow any as all }
forbid never { deny any because "no" owner "x" contact "y" }
separate ledger.post, ledger.read per task
isolate a from f except ledger.read, any
assert no agent can ledger.post for why when args.amount > 1 without approval by "user:y"
assert a can ledger.read
test "a \\"test\\"" {
    agent a { tenant: "t", seen: [2026-01-01T00:00:00Z] } for why { limit: 1.5, parts: [{ n: 1 }] }
    call ledger.post(amount: 1, to: [], kind: kind.has)
    resource { id: "r", tenant: "t", kind: plain, keep: 1h30m, meta: { a: [1, null, "x"] } }
    task { state: ended, id: null }
    context { at: 2026-01-01T00:00:00Z }
    user { id: "user:u", name: "n" }
    at 2026-01-01T00:00:00Z
    approved by "user:ann" as "role:x" 10m ago
    step_up "mfa" 1s ago
    expect deny by never
}
bind aws {
    resource ledger "arn:aws:x:${tenant}" { post = s3:A, "s3:B" on "y" attribute tenant = s3:T/t }
    agent a "arn:a"
    session tag intent = "agp:intent"
    context ip = aws:SourceIp
}
"""
OTHER = """
package acme
use acme.finance
tool other { tenant: string action read }
"""


def test_everything_that_can_be_written_comes_back() -> None:
    policy = compiled((Source("a.agp", EVERYTHING), Source("b.agp", OTHER)))
    assert policy.tests and policy.bindings and policy.assertions
    printed = policy_sources(policy)
    assert [source.name for source in printed] == ["acme.agp", "acme.finance.agp"]
    assert compiled(printed) == policy, "\n".join(source.text for source in printed)


@given(policies(features=FEATURES))
def test_identities_are_taken_apart(policy: ir.Policy) -> None:
    packages = [each.name for each in policy.packages]
    for rule in policy.allows:
        package, grant, label = place_of(rule, packages)
        assert rule.id.startswith(f"{package}.{grant}.")
        assert label is None or rule.id == f"{package}.{grant}.{label}"


AMOUNT = ir.Attribute("args", ("amount",), ir.NUMBER)
TO = ir.Attribute("args", ("to",), ir.ListType(ir.STRING))
NAMES = ir.Attribute("context", ("names",), ir.ListType(ir.STRING))
OPEN = ir.Attribute("resource", ("open",), ir.BOOL)
SEEN = ir.Attribute("task", ("seen",), ir.TIME)
TEXT = ir.Element(ir.STRING)
KIND = ir.EnumType("finance.kind")


def text(value: str) -> ir.Constant:
    return ir.Constant(ir.STRING, value)


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (ir.Compare("<=", AMOUNT, ir.Constant(ir.NUMBER, 500)), "args.amount <= 500"),
        (ir.Compare("<", ir.Constant(ir.NUMBER, 0.5), AMOUNT), "0.5 < args.amount"),
        (ir.Not(ir.Compare("<", AMOUNT, AMOUNT)), "not args.amount < args.amount"),
        (ir.Compare("==", OPEN, ir.Constant(ir.BOOL, True)), "resource.open"),
        (ir.Compare("==", OPEN, ir.Constant(ir.BOOL, False)), "resource.open == false"),
        (ir.Not(ir.Compare("==", OPEN, ir.Constant(ir.BOOL, True))), "not resource.open"),
        (ir.Compare("<", ir.Age(SEEN), ir.Constant(ir.DURATION, 1800)), "age(task.seen) < 30m"),
        (ir.In(text("x"), TO), 'args.to contains "x"'),
        (ir.Not(ir.In(text("x"), TO)), 'not args.to contains "x"'),
        (ir.ListTest("subset of", TO, NAMES), "args.to subset of context.names"),
        (ir.Quantified("every", TO, ir.Not(ir.In(TEXT, NAMES))), "every args.to not in context.names"),
        (ir.Quantified("some", TO, ir.Not(ir.Compare("==", TEXT, text("")))), 'some args.to != ""'),
        (ir.Quantified("some", TO, ir.Not(ir.Like(TEXT, "a*"))), 'not every args.to like "a*"'),
        (ir.Has(TO), "has args.to"),
        (ir.Or((ir.Has(TO), ir.And((ir.Has(TO), ir.Has(OPEN))))), "has args.to or (has args.to and has resource.open)"),
        (ir.Not(ir.Or((ir.Has(TO), ir.Has(OPEN)))), "not (has args.to or has resource.open)"),
        (
            ir.Within(ir.Attribute("context", ("ip",), ir.IP), ir.Constants(ir.IP, ("10.0.0.0/8",))),
            'context.ip within "10.0.0.0/8"',
        ),
        (
            ir.In(ir.Attribute("args", ("k",), KIND), ir.Constants(KIND, ("a", "user"))),
            "args.k in [a, finance.kind.user]",
        ),
        (ir.In(AMOUNT, ir.Constants(ir.NUMBER, (1,), "finance.few")), "args.amount in finance.few"),
    ],
)  # fmt: skip
def test_conditions_read_as_a_person_writes_them(condition: ir.Condition, written: str) -> None:
    assert condition_text(condition) == written
    assert condition_text(condition, "finance") == written.replace("finance.", "")


def test_clauses_read_as_a_person_writes_them() -> None:
    assert requirement_text(ir.StepUp("mfa", 300)) == 'step_up "mfa" within 5m'
    assert requirement_text(ir.Approval(("a", "b"), 2, 90, True)) == (
        'approval per task by "a", "b" count 2 within 1m30s'
    )
    assert (
        window_text(ir.Window((0, 1, 2, 3, 4), 420, 1440, "UTC")) == 'mon..fri 07:00..24:00 "UTC"'
    )
    assert days_text((0, 2, 3, 6)) == "mon, wed..thu, sun"
    record = ir.RecordType((ir.Field("a", ir.ListType(KIND)), ir.Field("b", ir.JSON, True)))
    assert type_text(record, "finance") == "{ a: [kind], b?: json }"


@given(hostile_text())
@example("\ufe0f\U000e0100\u3164\u034f")  # not seen, but no control characters
def test_no_text_leaves_its_quotes(value: str) -> None:
    written = string_text(value)
    assert "\n" not in written and "\r" not in written
    assert all(is_seen(each) for each in written)
    policy = compiled((Source("p.agp", f"package p\nintent i {written}\n"),))
    assert policy.intents[0].purpose == value


@given(hostile_text().map(quote_glob) | st.sampled_from(GLOBS))
def test_no_pattern_leaves_its_quotes(pattern: str) -> None:
    source = f"""package p
        tool t {{ action read(name: string) }}
        forbid f {{ deny t.read when args.name like {pattern_text(pattern)} }}"""
    condition = compiled((Source("p.agp", source),)).forbids[0].condition
    assert isinstance(condition, ir.Like)
    assert condition.pattern == pattern


@given(st.integers(0, 36_500 * 86_400))
def test_durations_are_read_back(seconds: int) -> None:
    assert read_duration(duration_text(seconds)) == seconds * NANOSECONDS


def test_what_the_language_cannot_say_is_an_error() -> None:
    policy = compiled((Source("a.agp", EVERYTHING), Source("b.agp", OTHER)))
    orphan = replace(policy.allows[0], id="nowhere.g.x")
    with pytest.raises(ValueError, match="no grant of a package"):
        policy_sources(replace(policy, allows=(orphan,)))
    first, second, *_ = policy.allows
    with pytest.raises(ValueError, match="is of the same grant, and has other intents"):
        policy_sources(replace(policy, allows=(first, replace(second, intents=ir.DECLARED))))


def test_a_rule_whose_identity_is_no_name_is_written_in_quotes() -> None:
    policy = compiled((Source("a.agp", EVERYTHING), Source("b.agp", OTHER)))
    odd = next(each.id for each in policy.allows if "+" in each.id or each.id[-1].isdigit())
    test = replace(policy.tests[0], rules=(odd,))
    again = compiled(policy_sources(replace(policy, tests=(test,))))
    assert again.tests == (test,)
