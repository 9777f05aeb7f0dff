"""Starts of tasks inside others to which a person agreed: their permits rested on a confirmation or an approval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..runtime.call import fields_of
from ..runtime.decision import Decision
from ..runtime.evidence import agrees
from ..runtime.facts import Part
from ..runtime.values import json_equal


@dataclass(frozen=True, slots=True)
class Agreed:
    """A call of a task that starts another one with these fields. `order` is its place among all calls."""

    order: int
    capability: str
    task: str
    started: str
    fields: dict[str, Any]

    def starts(
        self, task: str, fields: dict[str, Any], parent: str, declared: Iterable[Part]
    ) -> bool:
        """Whether it is the start of this very task."""
        return (
            self.started == task
            and self.task == parent
            and self.capability == f"{fields.get('intent')}.start"
            and all(_same(self.fields.get(e.name), fields.get(e.name)) for e in declared)
        )


def _same(one: Any, other: Any) -> bool:
    """Whether a field is what was asked for; what is absent may be null."""
    return one is other if one is None or other is None else json_equal(one, other)


def shows_evidence(request: dict[str, Any]) -> bool:
    """Whether a request has anything that people gave."""
    return bool(fields_of(request.get("context")).get("approvals"))


def rests_on_people(decision: Decision) -> bool:
    """Whether a permit rests on what people gave."""
    return any(agrees(each["kind"]) for each in decision.evidence)
