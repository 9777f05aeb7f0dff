"""A call that was decided, what became of it, and where it counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..runtime.facts import Meter
from .runs import Run
from .shares import KeyValues, Share

Outcome: TypeAlias = Literal["done", "failed", "withdrawn"]


@dataclass(slots=True)
class Counted:
    """What a call adds to one meter, by its number, and whether it counts there now."""

    meter: int
    keys: KeyValues
    share: Share
    counts: bool = False


@dataclass(slots=True)
class Recorded:
    """A call that was decided. `order` is its place among all; its request is kept where its result is judged by it."""

    order: int
    id: str
    time: int
    effect: str
    capability: str
    request: dict[str, Any]
    run: Run | None
    shares: list[Counted] = field(default_factory=list)
    outcome: Outcome | None = None
    refused: bool = False

    def is_what_counts(self, meter: Meter) -> bool:
        """Whether what became of it is what a meter counts."""
        return is_counted(meter, self.effect, self.outcome, self.refused)


def is_counted(meter: Meter, effect: str, outcome: str | None, refused: bool) -> bool:
    """Whether what became of a call is what a meter counts."""
    match meter.counted:
        case "permitted":
            return effect == "permit" and outcome != "withdrawn"
        case "done":
            return effect == "permit" and outcome == "done"
        case "denied":
            return effect == "deny" or refused
        case "asked":
            return effect == "challenge"
