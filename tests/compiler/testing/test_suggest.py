"""A test that is suggested parses, is formatted already, compiles within its policy, and passes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from generators import FEATURES, aimed_requests, policies
from hypothesis import assume, given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.format.formatter import format_source
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source
from agpc.compiler.testing.run import passes
from agpc.compiler.testing.suggest import Suggested, pages, suggest
from agpc.compiler.testing.tidy import Unwritable

ROOT = Path(__file__).parents[3]


def compiled(*sources: Source) -> ir.Policy:
    result = compile_sources(sources)
    errors = [each for each in result.diagnostics if each.severity == "error"]
    assert not errors, "\n".join((*(source.text for source in sources), *map(repr, errors)))
    assert result.policy is not None
    return result.policy


def read_again(sources: tuple[Source, ...], *suggested: Suggested) -> list[ir.Test]:
    """The tests that the compiler makes of what was suggested, each as a file beside those of the policy."""
    files = []
    for number, each in enumerate(suggested):
        (text,) = pages([each]).values()
        new = Source(f"new{number}.agp", text)
        assert format_source(new) == text
        head = f"package {each.package}\n\n"
        assert format_source(Source("new.agp", head + each.text)) == head + each.text
        files.append(new)
    tests = {each.span.file: each for each in compiled(*sources, *files).tests}
    return [tests[new.name] for new in files]


@given(st.data())
def test_what_is_suggested_compiles_is_formatted_and_passes(data: st.DataObject) -> None:
    policy = data.draw(policies(features=FEATURES))
    request: dict[str, Any] = data.draw(aimed_requests(policy))
    try:
        suggested = suggest(policy, request)
    except Unwritable:
        assume(False)
    (test,) = read_again(policy_sources(policy), suggested)
    got = decide(policy, test.request)
    assert passes(test, got), suggested.text
    wanted = decide(policy, request)
    assert (got.effect, got.rules) == (wanted.effect, wanted.rules), suggested.text


EXAMPLES = sorted(
    path
    for path in (ROOT / "examples").iterdir()
    if path.is_dir()
    and any(path.rglob("*.agp"))
    and path.name != "service"  # which is compiled with another one, and has no tests
)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_every_test_of_the_examples_can_be_suggested_again(folder: Path) -> None:
    sources = tuple(
        Source(path.as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.agp"))
    )
    policy = compiled(*sources)
    suggested = [suggest(policy, each.request, record=each.record) for each in policy.tests]
    for each, again in zip(policy.tests, read_again(sources, *suggested), strict=True):
        assert passes(again, decide(policy, each.request))
        assert decide(policy, again.request) == decide(policy, each.request)


SHOP = """package shop
owner "o" contact "c"
agent till = "spiffe://t.example/till"
intent sell "sell"
tool goods {
    colour: string
    action refund(amount: number, note?: string)
    action look
}
context { region?: string }
grant selling {
    to till
    for sell
    allow goods.refund as refunding when args.amount <= 100
    allow goods.refund as large when args.amount > 100 require approval by "role:boss" within 1h
    credential ttl 15m
}
"""


def request(amount: object, **context: object) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": "spiffe://t.example/till", "properties": {}},
        "action": {"name": "refund", "properties": {"amount": amount, "note": "x"}},
        "resource": {"type": "shop.goods", "id": "g-1", "properties": {"colour": "red"}},
        "context": {"task": {"id": "t-1", "intent": "shop.sell", "state": "active"}, **context},
    }


def test_a_suggestion_has_nothing_in_it_that_no_rule_reads() -> None:
    policy = compiled(Source("shop.agp", SHOP))
    suggested = suggest(policy, request(100, region="eu", time="2026-01-01T00:00:00Z"))
    assert suggested.text == (
        'test "refunding permits till goods.refund" {\n'
        "    agent till for sell\n"
        "    call  goods.refund(amount: 100)\n"
        "    at 2026-01-01T00:00:00Z\n"
        "    expect permit by refunding with credential ttl 15m\n"
        "}\n"
    )
    assert suggest(policy, request(1), name="a", taken={"a", "a (2)"}).test.name == "a (3)"


@pytest.mark.parametrize(
    ("amount", "old", "new"),
    [
        (200, "<= 100", "<= 200"),
        (1, "ttl 15m", "ttl 1h"),
        (1, "ttl 15m\n", 'ttl 15m\n    oblige notify(to: "x")\n'),
        (200, " within 1h", ""),
        (1, 'owner "o"', 'owner "p"'),
    ],
)
def test_a_suggestion_against_a_policy_fails_there(amount: int, old: str, new: str) -> None:
    policy = compiled(Source("shop.agp", SHOP))
    other = compiled(Source("shop.agp", SHOP.replace(old, new)))
    suggested = suggest(policy, request(amount, time="2026-01-01T00:00:00Z"), against=other)
    (test,) = read_again((Source("shop.agp", SHOP),), suggested)
    assert passes(test, decide(policy, test.request))
    assert not passes(test, decide(other, test.request)), suggested.text


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (request("much"), "its `args.amount` is malformed"),
        ({**request(1), "subject": {"type": "user", "id": "u"}}, "it is no request of an agent"),
        (request(200, time="tomorrow"), "its time is malformed"),
    ],
)
def test_what_no_test_can_say_is_refused(request_: dict[str, Any], why: str) -> None:
    policy = compiled(Source("shop.agp", SHOP))
    with pytest.raises(Unwritable, match=why):
        suggest(policy, request_)


def test_a_suggestion_still_shows_what_it_was_meant_to_show() -> None:
    policy = compiled(Source("shop.agp", SHOP))
    suggested = suggest(
        policy,
        request(1, region="eu"),
        shows=lambda each: each["context"].get("region") == "eu",
    )
    assert 'context  { region: "eu" }' in suggested.text


@pytest.mark.parametrize(
    "link", [{}, {"agent": None}, {"agent": 7, "task": {"intent": "shop.sell"}}]
)
def test_a_link_that_names_no_agent_is_no_traceback(link: dict[str, Any]) -> None:
    policy = compiled(
        Source(
            "shop.agp",
            SHOP.replace(
                'agent till = "spiffe://t.example/till"', 'agents till = "spiffe://t.example/*"'
            ),
        )
    )
    asked = request(1, time="2026-01-01T00:00:00Z")
    asked["subject"]["id"] = "spiffe://t.example/of/others"
    asked["context"]["delegation"] = [link]
    with suppress(Unwritable):
        suggest(policy, asked)


def test_no_test_has_a_link_whose_agent_could_not_be_written() -> None:
    delegate = "delegate till for sell to till for sell\n"
    policy = compiled(Source("shop.agp", f"language 2\n{SHOP}{delegate}"))
    asked = request(1, time="2026-01-01T00:00:00Z")
    task = {"id": "t-0", "intent": "shop.sell", "state": "active"}
    asked["context"]["delegation"] = [{"agent": "spiffe://T.example/x", "task": task}]
    with pytest.raises(Unwritable, match="agent of link 1 of its chain has no SPIFFE ID"):
        suggest(policy, asked)
