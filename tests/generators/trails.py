"""Logs for tests: a policy, calls that it decides with their facts, and events of them in memory, as the service has them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import agpc
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.ir_json import to_json
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.runtime.decision import Decision
from agpc.runtime.time_text import format_time
from agpc.service.audit import checkpoints, events
from agpc.service.audit.lines import record_line
from agpc.service.audit.notes import Signer
from agpc.service.audit.tree import Edge, leaf_hash
from agpc.targets.python import evaluator

BOT = "spiffe://t.example/bot"
POLICY = f"""\
language 2
package p
agent bot = "{BOT}"
intent work "work" {{ account: string }}
tool t {{
    read action find(name: string) -> {{ email: string }}
    send action mail(to: string, n: int)
    destroy action drop(name: string)
}}
meter mails = count of t.mail per task
source known = said
source seen = known, t.find.email
grant g {{
    to  bot
    for work
    allow t.mail when mails <= 2 and args.to from known
    allow t.find when args.name from seen
    allow t.drop require approval by "role:chief" within 1h
}}
forbid many {{ deny t.mail when args.n > 100 because "Too many at once." }}
"""
STRICTER = POLICY.replace("mails <= 2", "mails <= 1")
BEGIN = 1_795_514_400_000_000_000  # 2026-11-24T10:00:00Z
KEY = b"k" * 32


@dataclass(frozen=True, slots=True)
class Event:
    seq: int
    time: int
    kind: str
    entry: bytes
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Generation:
    digest: str
    ir: bytes
    mapping: bytes
    directory: bytes


@dataclass(frozen=True, slots=True)
class Head:
    seq: int


@cache
def compiled(text: str) -> ir.Policy:
    found = compile_sources([Source("p.agp", text)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def generation_of(policy: ir.Policy) -> Generation:
    parts = {
        "ir": events.canonical(to_json(policy)).encode(),
        "mapping": b"{}",
        "directory": b"{}",
    }
    named = {name: events.digest(each) for name, each in parts.items()}
    digest = events.digest(events.canonical({"v": 1, **named}).encode())
    return Generation(digest=digest, **parts)


def _is_start(kind: str, told: dict[str, Any]) -> bool:
    """Whether an event is the start of a task, of which a policy keeps the values whatever it says of tools."""
    return kind == "call" and told["request"]["action"]["name"] == "start"


def signer() -> Signer:
    return Signer.from_seed("log.example/agpc", bytes(range(32)))


@dataclass
class MemoryLog:
    """A log in memory. What it is told it decides, and records as the service does; `forge` records anything."""

    found: list[Event] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)
    policies: list[Generation] = field(default_factory=list)
    time: int = BEGIN
    keys: int = 0
    metadata: bool = False
    with_facts: bool = True
    edge: Edge = field(default_factory=Edge)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)

    # --- What an export reads ---------------------------------------------------------------------

    def checkpoint(self, size: int | None = None) -> str | None:
        if size is None:
            return self.notes[max(self.notes)] if self.notes else None
        return self.notes.get(size)

    def events(self, start: int, stop: int) -> list[Event]:
        return self.found[start:stop]

    def generations(self) -> list[Generation]:
        return self.policies

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        if level:
            return None  # of which tests in memory have none that is full
        some = self.found[index * 256 : index * 256 + width]
        return b"".join(leaf_hash(each.entry) for each in some)

    @property
    def head(self) -> Head:
        return Head(len(self.found))

    # --- What is recorded -------------------------------------------------------------------------

    def sign(self) -> str:
        note = checkpoints.signed(signer(), self.edge)
        self.notes[self.edge.size] = note
        return note

    def tick(self) -> int:
        self.time += 1_000_000_007
        return self.time

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def append(self, kind: str, time: int, told: dict[str, Any], caller: str = "gateway") -> int:
        """Add an event, with whatever it is told."""
        line = record_line(
            b'{"event":"%b","time":"%b"}' % (kind.encode(), format_time(time).encode()),
            events.body(kind, time, caller, told),
        )
        if line is not None and self.with_facts:
            self.lines.append(line)
        if self.metadata and not _is_start(kind, told):
            told = events.redacted(kind, told, KEY)
        seq = len(self.found)
        policy = self.policies[-1].digest if self.policies else None
        body = events.body(kind, time, caller, told, salt=f"salt{seq}")
        entry = events.entry(seq, time, kind, policy, body)
        self.found.append(Event(seq, time, kind, entry, body))
        self.edge.append(leaf_hash(entry))
        return seq

    def tell(self, kind: str, told: dict[str, Any], key: str | None = None) -> int:
        return self.append(kind, self.tick(), {**told, "key": key or self.key()})

    def adopt(self, text: str) -> None:
        keeps = "    audit metadata\n" if self.metadata else ""
        self.policy = compiled(text.replace("    for work\n", f"    for work\n{keeps}"))
        self.engine = evaluator(self.policy)
        previous = self.policies[-1].digest if self.policies else None
        new = generation_of(self.policy)
        self.policies.append(new)
        told = {"policy": new.digest, "previous": previous, "note": "", "key": self.key()}
        self.append("generation", self.tick(), told, caller="system")

    def start(self, account: str = "4711", *, said: str | None = None) -> str:
        """Start a task, and give its id."""
        id, key, time = f"t-{len(self.tasks)}", self.key(), self.tick()
        fields = {"account": account}
        request = {
            "subject": {"type": "agent", "id": BOT},
            "action": {"name": "start", "properties": fields},
            "resource": {"type": "p.work", "id": id},
            "context": {
                "starter": "gateway",
                "user": {"id": "user:joe"},
                "time": format_time(time),
            },
        }
        assert self.record(request, key, time)[0].effect == "permit"
        task = {**fields, "id": id, "intent": "p.work"}
        self.tasks[id] = {**task, "state": "active"}
        self.tell("task", {"task": task, "agent": BOT, "user": {"id": "user:joe"}}, key)
        if said is not None:
            self.tell("said", {"task": id, "text": said}, key)
        return id

    def asked(self, task: str, action: str, time: int, **arguments: Any) -> dict[str, Any]:
        approvals = arguments.pop("approvals", None)
        given = {} if approvals is None else {"approvals": approvals}
        request = {
            "subject": {"type": "agent", "id": BOT},
            "action": {"name": action, "properties": arguments},
            "resource": {"type": "p.t", "id": "1"},
            "context": {
                "task": dict(self.tasks[task]), "user": {"id": "user:joe"},
                "time": format_time(time), **given,
            },
        }  # fmt: skip
        return agpc.facts(self.policy, self.lines, request) if self.with_facts else request

    def call(
        self,
        task: str,
        action: str,
        key: str | None = None,
        follows: int | None = None,
        **args: Any,
    ) -> str:
        """Decide a call and record it; give its id."""
        time = self.tick()
        request = self.asked(task, action, time, **args)
        return self.record(request, key or self.key(), time, follows)[1]

    def record(
        self, request: dict[str, Any], key: str, time: int, follows: int | None = None
    ) -> tuple[Decision, str]:
        decision = self.engine.decide(request)
        id = f"c-{len(self.found)}"
        told: dict[str, Any] = {
            "id": id, "key": key, "effect": decision.effect, "request": request,
            "answer": {**decision.to_authzen(), "call": id}, "policy": self.policies[-1].digest,
            "digest": call_digest(request),
        }  # fmt: skip
        if decision.effect == "challenge":
            until = format_time(time + 3_600 * 1_000_000_000)
            told["answer"]["request"] = {"id": f"q-{len(self.found)}", "expires_at": until}
        if decision.effect == "challenge" or request["context"].get("approvals"):
            told["question"] = events.keyed(told["digest"], b"of the store")
        if follows is not None:
            told["follows"] = follows
        seq = self.append("call", time, told)
        for by, each in dict.fromkeys((one["by"], one.get("id")) for one in decision.evidence):
            self.tell("use", {"verdict": each, "call": f"c-{seq}", "by": by}, key)
        return decision, id

    def outcome(self, call: str, outcome: str = "done", **more: Any) -> None:
        self.tell("outcome", {"call": call, "outcome": outcome, **more})

    def know(self, person: str, *roles: str, active: bool = True) -> None:
        """Say which roles a person has."""
        told = {"person": person, "roles": list(roles), "source": "settings", "active": active}
        key = self.key()
        self.append("admin", self.tick(), {"what": "person", **told, "key": key}, "system")

    def judge(self, asked: int, verdict: str = "approve", by: str = "user:ann", **more: Any) -> int:
        """A person says something to the question that the call of this event asked."""
        told = self.body(asked)
        task = (told["request"]["context"].get("task") or {}).get("id")
        found = {
            "request": f"q-{asked}", "call": told["id"], "digest": told["digest"], "task": task,
            "capability": f"{told['request']['resource']['type']}.{told['request']['action']['name']}",
            "policy": self.policies[-1].digest, "by": by, "roles": ["role:chief"], "verdict": verdict,
            "key": self.key(), **more,
        }  # fmt: skip
        return self.append("verdict", self.tick(), found, f"person:{by}")

    def end(self, task: str, state: str = "ended") -> None:
        self.tell("state", {"task": task, "state": state})
        self.tasks[task]["state"] = state

    def body(self, seq: int) -> dict[str, Any]:
        found = json.loads(self.found[seq].body or b"null")
        assert isinstance(found, dict)
        return found

    def prune(self, stop: int) -> None:
        for seq in range(stop):
            each = self.found[seq]
            self.found[seq] = Event(each.seq, each.time, each.kind, each.entry, None)


def call_digest(request: dict[str, Any]) -> str:
    told: dict[str, Any] = {name: request[name] for name in ("subject", "action", "resource")}
    told["task"] = request["context"].get("task", {}).get("id")
    return events.digest(events.canonical(told).encode())


def approval(log: MemoryLog, verdict: int, name: str) -> dict[str, Any]:
    """What a verdict is to the call that drops something."""
    told = log.body(verdict)
    return {
        "id": f"v-{verdict}", "by": told["by"], "roles": told["roles"], "at": told["time"],
        "task": told["task"], "capability": told["capability"], "resource": "1", "args": {"name": name},
    }  # fmt: skip


def an_hour(log: MemoryLog | None = None) -> MemoryLog:
    """A task in which everything happens that a log may tell of, and a second one under another policy."""
    log = log or MemoryLog()
    log.adopt(POLICY)
    task = log.start(said="write to joe@x.example about eve")
    log.outcome(log.call(task, "mail", to="joe@x.example", n=1))
    found = log.call(task, "find", name="eve")
    log.outcome(found, result={"email": "eve@y.example"})
    log.call(task, "mail", to="eve@y.example", n=1)
    log.outcome(log.call(task, "mail", to="joe@x.example", n=2), "withdrawn")
    log.call(task, "mail", to="joe@x.example", n=1000)
    key = log.key()
    before = len(log.found)
    log.call(task, "drop", key=key, name="old")
    log.know("user:ann", "role:chief")
    yes = approval(log, log.judge(before), "old")
    log.call(task, "drop", key=key, follows=before, name="old", approvals=[yes])
    log.tell("context", {"task": task, "context": {"confidence": 0.6}})
    log.adopt(STRICTER)
    other = log.start("4712", said="and to ann@x.example")
    log.call(other, "mail", to="ann@x.example", n=1)
    log.call(other, "mail", to="ann@x.example", n=1)
    log.end(task)
    log.call(task, "mail", to="joe@x.example", n=1)
    log.end(other, "drifted")
    log.tell("refused", {"why": "the task is another agent's", "digest": events.digest(b"x")})
    log.tell("admin", {"what": "note"})
    log.sign()
    return log
