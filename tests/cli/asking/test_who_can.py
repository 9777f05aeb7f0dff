"""`agpc who-can`: who may use a capability, and what it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source

from ..conftest import Run
from .access import HOSTILE, POLICY, UNDETERMINED


def test_what_it_takes_is_printed_in_the_language(run: Run, shop: Path) -> None:
    result = run("who-can", "shop.till.refund")
    assert (result.status, result.err) == (0, "")
    assert (
        result.out
        == """\
shop.bot for shop.buy, shop.sell: with approval
    by shop.selling.refunding at shop.agp:13
        when args.amount <= 500 and args.amount > 1
        require approval by "role:boss"
        unless forbidden by shop.odd when args.amount == 100 at shop.agp:24
shop.bots (spiffe://acme.example/bots/some-agent) for shop.sell: conditionally
    by shop.large.till.refund at shop.agp:20
        when args.amount > 1000
        revoke when context.c < 0.5
never: shop.idle
"""
    )


def test_what_the_question_implies_is_left_out(run: Run, shop: Path) -> None:
    result = run("who-can", "shop.till.refund", "--when", "args.amount > 2 and args.amount < 9")
    assert result.status == 0
    assert (
        result.out
        == """\
shop.bot for shop.buy, shop.sell: with approval
    by shop.selling.refunding at shop.agp:13
        require approval by "role:boss"
never: shop.idle, shop.bots (spiffe://acme.example/bots/some-agent)
"""
    )


def test_the_intent_narrows_it(run: Run, shop: Path) -> None:
    result = run("who-can", "till.refund", "--for", "buy")
    assert "shop.bot for shop.buy: with approval\n" in result.out
    assert "never: shop.idle, shop.bots" in result.out


def test_an_evidence_that_is_not_enough_for_a_forbid_is_told(run: Run, shop: Path) -> None:
    result = run("who-can", "till.close")
    assert "for shop.buy: with step-up" in result.out
    assert 'unless forbidden by shop.never unless approval by "role:boss"' in result.out


def test_every_yes_has_a_witness(run: Run, shop: Path) -> None:
    policy = compile_sources([Source("shop.agp", POLICY)]).policy
    assert policy is not None
    for capability in policy.capabilities:
        found = json.loads(run("who-can", capability, "--format", "json").out)
        assert found["answers"]
        for answer in found["answers"]:
            for way in answer["ways"]:
                witness: Any = way["witness"]
                decision = decide(policy, witness)
                assert decision.effect == "permit" and way["rule"] in decision.rules
                assert witness["subject"]["id"] == answer["id"]
                assert witness["context"]["task"]["intent"] == answer["intent"]


def test_the_witnesses_of_text_are_requests(run: Run, shop: Path, work: Path) -> None:
    result = run("who-can", "till.refund", "--witness")
    lines = [line.strip() for line in result.out.splitlines() if line.strip().startswith("witness")]
    assert len(lines) == 3
    for line in lines:
        (work / "r.json").write_text(line.removeprefix("witness "))
        assert run("decide", shop, "--request", "r.json", "--exit-code").status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("till.refnd",), "did you mean `till.refund`"),
        (("x\u202e",), "there is no capability `x<U+202E>`"),
        (("till.refund", "--for", "sel"), "there is no intent `sel`: did you mean"),
        (("till.refund", "--when", "args.amunt > 1"), "declares no `amunt`"),
        (("till.refund", "--when", "args.amount >"), "AGP1001"),
        (("till.refund", "--when", "args.amount == 'x'"), "error"),
        (("till.refund", "--when", ""), "error"),
        (("till.refund", "--when", "(" * 5000), "error"),
    ],
)
def test_a_question_that_is_wrong_is_refused(
    run: Run, shop: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = run("who-can", *arguments)
    assert (result.status, result.out) == (2, "")
    assert said in result.err and "Traceback" not in result.err and "internal" not in result.err


def test_what_is_undetermined_is_said_and_is_no_yes(run: Run, work: Path) -> None:
    (work / "shop.agp").write_text(UNDETERMINED)
    result = run("who-can", "till.open")
    assert result.status == 5
    assert "shop.bot for shop.sell: undetermined\n" in result.out
    assert "shop.sure for shop.sell: permit\n" in result.out
    found = json.loads(run("who-can", "till.open", "--format", "json").out)
    (bot,) = (each for each in found["answers"] if each["agent"] == "shop.bot")
    assert bot["how"] == "undetermined" and bot["ways"] == [] and bot["undetermined"]


def test_nothing_hidden_reaches_the_terminal(run: Run, work: Path) -> None:
    (work / "shop.agp").write_text(HOSTILE)
    assert "\u202e" not in run("who-can", "till.open", "--witness").out
