"""The facts that cubes and rules say something about, by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ....ir import nodes as ir
from ....ir.walk import attributes
from ....meaning.evidence import objects
from ....meaning.request import as_object
from .cube import Cube, read_by

FACTS = ("meters", "sources")
"""Where a request carries them, in its context."""


def has_facts(request: dict[str, Any]) -> bool:
    """Whether a request says anything of what was done before, of whichever agent of a chain."""
    context = as_object(request.get("context"))
    links = objects(context.get("delegation"))
    return any(not set(FACTS).isdisjoint(each) for each in (context, *links))


def fact_of(attribute: ir.Attribute) -> str:
    """What names a fact: a meter with its reading, a source by itself."""
    return "/".join(attribute.path[1:])


def facts_in(cubes: Iterable[Cube]) -> frozenset[str]:
    """The facts that some cubes say something about."""
    found: set[str] = set()
    for cube in cubes:
        for key in cube.values:
            if key.root == "context" and key.path[0] in FACTS:
                found.add("/".join(key.path[1:]))
        for what, _ in cube.relations:
            found.update(fact_of(each) for each in read_by(what) if ir.is_fact(each))
    return frozenset(found)


def facts_of(conditions: Iterable[ir.Condition]) -> frozenset[str]:
    """The facts that some conditions read."""
    return frozenset(
        fact_of(each)
        for condition in conditions
        for each, _ in attributes(condition)
        if ir.is_fact(each)
    )
