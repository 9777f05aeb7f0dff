"""Where the rules of a comparison stand, and what is said of each cause there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....compiler.structs import Struct
from ....compiler.telling.difference_causes import Cause, causes
from ....compiler.text.counted import first_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....compiler.analysis.diff.difference import Change, Difference, Witness
    from ....compiler.analysis.diff.joint.sides import Side
    from ....compiler.analysis.diff.order import Direction
    from ....compiler.ir import nodes as ir
    from ....compiler.report import Report
    from ....compiler.report.source import Span

LISTED = 8


class Places(Struct):
    """The rules of both sides, and what their files are called."""

    spans: Mapping[Side, Mapping[str, Span]]
    reports: Mapping[Side, Report]

    @classmethod
    def of(cls, policies: Mapping[Side, ir.Policy], reports: Mapping[Side, Report]) -> Places:
        """Look the rules up."""
        spans = {
            side: {rule.id: rule.span for rule in policy.rules} for side, policy in policies.items()
        }
        return cls(spans, reports)

    def at(self, cause: Cause) -> tuple[Span, Report] | None:
        """Where the second policy has the rule that makes the difference, else where the first one had it."""
        by_side: tuple[tuple[Side, tuple[str, ...]], ...] = (
            ("head", cause.head),
            ("base", cause.base),
        )
        for side, rules in by_side:
            for id in rules:
                if id in self.spans[side]:
                    return self.spans[side][id], self.reports[side]
        return None


class Finding(Struct):
    """What one cause makes of the answers, in one direction."""

    cause: Cause
    change: Direction
    changes: tuple[Change, ...]
    text: str

    @property
    def key(self) -> list[object]:
        """What it is about, without a line or a file."""
        return [self.change, list(self.cause.base), list(self.cause.head)]

    @property
    def witnesses(self) -> list[Witness]:
        """Its witnesses, those of the first row."""
        return list(self.changes[0].witnesses)


def findings(found: Difference) -> Iterator[Finding]:
    """What is said of each cause."""
    for cause in causes(found.changes):
        for direction in cause.changes:
            rows = [row for row in cause.rows if row.change.change == direction]
            lines = [f"{direction}: {said_of(cause)}"]
            for row in rows[:LISTED]:
                intents, calls = (first_of(e, LISTED) for e in (row.intents, row.capabilities))
                who = f"{row.agent} for {intents}: {calls}"
                lines.append(f"{who} ({', '.join(row.change.what)}){_condition(row.change)}")
            if len(rows) > LISTED:
                lines.append(f"and {len(rows) - LISTED} more")
            for each in rows[0].change.witnesses:
                said = f"{each.answers['base']} -> {each.answers['head']}"
                lines.append(f"{said}: {json.dumps(each.request, ensure_ascii=True)}")
            yield Finding(cause, direction, tuple(row.change for row in rows), "\n".join(lines))


def said_of(cause: Cause) -> str:
    """What became of the rules of a cause."""
    return "; ".join(
        f"{word} {', '.join(f'`{each}`' for each in rules)}" for word, rules in cause.parts
    )


def _condition(change: Change) -> str:
    if change.missing:
        return f", only where {', '.join(f'`{each}`' for each in change.missing)} is missing or malformed"
    return f", when {' or '.join(change.when)}" if change.when else ""
