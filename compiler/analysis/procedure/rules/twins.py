"""Rules that say the same of requests: what is asked of one need not be asked of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from ....ir import nodes as ir
from ....structs import fields_of
from ..search.evidence import asks_people

R = TypeVar("R", ir.Allow, ir.Forbid)


BESIDE = frozenset({"id", "owner", "controls", "because", "span"})
"""The fields of a rule on which nothing depends that it opens, asks or gives."""


class Twins:
    """For each rule of a policy those that say the same, itself among them, by place."""

    def __init__(self, rules: Iterable[ir.Rule]) -> None:
        """Take the rules."""
        alike: dict[object, list[ir.Rule]] = {}
        for rule in rules:
            alike.setdefault(said(rule), []).append(rule)
        for each in alike.values():
            each.sort(key=lambda rule: rule.span)
        self._alike = {rule.id: each for each in alike.values() for rule in each}

    def of(self, rule: R) -> list[R]:
        """The rules that say the same as a rule, itself among them, by place."""
        return self._alike[rule.id]  # type: ignore[return-value]

    def is_first(self, rule: ir.Rule) -> bool:
        """Whether it is the first of those that say the same."""
        return self._alike[rule.id][0] is rule

    def firsts(self, rules: Iterable[R]) -> Iterator[R]:
        """Of rules that say the same the first one."""
        return filter(self.is_first, rules)


def said(rule: ir.Rule) -> object:
    """What a rule says of requests; not what it is called, why it is there and who answers for it."""
    if isinstance(rule, ir.Forbid) and asks_people(rule):
        return rule.id  # each such forbid asks for people of its own
    return type(rule), fields_beside(rule, BESIDE)


def fields_beside(rule: ir.Rule, names: frozenset[str]) -> tuple[object, ...]:
    """The values of all fields of a rule but some, so that one which is new is among them."""
    its = fields_of(type(rule)) or ()
    return tuple(getattr(rule, each.name) for each in its if each.name not in names)
