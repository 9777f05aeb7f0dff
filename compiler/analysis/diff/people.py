"""Whether two policies ask for people together in different ways, which parts by themselves do not show.

The approvals that an answer rests on, of an allow and of the forbids that it lifts, are by different people. The parts
of two policies are compared one by one, by what each asks for: that a forbid which came asks for one more person than
another one that was there is seen by neither. Nor is that a grant which came asks for nobody, where another one was
there whose approver the forbid takes: each of the two parts alone is met by the one approval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from ...ir import nodes as ir
from ...ir.walk import approvals_of, evidence_of_rule
from ..procedure.search.evidence import asks_people
from .joint.sides import SIDES, RulePart, Side

Approvals: TypeAlias = tuple[ir.Approval, ...]


def ask_together_otherwise(parts: Iterable[RulePart]) -> bool:
    """Whether more than one approval may be asked for one call, and not the same on both sides."""
    found = list(parts)
    changed = [
        part.rule
        for part in found
        if not part.is_shared and (isinstance(part.rule, ir.Allow) or asks_people(part.rule))
    ]
    if (
        changed
        and any(_share_people(side, found) for side in SIDES)
        and not (all(isinstance(each, ir.Allow) for each in changed) and _allows_ask_alike(found))
    ):
        return True
    sides = [_asked_on(side, found) for side in SIDES]
    most = max(
        sum(map(len, forbids)) + max(map(len, allows), default=0) for forbids, allows in sides
    )
    (was_lifting, was_opening), (is_lifting, is_opening) = sides
    return most > 1 and (
        Counter(was_lifting) != Counter(is_lifting) or set(was_opening) != set(is_opening)
    )


def _allows_ask_alike(parts: Iterable[RulePart]) -> bool:
    """Whether it makes no difference to who is asked which of the allows opens a call."""
    allows = {part.rule for part in parts if isinstance(part.rule, ir.Allow)}
    return len({tuple(evidence_of_rule(each)) for each in allows}) == 1


def _share_people(side: Side, parts: Iterable[RulePart]) -> bool:
    """Whether a forbid asks for people under one of the policies, and another rule does as well."""
    forbids, allows = _asked_on(side, parts)
    return len(forbids) > 1 or bool(forbids and allows)


def _asked_on(side: Side, parts: Iterable[RulePart]) -> tuple[list[Approvals], list[Approvals]]:
    """What forbids ask of people under one of the policies, and what allows do."""
    forbids: list[Approvals] = []
    allows: list[Approvals] = []
    for part in parts:
        rule = part.of.get(side)
        if rule is not None:
            asked = approvals_of(evidence_of_rule(rule))
            if asked:
                (forbids if isinstance(rule, ir.Forbid) else allows).append(tuple(asked))
    return forbids, allows
