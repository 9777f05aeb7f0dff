"""Why a request is decided as it is, as text for people and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..ir.documentation import doc_of_rule, line_of_rule
from ..ir.printing.expectations import expectation_text, phrases
from ..testing.expected import terms_of
from ..text.visible import visible

if TYPE_CHECKING:
    from ...runtime.decision import Decision
    from ..ir import nodes as ir
    from ..meaning.explain import Explanation, RuleReport
    from ..report import Report

MARKS = {"applies": "+", "waits": "~", "does not apply": "-"}


def to_text(
    found: Explanation,
    shown: tuple[RuleReport, ...],
    report: Report,
    why: Sequence[str] = (),
    policy: ir.Policy | None = None,
) -> list[str]:
    """The lines that a person reads; `why` says where the facts of the request are from."""
    decision = found.decision
    by = f" by {', '.join(decision.rules)}" if decision.rules else ""
    lines = [decision.effect + by]
    lines += [
        f"  {word}: {visible(text)}"
        for word, text in phrases(terms(decision))
        if word != "because"  # whose reasons follow, also that of a denial by default
    ]
    lines += [f"  because: {visible(reason)}" for reason in decision.reasons]
    lines += [f"  note: {visible(note)}" for note in found.notes]
    lines += [f"  fact: {visible(each)}" for each in why]
    for each in shown:
        lines += ["", *rule_lines(each, report, policy)]
    for agent, link in found.links:
        by = f" by {', '.join(link.decision.rules)}" if link.decision.rules else ""
        lines += ["", f"for {visible(agent)}: {link.decision.effect}{by}"]
        lines += [f"  note: {visible(note)}" for note in link.notes]
        for each in link.reports[: len(shown)]:
            lines += ["", *rule_lines(each, report, policy)]
    if len(shown) < len(found.reports):
        lines.append("")
        lines.append(f"and {len(found.reports) - len(shown)} more: show all with --rules 0")
    return lines


def terms(decision: Decision) -> ir.Terms:
    """What is granted, obliged and asked, and who answers, if somebody does."""
    said = terms_of(decision)
    return replace(said, owner=None) if said.owner == "none" else said


def rule_lines(each: RuleReport, report: Report, policy: ir.Policy | None = None) -> Iterator[str]:
    """What became of one rule, as a person reads it."""
    yield f"{MARKS[each.state]} {each.effect} {each.rule.id}: {each.state}"
    yield f"    at {visible(report.place(each.rule.span))}"
    if policy is not None and (doc := line_of_rule(policy, each.rule)):
        yield f"    ## {visible(doc)}"
    for finding in each.findings:
        yield f"    {finding.clause} {visible(finding.text)}"
        yield from (f"        {visible(seen)}" for seen in finding.seen)


def to_json(
    found: Explanation,
    shown: tuple[RuleReport, ...],
    report: Report,
    why: Sequence[str] = (),
    policy: ir.Policy | None = None,
) -> dict[str, Any]:
    """The same as data."""
    decision = found.decision
    return {
        "decision": decision.to_authzen(),
        "expect": expectation_text(decision.effect, decision.rules, terms(decision)),
        "notes": list(found.notes),
        "facts": list(why),
        "rules": [_rule(each, report, policy) for each in shown],
        "chain": [
            {
                "agent": agent,
                "decision": link.decision.to_authzen(),
                "notes": list(link.notes),
                "rules": [_rule(each, report, policy) for each in link.reports],
            }
            for agent, link in found.links
        ],
        "more": len(found.reports) - len(shown),
    }


def _rule(each: RuleReport, report: Report, policy: ir.Policy | None) -> dict[str, Any]:
    return {
        "rule": each.rule.id,
        "effect": each.effect,
        "state": each.state,
        "place": report.place(each.rule.span),
        **({} if policy is None else {"doc": doc_of_rule(policy, each.rule)}),
        "findings": [
            {"clause": f.clause, "text": f.text, "seen": list(f.seen)} for f in each.findings
        ],
    }
