"""`agpc what-can`: what an agent may do, and what it takes."""

from __future__ import annotations

import json
from pathlib import Path

from ..conftest import Run
from .access import UNDETERMINED


def test_what_it_takes_is_printed_in_the_language(run: Run, shop: Path) -> None:
    result = run("what-can", "bot")
    assert (result.status, result.err) == (0, "")
    assert (
        result.out
        == """\
shop.bot
    shop.till.open for shop.buy, shop.sell: permit
        by shop.selling.opening at shop.agp:12
    shop.till.refund for shop.buy, shop.sell: with approval
        by shop.selling.refunding at shop.agp:13
            when args.amount <= 500 and args.amount > 1
            require approval by "role:boss"
            unless forbidden by shop.odd when args.amount == 100 at shop.agp:24
"""
    )


def test_the_intent_narrows_it(run: Run, shop: Path) -> None:
    found = json.loads(run("what-can", "shop.bots", "--for", "sell", "--format", "json").out)
    assert [(each["capability"], each["how"]) for each in found["answers"]] == [
        ("shop.till.refund", "conditionally")
    ]


def test_a_family_is_asked_about_by_an_agent_that_nothing_names(run: Run, shop: Path) -> None:
    result = run("what-can", "bots")
    assert result.out.startswith("shop.bots (spiffe://acme.example/bots/some-agent)\n")


def test_a_spiffe_id_is_an_agent_of_the_families_that_match_it(run: Run, shop: Path) -> None:
    result = run("what-can", "spiffe://acme.example/bots/seven", "--for", "sell", "--witness")
    assert "shop.till.refund for shop.sell: conditionally" in result.out
    assert '"id": "spiffe://acme.example/bots/seven"' in result.out
    assert run("what-can", "spiffe://acme.example/bot").out == run("what-can", "bot").out


def test_nobody_may_do_nothing(run: Run, shop: Path) -> None:
    assert run("what-can", "idle").out == "shop.idle\n    nothing\n"
    result = run("what-can", "spiffe://acme.example/else")
    assert (result.status, result.out) == (0, "nothing: no agent or family has this identity\n")


def test_an_unknown_name_is_refused(run: Run, shop: Path) -> None:
    result = run("what-can", "bott")
    assert (result.status, result.out) == (2, "")
    assert "did you mean" in result.err


def test_what_is_undetermined_is_said_and_is_no_yes(run: Run, work: Path) -> None:
    (work / "shop.agp").write_text(UNDETERMINED)
    result = run("what-can", "bot")
    assert result.status == 5
    assert "shop.till.open for shop.sell: undetermined\n" in result.out
    assert run("what-can", "sure").status == 0
