"""Policies over so little that every call can be asked: what privileges and proofs come to, by asking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.conditions import truth
from agpc.compiler.meaning.evidence import is_there
from agpc.compiler.meaning.request import Call

VOCABULARY = """package p
level grade = low < mid < high
agent one = "spiffe://t.example/one"
agent two = "spiffe://t.example/two"
agents all = "spiffe://t.example/*"
intent look "Look"
intent work "Work"
tool t { r: grade action read(a: bool), send(a: bool) }
context { b: bool }
"""
NAMES = {
    "spiffe://t.example/one": "agent `p.one`",
    "spiffe://t.example/two": "agent `p.two`",
    "spiffe://t.example/some-agent": "an agent such as `spiffe://t.example/some-agent`",
}
AGENTS = tuple(NAMES)
INTENTS = ("p.look", "p.work")
ACTIONS = ("read", "send")
ABSENT, MALFORMED = None, 7
GRADES = (ABSENT, MALFORMED, "low", "mid", "high")
NOW = "2026-12-01T10:00:00Z"
SENSITIVE = ("mid", "high")  # from the second highest up

Ask = tuple[str, str, str, Any, Any, Any, bool]  # agent, intent, action, r, a, b, approved
ASKED: tuple[Ask, ...] = tuple(
    product(
        AGENTS,
        INTENTS,
        ACTIONS,
        GRADES,
        (ABSENT, MALFORMED, True, False),
        (ABSENT, True, False),
        (False, True),
    )
)


def request(ask: Ask) -> dict[str, Any]:
    agent, intent, action, r, a, b, approved = ask
    arguments = {} if a is ABSENT else {"a": a}
    evidence = {"by": "user:x", "roles": ["role:x"], "at": NOW, "task": "1"}
    call = {"capability": f"p.t.{action}", "resource": "r", "args": arguments}
    return {
        "subject": {"type": "agent", "id": agent},
        "action": {"name": action, "properties": arguments},
        "resource": {"type": "p.t", "id": "r", "properties": {} if r is ABSENT else {"r": r}},
        "context": {
            **({} if b is ABSENT else {"b": b}),
            "time": NOW,
            "task": {"id": "1", "state": "active", "intent": intent},
            "approvals": [{**evidence, **call}] if approved else [],
        },
    }


def capability(ask: Ask) -> str:
    return f"p.t.{ask[2]}"


@dataclass
class Calls:
    """A policy over the vocabulary above, and what each rule says of every call."""

    policy: ir.Policy

    @cached_property
    def calls(self) -> dict[Ask, Call]:
        return {ask: Call(self.policy, request(ask)) for ask in ASKED}

    @cached_property
    def permits(self) -> dict[str, set[Ask]]:
        """What each allow permits, forbids aside."""
        return {
            allow.id: {
                ask
                for ask, call in self.calls.items()
                if interpreter.allow_applies(allow, call) and not interpreter.missing(allow, call)
            }
            for allow in self.policy.allows
        }

    @cached_property
    def forbidden(self) -> set[Ask]:
        return {
            ask
            for ask, call in self.calls.items()
            if any(interpreter.forbid_applies(each, call) for each in self.policy.forbids)
        }

    @cached_property
    def open(self) -> dict[str, set[Ask]]:
        """What each allow permits and nothing forbids."""
        return {id: found - self.forbidden for id, found in self.permits.items()}

    @cached_property
    def permitted(self) -> set[Ask]:
        return set().union(*self.open.values())

    def where(self, condition: ir.Condition | None) -> set[Ask]:
        return {
            ask
            for ask, call in self.calls.items()
            if condition is None or truth(condition, call) is True
        }

    def matched(self, rule: ir.Rule) -> set[Ask]:
        return {ask for ask, call in self.calls.items() if interpreter.matches(rule, call)}

    # --- proofs ---

    def fitting(self, assertion: ir.Assertion) -> set[Ask]:
        """The permitted calls that an assertion is about."""
        return {
            ask
            for ask in self.permitted & self.where(assertion.condition)
            if interpreter.agent_matches(self.policy, assertion.agents, ask[0])
            and interpreter.intent_matches(self.policy, assertion.intents, ask[1])
            and capability(ask) in self.policy.expand(assertion.capabilities)
            and not (
                assertion.without and all(is_there(e, self.calls[ask]) for e in assertion.without)
            )
        }

    def together(self, separation: ir.Separation) -> set[str]:
        """The agents that may do more than one of what has to be separate."""
        apart = set(self.policy.expand(separation.capabilities))
        had: dict[tuple[str, ...], set[str]] = {}
        for ask in self.permitted:
            if capability(ask) in apart:
                who = (ask[0], ask[1]) if separation.per_task else (ask[0],)
                had.setdefault(who, set()).add(capability(ask))
        return {who[0] for who, found in had.items() if len(found) > 1}

    def meet(self, isolation: ir.Isolation) -> bool:
        """Whether both sides reach a resource with the same attributes."""
        left, right = (
            {
                repr(ask[3])
                for ask in self.permitted
                if interpreter.agent_matches(self.policy, (side,), ask[0])
                and capability(ask) not in self.policy.expand(isolation.excepted)
            }
            for side in (isolation.left, isolation.right)
        )
        return bool(left & right)

    # --- privileges ---

    def grant(self, id: str) -> str:
        return id.split(".")[1]

    def meetings(self) -> Iterator[tuple[Ask, Ask, str]]:
        """Two calls that are the same but for who and why, of grants that do not name both."""
        for one, other in combinations(self.policy.allows, 2):
            if self.grant(one.id) == self.grant(other.id):
                continue
            theirs: dict[str, list[Ask]] = {}
            for ask in self.open[other.id]:
                theirs.setdefault(repr(ask[2:5]), []).append(ask)
            for ask in self.open[one.id]:
                for partner in theirs.get(repr(ask[2:5]), ()):
                    yield ask, partner, capability(ask)

    @cached_property
    def places(self) -> dict[str, set[tuple[str, str, str]]]:
        return {
            each.id: {(ask[0], ask[1], ask[2]) for ask in self.matched(each)}
            for each in self.policy.allows
        }

    def agents_of(self, action: str, agent: str) -> set[str]:
        """The agents that some allow of an action names together with one."""
        return {
            other
            for places in self.places.values()
            if any(who == agent and what == action for who, _, what in places)
            for other, _, what in places
            if what == action
        }

    def intents_of(self, action: str, agent: str, intent: str) -> set[str]:
        """The intents for which some allow names an action and an agent together with one."""
        return {
            other
            for places in self.places.values()
            if (agent, intent, action) in places
            for who, other, what in places
            if (who, what) == (agent, action)
        }

    def linked(self) -> set[frozenset[str]]:
        """The groups of agents that are linked by calls that they share and no allow names both for."""
        groups = [{agent} for agent in AGENTS]
        for one, other, _ in self.meetings():
            if one[0] != other[0] and other[0] not in self.agents_of(one[2], one[0]):
                mine = next(each for each in groups if one[0] in each)
                theirs = next(each for each in groups if other[0] in each)
                if mine is not theirs:
                    groups.remove(theirs)
                    mine |= theirs
        return {frozenset(each) for each in groups if len(each) > 1}

    def under_two_intents(self) -> frozenset[str]:
        """The agents that may make one call for intents that no allow names together."""
        return frozenset(
            one[0]
            for one, other, _ in self.meetings()
            if one[0] == other[0]
            and one[1] != other[1]
            and other[1] not in self.intents_of(one[2], one[0], one[1])
        )

    def toxic(self) -> bool:
        alone = [
            each.id
            for each in self.policy.allows
            if not any(isinstance(need, ir.Approval) for need in each.requirements)
        ]
        found = [ask for id in alone for ask in self.open[id]]
        reads = {ask[:2] for ask in found if ask[2] == "read" and ask[3] in SENSITIVE}
        return bool(reads & {ask[:2] for ask in found if ask[2] == "send"})

    def swallowed(self) -> set[str]:
        found = set()
        for narrow, wide in product(self.policy.allows, self.policy.allows):
            mine, theirs = self.places[narrow.id], self.places[wide.id]
            few, many = ({place[0] for place in each} for each in (mine, theirs))
            limited = narrow.condition is not None or narrow.requirements
            to_a_family = wide.agents is ir.DECLARED or "p.all" in wide.agents
            if not to_a_family or not limited or not few < many or not mine & theirs:
                continue
            common = {ask for ask in ASKED if ask[:3] in mine & theirs}
            inner, outer = self.permits[narrow.id] & common, self.permits[wide.id] & common
            if inner <= outer and (outer - inner) - self.forbidden:
                found.add(narrow.id)
        return found
