"""The rules of a policy as the Rego rules that say when each applies (`data.agpc.rules`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...compiler import ir
from . import text
from .attributes import NOW, Attributes
from .conditions import Clause, ConditionWriter, clause, clause_head, loops_last
from .index import owner_data
from .vocabulary import Vocabulary

MOST_LINES = 28  # of a rule: Regal wants at most 30
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule as a template shows it."""

    id: str
    source: str
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
        return len(f"{self.head} := {{") > text.LINE


def allow_view(rule: ir.Allow, attributes: Attributes, vocabulary: Vocabulary) -> RuleView:
    """Write an allow: it applies where every condition is definitely true."""
    writer = ConditionWriter(rule.id, attributes, vocabulary)
    body: list[str] = []
    if rule.condition is not None:
        body += writer.statements(rule.condition, True)
    for condition in rule.revoke:
        body += writer.statements(condition, False)
    body = writer.shortened(body)
    if rule.validity is not None:
        if rule.validity.start is not None:
            start = f"values.instant({text.string(rule.validity.start)})"
            body.append(f"{attributes.value(NOW)} >= {start}")
        if rule.validity.end is not None:
            end = f"values.instant({text.string(rule.validity.end)})"
            body.append(f"{attributes.value(NOW)} < {end}")
    if rule.window is not None:
        window = text.value(_window(rule.window), 2, 0)
        body.append(f"windows.is_open(\n\t\t{window},\n\t\t{attributes.value(NOW)},\n\t)")
    credential = rule.credential
    facts: dict[str, Any] = {
        "credential": None
        if credential is None
        else {"ttl_seconds": credential.ttl, "renew": credential.renew},
        "obligations": [
            {"type": each.name, "properties": dict(each.properties)} for each in rule.obligations
        ],
        "owner": owner_data(rule.owner),
        "requirements": [_requirement(each) for each in rule.requirements],
    }
    return _view(rule, "allow", facts, body, writer.clauses)


def forbid_view(rule: ir.Forbid, attributes: Attributes, vocabulary: Vocabulary) -> RuleView:
    """Write a forbid: it applies unless `when` is definitely false or `unless` definitely true."""
    writer = ConditionWriter(rule.id, attributes, vocabulary)
    body: list[str] = []
    exceptions: list[Clause] = []
    for name, condition, wanted in (
        ("when is false", rule.condition, False),
        ("unless is true", rule.unless, True),
    ):
        if condition is not None:
            head = clause_head(rule.id, name)
            exceptions.append(clause(head, writer.alternatives(condition, wanted)))
            body.append(f"not {head}")
    if rule.unless_evidence:
        wanted_evidence = [_requirement(each) for each in rule.unless_evidence]
        body.append(f"not evidence.are_there({text.value(wanted_evidence, 1, 0)})")
    facts = {
        "because": rule.because or f"forbidden by {rule.id}",
        "owner": owner_data(rule.owner),
    }
    return _view(rule, "forbid", facts, body, [*exceptions, *writer.clauses])


def _view(
    rule: ir.Rule,
    kind: str,
    facts: dict[str, Any],
    body: Sequence[str],
    clauses: Iterable[Clause],
) -> RuleView:
    term = text.record(facts, MOST_LINES - sum(each.count("\n") + 1 for each in body))
    is_long = text.excused(term) != term  # and `opa fmt` loses its way with comments before a body
    return RuleView(
        id=rule.id,
        source=str(rule.span),
        controls=rule.controls,
        head=f"{kind}[{text.string(rule.id)}]",
        facts=term,
        facts_head=f"facts[{text.string(rule.id)}]" if is_long else None,
        body=tuple(dict.fromkeys(loops_last(list(body)))),
        clauses=tuple(clauses),
    )


def _requirement(requirement: ir.Requirement) -> dict[str, Any]:
    if isinstance(requirement, ir.StepUp):
        return {
            "type": "step_up",
            "method": requirement.method,
            "within_seconds": requirement.within,
        }
    return {
        "type": "approval",
        "by": list(requirement.by),
        "count": requirement.count,
        "within_seconds": requirement.within,
        "per_task": requirement.per_task,
    }


def _window(window: ir.Window) -> dict[str, Any]:
    return {
        "days": [_DAYS[day] for day in window.days],
        "from": list(divmod(window.start, 60)),
        "until": list(divmod(window.end, 60)),
        "zone": window.zone,
    }
