"""Finds the rules about a call by capability, then agent, then intent, in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable

from .agents import Agents, Names
from .arguments import Arguments
from .decision import Decision
from .rules import Allow, Forbid, Rule
from .starts import Starts

_EVERYONE, _DECLARED = 0, 1  # not text, so that no declared name is one of them

_ByAgent = dict[str | int, dict[str | int, list[int]]]


class Action:
    """A declared capability, and the rules about it by agent and intent once they were needed."""

    __slots__ = ("arguments", "by_agent", "capability", "default", "resource")

    def __init__(
        self, resource: str, capability: str, default: Decision, arguments: Arguments
    ) -> None:
        """Take what is declared; its rules come when they are asked for."""
        self.resource = resource
        self.capability = capability
        self.default = default
        self.arguments = arguments
        self.by_agent: _ByAgent | None = None


class Rules:
    """All rules of a policy, arranged for each capability when they are first needed."""

    __slots__ = ("_by_capability", "all", "starts")

    def __init__(self, rules: Iterable[Rule], agents: Agents) -> None:
        """Take the rules in any order."""
        self.all = sorted(rules, key=lambda rule: rule.id)  # decisions list them in this order
        self._by_capability: dict[str, list[int]] = {}
        self.starts = Starts(agents, self.all)
        for number, rule in enumerate(self.all):
            if isinstance(rule, Allow) and rule.is_first_start:
                continue  # which is about nothing that another rule can be about
            for capability in rule.capabilities:
                self._by_capability.setdefault(capability, []).append(number)

    def about(self, action: Action, names: Names, intent: str | None) -> list[Rule]:
        """Find the rules about a capability, an agent's names and an intent."""
        if action.by_agent is None:
            action.by_agent = self._arranged(action)
        numbers: set[int] = set()
        agents: tuple[str | int, ...] = (_EVERYONE, _DECLARED, *names) if names else (_EVERYONE,)
        for agent in agents:
            by_intent = action.by_agent.get(agent)
            if by_intent is not None:
                numbers.update(by_intent.get(_EVERYONE, ()))
                if intent is not None:
                    numbers.update(by_intent.get(_DECLARED, ()))
                    numbers.update(by_intent.get(intent, ()))
        first = self.starts.number(action.capability, names) if intent is None else None
        if first is not None:
            numbers.add(first)
        return [self.all[number] for number in sorted(numbers)]

    def _arranged(self, action: Action) -> _ByAgent:
        """Arrange the rules about a capability by agent and intent."""
        by_agent: _ByAgent = {}
        for capability in ("any", f"{action.resource}.*", action.capability):
            for number in self._by_capability.get(capability, ()):
                rule = self.all[number]
                anyone = _EVERYONE if isinstance(rule, Forbid) else _DECLARED
                for agent in (anyone,) if rule.agents is None else rule.agents:
                    by_intent = by_agent.setdefault(agent, {})
                    for intent in (anyone,) if rule.intents is None else rule.intents:
                        by_intent.setdefault(intent, []).append(number)
        return by_agent
