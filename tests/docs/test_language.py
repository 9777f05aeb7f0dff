"""Every example in the documentation compiles, and every answer that it shows is computed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.conditions import truth
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.meaning.request import Call
from agpc.compiler.report.source import Source
from agpc.compiler.syntax.parse import LANGUAGE as LANGUAGE_VERSION
from agpc.compiler.testing.expected import differences
from docs.blocks import (
    DOCS,
    Block,
    blocks,
    compile_text,
    expected_codes,
    is_file,
    pages,
    tables,
    whole,
    with_preamble,
)

LANGUAGE = DOCS / "language.md"
SHOWN = [each for page in pages() for each in blocks(page) if each.language == "agp"]
# A file of the tutorial is a part of a policy, and one with a mistake: `test_sessions` runs them.
ELSEWHERE = (("packages",), ("file",))
COMPILED = [each for each in SHOWN if each.words[:1] not in ELSEWHERE]


@pytest.mark.parametrize("block", COMPILED, ids=lambda block: block.id)
def test_every_example_compiles_and_gives_the_warnings_that_it_names(block: Block) -> None:
    found = compile_text(whole(block)).diagnostics
    assert sorted(each.code for each in found) == expected_codes(block.text), found


def test_every_file_says_the_version_of_the_language() -> None:
    for block in SHOWN:
        if is_file(block):
            assert block.text.startswith(f"language {LANGUAGE_VERSION}\npackage "), block.id


def test_the_grammar_summary_has_every_word_and_operator_of_the_grammar() -> None:
    grammar = (DOCS.parent / "grammar" / "agp.lark").read_text(encoding="utf-8")
    _, _, summary = LANGUAGE.read_text(encoding="utf-8").partition("## Grammar summary")
    words = set(re.findall(r'^\w+\.1: "(\w+)" EDGE$', grammar, re.MULTILINE))
    signs = set(re.findall(r'^\w+(?:\.\d)?: "([^\w"]+)"$', grammar, re.MULTILINE))
    assert len(words) > 100
    assert {"==", "<="} <= signs
    missing = {each for each in words if not re.search(rf"\b{each}\b", summary)}
    assert missing | {each for each in signs if each not in summary} == set()


def test_examples_of_several_packages_compile_together() -> None:
    parts = [each for each in blocks(LANGUAGE) if each.words == ("packages",)]
    sources = [Source(f"{number}.agp", each.text) for number, each in enumerate(parts)]
    assert len(sources) > 1
    assert compile_sources(sources).diagnostics == ()


def answered(page_blocks: list[Block]) -> Iterator[tuple[Block, Block, Block]]:
    """Each answer with its request and the policy that decides it."""
    policy = request = None
    for block in page_blocks:
        if block.words[:1] == ("policy",):
            policy = block
        elif block.words == ("request",):
            request = block
        elif block.words == ("answer",):
            assert policy is not None and request is not None
            yield policy, request, block


CASES = [case for page in pages() for case in answered(blocks(page))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[1].id)
def test_every_request_gets_the_answer_that_is_shown(case: tuple[Block, Block, Block]) -> None:
    policy_block, request, answer = case
    policy = compile_text(whole(policy_block)).policy
    assert policy is not None
    got = decide(policy, json.loads(request.text)).to_authzen()
    assert within(json.loads(answer.text), got) == []


def test_there_are_answers_to_check() -> None:
    assert len(CASES) >= 5


def within(wanted: Any, got: Any, path: str = "") -> list[str]:
    """What differs between a part of an answer and the whole; objects may have more fields."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return [
            each
            for key, value in wanted.items()
            for each in (
                within(value, got[key], f"{path}.{key}") if key in got else [f"{path}.{key}"]
            )
        ]
    return [] if wanted == got else [f"{path}: {wanted} is not {got}"]


# --- tables of truth ---

CONDITION = re.compile(r"`(.*)`")
VALUES = {"true": True, "false": False, "unknown": None}
ROWS = [(number, cells) for number, cells in tables(LANGUAGE, "condition") if len(cells) in (3, 4)]


def strip(cell: str) -> str:
    match = CONDITION.fullmatch(cell)
    return match[1] if match else cell


@cache
def types_example() -> str:
    return next(each.text for each in blocks(LANGUAGE) if each.words == ("types",))


def truth_with(condition: str, properties: Any, **context: Any) -> bool | None:
    """The truth of a condition for a call of the tool that has a parameter of each type."""
    policy = compile_text(
        f"{types_example()}\ngrant g {{\nto bot\nfor work\nallow t.call when {condition}\n}}\n"
    ).policy
    assert policy is not None
    request: dict[str, Any] = {
        "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
        "action": {"name": "call", "properties": properties},
        "resource": {"type": "sample.t", "id": "x"},
        "context": context,
    }
    call = Call.read(policy, request)
    assert call is not None
    return truth_of(policy.allows[0], call)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"line-{row[0]}")
def test_every_row_of_a_truth_table_is_true(row: tuple[int, list[str]]) -> None:
    condition, properties, *time, value = (strip(cell) for cell in row[1])
    context = {"time": time[0]} if time and time[0] else {}
    assert truth_with(condition, json.loads(properties), **context) is VALUES[value]


PARAMETERS = {
    "bool": "flag",
    "int": "count",
    "number": "amount",
    "time": "at",
    "duration": "wait",
    "ip": "ip",
}
MALFORMED = [
    (parameter, literal)
    for _, cells in tables(LANGUAGE, "type")
    if (parameter := PARAMETERS.get(strip(cells[0])))
    for literal in re.findall(r"`([^`]*)`", cells[3])
    if not literal.isalpha() or literal in ("true", "false")
]


@pytest.mark.parametrize(("parameter", "literal"), MALFORMED)
def test_every_value_that_the_table_of_types_calls_malformed_is(
    parameter: str, literal: str
) -> None:
    assert truth_with(f"has args.{parameter}", {parameter: json.loads(literal)}) is None


def test_there_are_malformed_values_to_check() -> None:
    assert len(MALFORMED) > 12


def test_there_are_truth_tables_to_check() -> None:
    assert len(ROWS) > 60


KLEENE = [row for row in tables(LANGUAGE, "`a`")]


@pytest.mark.parametrize("row", KLEENE, ids=lambda row: f"line-{row[0]}")
def test_every_row_of_kleenes_table_is_true(row: tuple[int, list[str]]) -> None:
    """A condition of each truth: `has` of something present, absent and malformed."""
    a, b, both, either, opposite = row[1]
    policy = compile_text(
        f"{types_example()}\nlet a = has args.text\nlet b = has args.memo\n"
        "grant g {\nto bot\nfor work\n"
        "allow t.call as both when a and b\n"
        "allow t.call as either when a or b\n"
        "allow t.call as opposite when not a\n}\n"
    ).policy
    assert policy is not None
    carried = {"true": "x", "false": None, "unknown": 5}
    request = {
        "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
        "action": {"name": "call", "properties": {"text": carried[a], "memo": carried[b]}},
        "resource": {"type": "sample.t", "id": "x"},
    }
    call = Call.read(policy, request)
    assert call is not None
    got = {rule.id.rpartition(".")[2]: truth_of(rule, call) for rule in policy.allows}
    assert got == {
        "both": VALUES[both],
        "either": VALUES[either],
        "opposite": VALUES[opposite],
    }


def truth_of(rule: ir.Allow, call: Call) -> bool | None:
    assert rule.condition is not None
    return truth(rule.condition, call)


def test_kleenes_table_is_whole() -> None:
    assert len(KLEENE) == 9


def test_the_identities_that_comments_show_are_those_of_the_rules() -> None:
    """`allow …  # finance.x.y` in the section on identities."""
    block = next(each for each in SHOWN if "# finance.reads." in each.text)
    policy = compile_text(whole(block)).policy
    assert policy is not None
    assert {rule.id for rule in policy.allows} == set(re.findall(r"# (\S+)", block.text))


TESTED = [each for each in COMPILED if "expect " in each.text]


@pytest.mark.parametrize("block", TESTED, ids=lambda block: block.id)
def test_the_tests_in_an_example_pass(block: Block) -> None:
    policy = compile_text(whole(block)).policy
    assert policy is not None and policy.tests
    for each in policy.tests:
        decision = decide(policy, each.request)
        assert differences(each, decision) == (), each.name


def test_there_are_tests_in_examples_to_run() -> None:
    assert len(TESTED) >= 5


# --- the table of approvals ---

APPROVALS = list(tables(LANGUAGE, "the approval, with this changed"))
PAYMENT = """
grant payments {
    to  invoice_bot
    for reconcile
    allow ledger.post require approval by "role:controller", "user:cfo" within 1h
}
"""


@pytest.mark.parametrize("row", APPROVALS, ids=lambda row: f"line-{row[0]}")
def test_every_row_of_the_table_of_approvals_is_true(row: tuple[int, list[str]]) -> None:
    changed, counts = (strip(cell) for cell in row[1])
    shown = next(each.text for each in blocks(LANGUAGE) if each.words == ("approval",))
    policy = compile_text(with_preamble(PAYMENT)).policy
    assert policy is not None
    request = {
        "subject": {"type": "agent", "id": "spiffe://acme.example/ns/finance/sa/invoice-bot"},
        "action": {"name": "post", "properties": {"account": "4711", "amount": 2000}},
        "resource": {"type": "finance.ledger", "id": "main"},
        "context": {
            "time": "2026-11-24T10:00:00Z",
            "user": {"id": "user:joe"},
            "task": {"id": "t-17", "intent": "finance.reconcile", "state": "active"},
            "approvals": [{**json.loads(shown), **json.loads(changed)}],
        },
    }
    assert decide(policy, request).effect == {"yes": "permit", "no": "challenge"}[counts]


def test_there_are_approvals_to_check() -> None:
    assert len(APPROVALS) > 15
