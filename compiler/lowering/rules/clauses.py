"""Clauses that stand by themselves: requirements, credentials, validity, windows, obligations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, assert_never

from ...ir import nodes as ir
from ...ir.nodes import MOST_APPROVALS
from ...ir.times import DAYS, is_before
from ...ir.walk import NOW, approvals_of
from ...report.diagnostics import Diagnostics, report
from ...report.source import Span
from ...syntax import tree as syntax
from ...text.field_names import is_word
from ..literals import literals, times

_DAYS = {
    **dict.fromkeys(("weekday", "weekdays", "workdays", "business_days"), "write `mon..fri`"),
    **dict.fromkeys(("weekend", "weekends"), "write `sat..sun`"),
    **dict.fromkeys(("daily", "always", "any", "all", "everyday"), "write `mon..sun`"),
}
"""What other calendars call several days."""


def needs(nodes: Iterable[syntax.Need], diagnostics: Diagnostics) -> tuple[ir.Requirement, ...]:
    """Requirements; one with a mistake in it is reported and left out."""
    found: list[ir.Requirement] = []
    for node in nodes:
        within = times.seconds(node.within, diagnostics, positive=True) if node.within else None
        match node:
            case syntax.StepUpNeed():
                method = literals.text(node.method, diagnostics)
                if method is not None:
                    found.append(ir.StepUp(method, within, node.span))
            case syntax.ConfirmationNeed():
                found.append(ir.Confirmation(within, node.span))
            case syntax.ApprovalNeed():
                texts = [literals.text(each, diagnostics) for each in node.by]
                by = tuple(sorted({each for each in texts if each is not None}))
                wanted = literals.count(node.count, 1, diagnostics) if node.count else 1
                found.append(ir.Approval(by, wanted or 1, within, node.per_task, node.span))
            case _:
                assert_never(node)
    return tuple(found)


def check_approvals(
    requirements: Iterable[ir.Requirement], of: Span, diagnostics: Diagnostics
) -> None:
    """Report more approvals than an answer may rest on, which none would ever meet."""
    approvals = approvals_of(requirements)
    if len(approvals) > MOST_APPROVALS:
        report(
            diagnostics,
            "AGP1415",
            approvals[MOST_APPROVALS].span or of,
            f"an answer rests on at most {MOST_APPROVALS} approvals, and this rule asks for {len(approvals)}",
            'ask for several people of one role with `count`, or let any of several approve: `by "role:A", "role:B"`',
        )


def credential(node: syntax.CredentialClause, diagnostics: Diagnostics) -> ir.Credential | None:
    """Lower `credential ttl D [renew N]`."""
    ttl = times.seconds(node.ttl, diagnostics, positive=True)
    renew = literals.count(node.renew, 0, diagnostics) if node.renew else 0
    return None if ttl is None or renew is None else ir.Credential(ttl, renew)


def validity(node: syntax.ValidClause, diagnostics: Diagnostics) -> ir.Validity:
    """Lower `valid [from T] [until T]`: a day that ends it is included, a time is not."""

    def edge(at_: syntax.Date | syntax.Time | None, next_day: bool) -> str | None:
        if isinstance(at_, syntax.Date):
            return times.day(at_, diagnostics, next_day=next_day)
        return None if at_ is None else times.instant(at_, diagnostics)

    start, end = edge(node.start, False), edge(node.end, True)
    if start is not None and end is not None and is_before(end, start):
        report(
            diagnostics,
            "AGP1404",
            node.span,
            "this validity ends before it starts",
            "swap the two, or correct one",
        )
    return ir.Validity(start, end)


def while_valid(node: syntax.ValidClause, diagnostics: Diagnostics) -> tuple[ir.Condition, ...]:
    """What `valid` says of a forbid, as conditions: where the time is unknown, so are they."""
    found = validity(node, diagnostics)
    edges: tuple[tuple[Literal[">=", "<"], str | None], ...] = (
        (">=", found.start),
        ("<", found.end),
    )
    return tuple(
        ir.Compare(op, NOW, ir.Constant(ir.TIME, edge), node.span)
        for op, edge in edges
        if edge is not None
    )


def window(node: syntax.DuringClause, diagnostics: Diagnostics) -> ir.Window | None:
    """Lower `during DAYS HH:MM..HH:MM "Zone"`."""
    days: set[int] = set()
    for first, last in node.days:
        edges = []
        for each in (first, last):
            if each.text in DAYS:
                edges.append(DAYS.index(each.text))
            else:
                report(
                    diagnostics,
                    "AGP1101",
                    each.span,
                    f"`{each.text}` is not a day",
                    _DAYS.get(each.text.lower())
                    or f"days are {', '.join(f'`{day}`' for day in DAYS)}",
                )
        if len(edges) == 2:
            span = (edges[1] - edges[0]) % 7
            days.update((edges[0] + step) % 7 for step in range(span + 1))
    start = times.clock(node.start, diagnostics)
    end = times.clock(node.end, diagnostics, end=True)
    zone = times.zone(node.zone, diagnostics)
    if start is None or end is None or zone is None:
        return None
    if start == end:
        report(
            diagnostics,
            "AGP1404",
            node.start.span.to(node.end.span),
            "this window ends when it starts",
            "for whole days write `00:00..24:00`",
        )
    return ir.Window(tuple(sorted(days)), start, end, zone)


def audit(node: syntax.AuditClause, diagnostics: Diagnostics) -> ir.Obligation:
    """Lower `audit full` or `audit metadata`, which is an obligation like others."""
    if node.level.text not in ("full", "metadata"):
        report(
            diagnostics,
            "AGP1101",
            node.level.span,
            f"there is no audit `{node.level.text}`",
            "write `audit full` or `audit metadata`",
        )
    return ir.Obligation("audit", (("level", node.level.text),))


def obligation(node: syntax.ObligeClause, diagnostics: Diagnostics) -> ir.Obligation:
    """Lower `oblige name(key: literal, …)`."""
    if node.name.text == "audit":
        report(
            diagnostics,
            "AGP1105",
            node.name.span,
            "`audit` is an obligation of its own",
            "write `audit full` or `audit metadata`",
        )
    properties: dict[str, ir.Value] = {}
    for pair in node.properties:
        value = literals.plain(pair.value, diagnostics)
        if not is_word(pair.name.text):
            report(
                diagnostics,
                "AGP1016",
                pair.name.span,
                f"`{pair.name.text}` cannot be the name of a property of an obligation",
                "names in quotes are those of parameters; choose one of letters, digits and `_`",
            )
            continue
        if pair.name.text in properties:
            report(diagnostics, "AGP1102", pair.name.span, f"`{pair.name.text}` stands twice")
        if value is not None:
            properties[pair.name.text] = value
    return ir.Obligation(node.name.text, tuple(sorted(properties.items())))
