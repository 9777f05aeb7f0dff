"""The facts of calls, kept in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from ...monitor.limits import Limits
from ...runtime import facts as declared
from ..store import Call, Reading, Task, Turn

Own: TypeAlias = dict[int, Any]


class Facts:
    """A stand-in that knows nothing: every fact is unknown."""

    def __init__(self, facts: declared.Facts, limits: Limits) -> None:
        """Take what a policy says of facts."""

    def prepare(
        self, reading: Reading, asked: Sequence[tuple[str, dict[str, Any], Task | None]]
    ) -> None:
        """Read what several calls will look at."""

    def known(
        self,
        reading: Reading,
        capability: str,
        request: dict[str, Any],
        task: Task | None,
        now: int,
    ) -> tuple[dict[str, Any], Own]:
        """Give a request with its facts, and what it adds to them."""
        return request, {}

    def started(self, turn: Turn, task: Task) -> None:
        """Take in that a task was started."""

    def said(self, turn: Turn, task: Task, text: str) -> None:
        """Take in what the person said."""

    def called(
        self, turn: Turn, call: Call, request: dict[str, Any], own: Own, agreed: bool
    ) -> None:
        """Take in that a call was decided."""

    def became(self, turn: Turn, call: Call, outcome: str, result: Any) -> None:
        """Take in what became of it."""

    def refused(self, turn: Turn, call: Call) -> None:
        """Take in that a person refused it."""

    def ended(self, turn: Turn, task: Task) -> None:
        """Take in that a task has ended."""

    def adopt(self, turn: Turn) -> None:
        """Begin to keep the facts of this policy."""

    def doubt(self, turn: Turn, until: int) -> None:
        """Know nothing of what was counted up to a time that is later than now."""
