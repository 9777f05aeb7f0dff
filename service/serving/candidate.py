"""Candidate policies: what they would have answered to the calls that are recorded, and never an answer to anybody.

They read the trail behind the service, so that no call waits for them. A call is decided with the facts that were
known when it was recorded. A fact that the candidate defines otherwise was not counted then: it is unknown to it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..policies.generation import Generation, from_stored
from ..store import Event
from ..store import Generation as Row

EXAMPLES = 10
"""Calls that are shown of each difference."""
Count = Callable[[str, str], None]


@dataclass(slots=True)
class Candidate:
    """One candidate, and what was found of it."""

    generation: Generation
    count: Count = lambda active, candidate: None
    """Is told of each call that was compared: the effect that it had, and the one that it would have."""
    compared: int = 0
    same: int = 0
    not_decidable: int = 0
    """Calls whose arguments are not kept, or whose bodies were pruned."""
    seen: int = 0
    """Up to which event the trail was read."""
    active: str | None = None
    differences: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def read(self, events: Iterable[Event]) -> None:
        """Go on along the trail."""
        for each in events:
            self.seen = each.seq + 1
            if each.kind == "call":
                self._compare(each)

    def _compare(self, event: Event) -> None:
        body = None if event.body is None else json.loads(event.body)
        if body is None or body.get("redacted") or type(body.get("request")) is not dict:
            self.not_decidable += 1
            return
        request, effect = body["request"], body["effect"]
        self.active = body.get("policy", self.active)
        decision = self.generation.engine.decide(request)
        self.compared += 1
        self.count(effect, decision.effect)
        if decision.effect == effect:
            self.same += 1
            return
        kind = (effect, decision.effect)
        self.differences[kind] += 1
        examples = self.examples.setdefault(kind, [])
        examples.append(
            {
                "call": body["id"],
                "seq": event.seq,
                "agent": request.get("subject", {}).get("id"),
                "resource": request.get("resource", {}).get("type"),
                "action": request.get("action", {}).get("name"),
                "active": effect,
                "candidate": decision.effect,
                "rules": list(decision.rules),
                "reasons": list(decision.reasons),
            }
        )
        del examples[:-EXAMPLES]  # the latest ones

    def report(self, facts_before: Iterable[str]) -> dict[str, Any]:
        """Say what would differ. `facts_before` are the keys of facts that the active policy has."""
        known = set(facts_before)
        return {
            "active": self.active,
            "candidate": self.generation.digest,
            "compared": self.compared,
            "same": self.same,
            "not_decidable": self.not_decidable,
            "unknown_facts": sorted(
                each for each in facts_of(self.generation) if each not in known
            ),
            "differences": [
                {
                    "active": active,
                    "candidate": candidate,
                    "count": count,
                    "examples": self.examples[active, candidate],
                }
                for (active, candidate), count in self.differences.most_common()
            ],
        }


def facts_of(generation: Generation) -> list[str]:
    """Give the keys of the facts that a policy has."""
    facts = generation.engine.facts
    return [*(each.key for each in facts.meters), *(each.key for each in facts.sources)]


def facts_in(row: Row) -> list[str]:
    """Give the keys of the facts that a stored policy has. Raises `GenerationError`."""
    return facts_of(from_stored(bytes(row.ir), bytes(row.mapping), bytes(row.directory)))
