"""What tests show of rules, as text for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ....compiler.report.json import describe_span

if TYPE_CHECKING:
    from ....compiler.report import Report
    from ....compiler.testing.coverage import Coverage
    from ....compiler.testing.coverage_points import Point, PointRecord, Result

NOT_SHOWN: dict[Result, str] = {
    "decides": "no test is decided by it",
    "overrides": "no test has it override an allow",
    "true": "not seen true",
    "false": "not seen false",
    "unknown": "not seen unknown",
    "met": "not seen met",
    "missing": "not seen missing",
}


def score_text(coverage: Coverage) -> str:
    """Say how much was covered."""
    found = coverage.score
    rules = len(coverage.of)
    decided = sum(bool(records[0].shown) for records in coverage.of.values())
    return (
        f"coverage {found.text}%: {found.covered} of {found.countable}, "
        f"with {decided} of {rules} rules that decided something"
    )


def render_text(coverage: Coverage, report: Report) -> str:
    """Say of each rule what no test showed of it, then how much was covered."""
    from ....compiler.testing.coverage import score
    from ....compiler.text.visible import visible

    lines = []
    for rule, records in coverage.of.items():
        gaps = [line for record in records for line in gap_lines(record)]
        if gaps:
            found = score(records)
            place = report.place(records[0].point.span)
            lines.append(visible(f"{rule}: {found.covered} of {found.countable}, at {place}"))
            lines += [f"    {visible(each)}" for each in gaps]
    lines.append(score_text(coverage))
    return "\n".join(lines) + "\n"


def gap_lines(record: PointRecord) -> Iterator[str]:
    """What no test showed of a part of a rule."""
    point = record.point
    part = f"{part_text(point)}: " if point.judged is not None else ""
    for result in point.results:
        if result in record.shown:
            continue
        if result in record.never:
            yield f"{part}{NOT_SHOWN[result]}; never: {record.never[result]}"
        elif result in record.countable:
            why = record.open.get(result)
            yield f"{part}{NOT_SHOWN[result]}" + (f"; undetermined: {why}" if why else "")
        elif point.kind in ("overrides", "requirement"):
            yield f"{part}{NOT_SHOWN[result]} (not counted)"


def part_text(point: Point) -> str:
    """Name a part of a rule: its clause, and how it is written."""
    return f"{point.clause} {point.text}"


def document(coverage: Coverage, report: Report) -> dict[str, Any]:
    """What `--coverage=json` prints, as data."""
    from ....compiler.ir import nodes as ir
    from ....compiler.testing.coverage import score

    total = coverage.score
    rules = []
    for id, records in coverage.of.items():
        first, found = records[0].point, score(records)
        rules.append(
            {
                "rule": id,
                "effect": "allow" if isinstance(first.rule, ir.Allow) else "forbid",
                "place": describe_span(first.span, report),
                "covered": found.covered,
                "countable": found.countable,
                "points": [_point(each, report) for each in records],
            }
        )
    return {
        "percent": float(total.text),
        "covered": total.covered,
        "countable": total.countable,
        "rules": rules,
    }


def render_json(coverage: Coverage, report: Report) -> str:
    """Render the document."""
    return json.dumps(document(coverage, report), indent=2) + "\n"


def _point(record: PointRecord, report: Report) -> dict[str, Any]:
    point = record.point
    return {
        "kind": point.kind,
        "clause": point.clause or None,
        "text": point.text or None,
        "place": describe_span(point.span, report),
        "counted": list(record.countable),
        "shown": {each: record.shown[each] for each in point.results if each in record.shown},
        "never": dict(record.never),
        "undetermined": dict(record.open),
    }
