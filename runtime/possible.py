"""What may ever be permitted to an agent in a task, asked before there is a call.

A call would say more: its arguments and resource, the time, other context, evidence; and facts would be worked out for
it. Of all these nothing is known, so that a condition over them may be true and may be false. What is
known is who asks, and for which task: what that alone rules out is left out, and no other capability is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .agents import Agents, Names
from .call import NO_FIELDS, Call, fields_of
from .chain import Chains
from .rules import Allow, Forbid, Rule, Test
from .values import is_text, is_too_deep

REMEMBERED = 65_536  # rules in plans; a full memory is emptied, so that nobody can grow it

NOTHING: frozenset[str] = frozenset()

Roots = frozenset[str]
"""Roots of which a request says all that there is: `task`, and `agent` and `user` where it has them."""

About = Callable[[str, Names, str | None], list[Rule]]
"""The rules about a capability, an agent's names, and an intent or none."""

AsKnown = Callable[[Rule, Roots], Test | None]
"""Of an allow, what tells whether it may apply; of a forbid, whether it closes whatever comes. None if always."""

_Plan = tuple[tuple[str, tuple[Test, ...], tuple[Test, ...]], ...]
"""Capabilities, each with tests of which one has to hold, if there are any, and tests of which none may."""


class Possible:
    """Answers of one policy, found by the names of the agent and the intent."""

    __slots__ = (
        "_about",
        "_agents",
        "_as_known",
        "_by_resource",
        "_chains",
        "_intents",
        "_opened",
        "_plans",
        "_remembered",
        "_started",
    )

    def __init__(
        self,
        agents: Agents,
        chains: Chains,
        by_resource: Mapping[str, Iterable[str]],
        intents: frozenset[str],
        rules: Iterable[Rule],
        about: About,
        as_known: AsKnown | None,
    ) -> None:
        """Take the capabilities of each resource, and all rules.

        Without `as_known` no condition rules anything out.
        """
        self._agents, self._chains, self._intents = agents, chains, intents
        self._about, self._as_known = about, as_known
        self._by_resource = by_resource
        self._opened: dict[tuple[str | None, str | None], set[str]] = {}  # None is any declared
        self._started: dict[str, set[str]] = {}
        for rule in rules:
            if isinstance(rule, Forbid):
                continue
            if rule.is_first_start:
                for agent in rule.agents or ():
                    self._started.setdefault(agent, set()).update(rule.capabilities)
                continue
            for name in (None,) if rule.agents is None else rule.agents:
                for intent in (None,) if rule.intents is None else rule.intents:
                    self._opened.setdefault((name, intent), set()).update(rule.capabilities)
        self._plans: dict[tuple[Names, str | None, Roots], _Plan] = {}
        self._remembered = 0

    def of(self, request: object) -> frozenset[str]:
        """Give the capabilities; a request that is none has none."""
        if type(request) is not dict or is_too_deep(request):
            return NOTHING
        subject = request["subject"]
        if type(subject) is not dict or subject["type"] != "agent" or not is_text(subject["id"]):
            return NOTHING
        context = fields_of(request.get("context"))
        known: dict[str, Any] = {
            name: context[name] for name in ("task", "user") if name in context
        }
        asked: list[dict[str, Any]] | None = [{"subject": subject, "context": known}]
        if "delegation" in context:
            chain = context["delegation"]
            if chain is not None:
                asked = self._of_chain(subject, {**known, "delegation": chain})
            elif self._needs_chain(subject["id"], known):
                return NOTHING
        if asked is None:  # a chain that nothing declares
            return NOTHING
        first, *others = asked
        found = self._of_one(first)
        for each in others:
            found &= self._of_one(each)
        return frozenset(found)

    def _needs_chain(self, agent: str, known: Mapping[str, Any]) -> bool:
        intent = fields_of(known.get("task")).get("intent")
        return type(intent) is str and self._chains.are_needed(self._agents.names_of(agent), intent)

    def _of_chain(self, subject: Any, context: dict[str, Any]) -> list[dict[str, Any]] | None:
        """Give what each agent of a chain would ask; of a link that has no properties they are not known."""
        asked = self._chains.requests({"subject": subject, "context": context})
        for link, each in zip(context["delegation"], (asked or ())[1:], strict=False):
            if "properties" not in link:
                del each["subject"]["properties"]
        return asked

    def _of_one(self, request: dict[str, Any]) -> set[str]:
        """Give what one agent may ever be permitted, others aside."""
        subject, context = request["subject"], request["context"]
        names = self._agents.names_of(subject["id"])
        task = fields_of(context.get("task"))
        intent = None  # where there is no task, and nothing but a first start may be
        if context.get("task") is not None:
            intent, state = task.get("intent"), task.get("state")
            if type(intent) is not str or intent not in self._intents:
                return set()
            if type(state) is not str or state != "active":
                return set()
        roots = {"task"}
        if "properties" in subject:
            roots.add("agent")
        if "user" in context:
            roots.add("user")
        call = Call()
        call.request = request
        call.agent = fields_of(subject.get("properties"))
        call.args = call.resource = NO_FIELDS
        call.context, call.task, call.instant = context, task, None
        return {
            capability
            for capability, opening, closing in self._plan(names, intent, frozenset(roots))
            if (not opening or any(test(call) for test in opening))
            and not any(test(call) for test in closing)
        }

    # --- Plans ------------------------------------------------------------------------------------

    def _plan(self, names: Names, intent: str | None, roots: Roots) -> _Plan:
        """Give what is to be asked for an agent's names and an intent; made once."""
        if not names:
            return ()
        plan = self._plans.get((names, intent, roots))
        if plan is None:
            plan = tuple(self._planned(names, intent, roots))
            size = 1 + sum(1 + len(opening) + len(closing) for _, opening, closing in plan)
            self._remembered += size
            if self._remembered > REMEMBERED:
                self._plans.clear()
                self._remembered = size
            self._plans[names, intent, roots] = plan
        return plan

    def _planned(
        self, names: Names, intent: str | None, roots: Roots
    ) -> Iterator[tuple[str, tuple[Test, ...], tuple[Test, ...]]]:
        for capability in sorted(self._candidates(names, intent)):
            opening: list[Test | None] = []
            closing: list[Test | None] = []
            for rule in self._about(capability, names, intent):
                if isinstance(rule, Allow):
                    opening.append(self._ask(rule, roots))
                elif rule.window is None and not rule.unless_evidence:  # else it need not close
                    closing.append(self._ask(rule, roots))
            if opening and None not in closing:
                asked = () if None in opening else tuple(filter(None, opening))
                yield capability, asked, tuple(filter(None, closing))

    def _ask(self, rule: Rule, roots: Roots) -> Test | None:
        if self._as_known is not None:
            return self._as_known(rule, roots)
        if isinstance(rule, Allow) or rule.applies is None:
            return None
        return _never

    def _candidates(self, names: Names, intent: str | None) -> set[str]:
        """Give the capabilities that some allow for the agent and the intent names."""
        if intent is None:
            return set().union(*(self._started.get(name, ()) for name in names))
        patterns: set[str] = set().union(
            *(
                self._opened.get((name, purpose), ())
                for name in (None, *names)
                for purpose in (None, intent)
            )
        )
        found: set[str] = set()
        for pattern in patterns:
            resource, _, action = pattern.rpartition(".")
            if pattern == "any":
                return set().union(*self._by_resource.values())
            found.update(self._by_resource.get(resource, ()) if action == "*" else (pattern,))
        return found


def _never(_: Call) -> bool:
    return False
