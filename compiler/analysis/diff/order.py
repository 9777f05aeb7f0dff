"""Which of two answers to one request is more: the order that a change is judged by.

A deny is less than a challenge, and that less than a permit. A challenge is more that asks for less. A permit is more
whose credential is there, lives longer or is renewed more often, and one that obliges to less. Two answers can
each be more than the other.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from ....runtime.decision import Decision
from ...ir import nodes as ir
from ...meaning.interpreter import describe

Kind: TypeAlias = Literal["permit", "challenge", "credential", "obligation", "revoke", "validity"]
KINDS: tuple[Kind, ...] = ("permit", "challenge", "credential", "obligation", "revoke", "validity")

RANK = {"deny": 0, "challenge": 1, "permit": 2}
_AUDIT = ("metadata", "full")


def more(one: Decision, other: Decision) -> frozenset[Kind]:
    """In what ways the other answer is more than the one."""
    before, after = RANK[one.effect], RANK[other.effect]
    if before != after:
        return frozenset[Kind]() if after < before else frozenset((_step(other),))
    if one.effect == "challenge":
        easier = asks_for_less(_alternatives(one), _alternatives(other))
        return frozenset(("challenge",)) if easier else frozenset()
    if one.effect == "permit":
        return frozenset(_terms(one, other))
    return frozenset()


def _step(reached: Decision) -> Kind:
    return "permit" if reached.effect == "permit" else "challenge"


# --- Requirements ---------------------------------------------------------------------------------

Asked: TypeAlias = Mapping[str, Any]
"""A requirement as an answer lists it."""
Alternatives: TypeAlias = "list[list[Asked]]"
"""Each way to a permit: what is missing there."""


def _alternatives(answer: Decision) -> Alternatives:
    by_rule: dict[str, list[Asked]] = defaultdict(list)
    for each in answer.requirements:
        by_rule[each["rule"]].append(each)
    return list(by_rule.values())


def asks_for_less(before: Alternatives, after: Alternatives) -> bool:
    """Whether there is a way to a permit that is no harder way from before."""
    return any(not any(is_as_easy(old, new) for old in before) for new in after)


def is_as_easy(one: Iterable[Asked], other: Iterable[Asked]) -> bool:
    """Whether what meets all of the other requirements meets all of the first ones."""
    given = list(other)
    return all(any(_implies(each, asked) for each in given) for asked in one)


def _implies(met: Asked, asked: Asked) -> bool:
    """Whether evidence that meets one requirement always meets the other."""
    if met["type"] != asked["type"] or _age(met) > _age(asked):
        return False
    if met["type"] == "step_up":
        return bool(met["method"] == asked["method"])
    return (
        set(met["by"]) <= set(asked["by"])
        and met["count"] >= asked["count"]
        and (asked["per_task"] or not met["per_task"])
    )


def _age(asked: Asked) -> float:
    return math.inf if asked["within_seconds"] is None else float(asked["within_seconds"])


def asked_by(allow: ir.Allow) -> list[Asked]:
    """What an allow requires, as an answer lists it."""
    return [describe(allow, each) for each in allow.requirements]


# --- Terms ----------------------------------------------------------------------------------------


def _terms(one: Decision, other: Decision) -> Iterator[Kind]:
    was, is_ = one.credential, other.credential
    if is_ is not None and (
        was is None or is_["ttl_seconds"] > was["ttl_seconds"] or is_["renew"] > was["renew"]
    ):
        yield "credential"
    kept = [duty(each["type"], each["properties"]) for each in other.obligations]
    if any(
        not any(covers(new, duty(old["type"], old["properties"])) for new in kept)
        for old in one.obligations
    ):
        yield "obligation"


Duty: TypeAlias = "tuple[str, tuple[tuple[str, Any], ...]]"
"""An obligation by its type and properties."""


def duty(name: str, properties: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Duty:
    """An obligation, whatever rule it comes from."""
    return (name, tuple(sorted(dict(properties).items(), key=repr)))


def covers(one: Duty, other: Duty) -> bool:
    """Whether who does the one has done the other; a whole audit record holds what metadata does."""
    if one == other:
        return True
    levels = [dict(each[1]).get("level") for each in (one, other)]
    return (
        one[0] == other[0] == "audit"
        and all(level in _AUDIT for level in levels)
        and _AUDIT.index(levels[0]) >= _AUDIT.index(levels[1])
        and {**dict(one[1]), "level": None} == {**dict(other[1]), "level": None}
    )
