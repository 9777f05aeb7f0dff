"""What one operation of a turn works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ...store import Seen, Turn
from ..operations.operations import Operation
from .once import CallerKey, remember
from .state import Active, CoreSettings
from .trail import Trail

O = TypeVar("O", bound=Operation)


@dataclass(frozen=True, slots=True)
class Step(Generic[O]):
    """An operation in its turn. `before` is there if its key was used for a question that is still open."""

    operation: O
    key: CallerKey
    before: Seen | None
    active: Active
    settings: CoreSettings
    turn: Turn
    trail: Trail

    def append(
        self,
        kind: str,
        at: int,
        told: Mapping[str, Any],
        *,
        task: str | None = None,
        call: int | None = None,
        redacted: bool = False,
    ) -> int:
        """Add an event that tells of the operation, and give its number."""
        told = {**told, "key": self.operation.key}
        caller = self.operation.caller.name
        return self.trail.append(kind, at, caller, told, task=task, call=call, redacted=redacted)

    def answered(self, answer: dict[str, Any], seq: int) -> dict[str, Any]:
        """Keep the answer for whoever comes back with the key, and give it."""
        remember(self.turn, self.key, answer, seq, self.settings.secret)
        return answer

    def asked(self, seq: int) -> None:
        """Keep that the key was used for a question, which is decided again when it comes back."""
        remember(self.turn, self.key, None, seq, self.settings.secret)
