"""Coverage as a page that needs nothing from outside: the policy, with what tests show of each part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from markupsafe import Markup

from ....compiler.text.counted import first_of
from ....compiler.text.visible import visible
from ..html import templates_of
from .lines import CoveredFile, Line, by_file
from .words import NOT_SHOWN, part_text

if TYPE_CHECKING:
    from ....compiler.report import Report
    from ....compiler.report.source import PolicyFile
    from ....compiler.testing.coverage import Coverage
    from ....compiler.testing.coverage_points import PointRecord

State: TypeAlias = Literal["all", "some", "none", "free"]
SIGNS: dict[State, str] = {"all": "✓", "some": "◐", "none": "✗", "free": "·"}
WORDS: dict[State, str] = {
    "all": "all of it was shown",
    "some": "some of it was shown",
    "none": "nothing of it was shown",
    "free": "nothing of it counts",
}

MOST_OPEN = 6  # parts of a line that are shown at once
MOST_TESTS = 3  # that are named for one result


def page(coverage: Coverage, report: Report, files: Sequence[PolicyFile]) -> str:
    """Fill in the page; every text in it is escaped, and what cannot be seen is made visible."""
    environment = templates_of(__package__)
    environment.filters["source"] = lambda text: Markup("\t").join(map(visible, text.split("\t")))
    sources = {each.source.name: each.source.lines() for each in files}
    covered = by_file(coverage, report)
    return environment.get_template("coverage.html.j2").render(
        score=coverage.score,
        rules=len(coverage.of),
        decided=sum(bool(records[0].shown) for records in coverage.of.values()),
        signs=SIGNS,
        words=WORDS,
        files=[
            _file(number, each, sources.get(each.name, [])) for number, each in enumerate(covered)
        ],
    )


def _file(number: int, covered: CoveredFile, source: Sequence[str]) -> dict[str, Any]:
    lines = covered.lines.values()
    text = source[:-1] if source and not source[-1] else source  # after the end of the last line
    atoms: dict[int, list[PointRecord]] = defaultdict(list)
    for each in (record for line in lines for record in line.records):
        if each.point.kind == "atom":
            for at in range(each.point.span.line, each.point.span.end_line + 1):
                atoms[at].append(each)
    return {
        "anchor": f"file-{number}",
        "path": covered.path,
        "covered": sum(each.covered for each in lines),
        "countable": sum(each.countable for each in lines),
        "rows": [
            _row(at, line, covered.lines.get(at), atoms.get(at, []))
            for at, line in enumerate(text, 1)
        ],
    }


def _row(number: int, text: str, line: Line | None, atoms: Sequence[PointRecord]) -> dict[str, Any]:
    records = [] if line is None else line.records
    state = state_of(records) if records else None
    return {
        "number": number,
        "pieces": list(pieces(text, number, atoms)),
        "state": state,
        "share": f"{line.covered}/{line.countable}" if line and line.countable else "",
        "parts": (parts := [part for each in records if (part := _part(each)) is not None]),
        "is_open": state in ("some", "none") and len(parts) <= MOST_OPEN,
    }


def pieces(
    text: str, number: int, atoms: Sequence[PointRecord]
) -> Iterator[tuple[State | None, str]]:
    """A line cut where atoms begin and end, each piece with the state of what stands there.

    Several rules may read one atom through a definition: then it is of all of them together.
    """
    cuts = {0, len(text)}
    stretches: list[tuple[int, int, PointRecord]] = []
    for each in atoms:
        span = each.point.span
        start = span.column - 1 if span.line == number else len(text) - len(text.lstrip())
        end = min(span.end_column - 1, len(text)) if span.end_line == number else len(text)
        if start < end:
            stretches.append((start, end, each))
            cuts |= {start, end}
    at = sorted(cuts)
    for start, end in pairwise(at):
        here = [each for low, high, each in stretches if low <= start and end <= high]
        yield (state_of(here) if here else None), text[start:end]


def state_of(records: Sequence[PointRecord]) -> State:
    """How much was shown of what counts; of several parts together."""
    covered = sum(len(each.covered) for each in records)
    countable = sum(len(each.countable) for each in records)
    if not countable:
        return "free"
    return "all" if covered == countable else "some" if covered else "none"


def _part(record: PointRecord) -> dict[str, Any] | None:
    point = record.point
    if point.kind == "condition":
        return None  # its atoms say more
    return {
        "rule": point.rule.id,
        "text": part_text(point) if point.judged is not None else "",
        "results": [
            {
                "word": result,
                "shown": result in record.shown,
                "counts": result in record.countable,
                "by": _by(record.shown.get(result, [])),
                "never": record.never.get(result),
                "open": record.open.get(result),
                "not_shown": NOT_SHOWN[result],
            }
            for result in point.results
            if result in record.shown or result in point.counted or point.kind != "atom"
        ],
    }


def _by(tests: Sequence[str]) -> str:
    return first_of([f'"{each}"' for each in dict.fromkeys(tests)], MOST_TESTS)
