"""A view of a store that is not there: a task of the finance example, and one whose words mean harm."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agpc.service.config.callers import CallerEntry
from agpc.service.config.models import Settings
from agpc.service.core import Role
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.gate.callers import Callers, hashed
from agpc.service.page.routes import page_routes
from agpc.service.store import Call, Event, Generation, Head, Task

BOT = "spiffe://acme.example/ns/finance/sa/invoice-bot"
KEY = "agpk_of-the-auditor"
OTHER = "agpk_of-the-guard"
START = 1_795_860_000 * 10**9
POLICY = f"sha256:{'ab' * 32}"


@dataclass
class FakeView:
    """Rows in lists."""

    tasks_: list[Task] = field(default_factory=list)
    calls_: list[Call] = field(default_factory=list)
    events_: list[Event] = field(default_factory=list)
    generations_: list[Generation] = field(default_factory=list)
    checkpoint_: str | None = None

    def tasks(
        self, state: str | None = None, before: int | None = None, limit: int = 50
    ) -> Sequence[Task]:
        found = [each for each in self.tasks_ if state in (None, each.state)]
        return _latest(found, before, limit)

    def task(self, id: str) -> Task | None:
        return next((each for each in self.tasks_ if each.id == id), None)

    def calls(
        self,
        task: str | None = None,
        without_outcome: bool = False,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Call]:
        found = [each for each in self.calls_ if task in (None, each.task)]
        if without_outcome:
            found = [each for each in found if each.effect == "permit" and each.outcome is None]
        return _latest(found, before, limit)

    def requests(self, **more: Any) -> list[Any]:
        return []

    def is_start(self, call: Call) -> bool:
        return call.effect == "permit" and call.task is None

    def leases(self, **more: Any) -> list[Any]:
        return []

    def request(self, id: str) -> None:
        return None

    def call(self, id: str) -> Call | None:
        return next((each for each in self.calls_ if f"c-{each.seq}" == id), None)

    def events(self, start: int, stop: int) -> Iterator[Event]:
        yield from self.events_[start:stop]

    def event(self, seq: int) -> Event | None:
        return self.events_[seq] if seq < len(self.events_) else None

    def events_of_task(
        self,
        task: str,
        *,
        kinds: Sequence[str] = (),
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Event]:
        found = [each for each in self.events_ if each.task == task]
        return _latest([each for each in found if not kinds or each.kind in kinds], before, limit)

    def outcomes_of(self, call: Call) -> list[Event]:
        return [each for each in self.events_ if each.kind == "outcome" and each.call == call.seq]

    @property
    def head(self) -> Head:
        time = self.events_[-1].time if self.events_ else 0
        digest = self.generations_[0].digest if self.generations_ else None
        return Head(len(self.events_), time, b"", digest, b"", 0)

    def generations(self) -> list[Generation]:
        return self.generations_

    def generation(self, digest: str) -> Generation | None:
        return next((each for each in self.generations_ if each.digest == digest), None)

    def checkpoint(self, size: int | None = None) -> str | None:
        return self.checkpoint_

    # --- what happens ---

    def happens(
        self, kind: str, of: str | None = None, at: int | None = None, /, **body: Any
    ) -> int:
        seq = len(self.events_)
        told = {"v": 1, "salt": "c2FsdA", "event": kind, "caller": "front-office", **body}
        entry = json.dumps({"v": 1, "seq": seq, "event": kind, "policy": POLICY}).encode()
        time = START + seq * 60 * 10**9
        written = json.dumps(told).encode()
        self.events_.append(Event(seq, time, kind, of, at, entry, written))
        return seq

    def starts(self, id: str, said: str, /, **fields: Any) -> None:
        seq = self.happens("task", id, task={"id": id, "intent": "finance.reconcile"}, agent=BOT)
        self.tasks_.append(
            Task(
                id=id, run=id, parent=None, agent=BOT, user='{"id": "user:joe"}',
                intent="finance.reconcile", fields=json.dumps(fields), state="active",
                caller="front-office", context='{"confidence": 0.95}', seq=seq,
                started=START + seq * 60 * 10**9, ended=None,
            )
        )  # fmt: skip
        self.happens("said", id, text=said)

    def asks(
        self, task: str, effect: str, rule: str | None, reason: str = "", /, **arguments: Any
    ) -> int:
        owner = {"name": "payments-platform", "contact": "payments-oncall@acme.example"}
        seq = len(self.events_)
        context = {
            "effect": effect,
            "rules": [rule] if rule else [],
            "reasons": [reason] if reason else [],
            "requirements": [],
            "obligations": [{"id": rule, "type": "notify", "properties": {"channel": "log"}}],
            "owner": owner,
        }
        self.happens(
            "call", task, seq, effect=effect, policy=POLICY,
            answer={"decision": effect == "permit", "context": context},
            request={
                "subject": {"type": "agent", "id": BOT, "properties": {"tenant": "t1"}},
                "action": {"name": "post", "properties": arguments},
                "resource": {"type": "finance.ledger", "id": "main"},
                "context": {"confidence": 0.95, "meters": {"finance.paid#91c0": {"before": 1240, "with": 1740}}},
            },
        )  # fmt: skip
        self.calls_.append(
            Call(
                seq=seq, caller="guard", task=task, run=task, agent=BOT,
                capability="finance.ledger.post", effect=effect, at=START + seq * 60 * 10**9,
                outcome=None, refused=False, redacted=False, digest=POLICY,
            )
        )  # fmt: skip
        return seq

    def ends(self, call: int, outcome: str, **more: Any) -> None:
        row = next(each for each in self.calls_ if each.seq == call)
        row.outcome = outcome
        self.happens("outcome", row.task, call, outcome=outcome, **more)


def _latest(rows: Sequence[Any], before: int | None, limit: int) -> list[Any]:
    found = sorted(rows, key=lambda each: -each.seq)
    return [each for each in found if before is None or each.seq < before][:limit]


@dataclass
class FakeCore:
    """A core that shows one view, and is ready or says why not."""

    shown: FakeView
    reasons: list[str] = field(default_factory=list)

    @contextmanager
    def view(self) -> Iterator[FakeView]:
        yield self.shown

    def ready(self) -> list[str]:
        return self.reasons

    def asked_now(self, view: Any, question: Any, *, answered: bool = True) -> Any:
        return None

    async def possible(self, caller: Any, task: str) -> dict[str, Any]:
        raise AssertionError(task)

    async def do(self, operation: Any) -> dict[str, Any]:
        raise AssertionError(operation)


def service(view: FakeView, *, is_open: bool, is_secure: bool = False, **more: Any) -> Service:
    """The application with these pages and little else; `KEY` may look, and `OTHER` may not."""
    named: list[tuple[str, str, Role]] = [(KEY, "auditor", "read"), (OTHER, "guard", "outcome")]
    entries = [
        CallerEntry(name=name, roles=(role,), agents=(), key_sha256=hashed(key))
        for key, name, role in named
    ]
    callers = Callers.of([] if is_open else entries, Path())
    core = FakeCore(view, **more)
    parts = ProcessParts(callers=callers, more=[page_routes(core, is_secure=is_secure)])
    return Service(core, Settings(), parts)


def ordinary() -> FakeView:
    """An afternoon of the invoice agent."""
    view = FakeView(checkpoint_="agpc.acme.example\n12\nrH9c…=\n\n— agpc.acme.example 5kWv…\n")
    ir = json.dumps({"allows": [{}] * 6, "forbids": [{}] * 4}).encode()
    view.generations_.append(Generation(POLICY, 0, START, ir, b"{}", b"{}"))
    view.happens("generation", policy=POLICY, previous=None, note="first")
    view.starts(
        "t-abcdefghijklmnopqrstuvwxyz",
        "Please pay the invoices of October.\nThank you!",
        period="2026-10",
    )
    task = view.tasks_[0].id
    small = "finance.reconcile_invoices.small_post"
    done = view.asks(
        task,
        "permit",
        small,
        account="4711",
        amount=500,
        currency="EUR",
        to=["DE02120300000000202051"],
    )
    view.ends(done, "done", result={"entry": "e-1"})
    view.asks(task, "permit", small, account="4711", amount=240, currency="EUR", to=[])
    view.asks(
        task, "challenge", "finance.reconcile_invoices.large_post", account="4711", amount=2000
    )
    view.asks(
        task, "deny", "finance.irreversible_voids", "A ledger void cannot be undone.", entry="e-1"
    )
    return view


EVIL = "<script>alert(1)</script>\u202egpj.exe\u200b p\u0430ypal \x1b[31m"


def hostile() -> FakeView:
    """A task of which every text wants to be something else."""
    view = ordinary()
    view.starts("t-<b>/../\u202e", f"{EVIL}\n" * 3, **{EVIL: EVIL})
    task = view.tasks_[-1].id
    view.asks(
        task, "deny", EVIL, EVIL, **{EVIL: EVIL, "body": "x" * 1_000_000, "deep": [[[EVIL]]] * 40}
    )
    row = view.calls_[-1]
    row.capability, row.caller, row.agent = None, EVIL, EVIL
    view.tasks_[-1].intent = EVIL
    return view
