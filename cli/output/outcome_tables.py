"""What became of tests as tables: for each block that makes several calls, or is for several agents, who got what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ...compiler.telling.outcomes import (
    count_line,
    lines_about,
    render_json,
    render_junit,
    render_text,
)
from ...compiler.text.visible import visible, width
from .matrix import folded, terminal

if TYPE_CHECKING:
    from ...compiler.report import Report
    from ...compiler.testing.run import Outcome


def render(outcomes: Sequence[Outcome], report: Report) -> str:
    """Render a table for each block, a line for each other test, more for each that failed, and the count."""
    lines: list[str] = []
    for block, group in groupby(outcomes, key=_block):
        cases = list(group)
        if block is None:
            lines += (line for each in cases for line in lines_about(each, report))
            continue
        passed = all(each.passed for each in cases)
        lines.append(f"{'pass' if passed else 'FAIL'}  {visible(block)}")
        lines += (f"      {line}".rstrip() for line in table(cases))
        for each in cases:
            if not each.passed:
                lines += lines_about(each, report)
    return "\n".join([*lines, count_line(outcomes)]) + "\n"


def _block(outcome: Outcome) -> str | None:
    return None if outcome.test.cell is None else outcome.test.cell.block


def table(cases: Sequence[Outcome]) -> Iterator[str]:
    """A row for each agent and a column for each call, in order; what the block does not ask is left empty."""
    cells: dict[tuple[str, str], str] = {}
    for each in cases:
        assert each.test.cell is not None
        agent, call = visible(each.test.cell.agent), visible(each.test.cell.call)
        mark = "" if each.passed else "FAIL "
        before = cells.get((agent, call))
        said = f"{mark}{each.got.effect}"
        cells[agent, call] = said if before is None else f"{before} / {said}"
    agents, calls = (list(dict.fromkeys(key[at] for key in cells)) for at in (0, 1))
    rows = [["", *calls]]
    rows += [[agent, *(cells.get((agent, call), "") for call in calls)] for agent in agents]
    widths = [max(width(row[at]) for row in rows) for at in range(len(calls) + 1)]
    most = terminal()
    for columns in folded(widths, None if most is None else most - 6):
        for row in rows:
            yield "  ".join(row[at] + " " * (widths[at] - width(row[at])) for at in (0, *columns))


RENDERERS: dict[str, Callable[[Sequence[Outcome], Report], str]] = {
    "text": render_text,
    "matrix": render,
    "json": render_json,
    "junit": render_junit,
}
