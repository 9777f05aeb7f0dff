"""A review that keeps what it knew says what a review from nothing says, whatever was edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.limits import Limits
from agpc.compiler.analysis.procedure.calls import agents_of_families
from agpc.compiler.analysis.procedure.search.ways_to_match import WaysToMatch
from agpc.compiler.check.compiling import ir_json
from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.review.review import Review, ReviewKept, review
from agpc.compiler.report.source import Source

Draw = Callable[[st.SearchStrategy[Any]], Any]

VOCABULARY = """package p
owner "o" contact "c"
agent a = "spiffe://t.example/a" { tenant: string }
agent b = "spiffe://t.example/b" { tenant: string }
agents all = "spiffe://t.example/**" { tenant: string }
intent read "Reading"
intent pay "Paying"
level kind = low < middle < high
context { n: int, open: bool }
tool t { tenant: string, kind: kind action get(amount: int), send(to: string) }
tool u { path: string action get, remove }
let small = args.amount <= 10
let own = agent.tenant == resource.tenant
"""
AGENTS = ("a", "b", "a, b", "all", "any agent")
INTENTS = ("read", "pay", "read, pay", "any intent")
CAPABILITIES = ("t.get", "t.get", "t.send", "t.*", "u.get", "u.*", "t.get, u.get")
CONDITIONS = (
    "context.n < 5",
    "context.n >= 5",
    "context.open",
    "not context.open",
    "context.n < 5 or context.open",
    "context.n == 3 and not context.open",
    'agent.id == "spiffe://t.example/a"',
    'agent.id like "spiffe://t.example/z*"',
    "now > 2026-01-01T00:00:00Z",
)
OF_T = ("own", "resource.kind <= low", "resource.kind > low", 'resource.tenant == "x"')
GRANT_CLAUSES = (
    'require approval by "role:x"',
    'require approval by "role:x" within 1h',
    "credential ttl 15m",
    "credential ttl 20h",
    "valid until 2027-01-01",
    "revoke when context.open",
)
OTHERS = (
    'agent c = "spiffe://t.example/c" { tenant: string }',
    "separate t.get, t.send per task",
    "isolate a from b",
    'assert no agent can t.send without approval by "role:x"',
    'assert a can t.get when agent.id == "spiffe://t.example/a"',
    'assert no agent can u.get when agent.id like "spiffe://t.example/y*"',
    "enum colour = red, green",
    "let spare = context.open",
    "# agpc: allow AGP4104, AGP2101 -- on purpose",
    "# a remark",
    "",
)
WRONG = (
    "use r",
    "grant broken { to nobody for read allow t.get }",
    "let small = context.open",
    "forbid broken { deny t.get when ",
    "}",
)


def drawn(draw: Draw, choices: tuple[str, ...]) -> str:
    return str(draw(st.sampled_from(choices)))


def statement(draw: Draw, number: int) -> str:
    kind = draw(st.integers(0, 29))
    if kind == 0:
        return drawn(draw, WRONG)
    if kind < 5:
        return drawn(draw, OTHERS)
    capability = drawn(draw, CAPABILITIES)
    conditions = CONDITIONS if "u" in capability else (*CONDITIONS, *OF_T)
    when = f" when {drawn(draw, conditions)}" if draw(st.booleans()) else ""
    to, for_ = drawn(draw, AGENTS), drawn(draw, INTENTS)
    if kind < 14:
        unless = f" unless {drawn(draw, CONDITIONS)}" if draw(st.booleans()) else ""
        return f"forbid f{number} {{ to {to} for {for_} deny {capability}{when}{unless} }}"
    more = " ".join(draw(st.lists(st.sampled_from(GRANT_CLAUSES), max_size=2, unique=True)))
    return f"grant g{number} {{ to {to} for {for_} allow {capability}{when} {more} }}"


@st.composite
def histories(draw: Draw) -> list[list[Source]]:
    """The states of a policy set, one edit after the other."""
    files = {
        "vocabulary.agp": VOCABULARY.splitlines(),
        "one.agp": ["package p"],
        "two.agp": ["package p"],
    }
    rules = ("one.agp", "two.agp")
    number = 0
    for name in rules:
        for _ in range(draw(st.integers(1, 5))):
            number += 1
            files[name].append(statement(draw, number))
    states = [files]
    for _ in range(draw(st.integers(1, 4))):
        number += 1
        files = {name: list(lines) for name, lines in files.items()}
        lines = files[drawn(draw, (*rules, *rules, *rules, "vocabulary.agp"))]
        at = draw(st.integers(1, len(lines)))
        match draw(st.sampled_from(("insert", "insert", "replace", "delete", "move", "swap"))):
            case "replace" if at < len(lines):
                lines[at] = statement(draw, number)
            case "delete":
                del lines[at : at + 1]
            case "move" if at < len(lines):
                files[drawn(draw, rules)].append(lines.pop(at))
            case "swap" if at + 1 < len(lines):
                lines[at], lines[at + 1] = lines[at + 1], lines[at]
            case _:
                lines.insert(at, statement(draw, number))
        states.append(files)
    return [[Source(name, "\n".join(lines)) for name, lines in each.items()] for each in states]


EVERYTHING = Settings(select=("AGP",))
QUICK = Settings(ignore=("AGP2",), limits=Limits(max_ttl=24 * 3600))


def in_full(found: Review) -> object:
    """A review with the places that comparisons leave out."""
    policy = None if found.policy is None else ir_json.dumps(found.policy)
    return policy, found.diagnostics, found.silenced


@given(histories(), st.sampled_from((EVERYTHING, EVERYTHING, QUICK)))
def test_what_is_kept_changes_nothing(states: list[list[Source]], then: Settings) -> None:
    kept = ReviewKept()
    for number, sources in enumerate(states):
        chosen = then if number % 2 else EVERYTHING
        assert in_full(review(sources, chosen, kept=kept)) == in_full(review(sources, chosen))


def test_a_file_may_be_given_twice() -> None:
    sources = [Source("x.agp", 'package a\nagent b = "spiffe://t.example/b"')] * 2
    kept = ReviewKept()
    first = review(sources, EVERYTHING, kept=kept)
    assert in_full(first) == in_full(review(sources, EVERYTHING, kept=kept))
    assert [each.code for each in first.diagnostics] == ["AGP1102"]


def test_files_may_have_one_name() -> None:
    sources = [Source("x.agp", "package a"), Source("x.agp", "package b\nuse a\nuse c")]
    kept = ReviewKept()
    first = review(sources, EVERYTHING, kept=kept)
    assert in_full(first) == in_full(review(sources, EVERYTHING, kept=kept))
    assert [each.code for each in first.diagnostics] == ["AGP1103"]


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The capabilities that searches look at, as they happen."""
    seen: list[str] = []
    real = WaysToMatch.calls

    def counted(self: WaysToMatch) -> Any:
        for found in real(self):
            seen.append(found[0])
            yield found

    monkeypatch.setattr(WaysToMatch, "calls", counted)
    return seen


def test_only_what_a_change_touches_is_searched_again(searches: list[str]) -> None:
    forbidden = 'forbid f {{ to {} deny {} when context.n < {} because "x" }}'
    grants = [
        f"grant g{number} {{ to {agent} for read allow {name} when context.n > {number} }}"
        for number, (agent, name) in enumerate([("a", "t.get"), ("a", "u.get"), ("b", "u.get")])
    ]
    one = "\n".join(("package p", *grants[:2], forbidden.format("a", "t.get", 5)))
    other = "\n".join(("package p", grants[2], "forbid h { to b deny u.get when context.open }"))
    sources = [Source("v.agp", VOCABULARY), Source("one.agp", one), Source("other.agp", other)]
    kept = ReviewKept()
    review(sources, EVERYTHING, kept=kept)
    assert {"p.t.get", "p.u.get"} <= set(searches)
    searches.clear()
    review(sources, EVERYTHING, kept=kept)
    assert not searches
    sources[2] = Source("other.agp", other.replace("context.open", "context.n == 7"))
    review(sources, EVERYTHING, kept=kept)
    assert set(searches) == {"p.u.get"}


@pytest.mark.parametrize(
    "added",
    [
        'grant z { to all for read allow t.get when agent.id == "spiffe://t.example/new" }',
        'assert all can t.get when agent.id == "spiffe://t.example/new"',
        'assert no agent can t.get when agent.id like "spiffe://t.example/new*"',
        'agent new = "spiffe://t.example/new" { tenant: string }',
    ],
)
def test_an_agent_that_nobody_named_before_counts(added: str) -> None:
    rules = "package p\ngrant all { to all for read allow t.get }"
    sources = [Source("v.agp", VOCABULARY), Source("one.agp", rules), Source("z.agp", "package p")]
    kept = ReviewKept()
    before = review(sources, EVERYTHING, kept=kept)
    sources[2] = Source("z.agp", f"package p\n{added}")
    found = review(sources, EVERYTHING, kept=kept)
    assert before.policy is not None and found.policy is not None
    assert in_full(found) == in_full(review(sources, EVERYTHING))


def test_patterns_of_families_that_are_too_many_stay_a_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agents_of_families, "MAX_SHAPES", 0)
    kept = ReviewKept()
    for added in ("", "context.n < 5", "context.n < 6"):
        when = f" when {added}" if added else ""
        rules = f"grant g {{ to all for read allow t.get{when} }}\nforbid f {{ deny u.get }}"
        sources = [Source("p.agp", VOCABULARY + rules)]
        found = review(sources, EVERYTHING, kept=kept)
        assert in_full(found) == in_full(review(sources, EVERYTHING))
        assert "AGP2999" in {each.code for each in found.diagnostics}
