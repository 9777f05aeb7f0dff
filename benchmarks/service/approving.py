"""Approvals on both stores, over HTTP within one process: the way of a call that people are asked about, and the pages, while
many others are pending.
"""

from __future__ import annotations

import itertools
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from tables import time_text

from agpc.service.config.callers import CallerEntry, PersonEntry
from agpc.service.config.models import Settings
from agpc.service.core import SYSTEM, Adopt, Caller, Core, CoreSettings, Decide, Know, Start
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.page.routes import page_routes
from agpc.service.policies.generation import load_generation
from agpc.service.store import Store

AGENT = "spiffe://acme.example/ns/desk/sa/helper"
DESK = Caller("desk", ("start", "decide"), (AGENT,))
OF_TASK = 20
ROUNDS = 30
US = "http://127.0.0.1:8080"
HEADS = ("store", "pending", "what", "median", "most", "CPU, median")
POLICY = """language 2
package desk
agent helper = "spiffe://acme.example/ns/desk/sa/helper"
intent answer "Answer a customer" { order: string }
tool shop { write action refund(order: string, amount: number) }
grant answering {
    to  helper
    for answer
    allow shop.refund when args.order == task.order require approval by "role:lead" within 1h
}
"""


class Desk:
    """A service on which calls wait for somebody."""

    def __init__(self, url: str, folder: Path, pending: int) -> None:
        (folder / "desk.agp").write_text(POLICY, encoding="utf-8")
        generation = load_generation([folder / "desk.agp"])
        most = {"asked_by_task": OF_TASK + 1, "asked_by_agent": pending + 1_000}
        self.core = Core(Store(url), generation, CoreSettings(secret=bytes(32), **most))
        self.policy, self.pending = generation.digest, pending
        self._keys = itertools.count()
        do = self.core.do_now
        do(Adopt(caller=SYSTEM, key="begin", generation=generation))
        do(Know(caller=SYSTEM, key="ann", person="user:ann", roles=("role:lead",)))
        for number in range(pending):
            if number % OF_TASK == 0:
                self.task = do(Start(caller=DESK, key=f"s-{number}", request=start()))["task"]["id"]
            do(Decide(caller=DESK, key=f"p-{number}", request=refund(self.task, number)))
        self.task = do(Start(caller=DESK, key="last", request=start()))["task"]["id"]
        callers = [
            CallerEntry.model_validate(
                {"name": "desk", "roles": ["decide"], "agents": [AGENT], "key_sha256": hashed("agpk_desk")}
            )
        ]  # fmt: skip
        ann = PersonEntry(id="user:ann", roles=("role:lead",), key_sha256=hashed("agpk_ann"))
        parts = ProcessParts(
            callers=Callers.of(callers, folder, people=[ann]),
            more=[page_routes(self.core, is_secure=False)],
        )
        self.client = TestClient(Service(self.core, Settings(), parts).app, base_url=US)

    def key(self) -> str:
        return f"k-{next(self._keys)}"

    def sign_in(self) -> None:
        found = re.search(r'name="form" value="([^"]*)"', self.client.get("/sign-in").text)
        assert found is not None
        self.client.post("/sign-in", data={"form": found[1], "key": "agpk_ann"})
        assert "/requests/q-" in self.client.get("/requests").text

    def post(self, path: str, who: str, **body: Any) -> Any:
        answer = self.client.post(path, json=body, headers={"authorization": f"Bearer agpk_{who}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def round_trip(self, number: int) -> None:
        """A call asks, a person approves it, the same call passes."""
        request = refund(self.task, 1_000_000 + number)
        asked = self.post("/v1/calls", "desk", key=self.key(), **request)["request"]["id"]
        self.approve(asked)
        assert self.post("/v1/calls", "desk", key=self.key(), **request)["decision"] is True

    def approve(self, asked: str) -> None:
        verdict = {"key": self.key(), "verdict": "approve", "policy": self.policy}
        self.post(f"/v1/requests/{asked}/verdict", "ann", **verdict)

    def page(self, path: str) -> None:
        assert self.client.get(path).status_code == 200


def start() -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": AGENT},
        "action": {"name": "start", "properties": {"order": "o-7"}},
        "resource": {"type": "desk.answer", "id": "new"},
        "context": {"user": {"id": "user:joe"}},
    }


def refund(task: str, amount: int) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": AGENT},
        "action": {"name": "refund", "properties": {"order": "o-7", "amount": amount}},
        "resource": {"type": "desk.shop", "id": "shop"},
        "context": {"task": {"id": task}},
    }


def timed(do: Callable[[int], None]) -> tuple[str, str, str]:
    """Do something some times; give the median, the most, and the median of what processors took."""
    walls, cpus = [], []
    for number in range(ROUNDS):
        began, worked = time.perf_counter(), time.process_time()
        do(number)
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - worked)
    return (
        time_text(statistics.median(walls)),
        time_text(max(walls)),
        time_text(statistics.median(cpus)),
    )


def measured(url: str, folder: Path, pending: int) -> list[tuple[str, ...]]:
    """Give the rows of one store."""
    desk = Desk(url, folder, pending)
    try:
        desk.sign_in()
        ids = re.findall(r"/requests/(q-\d+)", desk.client.get("/requests").text)
        told = {
            "a call asks, is approved, passes": desk.round_trip,
            "the page of 50 that wait": lambda _: desk.page("/requests"),
            "one request whole": lambda number: desk.page(f"/requests/{ids[number]}"),
            "a verdict": lambda number: desk.approve(ids[number]),
        }
        return [(f"{pending:,}", what, *timed(do)) for what, do in told.items()]
    finally:
        desk.core.stop()
