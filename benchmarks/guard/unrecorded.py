"""A guard that decides and records nothing, which no policy would have: what is left is the way through the proxy.

python unrecorded.py POLICY STORE COMMAND...
"""

from __future__ import annotations

import sys
from typing import Any

import anyio

from agpc.guard.enforcing.embedded import Embedded
from agpc.guard.enforcing.enforcement import Answer, Asked
from agpc.guard.enforcing.governed import Settings as GuardSettings
from agpc.guard.mcp.client_side.standard_streams import claimed
from agpc.guard.mcp.running import Plan, WantedTask, run
from agpc.guard.mcp.settings import ServerSettings
from agpc.service.config.read import read_settings

BOT = "spiffe://acme.example/ns/desk/sa/bot"


class Unrecorded(Embedded):
    """Decides by the same core and policy, and writes nothing down."""

    async def decide(self, asked: Asked, key: str) -> Answer:
        """Decide, as an evaluation does."""
        found = await self.core.evaluate(asked.request())
        if found.decision.effect != "permit":
            raise SystemExit("only what is permitted is measured")
        return Answer("c-0", "permit", {})

    async def tell(self, *_: Any, **__: Any) -> None:
        """Tell nobody."""


async def main() -> None:
    """Guard."""
    policy, store, *command = sys.argv[1:]
    begun = await Unrecorded.begin(read_settings(None, {"policies": [policy], "store": store}))
    plan = Plan(
        WantedTask(agent=BOT, intent="desk.answer"),
        ServerSettings(),
        GuardSettings(),
        tuple(command),
        streams=claimed(),
    )
    await run(begun, plan)


anyio.run(main, backend_options={"use_uvloop": True})  # as `agpc guard` has it
