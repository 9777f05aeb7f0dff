"""What a policy says of the record: how much of a call is kept, and whether a call that nobody records would be missed."""

from __future__ import annotations

from ...monitor.starts import rests_on_people
from ...runtime.decision import Decision
from .generation import FULL, METADATA, Generation, Level


def audit_level(generation: Generation, decision: Decision, capability: str | None) -> Level:
    """Give what is kept of a call: all of it, or no values.

    A permit says so itself. Of a call that was not permitted no rule does, so that no values are kept where any allow
    about its capability keeps none; nor of what is not declared, which may be such a call misspelt, where any allow
    of the policy keeps none.
    """
    if decision.effect == "permit":
        asked = (each for each in decision.obligations if each["type"] == "audit")
        return (
            METADATA if any(each["properties"].get("level") == METADATA for each in asked) else FULL
        )
    if capability is None:
        return METADATA if generation.redacting else FULL
    return METADATA if capability in generation.redacting else FULL


def counts(generation: Generation, capability: str) -> bool:
    """Whether some fact about later calls could rest on a call of a capability.

    A meter or an `after` counts it; a source takes in what it gives back, or is told by it that a tool was written
    to; or it starts a task that a person agreed to.
    """
    known = generation.definitions
    return (
        capability in known.counted_by
        or capability in known.origins_in
        or (known.watches_writes and known.writes(capability))
        or (known.has_sources and known.starts(capability))
    )


def rests_on_single_use(decision: Decision) -> bool:
    """Whether a permit rests on what people gave, which may be good for one call."""
    return rests_on_people(decision)
