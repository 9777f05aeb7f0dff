"""The rules of a policy as the Rego rules that say when each applies (`data.agpc.rules`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from ...compiler.ir import nodes as ir
from ...compiler.ir.definite import definitely
from ...compiler.ir.documentation import line_of_rule
from ...compiler.ir.printing.rules import rule_lines
from ...compiler.structs import Struct
from . import text
from .attributes import NOW, Attributes
from .clauses import Clause, clause, clause_head
from .conditions import ConditionWriter, loops_last
from .constants import Constants, instant
from .index import owner_data
from .scope import ScopeWriter

MOST_LINES = 28  # of a rule: Regal wants at most 30
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class RuleView(Struct):
    """One rule as a template shows it."""

    id: str
    source: str
    doc: str
    """What comments of the policy say of it, in a line."""
    lines: tuple[str, ...]
    """The rule as the policy says it, for whoever reads the bundle."""
    controls: tuple[str, ...]
    head: str
    facts: str
    """What the rule gives when it applies, as a Rego object."""
    facts_head: str | None
    """The rule that holds the facts, where they have lines too long for the rule itself."""
    body: tuple[str, ...]
    clauses: tuple[Clause, ...]

    @property
    def is_wide(self) -> bool:
        """Whether the first line is longer than Regal likes."""
        return len(f"{self.head} {self.facts_head or ''} if {{") > text.LINE


class RuleWriter(Struct):
    """Writes rules; its parts collect what the rules need elsewhere in the bundle."""

    policy: ir.Policy
    scopes: ScopeWriter
    attributes: Attributes
    constants: Constants

    def allow(self, rule: ir.Allow) -> RuleView:
        """Write an allow: it applies where every condition is definitely true."""
        scope, clauses = self.scopes.scope(rule)
        writer = ConditionWriter(rule.id, self.attributes, self.constants)
        conditions: list[str] = []
        if rule.condition is not None:
            conditions += writer.statements(definitely(rule.condition, True))
        for condition in rule.revoke:
            conditions += writer.statements(definitely(condition, False))
        body = [
            *scope,
            *([] if rule.is_first_start else ['input.context.task.state == "active"']),
            *writer.shortened(conditions),
            *self._times(rule),
        ]
        facts = {
            "owner": owner_data(rule.owner),
            "requirements": [{"rule": rule.id, **evidence_of(each)} for each in rule.requirements],
        }
        return _view(self.policy, rule, "allow", facts, body, [*clauses, *writer.clauses])

    def duty(self, rule: ir.Allow) -> RuleView:
        """Write what an allow asks of every permit of the calls that it names.

        It belongs to them unless the rule's condition is definitely false, or the time known to be another.
        """
        credential = rule.credential
        body, clauses = self.scopes.scope(rule, "duty")
        writer = ConditionWriter(f"{rule.id}: duty", self.attributes, self.constants)
        for name, bodies in (
            (
                "when is false",
                []
                if rule.condition is None
                else writer.alternatives(definitely(rule.condition, False)),
            ),
            ("time is outside", self._other_times(rule)),
        ):
            if bodies:
                head = clause_head(rule.id, name)
                clauses.append(clause(head, bodies))
                body.append(f"not {head}")
        facts: dict[str, Any] = {
            "ttl_seconds": None if credential is None else credential.ttl,
            "renew": None if credential is None else credential.renew,
            "obligations": [
                {"id": rule.id, "type": each.name, "properties": dict(each.properties)}
                for each in rule.obligations
            ],
        }
        return _view(self.policy, rule, "duty", facts, body, [*clauses, *writer.clauses])

    def forbid(self, rule: ir.Forbid) -> RuleView:
        """Write a forbid: it applies unless `when` is definitely false or `unless` definitely true."""
        body, clauses = self.scopes.scope(rule)
        writer = ConditionWriter(rule.id, self.attributes, self.constants)
        for name, condition, wanted in (
            ("when is false", rule.condition, False),
            ("unless is true", rule.unless, True),
        ):
            if condition is not None:
                head = clause_head(rule.id, name)
                clauses.append(clause(head, writer.alternatives(definitely(condition, wanted))))
                body.append(f"not {head}")
        if rule.window is not None:
            head = clause_head(rule.id, "it is another time")
            clauses.append(clause(head, [[self._in_window("is_closed", rule.window)]]))
            body.append(f"not {head}")
        facts: dict[str, Any] = {
            "because": rule.because or f"forbidden by {rule.id}",
            "owner": owner_data(rule.owner),
        }
        if rule.unless_evidence:
            facts["requirements"] = [
                {"rule": rule.id, **evidence_of(each)} for each in rule.unless_evidence
            ]
        return _view(self.policy, rule, "forbid", facts, body, [*clauses, *writer.clauses])

    def _times(self, rule: ir.Allow) -> list[str]:
        """Write that it is known to be a time at which the rule holds."""
        lines = []
        if rule.validity is not None:
            if rule.validity.start is not None:
                lines.append(f"{self.attributes.value(NOW)} >= {instant(rule.validity.start)}")
            if rule.validity.end is not None:
                lines.append(f"{self.attributes.value(NOW)} < {instant(rule.validity.end)}")
        if rule.window is not None:
            lines.append(self._in_window("is_open", rule.window))
        return lines

    def _other_times(self, rule: ir.Allow) -> list[list[str]]:
        """Write, as alternatives, that it is known to be a time at which the rule does not hold."""
        bodies = []
        now = self.attributes.value(NOW)
        if rule.validity is not None and rule.validity.start is not None:
            bodies.append([f"{now} < {instant(rule.validity.start)}"])
        if rule.validity is not None and rule.validity.end is not None:
            bodies.append([f"{now} >= {instant(rule.validity.end)}"])
        if rule.window is not None:
            bodies.append([self._in_window("is_closed", rule.window)])
        return bodies

    def _in_window(self, function: str, window: ir.Window) -> str:
        written = text.value(_window(window), 2, 0)
        return f"windows.{function}(\n\t\t{written},\n\t\t{self.attributes.value(NOW)},\n\t)"


def _view(
    policy: ir.Policy,
    rule: ir.Rule,
    kind: str,
    facts: dict[str, Any],
    body: Sequence[str],
    clauses: Iterable[Clause],
) -> RuleView:
    facts = {"id": rule.id, **facts}
    term = text.record(facts, MOST_LINES - sum(each.count("\n") + 1 for each in body))
    is_long = text.excused(term) != term  # and `opa fmt` loses its way with comments before a body
    return RuleView(
        id=rule.id,
        source=str(rule.span),
        doc=line_of_rule(policy, rule),
        lines=() if kind == "duty" else text.wrapped(rule_lines(policy, rule)),
        controls=rule.controls,
        head=f"{kind} contains",
        facts=term,
        facts_head=f"facts[{text.string(f'{rule.id}: {kind}')}]" if is_long else None,
        body=tuple(dict.fromkeys(loops_last(list(body)))),
        clauses=tuple(clauses),
    )


def evidence_of(requirement: ir.Requirement) -> dict[str, Any]:
    """Give what a challenge says of a requirement."""
    match requirement:
        case ir.StepUp(method, within):
            return {"type": "step_up", "method": method, "within_seconds": within}
        case ir.Confirmation(within):
            return {"type": "confirmation", "within_seconds": within}
        case ir.Approval(by, count, within, per_task):
            return {
                "type": "approval",
                "by": list(by),
                "count": count,
                "within_seconds": within,
                "per_task": per_task,
            }
        case _:
            assert_never(requirement)


def _window(window: ir.Window) -> dict[str, Any]:
    return {
        "days": [_DAYS[day] for day in window.days],
        "from": list(divmod(window.start, 60)),
        "until": list(divmod(window.end, 60)),
        "zone": window.zone,
    }
