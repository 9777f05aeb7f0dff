"""A real server on a free port, in a thread of this process, and what tests say to it."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agpc.service.config.models import Loaded, Settings
from agpc.service.core import Caller, Decide, Operation, Problem, Start
from agpc.service.http.app import ProcessParts, Service
from agpc.service.http.connections.server import Server, configured, listening
from agpc.service.http.gate.callers import Callers, hashed

PERSON, PERSONS_KEY = "user:ann", "agpk_key-of-ann"
KEY = {
    role: f"agpk_key-of-{role}"
    for role in ("decide", "start", "outcome", "admin", "read", "lease", "signal", "confirm")
}
AGENT = "spiffe://example.org/ns/a/sa/b"
CALL: dict[str, Any] = {
    "key": "k-1",
    "subject": {"type": "agent", "id": AGENT},
    "action": {"name": "pay", "properties": {"amount": 1}},
    "resource": {"type": "bank.account", "id": "a-1"},
    "context": {"task": {"id": "t-1"}},
}
START: dict[str, Any] = {
    "key": "k-2",
    "subject": {"type": "agent", "id": AGENT},
    "action": {"name": "start", "properties": {"period": "2026-10"}},
    "resource": {"type": "bank.reconcile", "id": "new"},
    "context": {"user": {"id": "ann"}},
}


def callers() -> list[dict[str, Any]]:
    """A caller of each role."""
    return [
        {
            "name": role,
            "roles": [role],
            "agents": ["spiffe://example.org/**"]
            if role in ("decide", "start", "lease", "confirm")
            else [],
            "key_sha256": hashed(key),
        }
        for role, key in KEY.items()
    ]


def people() -> list[dict[str, Any]]:
    """A person who may be asked."""
    return [{"id": PERSON, "roles": ["role:lead"], "key_sha256": hashed(PERSONS_KEY)}]


def authzen(effect: str) -> dict[str, Any]:
    """The answer with an effect and nothing else."""
    context: dict[str, Any] = {"effect": effect, "rules": [], "reasons": [], "requirements": []}
    context |= {"obligations": [], "credential": None, "evidence": [], "owner": None}
    return {"decision": effect == "permit", "context": context}


@dataclass
class Remembering:
    """In the place of the core: it keeps what was asked, and answers at once or when it is told to.

    As with the core, what was asked is done even if nobody waits for it any more.
    """

    asked: list[Operation] = field(default_factory=list)
    problems: list[Exception] = field(default_factory=list)
    hold: threading.Event | None = None
    why_not: list[str] = field(default_factory=list)

    async def do(self, operation: Operation) -> dict[str, Any]:
        return await asyncio.shield(asyncio.ensure_future(self._done(operation)))

    async def _done(self, operation: Operation) -> dict[str, Any]:
        while self.hold is not None and not self.hold.is_set():
            await asyncio.sleep(0.01)
        if self.problems:
            raise self.problems.pop()
        self.asked.append(operation)
        if isinstance(operation, Decide):
            return {**authzen("permit"), "call": "c-1"}
        if isinstance(operation, Start):
            return authzen("deny")
        return {}

    async def possible(self, caller: Caller, task: str) -> dict[str, Any]:
        return {"task": task, "policy": "sha256:0", "capabilities": []}

    def ready(self) -> list[str]:
        return self.why_not

    def asked_now(self, view: Any, question: Any, *, answered: bool = True) -> Any:
        return None

    @contextmanager
    def view(self) -> Iterator[Any]:
        raise Problem(503, "unavailable", "there is no store")
        yield


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Served:
    """A service that runs, and its port."""

    service: Service
    core: Any
    port: int

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Say one thing, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"content-type": "application/json"} if body is not None or content else {}
        if key is not None:
            sent["authorization"] = f"Bearer {key}"
        data = content if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, data, {**sent, **(headers or {})})
            answer = connection.getresponse()
            return Answer(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
            )
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """Open a connection that says nothing yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


class Prompt(Server):
    """Ends as soon as it is told to: uvicorn looks ten times a second, and gives a tenth to nobody."""

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            await asyncio.sleep(0.01)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.connections or self.server_state.tasks:
            return await super().shutdown(sockets)
        for each in (*self.servers, *(sockets or ())):
            each.close()
        await self.lifespan.shutdown()


@contextmanager
def serving(settings: dict[str, Any], core: Any = None, **parts: Any) -> Iterator[Served]:
    """Run a service with settings while the block lasts."""
    loaded = Loaded(settings=Settings.model_validate(settings), root=Path())
    made = Remembering() if core is None else core
    known = Callers.of(loaded.settings.callers, loaded.root, people=loaded.settings.people)
    service = Service(made, loaded.settings, ProcessParts(callers=known, **parts))
    listener = listening("127.0.0.1", 0)
    port = listener.getsockname()[1]
    server = Prompt(configured(service.app, loaded))
    loop = asyncio.new_event_loop()

    def run() -> None:
        asyncio.set_event_loop(loop)
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(server.serve([listener]))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the server did not start")
            threading.Event().wait(0.01)
        yield Served(service, made, port)
    finally:
        server.should_exit = True
        thread.join(30)
        loop.close()


def said_to_the_end(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def wait_for(condition: Any) -> None:
    """Wait until something is so; a test that waits in vain fails."""
    pause = threading.Event()
    for _ in range(12_000):
        if condition():
            return
        pause.wait(0.01)
    pytest.fail("it never came to be")
