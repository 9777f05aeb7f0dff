"""Coverage by lines of files, as tools for programs want it: rules are functions, what counts is branches."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ....compiler.structs import Struct, field

if TYPE_CHECKING:
    from ....compiler.report import Report
    from ....compiler.testing.coverage import Coverage
    from ....compiler.testing.coverage_points import PointRecord


class Line(Struct, frozen=False):
    """The parts of rules that begin on a line."""

    number: int
    records: list[PointRecord] = field(default_factory=list)

    @property
    def hits(self) -> int:
        """How many tests came by: those that showed the most of one part."""
        return max(
            (
                len({name for tests in each.shown.values() for name in tests})
                for each in self.records
            ),
            default=0,
        )

    @property
    def branches(self) -> list[tuple[PointRecord, list[int]]]:
        """Of each part that counts how many tests showed each result that counts."""
        return [
            (each, [len(each.shown.get(result, ())) for result in each.countable])
            for each in self.records
            if each.countable
        ]

    @property
    def covered(self) -> int:
        """How many of the results that count were shown."""
        return sum(len(each.covered) for each in self.records)

    @property
    def countable(self) -> int:
        """How many results count."""
        return sum(len(each.countable) for each in self.records)


class CoveredFile(Struct, frozen=False):
    """A file: by the name of its source, and as it was reached; the lines on which something begins."""

    name: str
    path: str
    lines: dict[int, Line]
    rules: list[PointRecord]
    """The rules that begin in it, each as the record of whether it decides."""


def by_file(coverage: Coverage, report: Report) -> list[CoveredFile]:
    """The files that have rules, or what rules refer to, in order."""
    files: dict[str, list[PointRecord]] = defaultdict(list)
    for each in coverage.records:
        files[each.point.span.file].append(each)
    found = []
    for name in sorted(files):
        lines: dict[int, Line] = {}
        for each in sorted(files[name], key=lambda each: each.point.span.line):
            number = each.point.span.line
            lines.setdefault(number, Line(number)).records.append(each)
        rules = [each for each in files[name] if each.point.kind == "decides"]
        found.append(CoveredFile(name, report.path(name), lines, rules))
    return found
