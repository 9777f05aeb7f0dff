"""What a rule demands of its tests before it opens anything: each leaf, and the truth that it has to have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ..ir import nodes as ir
from ..ir.definite import All, Asked, Question, Some, definitely
from ..ir.walk import Leaf


def demands(rule: ir.Rule) -> Iterator[tuple[Leaf, bool]]:
    """The tests that open an allow, keep it open, spare from a forbid or lift it; with the truth that does so."""
    match rule:
        case ir.Allow():
            asked = [(rule.condition, True), *((each, False) for each in rule.revoke)]
        case ir.Forbid():
            asked = [(rule.condition, False), (rule.unless, True)]
        case _:
            assert_never(rule)
    for condition, wanted in asked:
        if condition is not None:
            yield from _leaves(definitely(condition, wanted))


def _leaves(question: Question) -> Iterator[tuple[Leaf, bool]]:
    match question:
        case Asked(leaf, wanted):
            yield leaf, wanted
        case All(parts) | Some(parts):
            for part in parts:
                yield from _leaves(part)
        case _:
            assert_never(question)


def meter_read(policy: ir.Policy, term: object) -> tuple[ir.Meter, str] | None:
    """The meter that a term reads, and which of its values."""
    if not (isinstance(term, ir.Attribute) and ir.is_fact(term) and term.path[0] == "meters"):
        return None
    meter = policy.meters_by_key.get(term.path[1])
    return None if meter is None else (meter, term.path[2])


def source_asked(policy: ir.Policy, leaf: Leaf) -> tuple[ir.NameOf, ir.Source] | None:
    """The argument and the source, where a test asks whether the one comes from the other."""
    if not (isinstance(leaf, ir.In) and isinstance(leaf.item, ir.NameOf)):
        return None
    assert isinstance(leaf.of, ir.Attribute)
    source = policy.sources_by_key.get(leaf.of.path[1])
    return None if source is None else (leaf.item, source)


def is_named(fact: ir.Meter | ir.Source) -> bool:
    """Whether a fact has a name of its own; one that has none is called what it says."""
    return " " not in fact.name
