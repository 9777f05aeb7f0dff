"""What the routes need of the core, and how further ones are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ...core import Caller, Operation, View
from ...core.waiting import Deciding
from ...policies.generation import Generation
from ..contract.routes import Route
from ..gate.gate import Gate
from ..telemetry.metrics import Metrics

More = Callable[[Gate, Metrics], Sequence[Route]]
"""Makes further rows of the table: AuthZEN, the page, the log."""


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
