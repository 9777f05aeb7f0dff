"""One meter in a store: a call is counted, or taken out; the window moves on; and what a request says of it is read.

Each call counts once, when it is decided, and leaves its window once, so that what either costs does not grow with
the number of calls.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from ...monitor import shares
from ...monitor.aggregates import reading_of
from ...monitor.shares import KeyValues
from ...runtime.facts import MALFORMED, Meter
from ..store.turn import Reading, Turn
from .ids import OF_RUN, any_id, cell_id, cell_of, digest_of, share_id, text_of, within
from .rows import Cell, Share
from .states import State, state_of

MOST_OF_ANY = 100
"""Calls with a malformed key that are kept, of one meter or run: each is looked at when the meter is read."""
AHEAD = 256
"""How many shares that leave the window next are known at once."""


class CellKeeping:
    """How the cells of a meter are kept."""

    def __init__(self, meter: Meter) -> None:
        """Be those of a meter."""
        self.meter = meter
        self.of_task = "task" in meter.scopes
        self._run_at = meter.scopes.index("task") if self.of_task else None
        self._state: State = state_of(meter)

    def cell(self, number: int, keys: KeyValues) -> str:
        """Give the id of the cell of some keys, or of those that may be any."""
        return cell_id(number, keys, self._run_at)

    def cell_of_any(self, number: int, keys: KeyValues) -> str:
        """Give the id of the cell of records that may have these keys, since a key of theirs is malformed."""
        return any_id(number, "" if self._run_at is None else digest_of(keys[self._run_at], OF_RUN))

    # --- What happens -----------------------------------------------------------------------------

    def count(
        self,
        turn: Turn,
        number: int,
        keys: KeyValues,
        time: int,
        share: shares.Share,
        *,
        counts: bool,
        may_change: bool,
    ) -> str | None:
        """Count a call, later than all before, now or perhaps later; give the id of its share, if one is kept."""
        id = self.cell(number, keys)
        is_of_any = MALFORMED in keys
        cell = turn.get(Cell, id) or Cell(
            id, "[0, null]" if is_of_any else self._state.nothing, 0, None
        )
        if is_of_any and not _has_room(cell, time):
            turn.put(cell)
            return None
        if share.broken or is_of_any:
            value, written = (_text_of(keys) if is_of_any else None), None
        else:
            value, written = self._state.written(share)
        row = Share(share_id(id, time), value, written, share.broken or is_of_any, counts)
        if counts:
            self._take_in(turn, cell, row)
        leaves = self.meter.within is not None
        is_kept = leaves or may_change or is_of_any
        if is_kept:
            turn.add(row)
        if leaves:
            _expect(cell, time)
        turn.put(cell)
        return row.id if is_kept and may_change else None

    def change(self, turn: Turn, id: str, *, counts: bool) -> None:
        """Take in that it is certain now whether a call counts."""
        row, (at, _) = turn.get(Share, id), cell_of(id)
        cell = turn.get(Cell, at)
        if row is None or cell is None:
            return  # it has left the window
        if bool(row.counts) != counts:
            row.counts = counts
            if counts:
                self._take_in(turn, cell, row)
            elif self._take_out(turn, cell, row):
                turn.put(row)
                self._state.settle(turn, cell, -1)
        is_read_again = self.meter.within is not None or self.meter.aggregate in ("max", "last")
        if counts and (is_read_again or _is_of_any(cell.id)):
            turn.put(row)
        else:
            turn.remove(Share, id)
            _make_room(cell)
        turn.put(cell)

    def pass_time(self, reading: Reading, cell: Cell, now: int) -> None:
        """Take out what has left the window."""
        starts = now - (self.meter.within or 0)
        if self.meter.within is None or cell.since is None or cell.since > starts:
            return
        has_to_settle = False
        while cell.since is not None and cell.since <= starts:
            due = _due(reading, cell, starts)
            reading.fetch(Share, due)
            for id in due:
                row = reading.get(Share, id)
                if row is not None:
                    if row.counts and self._take_out(reading, cell, row):
                        has_to_settle = True
                    if isinstance(reading, Turn):
                        reading.remove(Share, id)
                    _make_room(cell)
        if has_to_settle:
            self._state.settle(reading, cell, starts)
        if isinstance(reading, Turn):
            if cell.since is None and not cell.broken and cell.state == self._state.nothing:
                reading.remove(Cell, cell.id)
            else:
                reading.put(cell)

    def _take_in(self, turn: Turn, cell: Cell, row: Share) -> None:
        if row.broken:
            cell.broken += 1
        else:
            self._state.add(turn, cell, row)

    def _take_out(self, reading: Reading, cell: Cell, row: Share) -> bool:
        if row.broken:
            cell.broken -= 1
            return False
        return self._state.remove(reading, cell, row)

    # --- What is asked ----------------------------------------------------------------------------

    def read(
        self, reading: Reading, number: int, keys: KeyValues, now: int, own: shares.Share | None
    ) -> dict[str, Any]:
        """Give what a request says of the meter, of a call with these keys, none of which is malformed."""
        of_any = reading.get(Cell, self.cell_of_any(number, keys))
        if of_any is not None and self._may_be_of(reading, of_any, keys, now):
            return {}
        id = self.cell(number, keys)
        cell = reading.get(Cell, id) or Cell(id, self._state.nothing, 0, None)
        self.pass_time(reading, cell, now)
        if cell.broken:
            return {}
        return reading_of(self.meter, lambda each: self._state.value(reading, cell, each), own)

    def _may_be_of(self, reading: Reading, cell: Cell, keys: KeyValues, now: int) -> bool:
        """Whether one of the records that may have any keys may have these."""
        self.pass_time(reading, cell, now)
        _, lacking = json.loads(cell.state)
        if lacking is not None and (self.meter.within is None or lacking > now - self.meter.within):
            return True
        if not cell.broken:
            return False
        wanted = [text_of(each) for each in keys]
        begin, end = within(cell.id)
        if cell.since is not None:
            begin = share_id(cell.id, cell.since)
        rows = reading.find(Share, "id >= ? AND id < ? AND counts", (begin, end))
        return any(
            all(
                one is None or one == other
                for one, other in zip(json.loads(row.value or "[]"), wanted, strict=True)
            )
            for row in rows
        )


# --- What leaves the window next ------------------------------------------------------------------


def _expect(cell: Cell, time: int) -> None:
    """Take in that a share leaves the window after all others."""
    if cell.since is None:
        cell.since, cell.queue, cell.whole = time, deque(), True
    if cell.queue is not None and cell.whole:
        if len(cell.queue) < AHEAD:
            cell.queue.append(time)
        else:
            cell.whole = False


def _due(reading: Reading, cell: Cell, starts: int) -> list[str]:
    """Give some ids of shares that have left the window, and go on to the next."""
    assert cell.since is not None
    if not cell.queue:
        _, end = within(cell.id)
        where = f"id >= ? AND id < ? ORDER BY id LIMIT {AHEAD}"
        found = reading.find(Share, where, (share_id(cell.id, cell.since), end), kept=True)
        cell.queue = deque(cell_of(each.id)[1] for each in found)
        cell.whole = len(found) < AHEAD
    due = []
    while cell.queue and cell.queue[0] <= starts:
        due.append(cell.queue.popleft())
    if cell.queue:
        cell.since = cell.queue[0]
    else:
        cell.since = None if cell.whole else due[-1] + 1
    return [share_id(cell.id, each) for each in due]


# --- Records that may have any keys ---------------------------------------------------------------


def _is_of_any(cell: str) -> bool:
    return cell.endswith("?")


def _text_of(keys: KeyValues) -> str:
    return json.dumps([text_of(each) for each in keys])


def _has_room(cell: Cell, time: int) -> bool:
    """Whether one more is kept; else it is not known from here back what there was."""
    number, lacking = json.loads(cell.state)
    if number >= MOST_OF_ANY:
        cell.state = json.dumps([number, time])
        return False
    cell.state = json.dumps([number + 1, lacking])
    return True


def _make_room(cell: Cell) -> None:
    if _is_of_any(cell.id):
        number, lacking = json.loads(cell.state)
        cell.state = json.dumps([number - 1, lacking])
