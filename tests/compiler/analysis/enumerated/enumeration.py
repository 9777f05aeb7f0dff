"""Policies over so little that every request can be asked, and what is wrong with them by asking.

Requests differ in who asks and for what (`PLACES`), in what attributes are (`STATES`), and in what
has been approved (`EVIDENCE`). A set of requests is a number with a bit for each. The interpreter
says what each condition is in each state; the rest of this file follows the pages of the findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, product
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.conditions import truth
from agpc.compiler.meaning.evidence import missing
from agpc.compiler.meaning.request import Call

VOCABULARY = """package p
level grade = low < high
agent one = "spiffe://t.example/one"
agents all = "spiffe://t.example/*"
intent read "Read"
intent pay "Pay"
tool t { action x, y }
context { b: bool, e: grade, n: int, o?: bool }
"""
AGENTS = ("spiffe://t.example/one", "spiffe://t.example/other", "spiffe://other.example/x")
PLACES = tuple(product(AGENTS, ("p.read", "p.pay", None), ("x", "y")))
ABSENT, MALFORMED = None, {}
VALUES: dict[str, tuple[Any, ...]] = {
    "b": (ABSENT, MALFORMED, True, False),
    "e": (ABSENT, MALFORMED, "low", "high"),
    "n": (ABSENT, MALFORMED, 0, 1, 2, 3),  # conditions compare with 1 and 2
    "o": (ABSENT, MALFORMED, True, False),
}
STATES = tuple(dict(zip(VALUES, each, strict=True)) for each in product(*VALUES.values()))
NOW, OLD = "2026-12-01T10:00:00Z", "2026-12-01T08:00:00Z"
EVIDENCE = tuple(  # by two who are x, by two who are y, a step-up
    product(
        combinations_with_replacement((None, OLD, NOW), 2),
        combinations_with_replacement((None, NOW), 2),
        (None, NOW),
    )
)
Shown = tuple[tuple[str | None, ...], tuple[str | None, ...], str | None]
EVERY_STATE, ALL_EVIDENCE = (1 << len(STATES)) - 1, (1 << len(EVIDENCE)) - 1


def request(
    place: tuple[str, str | None, str], state: dict[str, Any], evidence: Shown
) -> dict[str, Any]:
    agent, intent, action = place
    by_x, by_y, mfa = evidence
    approvals = [
        {"by": f"user:{role}{number}", "roles": [f"role:{role}"], "at": at, "task": "1",
         "capability": f"p.t.{action}", "resource": "r", "args": {}}
        for role, times in (("x", by_x), ("y", by_y))
        for number, at in enumerate(times)
        if at is not None
    ]  # fmt: skip
    return {
        "subject": {"type": "agent", "id": agent},
        "action": {"name": action, "properties": {}},
        "resource": {"type": "p.t", "id": "r"},
        "context": {
            **{name: value for name, value in state.items() if value is not ABSENT},
            "time": NOW,
            "task": {"id": "1", "state": "active", "intent": intent},
            "approvals": approvals,
            "step_up": [{"method": "mfa", "at": mfa}] if mfa else [],
        },
    }


def times(left: int, right: int, size: int) -> int:
    """All pairs of what is in two sets, the second of which has so many possible members."""
    return sum(right << number * size for number in range(left.bit_length()) if left >> number & 1)


def nodes(condition: ir.Condition, negated: bool = False) -> Iterator[ir.Condition]:
    """The condition and all its parts, those under `not` as their opposites."""
    if isinstance(condition, ir.Not):
        yield from nodes(condition.part, not negated)
        return
    yield ir.Not(condition) if negated else condition
    if isinstance(condition, ir.And | ir.Or):
        for part in condition.parts:
            yield from nodes(part, negated)


@dataclass
class Enumeration:
    """A policy over the vocabulary above, and which requests each rule is about."""

    policy: ir.Policy

    @cached_property
    def calls(self) -> list[Call]:
        return [Call(self.policy, request(PLACES[0], state, EVIDENCE[0])) for state in STATES]

    # --- sets of states, of evidence, of places ---

    def where(self, condition: ir.Condition | None, *truths: bool | None) -> int:
        if condition is None:
            return EVERY_STATE if True in truths else 0
        found = 0
        for number, call in enumerate(self.calls):
            if truth(condition, call) in truths:
                found |= 1 << number
        return found

    def shown(self, requirements: tuple[ir.Requirement, ...]) -> int:
        calls = (Call(self.policy, request(PLACES[0], STATES[0], each)) for each in EVIDENCE)
        asked = [("", number, each) for number, each in enumerate(requirements)]
        return sum(1 << number for number, call in enumerate(calls) if not missing(asked, call))

    def matched(self, rule: ir.Rule) -> int:
        calls = (Call(self.policy, request(each, STATES[0], EVIDENCE[0])) for each in PLACES)
        return sum(
            1 << number for number, call in enumerate(calls) if interpreter.matches(rule, call)
        )

    def requests(self, rule: ir.Rule, states: int, evidence: int) -> int:
        """Those about a rule, in some states, with some evidence."""
        both = times(states, evidence, len(EVIDENCE))
        return times(self.matched(rule), both, len(STATES) * len(EVIDENCE))

    # --- rules ---

    def applying(self, allow: ir.Allow) -> int:
        states = self.where(allow.condition, True)
        for each in allow.revoke:
            states &= self.where(each, False)
        return states

    @cached_property
    def permits(self) -> dict[str, int]:
        return {
            allow.id: self.requests(allow, self.applying(allow), self.shown(allow.requirements))
            for allow in self.policy.allows
        }

    @cached_property
    def forbids(self) -> dict[str, int]:
        return {forbid.id: self.forbidden(forbid) for forbid in self.policy.forbids}

    def forbidden(self, forbid: ir.Forbid) -> int:
        lacking = ALL_EVIDENCE
        if forbid.unless_evidence:
            lacking &= ~self.shown(forbid.unless_evidence)
        return self.closed(forbid, lacking)

    def closed(self, forbid: ir.Forbid, evidence: int = ALL_EVIDENCE) -> int:
        states = self.where(forbid.condition, True, None)
        states &= ~self.where(forbid.unless, True) if forbid.unless is not None else -1
        return self.requests(forbid, states, evidence)

    @cached_property
    def anything_forbidden(self) -> int:
        found = 0
        for each in self.forbids.values():
            found |= each
        return found

    # --- findings: the identities of the rules that each is about ---

    def overridden(self) -> set[str]:
        return {
            id for id, mine in self.permits.items() if mine and not mine & ~self.anything_forbidden
        }

    def partly_forbidden(self) -> set[str]:
        meant = 0
        for each in self.policy.forbids:
            true = self.requests(each, self.where(each.condition, True), ALL_EVIDENCE)
            meant |= true & self.forbids[each.id]
        return {
            id
            for id, mine in self.permits.items()
            if mine & meant and mine & ~self.anything_forbidden
        }

    def redundant(self) -> set[frozenset[str]]:
        def may_replace(other: ir.Allow, allow: ir.Allow) -> bool:
            mine, theirs = allow.credential, other.credential
            return set(allow.obligations) <= set(other.obligations) and (
                mine is None
                or (theirs is not None and theirs.ttl <= mine.ttl and theirs.renew <= mine.renew)
            )

        rules = [each for each in self.policy.allows if each.id not in self.bypassed()]
        return {
            frozenset(each.id for each in equals)
            for allow in rules
            for equals, others in [
                (
                    [
                        other
                        for other in self.policy.allows
                        if may_replace(other, allow)
                        and may_replace(allow, other)
                        and self.permits[other.id] == self.permits[allow.id]
                    ],
                    [other for other in self.policy.allows if may_replace(other, allow)],
                )
            ]
            if is_needless(allow.id, equals, others, self.permits)
            and (len(equals) > 1 or allow.id not in self.swallowed())
        }

    def swallowed(self) -> set[str]:
        found = set()
        size = len(STATES) * len(EVIDENCE)
        for narrow, wide in product(self.policy.allows, self.policy.allows):
            few, many = (
                {PLACES[at][0] for at in range(len(PLACES)) if self.matched(each) >> at & 1}
                for each in (narrow, wide)
            )
            limited = narrow.condition is not None or narrow.requirements or narrow.revoke
            to_a_family = wide.agents is ir.DECLARED or "p.all" in wide.agents
            if not to_a_family or not limited or not few < many:
                continue
            common = times(self.matched(narrow) & self.matched(wide), (1 << size) - 1, size)
            inner, outer = self.permits[narrow.id] & common, self.permits[wide.id] & common
            if common and not inner & ~outer and outer & ~inner & ~self.anything_forbidden:
                found.add(narrow.id)
        return found

    def covered(self) -> set[frozenset[str]]:
        """Of forbids that people lift each asks for people of its own: only a wall covers them."""
        rules = self.policy.forbids
        mine = {
            each.id: self.closed(each)
            if any(isinstance(asked, ir.Approval) for asked in each.unless_evidence)
            else self.forbids[each.id]
            for each in rules
        }

        def lies_in(one: ir.Forbid, other: ir.Forbid) -> bool:
            return not mine[one.id] & ~self.forbids[other.id]

        return {
            frozenset(each.id for each in equals)
            for forbid in rules
            for equals in [
                [o for o in rules if o is forbid or (lies_in(o, forbid) and lies_in(forbid, o))]
            ]
            if is_needless(
                forbid.id, equals, list(rules), {**self.forbids, forbid.id: mine[forbid.id]}
            )
        }

    def vacuous(self) -> set[str]:
        found = {id for id, mine in self.permits.items() if not mine}
        for allow in self.policy.allows:
            conditions = [*allow.revoke, *([allow.condition] if allow.condition else [])]
            if any(map(self.has_a_part_never_true, conditions)):
                found.add(allow.id)
        for forbid in self.policy.forbids:
            if forbid.condition is not None and self.has_a_part_never_true(forbid.condition):
                found.add(forbid.id)
            if forbid.unless is not None and self.where(forbid.unless, True):
                found |= {forbid.id} if self.has_a_part_never_true(forbid.unless) else set()
        return found

    def has_a_part_never_true(self, condition: ir.Condition) -> bool:
        return any(not self.where(each, True) for each in nodes(condition))

    def has_a_part_never_false(self, condition: ir.Condition) -> bool:
        return any(not self.where(each, False) for each in nodes(condition))

    def has_a_part_true_if_whole(self, condition: ir.Condition) -> bool:
        asked = {
            each.attribute.path[0] for each in nodes(condition) if isinstance(each, ir.Has)
        } | {
            each.part.attribute.path[0]
            for each in nodes(condition)
            if isinstance(each, ir.Not) and isinstance(each.part, ir.Has)
        }
        whole = sum(
            1 << number
            for number, state in enumerate(STATES)
            if all(
                value is not MALFORMED and (value is not ABSENT or name in {"o", *asked})
                for name, value in state.items()
            )
        )
        return any(not whole & self.where(each, False, None) for each in nodes(condition))

    def always_true(self) -> set[str]:
        found = set()
        for allow in self.policy.allows:
            if allow.condition is not None and self.has_a_part_true_if_whole(allow.condition):
                found.add(allow.id)
            for each in allow.revoke:
                if self.where(each, False) and self.has_a_part_never_false(each):
                    found.add(allow.id)
        for forbid in self.policy.forbids:
            if forbid.condition is not None and self.has_a_part_never_false(forbid.condition):
                found.add(forbid.id)
            if forbid.unless is not None and self.has_a_part_true_if_whole(forbid.unless):
                found.add(forbid.id)
        return found

    def unless_never(self) -> set[str]:
        found = set()
        for forbid in self.policy.forbids:
            if forbid.unless is None and not forbid.unless_evidence:
                continue
            when = self.where(forbid.condition, True, None)
            met = when & (EVERY_STATE if forbid.unless is None else self.where(forbid.unless, True))
            if not met and self.forbids[forbid.id]:
                found.add(forbid.id)
        return found

    def bypassed(self) -> set[str]:
        return {
            allow.id
            for allow in self.policy.allows
            if any(self.is_pointless(allow, each) for each in allow.requirements)
        }

    def is_pointless(self, allow: ir.Allow, requirement: ir.Requirement) -> bool:
        rest = list(allow.requirements)
        rest.remove(requirement)
        evidence = self.shown(tuple(rest)) & ~self.shown(allow.requirements)
        waiting = self.requests(allow, self.applying(allow), evidence)
        permitted = 0
        for other in self.policy.allows:
            if other is not allow and (allow.credential is None or other.credential is not None):
                permitted |= self.permits[other.id]
        return not waiting & ~permitted and bool(waiting & ~self.anything_forbidden)


def is_needless(id: str, equals: list[Any], others: list[Any], requests: dict[str, int]) -> bool:
    """Whether a rule is about something, and has equals, or others cover it."""
    rest = 0
    for each in others:
        if each not in equals:
            rest |= requests[each.id]
    return bool(requests[id]) and (len(equals) > 1 or not requests[id] & ~rest)
