"""What is refused before there is anything to decide, and is recorded all the same."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import mcp_types as types
from pydantic import BaseModel

from ..enforcing.enforcement import Enforcement, Task, Unavailable
from ..enforcing.governed import new_key
from .asking import Context
from .notes import Notes
from .tasks import ANYBODY, From

SCOPE = "agpc.from"
"""Where a request over HTTP says in its scope where it came from."""


class RefusalRecorder:
    """Records what was refused, as far as the store takes it: refused it is in any case."""

    def __init__(self, enforcement: Enforcement, own: Task | None, notes: Notes) -> None:
        """Take what records, and the task of the process."""
        self._enforcement, self._own, self._notes = enforcement, own, notes

    @staticmethod
    def source(ctx: Context) -> From:
        """Say where a request came from."""
        request: Any = ctx.request
        found = None if request is None else request.scope.get(SCOPE)
        return found if isinstance(found, From) else ANYBODY

    async def refused(self, task: Task | None, why: str, what: BaseModel | bytes) -> None:
        """Record that something was refused, and a digest of what it was."""
        whole = what if isinstance(what, bytes) else what.model_dump_json(by_alias=True).encode()
        about = task or self._own
        try:
            await self._enforcement.refuse(
                None if about is None else about.id, why, sha256(whole).hexdigest(), new_key()
            )
        except Unavailable as error:
            self._notes.say(f"something was refused, and could not be recorded: {error}")

    async def unknown(self, request: types.JSONRPCRequest) -> None:
        """Record a request that the guard does not know, or does not pass on."""
        await self.refused(None, "a method that is not passed on", request)
