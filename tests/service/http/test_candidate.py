"""What a candidate says of recorded calls: what it can decide, and what it says that it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agpc.service.policies.generation import Generation, load_generation
from agpc.service.serving.candidate import EXAMPLES, Candidate, facts_of
from agpc.service.store import Event

from .processes import POLICY
from .served import CALL

METERED = POLICY.replace(
    "tool account",
    "meter paid = sum args.amount of account.pay per agent within WINDOW\n\ntool account",
).replace("args.amount <= LIMIT", "paid <= 100")


def policy(folder: Path, text: str) -> Generation:
    (folder / "bank.agp").write_text(text)
    return load_generation([folder / "bank.agp"])


def event(seq: int, effect: str, request: Any, **more: Any) -> Event:
    body = {
        "event": "call",
        "id": f"c-{seq}",
        "effect": effect,
        "request": request,
        "policy": "sha256:a",
        **more,
    }
    return Event(seq, seq, "call", None, seq, b"{}", json.dumps(body).encode())


def request(amount: Any, **context: Any) -> Any:
    task = {"id": "t-1", "intent": "bank.reconcile", "state": "active", "period": "2026-10"}
    given = {name: each for name, each in CALL.items() if name != "key"}
    action = {"name": "pay", "properties": {"amount": amount}}
    return {
        **given,
        "action": action,
        "context": {"task": task, "time": "2026-11-24T10:00:00Z", **context},
    }


def test_it_tells_what_would_differ_and_counts(tmp_path: Path) -> None:
    found = Candidate(policy(tmp_path, POLICY.replace("LIMIT", "50")))
    counted: list[tuple[str, str]] = []
    found.count = lambda active, candidate: counted.append((active, candidate))
    found.read(event(each, "permit", request(each)) for each in range(1, 101))
    report = found.report([])
    assert (report["compared"], report["same"]) == (100, 50)
    (difference,) = report["differences"]
    assert (difference["active"], difference["candidate"], difference["count"]) == (
        "permit",
        "deny",
        50,
    )
    assert [each["seq"] for each in difference["examples"]] == list(range(101 - EXAMPLES, 101))
    assert counted.count(("permit", "permit")) == counted.count(("permit", "deny")) == 50
    assert found.seen == 101


def test_what_is_not_kept_is_not_guessed(tmp_path: Path) -> None:
    found = Candidate(policy(tmp_path, POLICY.replace("LIMIT", "50")))
    pruned = event(1, "permit", request(1))
    pruned.body = None
    other = Event(3, 3, "said", "t-1", None, b"{}", b"{}")
    found.read([pruned, event(2, "permit", request("hmac:x"), redacted=True), other])
    report = found.report([])
    assert (report["compared"], report["not_decidable"], report["differences"]) == (0, 2, [])


def test_a_meter_that_is_defined_otherwise_is_unknown_and_named(tmp_path: Path) -> None:
    active = policy(tmp_path, METERED.replace("WINDOW", "1d"))
    (key,) = facts_of(active)
    recorded = [event(1, "permit", request(50, meters={key: {"before": 0, "with": 50}}))]
    same = Candidate(active)
    same.read(recorded)
    assert (
        same.report(facts_of(active))["same"],
        same.report(facts_of(active))["unknown_facts"],
    ) == (1, [])
    other = Candidate(policy(tmp_path, METERED.replace("WINDOW", "2d")))
    other.read(recorded)
    report = other.report(facts_of(active))
    assert report["unknown_facts"] == facts_of(other.generation) != facts_of(active)
    assert [each["candidate"] for each in report["differences"]] == ["deny"]
