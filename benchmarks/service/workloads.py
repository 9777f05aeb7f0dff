"""The policies that are served, and what is asked about them."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from servers import KEY, Server, ask

sys.path.insert(0, str(Path(__file__).parents[1]))
from workload import workload

CALM = {"risk": 1, "region": "eu", "source_ip": "10.1.2.3"}
"""A context in which no forbid about every request denies a start."""
PAYER = "spiffe://acme.example/ns/pay/sa/payer"
PAYMENTS = f"""
language 2
package pay

agent  payer = "{PAYER}"
intent settle "Settle the invoices of a month" {{ month: string }}

tool bank {{
    write action transfer(amount: number, currency: string, to: string, reference: string)
}}

meter paid = sum args.amount of bank.transfer per task

grant settling {{
    to  payer
    for settle
    allow bank.transfer when args.currency == "EUR" and args.amount <= 500 and paid <= 1_000_000_000
}}
"""


# --- Evaluations ----------------------------------------------------------------------------------


def write_rules(rules: int, folder: Path) -> Path:
    """Write a policy of so many rules (benchmarks/workload.py)."""
    found = folder / "policies"
    found.mkdir()
    for name, text in workload(rules).files.items():
        begin = "language 2\n" if name == "vocabulary.agp" else ""
        (found / name).write_text(begin + text, encoding="utf-8")
    return found


def evaluations(rules: int, server: Server, opa: Server, folder: Path) -> tuple[Path, Path, float]:
    """Write requests for the service, and the same for OPA; say which part of them both permit.

    The service knows the tasks; to OPA the request tells all of them. Requests under an intent that
    their agent may not start have no task, and are left out.
    """
    for_service, for_opa = [], []
    for each in workload(rules).requests:
        start = {
            "key": secrets.token_hex(8),
            "subject": each["subject"],
            "action": {"name": "start"},
            "resource": {"type": each["context"]["task"]["intent"], "id": "new"},
            "context": CALM,
        }
        started = server.ask("/v1/tasks", start)
        if not started["decision"]:
            continue
        task = {"id": started["task"]["id"], "intent": each["context"]["task"]["intent"]}
        context = {name: value for name, value in each["context"].items() if name != "time"}
        for_service.append({**each, "context": {**context, "task": {"id": task["id"]}}})
        whole = {**each["context"], "task": {**task, "state": "active"}}
        for_opa.append({"input": {**each, "context": whole}})
    answers = [server.ask("/access/v1/evaluation", each)["decision"] for each in for_service]
    theirs = [opa.ask("/v1/data/agp/decision", each)["result"]["decision"] for each in for_opa]
    assert answers == theirs, "the two do not decide alike"
    paths = folder / "evaluations.txt", folder / "evaluations-opa.txt"
    write_lines(paths[0], for_service)
    write_lines(paths[1], for_opa)
    return *paths, sum(answers) / len(answers)


# --- Calls ----------------------------------------------------------------------------------------


def write_payments(folder: Path) -> Path:
    """Write the policy with one meter."""
    found = folder / "payments.agp"
    found.write_text(PAYMENTS, encoding="utf-8")
    return found


def start_tasks(server: Server, number: int, folder: Path) -> None:
    """Start tasks, many at once."""
    start = {
        "key": KEY,
        "subject": {"type": "agent", "id": PAYER},
        "action": {"name": "start", "properties": {"month": "2026-10"}},
        "resource": {"type": "pay.settle", "id": "new"},
    }
    path = folder / "start.txt"
    write_lines(path, [start])
    ask([server], "/v1/tasks", path, min(number, 64), seconds=3600, requests=number)


def tasks_of(server: Server, most: int) -> list[str]:
    """The ids of the latest tasks."""
    found: list[str] = []
    before = ""
    while len(found) < most:
        page = server.ask(f"/v1/tasks?limit=500{before}")
        found += [each["id"] for each in page["tasks"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    return found[:most]


def write_calls(tasks: Iterable[str], folder: Path) -> Path:
    """Write a call in each of some tasks."""
    path = folder / "calls.txt"
    write_lines(
        path,
        (
            {
                "key": KEY,
                "subject": {"type": "agent", "id": PAYER},
                "action": {
                    "name": "transfer",
                    "properties": {
                        "amount": 1.25,
                        "currency": "EUR",
                        "to": "DE02120300000000202051",
                        "reference": "invoice 4711",
                    },
                },
                "resource": {"type": "pay.bank", "id": "account-17"},
                "context": {"task": {"id": each}},
            }
            for each in tasks
        ),
    )
    return path


def write_lines(path: Path, values: Iterable[Any]) -> None:
    path.write_text("".join(f"{json.dumps(each)}\n" for each in values), encoding="utf-8")
