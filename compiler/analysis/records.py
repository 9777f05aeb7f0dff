"""What was done before a witness: a short record that gives its facts, or that they are assumed."""

from __future__ import annotations

import json
from typing import Any

from ..ir import nodes as ir
from .procedure.cubes.facts_read import has_facts

ASSUMED = "its facts are assumed: no short record was found that gives them"


def assumes_facts(policy: ir.Policy, request: dict[str, Any]) -> bool:
    """Whether a request has facts that no short record was found to give."""
    return has_facts(request) and _short_record(policy, request) is None


def past(policy: ir.Policy, request: dict[str, Any]) -> tuple[str, ...]:
    """A note of what was done before a witness that has facts: lines of a record, as a list, or that they are assumed."""
    if not has_facts(request):
        return ()
    lines = _short_record(policy, request)
    if lines is None:
        return (ASSUMED,)
    return (f"record: {json.dumps(lines, ensure_ascii=True)}",)


def _short_record(policy: ir.Policy, request: dict[str, Any]) -> list[dict[str, Any]] | None:
    from .procedure.search.short_record import short_record  # which no policy without facts needs

    return short_record((policy,), request)
