"""Decides requests under a compiled policy, at a cost that does not grow with its rules.

Rules are found by capability, then agent, then intent, in dictionaries. What was found is
remembered, so that most requests pay one look-up and the conditions of the few rules that are
about them.
"""

from __future__ import annotations

from collections.abc import Iterable

from .agents import Agents, Names
from .call import NO_FIELDS, Call
from .decision import Decision
from .rules import (
    Allow,
    Forbid,
    Owner,
    Rule,
    Vocabulary,
)
from .values import is_text

NO_ALLOW = "no allow applies"
REMEMBERED = 16_384  # groups of rules; a full memory is emptied, so that no request can grow it

_NOTHING = Decision("deny", reasons=(NO_ALLOW,))  # holds nothing that a reader could change

_EVERYONE, _DECLARED = 0, 1  # not text, so that no declared name is one of them

_ByAgent = dict[str | int, dict[str | int, list[int]]]
_Group = tuple[tuple[Forbid, ...], tuple[Allow, ...]]


class _Action:
    """A declared capability, and the rules about it by agent and intent once they were needed."""

    __slots__ = ("by_agent", "capability", "owner", "resource")

    def __init__(self, resource: str, capability: str, owner: Owner | None) -> None:
        self.resource = resource
        self.capability = capability
        self.owner = owner
        self.by_agent: _ByAgent | None = None


class Evaluator:
    """A policy, ready to decide."""

    __slots__ = (
        "_agents",
        "_by_capability",
        "_groups",
        "_intents",
        "_owners",
        "_resources",
        "_rules",
        "_user_declared",
    )

    def __init__(self, vocabulary: Vocabulary, rules: Iterable[Rule]) -> None:
        """Take a policy; the order of its rules does not matter."""
        self._agents = Agents(vocabulary.agents)
        self._intents = frozenset(vocabulary.intents)
        self._owners = dict(vocabulary.owners)
        self._user_declared = vocabulary.user_declared
        self._resources = {
            resource: {
                action: _Action(resource, f"{resource}.{action}", vocabulary.owners.get(resource))
                for action in actions
            }
            for resource, actions in vocabulary.resources.items()
        }
        for resource, tool, action in vocabulary.tools:
            self._resources[resource][tool] = self._resources[resource][action]
        self._rules = sorted(rules, key=lambda rule: rule.id)  # decisions list them in this order
        self._by_capability: dict[str, list[int]] = {}
        for number, rule in enumerate(self._rules):
            for capability in rule.capabilities:
                self._by_capability.setdefault(capability, []).append(number)
        self._groups: dict[tuple[_Action, Names, str | None], _Group] = {}

    def decide(self, request: object) -> Decision:
        """Decide an AuthZEN evaluation, as JSON data; anything else is denied. Never raises."""
        try:
            return self._decide(request)
        except Exception:  # noqa: BLE001 -- a key of a class of its own may raise where it is compared
            return _NOTHING

    def _decide(self, request: object) -> Decision:
        if type(request) is not dict:
            return _NOTHING
        subject, action = request.get("subject"), request.get("action")
        resource = request.get("resource")
        if type(subject) is not dict or type(action) is not dict or type(resource) is not dict:
            return _NOTHING
        agent, subject_type = subject.get("id"), subject.get("type")
        kind, resource_id, name = resource.get("type"), resource.get("id"), action.get("name")
        if (
            type(agent) is not str
            or type(kind) is not str
            or type(name) is not str
            or type(resource_id) is not str
            or type(subject_type) is not str
            or subject_type != "agent"
            or not (resource_id.isascii() or is_text(resource_id))
            or not (agent.isascii() or is_text(agent))
        ):
            return _NOTHING
        actions = self._resources.get(kind)
        if actions is None:
            return _NOTHING
        found = actions.get(name)
        if found is None:
            return _default(self._owners.get(kind)) if is_text(name) else _NOTHING

        context = request.get("context")
        if type(context) is not dict:
            context = NO_FIELDS
        task = context.get("task")
        if type(task) is not dict:
            task = NO_FIELDS
        intent = task.get("intent")
        if type(intent) is not str or intent not in self._intents:
            intent = None
        key = (found, self._agents.names_of(agent), intent)
        group = self._groups.get(key)
        if group is None:
            group = self._group(key)
        forbids, allows = group

        call = Call(request, found.capability, context, task)
        denying: list[Forbid] = []
        for forbid in forbids:
            test = forbid.applies
            if (test is None or test(call)) and not self._is_lifted(forbid, call):
                denying.append(forbid)
        if denying:
            return _default(found.owner) if call.is_too_deep() else _deny(denying)
        state = task.get("state")
        if type(state) is not str or state != "active":
            return _default(found.owner)
        applying: list[Allow] = []
        permitting: list[Allow] = []
        for allow in allows:
            test = allow.applies
            if (
                (test is None or test(call))
                and (allow.validity is None or allow.validity.holds(call.now))
                and (allow.window is None or allow.window.holds(call.now))
            ):
                applying.append(allow)
                if not allow.requirements or self._is_met(allow, call):
                    permitting.append(allow)
        if not applying or call.is_too_deep():
            return _default(found.owner)
        if not permitting:
            return self._challenge(applying, call)
        if len(applying) < len(allows):
            return _permit(permitting, [rule for rule in allows if _binds(rule, call)])
        return _permit(permitting, applying)

    def _is_lifted(self, rule: Forbid, call: Call) -> bool:
        """Whether evidence lifts a forbid."""
        return bool(rule.unless_evidence) and all(
            each.is_there(call, self._user_declared) for each in rule.unless_evidence
        )

    def _is_met(self, rule: Allow, call: Call) -> bool:
        """Whether all that an allow requires is there."""
        return all(each.is_there(call, self._user_declared) for each in rule.requirements)

    def _challenge(self, applying: list[Allow], call: Call) -> Decision:
        """Say what is missing."""
        return Decision(
            "challenge",
            rules=tuple([rule.id for rule in applying]),
            requirements=tuple(
                each.describe(rule.id)
                for rule in applying
                for each in rule.requirements
                if not each.is_there(call, self._user_declared)
            ),
            owner=_owner(applying[0].owner),
        )

    def _group(self, key: tuple[_Action, Names, str | None]) -> _Group:
        """Find the rules for a capability, an agent's names and an intent, and remember them."""
        action, names, intent = key
        if action.by_agent is None:
            action.by_agent = self._rules_of(action)
        numbers: set[int] = set()
        agents: tuple[str | int, ...] = (_EVERYONE, _DECLARED, *names) if names else (_EVERYONE,)
        for agent in agents:
            by_intent = action.by_agent.get(agent)
            if by_intent is not None:
                numbers.update(by_intent.get(_EVERYONE, ()))
                if intent is not None:
                    numbers.update(by_intent.get(_DECLARED, ()))
                    numbers.update(by_intent.get(intent, ()))
        rules = [self._rules[number] for number in sorted(numbers)]
        group = (
            tuple(rule for rule in rules if isinstance(rule, Forbid)),
            tuple(rule for rule in rules if isinstance(rule, Allow)),
        )
        if len(self._groups) >= REMEMBERED:
            self._groups.clear()
        self._groups[key] = group
        return group

    def _rules_of(self, action: _Action) -> _ByAgent:
        """Arrange the rules about a capability by agent and intent."""
        by_agent: _ByAgent = {}
        for capability in ("any", f"{action.resource}.*", action.capability):
            for number in self._by_capability.get(capability, ()):
                rule = self._rules[number]
                anyone = _EVERYONE if isinstance(rule, Forbid) else _DECLARED
                for agent in (anyone,) if rule.agents is None else rule.agents:
                    by_intent = by_agent.setdefault(agent, {})
                    for intent in (anyone,) if rule.intents is None else rule.intents:
                        by_intent.setdefault(intent, []).append(number)
        return by_agent


def _binds(rule: Allow, call: Call) -> bool:
    """Whether an allow asks something of every permit of this call, applying or not."""
    return (
        (rule.binds is None or rule.binds(call))
        and (rule.validity is None or not rule.validity.excludes(call.now))
        and (rule.window is None or not rule.window.excludes(call.now))
    )


def _default(owner: Owner | None) -> Decision:
    """Deny because nothing opens."""
    if owner is None:
        return _NOTHING
    return Decision("deny", (), (NO_ALLOW,), (), (), None, owner.to_json())


def _deny(forbids: list[Forbid]) -> Decision:
    """Deny because of forbids."""
    return Decision(
        "deny",
        tuple([rule.id for rule in forbids]),
        tuple([rule.because or f"forbidden by {rule.id}" for rule in forbids]),
        (),
        (),
        None,
        _owner(forbids[0].owner),
    )


def _permit(permitting: list[Allow], binding: list[Allow]) -> Decision:
    """Permit, with the obligations of every allow that binds and the tightest of their terms."""
    obligations = [
        {"id": rule.id, "type": name, "properties": dict(properties)}
        for rule in binding
        for name, properties in rule.obligations
    ]
    credential = None
    if any(rule.credential for rule in permitting):
        terms = [rule.credential for rule in binding if rule.credential]
        credential = {
            "ttl_seconds": min([ttl for ttl, _ in terms]),
            "renew": min([renew for _, renew in terms]),
        }
    return Decision(
        "permit",
        tuple([rule.id for rule in permitting]),
        (),
        (),
        tuple(obligations),
        credential,
        _owner(permitting[0].owner),
    )


def _owner(owner: Owner | None) -> dict[str, str] | None:
    """Give the owner as a new JSON object."""
    return None if owner is None else owner.to_json()
