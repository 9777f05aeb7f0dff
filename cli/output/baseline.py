"""What a check says of a baseline that it was held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...compiler.text.visible import visible

if TYPE_CHECKING:
    from ...compiler.report import Report

MOST_GONE = 20  # entries of a baseline that are listed


def gone(report: Report, baseline: str) -> str:
    """Say which entries of a baseline apply no more."""
    count = sum(number for number, _ in report.gone)
    what = "1 finding is" if count == 1 else f"{count} findings are"
    lines = [f"note: {what} no longer there: write `{baseline}` anew with --write-baseline"]
    lines += [
        f"  - {text}" + (f" ({number} times)" if number > 1 else "")
        for number, text in report.gone[:MOST_GONE]
    ]
    if len(report.gone) > MOST_GONE:
        lines.append(f"  - and {len(report.gone) - MOST_GONE} more")
    return "".join(f"{visible(line)}\n" for line in lines)
