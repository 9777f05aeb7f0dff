"""Rules as policies of a gateway: whom they are for, which tools, when, and what is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ....compiler.ir import nodes as ir
from ....compiler.ir.definite import All, Question, answer, definitely
from ....compiler.structs import Struct
from ....runtime.glob import Wildcard
from ...partial import Loss, Unsayable, conditions_of, unsaid_clauses, validity_of
from ..expressions import Expression, all_of, check, opposite, some_of
from ..names import entity, pattern, string
from ..statements import Statement, obligations_of_others
from .abilities import AGENTCORE
from .conditions import GatewayWriter
from .history import MAX_OPERATORS, History, SaidLimit
from .request_shape import INTENT, GatewayShape
from .service import ACTION, GATEWAY, PRINCIPAL
from .tools import Tools

ANYONE = f"principal is {PRINCIPAL}"
_STATE = ir.Attribute("task", ("state",), ir.EnumType(ir.TASK_STATE))


class Meaning(Struct):
    """What a rule becomes: a statement of any size, what is lost, and why it cannot be had at all."""

    statement: Statement
    losses: tuple[Loss, ...] = ()
    blocks: tuple[Loss, ...] = ()


class Rules:
    """What the rules of one policy become on one gateway."""

    def __init__(self, policy: ir.Policy, gateway: str, history: History) -> None:
        """Take the gateway's ARN, and what may be said of what was done before."""
        self._policy, self._gateway, self._history = policy, gateway, history
        self._shape, self._tools = GatewayShape(policy.members_of), Tools(policy)

    def forbid(self, rule: ir.Forbid) -> Meaning:
        """What of a forbid can be said: all of it, or more."""
        writer = GatewayWriter(self._shape)
        parts = [] if rule.intents is ir.ANYONE else [_intents(rule.intents)]
        parts.extend(
            opposite(writer.definitely(each, not wanted)) for each, wanted in conditions_of(rule)
        )
        writer.losses.extend(unsaid_clauses(rule, AGENTCORE))
        ids, patterns = ((), ()) if rule.agents is ir.ANYONE else self._policy.identify(rule.agents)
        if rule.agents is not ir.ANYONE:
            whom = [_is(id) for id in ids]
            whom += [check(f"principal.id like {pattern(_wider(each))}") for each in patterns]
            parts.append(some_of(whom))
            if patterns:
                writer.lost(
                    "AgentCore holds no agent against a pattern, so that more agents are meant",
                    None,
                )
        tools = self._tools.of(self._policy.expand(rule.capabilities))
        statement = self._statement(rule, tools, ANYONE, all_of(parts))
        return Meaning(statement, tuple(dict.fromkeys(writer.losses)))

    def allow(self, rule: ir.Allow, others: Iterable[ir.Allow]) -> Meaning:
        """What of an allow can be said."""
        writer = GatewayWriter(self._shape)
        tools, untold = self._tools.permitted(self._policy.expand(rule.capabilities))
        writer.losses.extend(untold)
        ids, patterns = self._policy.identify(rule.agents)
        if patterns:
            writer.lost(
                "AgentCore holds no agent against a pattern, so that only named ones are permitted",
                None,
            )
        state = self._shape.place(_STATE)
        parts = [
            _intents(self._policy.purposes(rule.intents)),
            check(*state.presence, f'{state.text} == "active"'),
            *(writer.definitely(each, True) for each in validity_of(rule)),
        ]
        past: list[SaidLimit] = []
        for condition, wanted in conditions_of(rule):
            for question in _joined(definitely(condition, wanted)):
                parts.append(self._asked(question, rule, writer, past))
        principal = f"principal == {entity(PRINCIPAL, ids[0])}" if len(ids) == 1 else ANYONE
        if principal == ANYONE:
            parts.insert(0, some_of(_is(id) for id in ids))
        statement = self._statement(rule, tools, principal, all_of(parts), past)
        blocks = (
            *unsaid_clauses(rule, AGENTCORE),
            *obligations_of_others(rule, self._policy, others, AGENTCORE),
        )
        return Meaning(statement, tuple(dict.fromkeys(writer.losses)), blocks)

    def _asked(
        self, question: Question, rule: ir.Allow, writer: GatewayWriter, past: list[SaidLimit]
    ) -> Expression:
        """Ask one of the things that an allow asks together; one of the past goes to the others of the past."""
        limit = self._history.limit_of(question)
        if limit is None:
            return answer(question, writer.leaf, all_of, some_of)
        try:
            said = self._history.said(limit, self._tools)
        except Unsayable as problem:
            return writer.lost(problem.reason, limit.span)
        if sum(each.operators for each in (*past, said)) > MAX_OPERATORS:
            return writer.lost(
                "AgentCore has three temporal operators in a policy and no more", limit.span
            )
        past.append(said)
        writer.losses.append(Loss(said.stricter, limit.span))
        amount = limit.meter.attribute
        if amount is None or limit.meter.capabilities[0] not in self._policy.expand(
            rule.capabilities
        ):
            return check()
        if len(self._policy.expand(rule.capabilities)) > 1:
            return writer.lost(
                "what a meter adds up is an argument of one capability of several", limit.span
            )
        return check(*self._shape.place(amount).operand.guards)

    def _statement(
        self,
        rule: ir.Rule,
        tools: tuple[str, ...],
        principal: str,
        condition: Expression,
        history: Iterable[SaidLimit] = (),
    ) -> Statement:
        return Statement(
            "permit" if isinstance(rule, ir.Allow) else "forbid",
            rule,
            principal,
            tools,
            condition,
            action_type=ACTION,
            resource=f"resource == {entity(GATEWAY, self._gateway)}",
            history=tuple(text for said in history for text in said.conditions),
            is_annotated=False,
        )


def _intents(names: Iterable[str]) -> Expression:
    name = string(INTENT)
    one_of = some_of(check(f"principal.getTag({name}) == {string(each)}") for each in names)
    return all_of((check(f"principal.hasTag({name})"), one_of))


def _is(id: str) -> Expression:
    return check(f"principal == {entity(PRINCIPAL, id)}")


def _wider(family: str) -> tuple[str | Wildcard, ...]:
    """A pattern of `like` for all that a pattern of a family matches, and more: a star crosses segments there."""
    parts: list[str | Wildcard] = []
    for number, text in enumerate(family.replace("**", "*").split("*")):
        parts.extend([Wildcard.ANY, text] if number else [text])
    return tuple(parts)


def _joined(question: Question) -> Iterator[Question]:
    """What is asked together."""
    if isinstance(question, All):
        for part in question.parts:
            yield from _joined(part)
    else:
        yield question
