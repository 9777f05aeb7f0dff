"""What comments say of a policy, in the commands that show it: whole where there is room, and as text alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..conftest import POLICY, Run

HOSTILE = "</p><script>alert(1)</script> [x](javascript:y) `code` *b* @somebody {{ 7 * 7 }}"
DOCUMENTED = POLICY.replace("agent bot", f"## A bot.\n##\n## {HOSTILE}\nagent bot").replace(
    "intent sell", "## Why it sells.\nintent sell"
)
DOCUMENTED = DOCUMENTED.replace("grant selling", f"## What it sells.\n## {HOSTILE}\ngrant selling")
DOCUMENTED = DOCUMENTED.replace(
    "    allow till.open", "    ## In the morning.\n    allow till.open"
)
DOCUMENTED = DOCUMENTED.replace("    action open", "    ## Opens the till.\n    action open")


@pytest.fixture(autouse=True)
def documented(work: Path) -> None:
    (work / "shop.agp").write_text(DOCUMENTED)


def test_the_page_of_the_matrix_shows_it_as_text(run: Run) -> None:
    page = run("matrix", "shop.agp", "--format", "html").out
    for said in ("A bot.", "What it sells.", "In the morning.", "Opens the till."):
        assert said in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_the_report_shows_it_as_text(run: Run, form: str) -> None:
    page = run("report", "shop.agp", "--format", form).out
    for said in ("A bot", "Why it sells", "What it sells", "In the morning"):
        assert said in page
    assert "<script>alert" not in page
    assert "[x](javascript:y)" not in page or form == "html"


def test_the_report_has_it_as_data(run: Run) -> None:
    found = json.loads(run("report", "shop.agp", "--format", "json").out)
    rules = {each["id"]: each["doc"] for each in found["rules"]}
    assert rules["shop.selling.opening"] == f"What it sells.\n{HOSTILE}\n\nIn the morning."
    assert rules["shop.large_refunds"] == ""
    assert [each["doc"] for each in found["intents"]] == ["Why it sells."]
    assert [each["doc"] for each in found["agents"]] == [f"A bot.\n\n{HOSTILE}"]


def test_an_explanation_says_it_beside_the_rule(run: Run) -> None:
    asked = {
        "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
        "action": {"name": "open"},
        "resource": {"type": "shop.till", "id": "1"},
        "context": {
            "time": "2026-01-01T00:00:00Z",
            "task": {"id": "t", "intent": "shop.sell", "state": "active"},
        },
    }
    text = run("explain", "shop.agp", "--request", "-", stdin=json.dumps(asked).encode()).out
    assert "    ## In the morning.\n" in text
    found = run(
        "explain",
        "shop.agp",
        "--request",
        "-",
        "--format",
        "json",
        stdin=json.dumps(asked).encode(),
    )
    assert json.loads(found.out)["rules"][0]["doc"].endswith("In the morning.")
