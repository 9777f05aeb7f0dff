"""Decides requests under a compiled policy, at a cost that does not grow with its rules.

The rules about a kind of call are found once (`finding.py`) and remembered, so that most requests
pay one look-up and the conditions of the few rules that are about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from .agents import Agents, Names
from .arguments import NO_ARGUMENTS
from .call import NO_FIELDS, UNREAD, Call
from .chain import Chains, strictest
from .decision import Decision
from .facts import NO_FACTS, Facts
from .finding import Action, Rules
from .groups import Answer, Group, default_of
from .possible import NOTHING, AsKnown, Possible
from .rules import Allow, Forbid, Rule, Vocabulary
from .starts import outside_of_tasks
from .values import is_text, is_too_deep

REMEMBERED = (
    131_072  # rules in groups and decisions; a full memory is emptied, so that nobody can grow it
)

_NOTHING = default_of(None)
_NO_RULES = Group("", _NOTHING)


class Evaluator:
    """A policy, ready to decide."""

    __slots__ = (
        "_agents",
        "_as_known",
        "_chains",
        "_facts",
        "_groups",
        "_intents",
        "_known",
        "_make_ready",
        "_of_one",
        "_possible",
        "_remembered",
        "_resources",
        "_rules",
        "_undeclared",
        "_user_declared",
        "_vocabulary",
    )

    def __init__(
        self,
        vocabulary: Vocabulary,
        rules: Iterable[Rule],
        make_ready: Callable[[Rule], None] | None = None,
        facts: Callable[[], Facts] | None = None,
        as_known: AsKnown | None = None,
    ) -> None:
        """Take a policy; the order of its rules does not matter.

        `make_ready` is called with a rule before it is asked anything, `facts` when a monitor is made,
        `as_known` with a rule before it is asked what is possible.
        """
        self._facts = facts
        self._as_known = as_known
        self._possible: Possible | None = None
        self._vocabulary = vocabulary
        self._agents = Agents(vocabulary.agents)
        self._chains = Chains(self._agents, vocabulary.delegations)
        self._of_one: Evaluator | None = None  # which decides for one agent of a chain
        self._intents = frozenset(vocabulary.intents)
        self._user_declared = vocabulary.user_declared
        self._make_ready = make_ready
        self._resources: dict[str, dict[str, Action]] = {}
        self._undeclared: dict[str, Group] = {}  # the answer to what a resource has no action for
        for resource, actions in vocabulary.resources.items():
            default = default_of(vocabulary.owners.get(resource))
            self._undeclared[resource] = Group("", default)
            self._resources[resource] = {
                action: Action(
                    resource,
                    capability,
                    default,
                    vocabulary.arguments.get(capability, NO_ARGUMENTS),
                )
                for action in actions
                for capability in (f"{resource}.{action}",)
            }
        for resource, tool, action in vocabulary.tools:
            self._resources[resource][tool] = self._resources[resource][action]
        self._rules = Rules(rules, self._agents)
        self._groups: dict[tuple[Action, Names, str | None], Group] = {}
        self._known: dict[tuple[str, str, str, str | None], Group] = {}
        self._remembered = 0

    def decide(self, request: object) -> Decision:
        """Decide an AuthZEN evaluation, as JSON data; anything else is denied. Never raises."""
        try:
            if type(request) is not dict:
                return _NOTHING
            subject, action, resource = request["subject"], request["action"], request["resource"]
            if not (type(subject) is type(action) is type(resource) is dict):
                return _NOTHING
            agent, subject_type = subject["id"], subject["type"]
            kind, resource_id, name = resource["type"], resource["id"], action["name"]
            if (
                not (type(agent) is type(kind) is type(name) is str)
                or not (type(resource_id) is type(subject_type) is str)
                or subject_type != "agent"
                or not (resource_id.isascii() or is_text(resource_id))
            ):
                return _NOTHING
            context = request.get("context")
            if type(context) is not dict:
                context = NO_FIELDS
            elif "delegation" in context:
                return self._decide_chain(request)
            task = context.get("task")
            if type(task) is not dict:
                task = NO_FIELDS
            intent = task.get("intent")
            if type(intent) is not str:
                intent = None
            group = self._known.get((kind, name, agent, intent))
            if group is None:
                group = self._find(kind, name, agent, intent)
                if group.is_empty:
                    return group.default

            call = Call()
            call.request = request
            fields = subject.get("properties")
            call.agent = fields if type(fields) is dict else NO_FIELDS
            given = action.get("properties")
            args = call.args = given if type(given) is dict else NO_FIELDS
            fields = resource.get("properties")
            call.resource = fields if type(fields) is dict else NO_FIELDS
            call.context = context
            call.task = task
            call.instant = UNREAD

            denying, forbids, applying, allows = group.asked
            for bit, test in forbids:
                if test(call):
                    denying |= bit
            asking = 0
            if denying:
                asking = denying & group.asking
                if asking:  # a question, unless there is another forbid, or nobody to answer it
                    shown = group.look_at(call)
                    denying = group.standing(denying, shown)
                if denying and (not asking or group.is_wall(denying, shown)):
                    if call.is_too_deep(subject, action, resource):
                        return group.default
                    return self._denied(group, denying)
            state = task.get("state")
            if (type(state) is not str or state != "active") and not (
                group.is_first_start and self._rules.starts.is_asked_for(agent, context)
            ):
                return self._unasked(group, denying, request) if denying else group.default
            for bit, test in allows:
                if test(call):
                    applying |= bit
            if (
                not applying
                or call.is_too_deep(subject, action, resource)
                or not group.declare(args)
                or (args is NO_FIELDS and given is not None)  # which is malformed
            ):
                return self._unasked(group, denying, request) if denying else group.default
            if asking:
                return self._answered(group, group.ask(asking, applying, shown), applying, call)
            if applying & group.demanding:
                answer = group.ask(0, applying, group.look_at(call))
                return self._answered(group, answer, applying, call)
            if applying != group.every:
                binding = group.binding(applying, call)
                if binding != applying:
                    return self._permitted(group, (applying, binding))
            decision = group.permits.get(applying)
            return self._permitted(group, applying) if decision is None else decision
        except Exception:  # noqa: BLE001 -- a key is missing, or of a class of its own that raises where it is compared
            return _NOTHING

    def possible(self, request: object) -> frozenset[str]:
        """Give the capabilities that a call may ever get a permit or a challenge for. Never raises.

        The request has `subject` and, of its `context`, `task`, `user` and `delegation`; what else it has is not
        looked at. A `user`, a `delegation` or `properties` of the subject that it does not have may be any,
        and are none where they are null. What is not possible is denied whatever a call says; what is may be denied.
        """
        try:
            if self._possible is None:
                self._possible = self._make_possible()
            return self._possible.of(request)
        except Exception:  # noqa: BLE001 -- as `decide`
            return NOTHING

    # --- What a monitor asks ----------------------------------------------------------------------

    @property
    def facts(self) -> Facts:
        """The meters and sources of the policy, which a monitor works out for each call."""
        return NO_FACTS if self._facts is None else self._facts()

    def capability(self, resource: str, name: str) -> str | None:
        """Give the declared capability that a type of resource and the name of an action stand for."""
        action = self._resources.get(resource, {}).get(name)
        return None if action is None else action.capability

    def _answered(
        self, group: Group, answer: Answer | Decision, applying: int, call: Call
    ) -> Decision:
        """Permit with what it rests on, unless something is missing."""
        if isinstance(answer, Decision):
            return answer
        permitting, evidence = answer
        binding = applying if applying == group.every else group.binding(applying, call)
        permit = permitting if permitting == binding else (permitting, binding)
        decision = group.permits.get(permit)
        if decision is None:
            decision = self._permitted(group, permit)
        return decision.resting_on(evidence) if evidence else decision

    def _permitted(self, group: Group, permit: int | tuple[int, int]) -> Decision:
        """Permit by some allows and, if they are not those that bind, with the duties of others."""
        permitting, binding = (permit, permit) if isinstance(permit, int) else permit
        decision = group.permits.get(permit)
        if decision is None:  # a number is found sooner, and almost always they are those that bind
            decision = group.permits[permit] = self._made(group.permit(permitting, binding))
        return decision

    def _denied(self, group: Group, denying: int) -> Decision:
        """Deny because of forbids."""
        decision = group.denials.get(denying)
        if decision is None:
            decision = group.denials[denying] = self._made(group.deny(denying))
        return decision

    def _unasked(self, group: Group, standing: int, request: dict[str, Any]) -> Decision:
        """Deny where no allow applies: because of the forbids that ask."""
        if is_too_deep(request):
            return group.default
        return self._denied(group, standing)

    # --- Chains -----------------------------------------------------------------------------------

    def _decide_chain(self, request: dict[str, Any]) -> Decision:
        """Decide a call for each agent of its chain; the strictest answer is that to all."""
        context = request["context"]
        if context["delegation"] is None:  # as if it were not there
            context = {name: value for name, value in context.items() if name != "delegation"}
            return self.decide({**request, "context": context})
        asked = None if is_too_deep(request) else self._chains.requests(request)
        if asked is None:
            of_type = self._undeclared.get(request["resource"]["type"])
            return _NOTHING if of_type is None or not _is_whole(request) else of_type.default
        if self._of_one is None:
            vocabulary = replace(self._vocabulary, delegations=())
            self._of_one = Evaluator(vocabulary, self._rules.all, self._make_ready)
        return strictest([self._of_one.decide(each) for each in asked])

    # --- Finding rules ----------------------------------------------------------------------------

    def _find(self, kind: str, name: str, agent: str, intent: str | None) -> Group:
        """Find the rules about a call, and remember them where all that it names is declared."""
        actions = self._resources.get(kind)
        if actions is None or not is_text(agent):
            return _NO_RULES
        action = actions.get(name)
        if action is None:
            return self._undeclared[kind] if is_text(name) else _NO_RULES
        names = self._agents.names_of(agent)
        declared = intent if intent in self._intents else None
        key = (action, names, declared)
        group = self._groups.get(key)
        if group is None:
            group = self._group(action, names, declared)
            self._remember(1 + group.size)
            self._groups[key] = group
        if names and declared == intent:
            self._remember(2 + len(agent) // 64)
            self._known[kind, name, agent, intent] = group
        return group

    def _remember(self, size: int) -> None:
        """Make room; several threads may count at once, so that it is about right."""
        self._remembered += size
        if self._remembered > REMEMBERED:
            self._groups.clear()
            self._known.clear()
            self._remembered = size

    def _made(self, decision: Decision) -> Decision:
        """Count a decision that will be remembered."""
        self._remember(1 + len(decision.rules) + len(decision.obligations))
        return decision

    def _make_possible(self) -> Possible:
        actions = {each.capability: each for of in self._resources.values() for each in of.values()}
        return Possible(
            self._agents,
            self._chains,
            {
                name: {each.capability for each in of.values()}
                for name, of in self._resources.items()
            },
            self._intents,
            self._rules.all,
            lambda capability, names, intent: self._rules.about(actions[capability], names, intent),
            self._as_known,
        )

    def _group(self, action: Action, names: Names, intent: str | None) -> Group:
        """Gather the rules for a capability, an agent's names and an intent, to be asked together."""
        if self._chains.are_needed(names, intent):  # and there is none: nothing opens
            return Group(action.capability, action.default)
        rules = self._rules.about(action, names, intent)
        if self._make_ready is not None:
            for rule in rules:
                self._make_ready(rule)
        allows = [rule for rule in rules if isinstance(rule, Allow)]
        return Group(
            action.capability,
            action.default,
            action.arguments,
            [rule for rule in rules if isinstance(rule, Forbid)],
            [outside_of_tasks(rule) if rule.is_first_start else rule for rule in allows],
            self._user_declared,
            any(rule.is_first_start for rule in allows),
        )


def _is_whole(request: dict[str, Any]) -> bool:
    """Whether the strings that a request has to have are whole text."""
    subject, action, resource = request["subject"], request["action"], request["resource"]
    return all(map(is_text, (subject["id"], action["name"], resource["type"], resource["id"])))
