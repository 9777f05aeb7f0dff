"""Guards as processes, and what their trail says afterwards."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mcp_types as types
from forking import COLD, agpc
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from agpc.service.store import Event, Store

BOT = "spiffe://acme.example/ns/desk/sa/bot"
HEAD = f"""
language 2
package desk

owner "Desk" contact "desk@acme.example"

agent bot = "{BOT}"
intent answer "Answer questions"
"""


@dataclass
class Guarding:
    """What a guard is started with."""

    folder: Path
    policy: str
    server: Sequence[str]
    options: Sequence[str] = ()
    is_cold: bool = False
    """Whether it is started as users do, and not forked."""
    said: Path = field(init=False)

    def __post_init__(self) -> None:
        """Write the policy."""
        self.path = self.folder / "desk.agp"
        self.path.write_text(HEAD + self.policy)
        self.said = self.folder / "said"

    @property
    def store(self) -> str:
        """Where it keeps its trail."""
        return f"sqlite:///{self.folder / 'guard.db'}"

    def command(self) -> list[str]:
        """What is started."""
        task = ["--agent", BOT, "--intent", "desk.answer"]
        return [
            *(*(COLD if self.is_cold else agpc()), "guard", str(self.path), *task),
            *(() if "--service" in self.options else ("--store", self.store)),
            *(*self.options, *(("--", *self.server) if self.server else ())),
        ]

    @asynccontextmanager
    async def client(self, mode: str = "auto", **how: Any) -> AsyncIterator[Client]:
        """A client that speaks to it on standard input and output."""
        program, *arguments = self.command()
        parameters = StdioServerParameters(command=program, args=arguments, env=dict(os.environ))
        with self.said.open("a") as log:
            async with Client(
                stdio_client(parameters, errlog=log), mode=mode, cache=None, **how
            ) as client:
                yield client

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """What the trail has."""
        found = []
        store = Store(self.store)
        with store.reading() as reading:
            for each in reading.find(Event, "seq >= 0 ORDER BY seq"):
                if not kinds or each.kind in kinds:
                    found.append(json.loads(bytes(each.body or b"{}")))
        store.close()
        return found

    def decisions(self) -> list[tuple[str, str]]:
        """The calls that were decided: which, and how."""
        return [
            (each["request"]["action"]["name"], each["effect"])
            for each in self.events("call")
            if each["request"]["action"]["name"] != "start"
        ]

    def outcomes(self) -> list[str]:
        """What became of them."""
        return [each["outcome"] for each in self.events("outcome")]


def text_of(result: types.CallToolResult) -> str:
    """What a model reads."""
    return "\n".join(each.text for each in result.content if isinstance(each, types.TextContent))
