"""A comparison as a JSON document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..analysis.diff.difference import Change, Difference, Doubt, Witness


def document(found: Difference) -> str:
    """The document, which has a field for all that was found."""
    return json.dumps(
        {
            "verdict": found.verdict,
            "changes": [_change(each) for each in found.changes],
            "renamed": found.renamed,
            "also": [
                {"kind": each.kind, "text": each.text, "first": each.first} for each in found.also
            ],
            "undetermined": [_doubt(each) for each in found.undetermined],
        },
        indent=2,
    )


def _change(change: Change) -> dict[str, Any]:
    return {
        "agent": change.agent,
        "intent": change.intent,
        "capability": change.capability,
        "change": change.change,
        "what": list(change.what),
        "when": " or ".join(f"({each})" for each in change.when)
        if len(change.when) > 1
        else "".join(change.when),
        "only_without": list(change.missing),
        "rules": {side: list(rules) for side, rules in change.rules.items()},
        "witnesses": [witness_of(each) for each in change.witnesses],
    }


def witness_of(witness: Witness) -> dict[str, Any]:
    """A witness as JSON data."""
    base, head = witness.answers["base"], witness.answers["head"]
    found: dict[str, Any] = {"request": witness.request, "base": base, "head": head}
    if witness.record is not None:
        found["record"] = list(witness.record)
    if witness.later is not None:
        found["later"] = witness.later
    elif witness.base.effect == witness.head.effect:
        found["answers"] = {
            "base": witness.base.to_authzen()["context"],
            "head": witness.head.to_authzen()["context"],
        }
    return found


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return {
        "agent": doubt.agent,
        "intent": doubt.intent,
        "capability": doubt.capability,
        "what": doubt.kind,
        "rules": list(doubt.rules),
        "reason": doubt.reason,
    }
