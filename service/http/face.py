"""What the routes need of the core."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

from ..core import Caller, Operation, View
from ..core.waiting import Deciding
from ..policies.generation import Generation


class Core(Deciding, Protocol):
    """Who decides and records."""

    @property
    def generation(self) -> Generation:
        """The active policy, as far as this process knows."""

    async def do(self, operation: Operation) -> dict[str, Any]:
        """Do something once, and give the answer as the wire has it. Raises `Problem`."""

    async def possible(self, caller: Caller, task: str) -> dict[str, Any]:
        """Give what may ever be permitted in a task. Raises `Problem`."""

    def ready(self) -> list[str]:
        """Give why it is not ready; nothing where it is."""

    def view(self) -> AbstractContextManager[View]:
        """Look at one state of the store."""
