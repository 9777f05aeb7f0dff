"""Answers as bytes, and the end of their lines in the decision log. One decision is the answer to many requests, and is written once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...runtime.decision import Decision

REMEMBERED = 4_096
COUNTS = "calls of this count: they are permitted by POST /v1/calls alone"


@dataclass(frozen=True, slots=True)
class EvaluationAnswer:
    """What an evaluation came to; of a permit that `counts` the answer is no."""

    decision: Decision
    counts: bool
    more: Mapping[str, Any] | None = None
    """What its context has beside the decision: whether, and how, people may be asked about a denial."""
    recorded: Mapping[str, Any] | None = None
    """The answer as a call has it that was recorded in its place."""

    @property
    def permits(self) -> bool:
        """Whether the answer is yes."""
        if self.recorded is not None:
            return self.recorded["decision"] is True
        return self.decision.effect == "permit" and not self.counts

    def to_authzen(self) -> dict[str, Any]:
        """Give the answer of AuthZEN; its effect says what would be decided where it is recorded."""
        if self.recorded is not None:
            found = {name: self.recorded[name] for name in ("decision", "context")}
        else:
            found = self.decision.to_authzen()
        if self.more is not None:
            found["context"] = {**found["context"], **self.more}
        if self.counts and self.recorded is None and found["decision"]:
            found["decision"] = False
            found["context"]["reasons"].append(COUNTS)
        return found

    def told(self) -> str:
        """Give the end of the line that the decision log has of it, without the brace."""
        context: Any = self.decision.to_authzen()["context"]
        if self.recorded is not None:
            context = self.recorded["context"]
        told = {"decision": self.permits, "effect": context["effect"], "rules": context["rules"]}
        return json.dumps(told, separators=(",", ":"))[1:-1]


def failed(message: str) -> dict[str, Any]:
    """Give the answer to one of several evaluations that is none."""
    return {"decision": False, "context": {"error": {"status": 400, "message": message}}}


def written(value: Any) -> bytes:
    """Write JSON for the wire, in ASCII."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


class Written:
    """Answers that were written, by the very decision.

    An entry holds its decision, so that no other one can come to stand in its place. A full memory is emptied.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[tuple[int, bool], tuple[Decision, bytes, str]] = {}

    def of(self, answer: EvaluationAnswer) -> tuple[bytes, str]:
        """Give the bytes of an answer, and the end of its line in the decision log."""
        if answer.more is not None or answer.recorded is not None:
            return written(answer.to_authzen()), answer.told()
        key = (id(answer.decision), answer.counts)
        found = self._known.get(key)
        if found is None:
            found = (answer.decision, written(answer.to_authzen()), answer.told())
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found[1], found[2]
