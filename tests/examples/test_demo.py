"""`make demo`: the finance example compiles for every target, and its three requests are decided."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import agpc

ROOT = Path(__file__).parents[2]
FINANCE = ROOT / "examples" / "finance"
EXPECTED = {
    "1-small-payment.json": ("permit", ("finance.reconcile_invoices.small_post",)),
    "2-large-payment.json": ("challenge", ("finance.reconcile_invoices.large_post",)),
    "3-void.json": ("deny", ("finance.irreversible_voids",)),
}

ONE_SCREEN = 42  # lines


def record() -> list[str]:
    """What the invoice agent has paid before the requests."""
    return (FINANCE / "record.jsonl").read_text(encoding="utf-8").splitlines()


def request(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_requests_are_a_permit_a_challenge_and_a_deny() -> None:
    engine, policy = agpc.load(FINANCE), agpc.compile(FINANCE)
    found = {}
    for path in sorted((FINANCE / "requests").glob("*.json")):
        decision = engine.decide(agpc.facts(policy, record(), request(path)))
        found[path.name] = (decision.effect, decision.rules)
    assert found == EXPECTED


def test_a_small_payment_waits_where_what_was_paid_is_too_much_or_not_known() -> None:
    engine, policy = agpc.load(FINANCE), agpc.compile(FINANCE)
    small = request(FINANCE / "requests" / "1-small-payment.json")
    waits = ("challenge", ("finance.reconcile_invoices.large_post",))
    more = json.loads(record()[1])  # the first payment
    more["id"], more["time"] = "c-5", "2026-11-24T09:45:00Z"
    broken = [*record(), "{"]
    for facts in (
        small,
        agpc.facts(policy, [*record(), json.dumps(more)], small),
        agpc.facts(policy, broken, small),
    ):
        decision = engine.decide(facts)
        assert (decision.effect, decision.rules) == waits


def test_the_demo_shows_decisions_and_reasons_first_and_artifacts_after_on_one_screen(
    tmp_path: Path,
) -> None:
    scripts = Path(sys.executable).parent
    ran = subprocess.run(
        [ROOT / "examples" / "demo.sh"],
        env={
            **os.environ,
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "OUT": str(tmp_path / "build"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    decisions, _, artifacts = ran.stdout.partition("$ agpc compile ")
    for effect, rules in EXPECTED.values():
        assert f"{effect} by {', '.join(rules)}" in decisions
    assert "A ledger void cannot be undone." in decisions
    for artifact in ("aws-iam/identity/", "ir/", "python/agp_policy/", "rego/"):
        assert f"{tmp_path}/build/{artifact}: " in artifacts
    assert "finance.invoice_bot.json" in artifacts and "policy.json" in artifacts
    assert len(ran.stdout.splitlines()) <= ONE_SCREEN
