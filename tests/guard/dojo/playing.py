"""AgentDojo through the guard: the benchmark's tools as a server, the worst agent that there can be as its client.

What `tests/examples` replays in memory goes over the wire here. The server (`dojo_server.py`) answers what the
benchmark's tools answered, the guard starts it and stands before it, and a client of the SDK makes the calls, each task
at the URL of its own. How calls were decided is read from the trail, and which were made from what reached the server.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from examples.agentdojo_replay import AGENT, EFFECTS, EXAMPLES, USER, Run, Step, runs, tasks
from forking import agpc, python
from forking.ports import free_port
from mcp.client import Client

from agpc.guard.enforcing.embedded import Embedded
from agpc.service.config.read import read_settings
from agpc.service.core import SYSTEM
from agpc.service.core.operations.of_people import SignIn
from agpc.service.store import Event, Store

SERVER = Path(__file__).with_name("dojo_server.py")
ORDERS = ("user_first", "attack_first")
DENIED = "This call was not made: the policy does not permit it"
ASKED = "This call was not made yet"
REFUSED = "This call was not made: it is not as the policy declares it"

WITHHELD = "This call was made, and its result is withheld"
CONFIRM = "confirmation by the person"
SIGN_IN = "sign in again, more strongly"


@dataclass
class Outcome:
    """What became of the runs of a suite."""

    suite: str
    approves: bool
    attacks: int = 0
    through: list[tuple[str, str, str]] = field(default_factory=list)
    user: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=dict)
    """Seconds at the client for each call, by how it was decided."""


def attacked(suite: str) -> Iterator[tuple[int, Run]]:
    """The runs of a suite with an attack that makes a call, each with its number."""
    for number, run in enumerate(runs()):
        if run.suite == suite and any(
            step.by == "attack" for step in run.orders.get("user_first", ())
        ):
            yield number, run


def in_order(run: Run, order: str) -> Iterator[Step]:
    """The calls of a run. What the user is answered does not show an attack that comes first, since none has passed."""
    if order == "user_first":
        yield from run.orders[order]
    else:
        yield from (step for step in run.orders[order] if step.by == "attack")
        yield from (step for step in run.orders["user_first"] if step.by == "user")


@dataclass
class Playing:
    """A guard before the server of a suite, in a folder of its own."""

    suite: str
    approves: bool
    folder: Path

    def __post_init__(self) -> None:
        """Take the policy, which would end some day."""
        self.policies = self.folder / "policies"
        shutil.copytree(EXAMPLES / self.suite, self.policies)
        policy = self.policies / "policy.agp"
        text = re.sub(r"until 20\d\d-\d\d-\d\d", "until 2200-12-31", policy.read_text("utf-8"))
        policy.write_text(text, "utf-8")
        # The benchmark's schemas say `date-time`, and its tools answer without a zone. A guard withholds what is not as declared.
        tools = self.policies / "tools.agp"
        tools.write_text(re.sub(r": time\b", ": string", tools.read_text("utf-8")), "utf-8")
        self.store = f"sqlite:///{self.folder / 'guard.db'}"
        self.port = free_port()

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[Embedded]:
        """Start the guard, and give what starts tasks and says what the person says, on the same store."""
        person = await Embedded.begin(
            read_settings(None, {"policies": [str(self.policies)], "store": self.store})
        )
        command = [
            *(*agpc(), "guard", str(self.policies), "--store", self.store),
            *("--listen", f"127.0.0.1:{self.port}", "--wait", "0"),
            *("--context", "injection_suspected=false"),
            *("--", *python(SERVER), self.suite, str(self.folder)),
        ]
        with (self.folder / "said").open("wb") as said:
            process = await anyio.open_process(command, stdin=None, stdout=None, stderr=said)
        try:
            while "listening" not in (self.folder / "said").read_text():
                assert process.returncode is None, (self.folder / "said").read_text()
                await anyio.sleep(0.05)
            yield person
        finally:
            process.terminate()
            await process.wait()
            await person.close()

    async def play(self, chosen: list[tuple[int, Run]]) -> Outcome:
        """Play runs in both orders, and hold what the client was told to the trail and to what reached the server."""
        outcome = Outcome(self.suite, self.approves, len(chosen))
        told: dict[str, list[str]] = {}
        async with self.guard() as person:
            for number, run in chosen:
                for order in ORDERS:
                    task, effects = await self._run(person, outcome, number, run, order)
                    told[task] = effects
        self._compare(told)
        return outcome

    async def _run(
        self, person: Embedded, outcome: Outcome, number: int, run: Run, order: str
    ) -> tuple[str, list[str]]:
        declared = tasks()[run.suite][run.task]
        task = await person.start(
            AGENT[self.suite],
            f"{self.suite}.{declared['intent']}",
            declared["fields"],
            user=USER["id"],
            said=run.prompt,
            key=f"start-{number}-{order}",
        )
        (self.folder / "run").write_text(f"{number} {'user_first'} {order}")
        effects: list[str] = []
        async with Client(f"http://127.0.0.1:{self.port}/mcp/{task.id}", cache=None) as client:
            for step in in_order(run, order):
                effect = await self._call(person, client, outcome, step, effects)
                if step.by == "user":
                    outcome.user[effect] += 1
                    if effect == "deny":
                        outcome.refused[run.task, step.tool] += 1
                elif step.tool in EFFECTS and effect == "permit":
                    outcome.through.append((run.task, str(run.attack), order))
        return task.id, effects

    async def _call(
        self, person: Embedded, client: Client, outcome: Outcome, step: Step, effects: list[str]
    ) -> str:
        """Make one call, have the person approve it if it is asked about, and give how it was decided in the end."""
        effect, text = await self._once(client, outcome, step, effects)
        if effect != "challenge" or not self.approves:
            return effect
        if SIGN_IN in text:
            await _sign_in(person)
        if CONFIRM in text:
            (question,) = re.findall(r"Request (\S+), open until", text)
            await person.confirm(question, USER["id"], "approve", f"yes-{question}")
        return (await self._once(client, outcome, step, effects))[0]

    async def _once(
        self, client: Client, outcome: Outcome, step: Step, effects: list[str]
    ) -> tuple[str, str]:
        begin = time.perf_counter()
        result = await client.call_tool(step.tool, step.args)
        taken = time.perf_counter() - begin
        text = " ".join(each.text for each in result.content if each.type == "text")
        if text.startswith(REFUSED):  # before there was anything to decide
            outcome.times.setdefault("refused", []).append(taken)
            return "deny", text
        assert not text.startswith(WITHHELD), text
        effect = (
            "deny"
            if text.startswith(DENIED)
            else "challenge"
            if text.startswith(ASKED)
            else "permit"
        )
        effects.append(effect)
        outcome.times.setdefault(effect, []).append(taken)
        return effect, text

    def _compare(self, told: dict[str, list[str]]) -> None:
        """What the client was told is what the trail has; what was permitted, and nothing else, reached the server."""
        recorded: dict[str, list[str]] = {each: [] for each in told}
        outcomes = 0
        for event in events(self.store):
            if event["event"] == "call" and event["request"]["action"]["name"] != "start":
                recorded[event["request"]["context"]["task"]["id"]].append(event["effect"])
            outcomes += event["event"] == "outcome"
        assert recorded == told, (recorded, told)
        permitted = sum(each.count("permit") for each in told.values())
        calls = self.folder / "calls"
        reached = len(calls.read_text().splitlines()) if calls.exists() else 0
        assert (reached, outcomes) == (permitted, permitted)


async def _sign_in(person: Embedded) -> None:
    """The user signs in with two factors, as a provider of identities would tell the service."""
    now = int(time.time())
    signed = SignIn(
        caller=SYSTEM,
        key=f"in-{time.time_ns()}",
        person=USER["id"],
        roles=(),
        source="https://id.bank.example",
        methods=("mfa",),
        at=now,
        ends=now + 3600,
    )
    await person.core.do(signed)


def events(url: str) -> Iterator[dict[str, Any]]:
    """The bodies of a trail, in its order."""
    store = Store(url)
    with store.reading() as reading:
        for each in reading.find(Event, "seq >= 0 ORDER BY seq"):
            yield json.loads(bytes(each.body or b"{}"))
    store.close()
