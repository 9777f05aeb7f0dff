"""Which of two answers to one request is more: the order that a change is judged by.

A deny is less than a challenge, and that less than a permit. A challenge is more that asks for less. A permit is more
whose credential is there, lives longer or is renewed more often, and one that obliges to less. Two answers can
each be more than the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any, Literal, TypeAlias

from ....runtime.decision import Decision
from ...ir import nodes as ir
from ...ir.walk import approvals_of
from ...meaning.evidence import described
from ..procedure.search.evidence import implies

Kind: TypeAlias = Literal["permit", "challenge", "credential", "obligation", "revoke", "validity"]
KINDS: tuple[Kind, ...] = ("permit", "challenge", "credential", "obligation", "revoke", "validity")

Direction: TypeAlias = Literal["more", "less", "incomparable"]
"""How an answer, or who can do what, differs from before."""
Verdict: TypeAlias = Literal["equivalent", "more", "less", "incomparable", "undetermined"]

RANK = {"deny": 0, "challenge": 1, "permit": 2}
_AUDIT = ("metadata", "full")


def more(one: Decision, other: Decision, forbids: Collection[str]) -> frozenset[Kind]:
    """In what ways the other answer is more than the one; `forbids` are the identities of those that may ask."""
    before, after = RANK[one.effect], RANK[other.effect]
    if before != after:
        return frozenset[Kind]() if after < before else frozenset((_step(other),))
    if one.effect == "challenge":
        easier = _asks_for_less(_ways(one, forbids), _ways(other, forbids))
        return frozenset(("challenge",)) if easier else frozenset()
    if one.effect == "permit":
        return frozenset(_terms(one, other))
    return frozenset()


def verdict_of(found: set[Direction], is_open: bool) -> Verdict:
    """What several changes come to; `is_open` says that something could not be determined."""
    if "incomparable" in found or {"more", "less"} <= found:
        return "incomparable"
    if "more" in found:
        return "more"
    if is_open:
        return "undetermined"
    return "less" if found else "equivalent"


def _step(reached: Decision) -> Kind:
    return "permit" if reached.effect == "permit" else "challenge"


# --- Requirements ---------------------------------------------------------------------------------

Way: TypeAlias = Sequence[ir.Requirement]
"""What is missing on one way to a permit."""


def _ways(answer: Decision, forbids: Collection[str]) -> list[Way]:
    """Each way to a permit that a challenge names: what the forbids ask, and one of the allows."""
    asked: list[ir.Requirement] = []
    by_allow: dict[str, list[ir.Requirement]] = defaultdict(list)
    for each in answer.requirements:
        rule = each["rule"]
        (asked if rule in forbids else by_allow[rule]).append(described(each))
    return [[*asked, *each] for each in by_allow.values()] or [asked]


def _asks_for_less(before: list[Way], after: list[Way]) -> bool:
    """Whether there is a way to a permit that is no harder way from before."""
    return any(not any(is_as_easy(old, new) for old in before) for new in after)


def is_as_easy(one: Way, other: Way) -> bool:
    """Whether what meets all of the other requirements meets all of the first ones.

    Approvals are by different people, so that each meets one at most.
    """
    people = approvals_of(one)
    return all(
        any(implies(each, asked) for each in other) for asked in one if asked not in people
    ) and any(
        all(map(implies, given, people)) for given in permutations(approvals_of(other), len(people))
    )


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
