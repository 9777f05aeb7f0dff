"""First starts: calls that start a task where there is none yet, which a starter asks for, who is no agent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .agents import Agents
from .call import Call
from .rules import Allow, Rule
from .values import is_identity


class Starts:
    """The rules about first starts, by the capability that each is about."""

    __slots__ = ("_agents", "_numbers", "_rules")

    def __init__(self, agents: Agents, rules: Iterable[Rule]) -> None:
        """Take all rules, as they are numbered."""
        self._agents = agents
        self._rules: dict[int, Allow] = {
            number: rule
            for number, rule in enumerate(rules)
            if isinstance(rule, Allow) and rule.is_first_start
        }
        self._numbers = {rule.capabilities[0]: number for number, rule in self._rules.items()}

    def number(self, capability: str, names: Iterable[str]) -> int | None:
        """Give the number of the rule by which an agent of these names may be started, if it may."""
        number = self._numbers.get(capability)
        if number is None or set(names).isdisjoint(self._rules[number].agents or ()):
            return None
        return number

    def is_asked_for(self, agent: str, context: Mapping[str, Any]) -> bool:
        """Whether there is no task, and a starter asks who is no agent."""
        starter = context.get("starter")
        return (
            context.get("task") is None
            and type(starter) is str
            and is_identity(starter)
            and starter != agent
            and not self._agents.names_of(starter)
        )


def outside_of_tasks(rule: Allow) -> Allow:
    """Give a rule about first starts that opens nothing inside a task."""
    applies = rule.applies

    def test(call: Call) -> bool:
        return call.context.get("task") is None and (applies is None or applies(call))

    return replace(rule, applies=test)
