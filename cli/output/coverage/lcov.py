"""Coverage as LCOV's tracefile, which editors and CI show beside the source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .lines import CoveredFile, by_file

if TYPE_CHECKING:
    from ....compiler.report import Report
    from ....compiler.testing.coverage import Coverage


def render(coverage: Coverage, report: Report) -> str:
    """Render a record for each file; the format ends each entry at the end of its line."""
    return "".join(f"{line}\n" for each in by_file(coverage, report) for line in _record(each))


def _record(covered: CoveredFile) -> Iterator[str]:
    from ....compiler.text.visible import visible

    yield "TN:"
    yield f"SF:{visible(covered.path)}"
    rules = [(each.point, len(each.shown.get("decides", ()))) for each in covered.rules]
    for point, _ in rules:
        yield f"FN:{point.span.line},{visible(point.rule.id)}"
    for point, hits in rules:
        yield f"FNDA:{hits},{visible(point.rule.id)}"
    yield f"FNF:{len(rules)}"
    yield f"FNH:{sum(hits > 0 for _, hits in rules)}"
    found = hit = 0
    for line in covered.lines.values():
        for block, (record, counts) in enumerate(line.branches):
            for branch, count in enumerate(counts):
                # A dash says that nothing of it was asked for.
                yield f"BRDA:{line.number},{block},{branch},{count if record.shown else '-'}"
                found += 1
                hit += count > 0
    yield f"BRF:{found}"
    yield f"BRH:{hit}"
    for line in covered.lines.values():
        yield f"DA:{line.number},{line.hits}"
    yield f"LF:{len(covered.lines)}"
    yield f"LH:{sum(line.hits > 0 for line in covered.lines.values())}"
    yield "end_of_record"
