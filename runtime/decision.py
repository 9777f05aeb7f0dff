"""The answer to one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Effect = Literal["permit", "challenge", "deny"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by which rules, and what goes with it.

    Only `effect == "permit"` lets the call happen. The lists are sorted, so that two evaluators
    that agree give equal decisions.
    """

    effect: Effect
    rules: tuple[str, ...] = ()
    """Identities of the rules that decided: forbids of a deny, allows of a permit or challenge."""
    reasons: tuple[str, ...] = ()
    """Sentences for a person: the `because` of each forbid, or why nothing applied."""
    requirements: tuple[dict[str, Any], ...] = ()
    """Of a challenge: what is missing, each with the rule that asks for it."""
    obligations: tuple[dict[str, Any], ...] = ()
    """Of a permit: `{"id": rule, "type": name, "properties": {...}}`; do each, or refuse."""
    credential: dict[str, int] | None = None
    """Of a permit: `{"ttl_seconds": s, "renew": n}` for the lease it may issue, if any."""
    owner: dict[str, str] | None = None
    """Who answers: `{"name": ..., "contact": ...}` of the first rule, else of the resource."""

    def __bool__(self) -> bool:
        """Raise a TypeError: a denial is an object as well, and `if` would take it for a yes."""
        raise TypeError("a Decision is neither true nor false: ask for its `decision`")

    @property
    def decision(self) -> bool:
        """Whether the call may happen."""
        return self.effect == "permit"

    def to_authzen(self) -> dict[str, Any]:
        """Give the OpenID AuthZEN 1.0 evaluation response, as a JSON object."""
        return {
            "decision": self.decision,
            "context": {
                "effect": self.effect,
                "rules": list(self.rules),
                "reasons": list(self.reasons),
                "requirements": list(self.requirements),
                "obligations": list(self.obligations),
                "credential": self.credential,
                "owner": self.owner,
            },
        }
