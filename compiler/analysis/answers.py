"""Answers about rules, kept from one analysis to the next of a policy in which few rules have changed.

An answer about a rule concerns calls that it names. So it stays true until the rule changes, or one that
names some of these calls too. Rules are told apart as objects: one that is the same object was made of the
same text, with the same vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any

from ..ir import nodes as ir
from ..report.source import Span
from ..structs import Struct, field
from .procedure.calls.agents_of_conditions import reads_agent_id, rule_reads_agent_id
from .procedure.verdict import Undetermined
from .procedure.world import World


class Answers(Struct, frozen=False):
    """The world of the last analysis, and what was answered in it, by the `id` of the first rule."""

    _world: World | None = None
    _known: dict[int, dict[Hashable, Any]] = field(default_factory=dict)
    _also: dict[int, list[tuple[int, Hashable]]] = field(default_factory=dict)
    _asked: object = None

    def world(self, policy: ir.Policy, asked: object) -> World:
        """Prepare a policy for questions, and forget what its changes may have changed.

        `asked` is what answers depend on beside rules; if it is not as before, nothing is kept.
        """
        before, self._world = self._world, None
        if before is not None and asked == self._asked:
            with suppress(Undetermined):  # whom rules are about, so nothing is known to stay true
                self._world = self._following(before, policy)
        if self._world is None:
            self._world, self._asked = World(policy), asked
            self._known.clear()
            self._also.clear()
        return self._world

    def _following(self, before: World, policy: ir.Policy) -> World | None:
        """The world after a change of rules, with what it may have changed forgotten; None if it is too much.

        Raises `Undetermined`.
        """
        old = {id(rule): rule for rule in before.policy.rules}
        new = {id(rule): rule for rule in policy.rules}
        gone = {key: rule for key, rule in old.items() if key not in new}
        come = {key: rule for key, rule in new.items() if key not in old}
        changed = (*gone.values(), *come.values())
        if not may_follow(before.policy, policy, changed):
            return None
        world = before.after(policy, {rule.id for rule in changed})
        for where, rules in ((before, gone), (world, come)):
            for rule in rules.values():
                for near in where.near.named_with(rule):
                    self._forget(id(near))
        for key in gone:
            self._forget(key)
        return world

    def _forget(self, key: int) -> None:
        self._known.pop(key, None)
        for first, question in self._also.pop(key, ()):
            self._known.get(first, {}).pop(question, None)

    def keep(self, question: Hashable, rules: tuple[ir.Rule, ...], make: Callable[[], Any]) -> Any:
        """Give the answer about rules that is known, or make it. A question has one type of answer.

        One about several rules names them, by their `id`.
        """
        known = self._known.get(id(rules[0]))
        if known is None:
            known = self._known[id(rules[0])] = {}
        elif question in known:
            return known[question]
        known[question] = answer = make()
        for other in rules[1:]:
            self._also.setdefault(id(other), []).append((id(rules[0]), question))
        return answer


def may_follow(before: ir.Policy, policy: ir.Policy, changed: tuple[ir.Rule, ...]) -> bool:
    """Whether two policies tell the same calls apart, and most of their rules are the same."""
    if len(changed) > len(before.allows) + len(before.forbids):
        return False
    return (
        _vocabulary(before) == _vocabulary(policy)
        and _places(before) == _places(policy)
        and not any(map(rule_reads_agent_id, changed))
        and _agent_tests(before) == _agent_tests(policy)
    )


def _vocabulary(policy: ir.Policy) -> tuple[object, ...]:
    """All that is declared and bound, and what tells agents apart beside rules; by which resources and values are told apart, too."""
    return (
        policy.packages,
        policy.agents,
        policy.families,
        policy.intents,
        policy.resources,
        policy.levels,
        policy.enums,
        policy.sets,
        policy.context,
        policy.user,
        policy.bindings,
        policy.delegations,
        policy.isolations,
        policy.containments,
    )


def _places(policy: ir.Policy) -> list[Span]:
    """Where the vocabulary is declared, of which answers tell."""
    declared = (policy.agents, policy.families, policy.intents, policy.resources, policy.bindings)
    facts = (policy.meters, policy.sources)
    actions = [action.span for resource in policy.resources for action in resource.actions]
    return [*(each.span for kind in (*declared, *facts) for each in kind), *actions]


def _agent_tests(policy: ir.Policy) -> tuple[ir.Condition, ...]:
    """The conditions of assertions that tell agents apart, as those of rules may."""
    conditions = (each.condition for each in policy.assertions if each.condition is not None)
    return tuple(each for each in conditions if reads_agent_id(each))
