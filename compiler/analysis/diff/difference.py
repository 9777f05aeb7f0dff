"""What a comparison of two policies comes to: the changes, with requests that show them, and what could not be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from ....runtime.decision import Decision
from ...structs import Struct
from .beside_decisions import Also
from .joint.sides import SIDES, Side
from .order import Direction, Kind, Verdict, verdict_of

DIRECTION: dict[Side, Literal["more", "less"]] = {"head": "more", "base": "less"}


class Witness(Struct):
    """A request, and how each policy answers it; of a lease also a later state of it, and who keeps it there.

    One with facts has the record that gives them, if a short one was found.
    """

    direction: Literal["more", "less"]
    request: dict[str, Any]
    base: Decision
    head: Decision
    later: dict[str, Any] | None = None
    record: tuple[dict[str, Any], ...] | None = None

    @property
    def answers(self) -> dict[Side, str]:
        """Each answer in a word: of a lease, what became of it."""
        if self.later is None:
            return {"base": self.base.effect, "head": self.head.effect}
        kept: Side = "head" if self.direction == "more" else "base"
        return {side: "alive" if side == kept else "ended" for side in SIDES}


class Change(Struct):
    """What changed for one agent, one intent and one capability."""

    agent: str
    intent: str
    capability: str
    change: Direction
    what: tuple[Kind, ...]
    when: tuple[str, ...]
    """The changed calls, as conditions of the language, one for each thing that makes a difference; empty for all."""
    rules: dict[Side, tuple[str, ...]]
    witnesses: tuple[Witness, ...]
    missing: tuple[str, ...] = ()
    """Where all that changed is about incomplete requests: what they lack, or have malformed."""
    who: frozenset[str] = frozenset()
    """Everything that either policy calls the agent: its SPIFFE IDs, its names, and the families that it is of."""


class Doubt(Struct):
    """What could not be told about one agent, one intent and one capability."""

    agent: str
    intent: str
    capability: str
    kind: Kind | None
    rules: tuple[str, ...]
    reason: str

    @property
    def text(self) -> str:
        """Say it in a line."""
        return f"{self.agent} for {self.intent}: {self.capability}: could not tell ({self.reason})"


class Difference(Struct):
    """All that changed."""

    changes: tuple[Change, ...]
    undetermined: tuple[Doubt, ...]
    renamed: int
    also: tuple[Also, ...]

    def and_also(self, more: Iterable[Also]) -> Difference:
        """The same with more that changed beside decisions, where it belongs."""
        both = dict.fromkeys((*self.also, *more))
        return replace(self, also=tuple(sorted(both, key=lambda each: not each.first)))

    @property
    def verdict(self) -> Verdict:
        """What it comes to."""
        return verdict_of({each.change for each in self.changes}, bool(self.undetermined))
