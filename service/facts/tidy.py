"""What nobody asks for any more goes: what was kept for a run that has ended, for a meter that is none, and out of windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..store.rows import Row
from ..store.turn import Turn
from .cells import CellKeeping
from .ids import line_id, number_in, of_run, within
from .rows import Cell, Different, Line, Peak, Run, Share

CELLS = 64
"""That are looked at in one round, of which there is one for as many calls."""
MOST_ROWS = 1_000
"""Of one cell that nobody asks for, which go in one round."""


def end_run(turn: Turn, kept: Sequence[tuple[int, CellKeeping]], run: str) -> None:
    """Remove what is kept for a run, by meters with their numbers."""
    of_task = [(number, each) for number, each in kept if each.of_task]
    for cls, aggregate in ((Cell, None), (Share, None), (Peak, "max"), (Different, "distinct")):
        ranges = [
            of_run(number, run)
            for number, each in of_task
            if aggregate in (None, each.meter.aggregate)
        ]
        if ranges:
            remove_among(turn, cls, ranges)
    row = turn.get(Run, run)
    if row is not None:
        remove_among(turn, Line, [within(line_id(row.epoch, row.id, 0).partition("/")[0])])
        turn.remove(Run, row.id)


class Tidy:
    """Goes round all cells, a few at a time."""

    def __init__(self, kept_of: Callable[[Turn, int], CellKeeping | None]) -> None:
        """Begin with the first; `kept_of` gives the meter of a number, if it is one of now."""
        self._kept_of = kept_of
        self._after = ""
        self._calls = 0

    def called(self, turn: Turn) -> None:
        """Do a round when it is time for one."""
        self._calls += 1
        if self._calls >= CELLS:
            self._calls = 0
            self.round(turn)

    def round(self, turn: Turn) -> None:
        """Look at the next cells."""
        cells = turn.find(Cell, "id > ? ORDER BY id LIMIT ?", (self._after, CELLS))
        self._after = cells[-1].id if len(cells) == CELLS else ""
        for cell in cells:
            kept = self._kept_of(turn, number_in(cell.id))
            if kept is not None:
                kept.pass_time(turn, cell, turn.time)
            elif all(
                remove_among(turn, cls, [within(cell.id)], MOST_ROWS)
                for cls in (Share, Peak, Different)
            ):
                turn.remove(Cell, cell.id)


def remove_among(
    turn: Turn, cls: type[Row], ranges: Sequence[tuple[str, str]], most: int | None = None
) -> bool:
    """Remove the rows whose ids stand in ranges, or as many as may go at once; say whether these were all."""
    key, name = cls.TABLE.key, cls.TABLE.name
    where = " OR ".join([f'("{key}" >= ? AND "{key}" < ?)'] * len(ranges))
    limit = "" if most is None else f" LIMIT {most}"
    found = turn.select(
        f'SELECT "{key}" FROM "{name}" WHERE {where}{limit}',
        [each for one in ranges for each in one],
    )
    for (id,) in found:
        turn.remove(cls, id)
    return len(found) != most
