"""Why a request is decided as it is, as text for people and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...compiler.text.visible import visible

if TYPE_CHECKING:
    from ...compiler.meaning.explain import Explanation, RuleReport
    from ...compiler.report import Report

MARKS = {"applies": "+", "waits": "~", "does not apply": "-"}


def to_text(found: Explanation, shown: tuple[RuleReport, ...], report: Report) -> list[str]:
    """The lines that a person reads."""
    decision = found.decision
    by = f" by {', '.join(decision.rules)}" if decision.rules else ""
    lines = [decision.effect + by]
    lines += [f"  because: {visible(reason)}" for reason in decision.reasons]
    lines += [f"  note: {visible(note)}" for note in found.notes]
    for each in shown:
        lines += ["", *rule_lines(each, report)]
    if len(shown) < len(found.reports):
        lines.append("")
        lines.append(f"and {len(found.reports) - len(shown)} more: show all with --rules 0")
    return lines


def rule_lines(each: RuleReport, report: Report) -> Iterator[str]:
    """What became of one rule, as a person reads it."""
    span = each.rule.span
    yield f"{MARKS[each.state]} {each.effect} {each.rule.id}: {each.state}"
    yield f"    at {visible(f'{report.path(span.file)}:{span.line}')}"
    for finding in each.findings:
        yield f"    {finding.clause} {visible(finding.text)}"
        yield from (f"        {visible(seen)}" for seen in finding.seen)


def to_json(found: Explanation, shown: tuple[RuleReport, ...], report: Report) -> dict[str, Any]:
    """The same as data."""
    return {
        "decision": found.decision.to_authzen(),
        "notes": list(found.notes),
        "rules": [
            {
                "rule": each.rule.id,
                "effect": each.effect,
                "state": each.state,
                "place": f"{report.path(each.rule.span.file)}:{each.rule.span.line}",
                "findings": [
                    {"clause": f.clause, "text": f.text, "seen": list(f.seen)}
                    for f in each.findings
                ],
            }
            for each in shown
        ],
        "more": len(found.reports) - len(shown),
    }
