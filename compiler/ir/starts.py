"""The starts of tasks: each intent is a type of resource as well, and starting a task of it a call.

A policy set that names a start has the starts of all its intents. One from inside a task needs an allow, like any
other call. A first one, for which there is no task yet, is asked for by a starter, and open by a rule that nobody
writes: to each agent that an allow for the intent names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .nodes.conditions import And, Attribute, Condition, Has, Not, Or
from .nodes.rules import Allow, Unnamed
from .nodes.types import Field
from .nodes.vocabulary import Action, Intent, Package, Resource

KIND: Final = "intent"
"""The kind of a resource that is an intent."""
START = "start"


def resource_of(intent: Intent) -> Resource:
    """The type of resource that an intent is: its fields are the arguments of a start, which writes."""
    start = Action(START, intent.fields, intent.span, None, ("write",))
    return Resource(intent.name, KIND, (), (start,), intent.span)


def whole(fields: Iterable[Field]) -> Condition | None:
    """That a start says each field that it has to, and each as the type that it is of; nobody wrote it anywhere."""
    parts: list[Condition] = []
    for each in fields:
        is_there = Has(Attribute("args", (each.name,), each.type, each.optional))
        # What is malformed is unknown to both, and so to what says that one of them holds.
        parts.append(Or((Not(is_there), is_there)) if each.optional else is_there)
    return parts[0] if len(parts) == 1 else And(tuple(parts)) if parts else None


def is_of_its_type(part: Condition) -> bool:
    """Whether this says of something optional that it is of its type, if it is there; it says nothing else."""
    if not isinstance(part, Or) or len(part.parts) != 2:
        return False
    first, second = part.parts
    return isinstance(second, Has) and first == Not(second)


def first_starts(
    intents: Iterable[Intent],
    resources: Iterable[Resource],
    allows: Iterable[Allow],
    packages: Iterable[Package],
    everyone: Iterable[str],
) -> dict[str, Allow]:
    """The rules that nobody writes, by the capability that each is about.

    None of them is about a call in a task: it names no intent.
    """
    startable = {each.name for each in resources if each.kind == KIND}
    if not startable:
        return {}
    owners = {each.name: each.owner for each in packages}
    all_names, listed = tuple(sorted(everyone)), tuple(allows)
    found: dict[str, Allow] = {}
    for intent in intents:
        if intent.name not in startable:
            continue
        agents: set[str] = set()
        for rule in listed:
            if isinstance(rule.intents, Unnamed) or intent.name in rule.intents:
                agents.update(all_names if isinstance(rule.agents, Unnamed) else rule.agents)
        name = f"{intent.name}.{START}"
        found[name] = Allow(
            id=name,
            agents=tuple(sorted(agents)),
            intents=(),
            capabilities=(name,),
            condition=whole(intent.fields),
            requirements=(),
            revoke=(),
            credential=None,
            validity=None,
            window=None,
            obligations=(),
            owner=owners.get(intent.name.rpartition(".")[0]),
            controls=(),
            span=intent.span,
        )
    return found
