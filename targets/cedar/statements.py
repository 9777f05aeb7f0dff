"""Rules as Cedar policies: what a rule asks for, and statements of a size that services take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from ...compiler.ir import nodes as ir
from ...compiler.ir.documentation import line_of_rule
from ...compiler.ir.printing.conditions import condition_text
from ...compiler.meaning import interpreter
from ...compiler.structs import Struct
from ..partial import (
    Loss,
    Platform,
    conditions_of,
    obliging_too,
    unsaid_clauses,
    validity_of,
)
from ..templates import templates_of
from .abilities import CEDAR
from .conditions import ConditionWriter
from .expressions import (
    Expression,
    all_of,
    check,
    conjuncts,
    halves,
    opposite,
    some_of,
)
from .names import (
    ACTION,
    AGENT,
    ANY,
    FAMILY,
    entity,
    has,
    read,
    string,
)
from .request_shape import RequestShape

MAX_STATEMENT = 10_000
"""Bytes of one policy in Amazon Verified Permissions and in AgentCore, as of 2026-11-24."""
MAX_SCHEMA = 100_000
"""Bytes of one schema in Amazon Verified Permissions, as of 2026-11-24."""

# Every text has been through `names.string`.
_TEMPLATES = templates_of(__package__)

MAX_PIECES = 1_000
"""How many pieces of one rule are looked at: and-ed alternatives split into a power of two of them."""


class TooLarge(Exception):
    """A rule that cannot be split into statements of the size that services take."""


class Statement(Struct):
    """One Cedar policy: for agents, actions (none for all of them), under a condition."""

    effect: Literal["permit", "forbid"]
    rule: ir.Rule
    principal: str
    actions: tuple[str, ...]
    condition: Expression
    number: int = 0  # of several for one rule, else 0
    action_type: str = ACTION
    resource: str = "resource"
    history: tuple[str, ...] = ()
    """What was done before, in the temporal conditions of AgentCore."""
    is_annotated: bool = True
    doc: str = ""
    """What comments of the policy say of the rule, in a line."""

    @property
    def id(self) -> str:
        """What the annotation `@id` says: the rule's identity, and which part of it this is."""
        return f"{self.rule.id}#{self.number}" if self.number else self.rule.id

    @property
    def text(self) -> str:
        """The policy, ending in a newline."""
        scoped = [entity(self.action_type, each) for each in self.actions]
        action = (
            f"action == {scoped[0]}" if len(scoped) == 1 else f"action in [{', '.join(scoped)}]"
        )
        return _TEMPLATES.get_template("policy.cedar.j2").render(
            id=string(self.id),
            rule=string(self.rule.id),
            source=string(str(self.rule.span)),
            effect=self.effect,
            principal=self.principal,
            action=action if scoped else "action",
            resource=self.resource,
            history=self.history,
            is_annotated=self.is_annotated,
            doc=string(self.doc) if self.doc else "",
            conjuncts=conjuncts(self.condition),
        )


class Meaning(Struct):
    """What a rule becomes: an expression, what is lost, and why it cannot be had at all."""

    condition: Expression
    losses: tuple[Loss, ...] = ()
    blocks: tuple[Loss, ...] = ()


def meaning_of(
    rule: ir.Rule, policy: ir.Policy, shape: RequestShape, others: Iterable[ir.Allow]
) -> Meaning:
    """What of a rule Cedar can say."""
    conditions = ConditionWriter(shape)
    if isinstance(rule, ir.Forbid):
        found = _forbids(rule, policy, conditions)
        return Meaning(found, tuple(dict.fromkeys(conditions.losses)))
    found = _allows(rule, policy, shape, conditions)
    blocks = (*unsaid_clauses(rule, CEDAR), *obligations_of_others(rule, policy, others, CEDAR))
    return Meaning(found, tuple(dict.fromkeys(conditions.losses)), blocks)


def _allows(
    rule: ir.Allow, policy: ir.Policy, shape: RequestShape, conditions: ConditionWriter
) -> Expression:
    """When an allow applies."""
    state = shape.operand(ir.Attribute("task", ("state",), ir.EnumType(ir.TASK_STATE)))
    parts = [
        _intents(policy.purposes(rule.intents)),
        check(*state.guards, f'{state.text} == "active"'),
    ]
    if rule.validity is not None:
        parts.append(check(has("context", "now")))  # even where both ends are open
    parts.extend(conditions.definitely(each, True) for each in validity_of(rule))
    parts.extend(conditions.definitely(*each) for each in conditions_of(rule))
    return all_of(parts)


def _forbids(rule: ir.Forbid, policy: ir.Policy, conditions: ConditionWriter) -> Expression:
    """When a forbid applies, or more."""
    parts = []
    if rule.intents is not ir.ANYONE:
        parts.append(_intents(rule.intents))
    parts.extend(
        opposite(conditions.definitely(each, not wanted)) for each, wanted in conditions_of(rule)
    )
    conditions.losses.extend(unsaid_clauses(rule, CEDAR))
    return all_of(parts)


def _intents(names: Iterable[str]) -> Expression:
    intent = read("context.task", "intent")
    return all_of(
        (
            check(has("context.task", "intent")),
            some_of(check(f"{intent} == {string(name)}") for name in names),
        )
    )


def obligations_of_others(
    rule: ir.Allow, policy: ir.Policy, others: Iterable[ir.Allow], platform: Platform
) -> Iterator[Loss]:
    """Obligations that another allow may add to what this one permits."""
    asked = policy.expand(rule.capabilities)
    for other, loss in obliging_too(rule, asked, others, policy, platform):
        if _may_share_agents(rule, other, policy):
            yield loss


def _may_share_agents(one: ir.Allow, other: ir.Allow, policy: ir.Policy) -> bool:
    """Whether some agent may be among those of both; two families with patterns always may."""
    (ids, patterns), (other_ids, other_patterns) = (
        policy.identify(each.agents) for each in (one, other)
    )
    return (
        bool(patterns and other_patterns)
        or any(interpreter.agent_matches(policy, other.agents, each) for each in ids)
        or any(interpreter.agent_matches(policy, one.agents, each) for each in other_ids)
    )


# --- Statements -----------------------------------------------------------------------------------


def statements_of(
    rule: ir.Rule, policy: ir.Policy, condition: Expression, limit: int | None
) -> tuple[Statement, ...]:
    """The policies for a rule, each of at most so many bytes. Raises `TooLarge`."""
    everything = "any" in rule.capabilities and isinstance(rule, ir.Forbid)
    principal, agents = _principal(rule, policy)
    whole = Statement(
        "permit" if isinstance(rule, ir.Allow) else "forbid",
        rule,
        principal,
        () if everything else policy.expand(rule.capabilities),
        all_of((agents, condition)),
        doc=line_of_rule(policy, rule),
    )
    return pieces_of(whole, limit)


def pieces_of(whole: Statement, limit: int | None) -> tuple[Statement, ...]:
    """A statement, or several that say together what it says, each of at most so many bytes. Raises `TooLarge`."""
    if limit is None or len(whole.text.encode()) <= limit:
        return (whole,)
    found = _split(whole, limit)
    return tuple(replace(each, number=number) for number, each in enumerate(found, 1))


def _principal(rule: ir.Rule, policy: ir.Policy) -> tuple[str, Expression]:
    """The scope of a policy, and what is left to be asked of the principal."""
    if rule.agents is ir.ANYONE:
        return "principal", check()
    if rule.agents is ir.DECLARED:
        return f"principal in {entity(FAMILY, ANY)}", check()
    ids = {each.name: each.id for each in policy.agents}
    scopes = [
        f"principal == {entity(AGENT, ids[name])}"
        if name in ids
        else f"principal in {entity(FAMILY, name)}"
        for name in rule.agents
    ]
    if len(scopes) == 1:
        return scopes[0], check()
    return "principal", some_of(check(each) for each in scopes)


def _split(whole: Statement, limit: int) -> Iterator[Statement]:
    """Split a statement until its parts fit, room for their numbers included."""
    waiting = [whole]
    pieces = 0
    while waiting:
        statement = waiting.pop()
        pieces += 1
        if pieces > MAX_PIECES:
            raise TooLarge
        if len(statement.text.encode()) <= limit - len("#9999"):
            yield statement
        else:
            waiting.extend(reversed(_halved(statement)))


def _halved(statement: Statement) -> tuple[Statement, ...]:
    """Give the two statements that say together what this one says."""
    middle = len(statement.actions) // 2
    if middle:
        actions = statement.actions[:middle], statement.actions[middle:]
        return tuple(replace(statement, actions=each) for each in actions)
    conditions = halves(statement.condition)
    if conditions is None:
        raise TooLarge
    return tuple(replace(statement, condition=each) for each in conditions)


def comment_of(rule: ir.Rule) -> list[str]:
    """The conditions of a rule in the language itself, a line each."""
    clauses = [("when", rule.condition)]
    clauses += (
        [("unless", rule.unless)]
        if isinstance(rule, ir.Forbid)
        else [("revoke when", each) for each in rule.revoke]
    )
    return [f"{word} {condition_text(each)}" for word, each in clauses if each is not None]
