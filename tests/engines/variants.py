"""A request, and what becomes of it when it is somebody else's, or a field is gone or broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generators.edits import at, deletions, places, with_value

from agpc.compiler.ir import nodes as ir

WRONG: tuple[Any, ...] = (None, 5, "?", True, [], {})


def variants(policy: ir.Policy, request: Any) -> Iterator[Any]:
    """The request; by each agent, for each intent, at each edge of a validity; each field gone, wrong."""
    yield request
    for path, others in (
        (("subject", "id"), [each.id for each in policy.agents]),
        (("context", "task", "intent"), [each.name for each in policy.intents]),
        (("context", "time"), list(edges(policy))),
    ):
        if path in set(places(request)):
            for other in others:
                yield with_value(request, path, other)
    for _, without in deletions(request):
        yield without
    for number, path in enumerate(places(request)):
        value = at(request, path)
        wrong = WRONG[number % len(WRONG)]
        if path and type(wrong) is not type(value):
            yield with_value(request, path, wrong)


def edges(policy: ir.Policy) -> Iterator[str]:
    """The first and last instants of the validities."""
    for rule in policy.allows:
        if rule.validity is not None:
            yield from filter(None, (rule.validity.start, rule.validity.end))
