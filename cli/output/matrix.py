"""The matrix of agents and capabilities as a table for a terminal, for a spreadsheet and as a page."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from ...compiler.telling.matrix import SHORT, free, how, told

if TYPE_CHECKING:
    from ...compiler.telling.matrix import Matrix

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula


def to_table(found: Matrix) -> str:
    """A table for a terminal."""
    from ...compiler.text.visible import visible, width

    lines = [["", *found.capabilities]]
    lines += [
        [visible(row.title(found.policy)), *(told(found.policy, cell) for cell in row.cells)]
        for row in found.rows
    ]
    widths = [max(width(line[at]) for line in lines) for at in range(len(lines[0]))]
    shown: list[str] = []
    for columns in folded(widths, terminal()):
        shown += [""] if shown else []
        for line in lines:
            cells = (line[at] + " " * (widths[at] - width(line[at])) for at in (0, *columns))
            shown.append("  ".join(cells).rstrip())
    legend = ", ".join(f"{short} = {long}" for long, short in SHORT.items() if short != long)
    if any(free(found.policy, cell) for row in found.rows for cell in row.cells):
        legend += ", (N) = N arguments that nothing binds"
    legend = textwrap.fill(legend, terminal() or len(legend))
    return "\n".join([*shown, "", legend, ""])


def terminal() -> int | None:
    """The columns of the terminal, or of `COLUMNS`; None where nobody says how wide it is."""
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given[:6]) > 0:
        return int(given[:6])
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if is_terminal else None


def folded(widths: Sequence[int], most: int | None) -> Iterator[range]:
    """Columns but the first, as many together as fit beside it; at least one."""
    start, used = 1, widths[0]
    for at in range(1, len(widths)):
        if most is not None and at > start and used + 2 + widths[at] > most:
            yield range(start, at)
            start, used = at, widths[0]
        used += 2 + widths[at]
    yield range(start, len(widths))


def to_csv(found: Matrix) -> str:
    """A table for spreadsheets, in which nothing is a formula (RFC 4180)."""
    stream = io.StringIO()
    write = csv.writer(stream)
    write.writerow(map(harmless, ("agent", "id", *found.capabilities, "free arguments")))
    for row in found.rows:
        cells = (how(cell) for cell in row.cells)
        exposed = str(sum(free(found.policy, cell) for cell in row.cells))
        write.writerow(map(harmless, (row.title(found.policy), row.agent, *cells, exposed)))
    return stream.getvalue()


def harmless(text: str) -> str:
    """Text of a cell that no spreadsheet computes."""
    from ...compiler.text.visible import visible

    shown = visible(text)
    return f"'{shown}" if text.startswith(FORMULA) else shown


def to_html(found: Matrix) -> str:
    """A page for a reviewer, whole in itself."""
    from .matrix_page import page

    return page(found)


RENDERERS: dict[str, Callable[[Matrix], str]] = {
    "table": to_table,
    "csv": to_csv,
    "html": to_html,
}
