"""What one cell comes to: how it grows and shrinks by one share in the rows of a store, and what a request says of it.

What an aggregate means is the monitor's; here is how it is kept. A plain reading changes its own rows and writes none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from ...monitor import shares
from ...monitor.aggregates import greatest, latest, sum_of
from ...runtime.facts import Meter
from ..store.turn import Reading, Turn
from .ids import OF_VALUES, cell_of, digest_of, in_order, peak_id, share_id, text_of, within
from .rows import Cell, Different, Peak, Share


class State(Protocol):
    """An aggregate in rows. `written` is what a share keeps of what its call adds."""

    nothing: str
    """The state of a cell in which nothing counts."""

    def written(self, share: shares.Share) -> tuple[str | None, str | None]:
        """Give what a row keeps of what a call adds: its value, and how it was written."""

    def add(self, reading: Reading, cell: Cell, share: Share) -> None:
        """Take a share in."""

    def remove(self, reading: Reading, cell: Cell, share: Share) -> bool:
        """Take a share out that was taken in; say whether the cell has to be `settled` after it."""

    def settle(self, reading: Reading, cell: Cell, after: int) -> None:
        """Look anew for what the cell comes to, among what is later than a time."""

    def value(self, reading: Reading, cell: Cell, own: shares.Share | None) -> Any:
        """Give what a request says, or UNKNOWN."""


class Sum:
    """A count, or an exact sum, as digits."""

    nothing = "0"

    def __init__(self, meter: Meter) -> None:
        """Be that of a meter."""
        self._meter = meter

    def written(self, share: shares.Share) -> tuple[str | None, str | None]:
        """Keep an amount, if it is not one."""
        return None if share.value == 1 else str(share.value), None

    def add(self, reading: Reading, cell: Cell, share: Share) -> None:
        """Take a share in."""
        cell.state = str(int(cell.state) + int(share.value or 1))

    def remove(self, reading: Reading, cell: Cell, share: Share) -> bool:
        """Take a share out."""
        cell.state = str(int(cell.state) - int(share.value or 1))
        return False

    def settle(self, reading: Reading, cell: Cell, after: int) -> None:
        """Need nothing more."""

    def value(self, reading: Reading, cell: Cell, own: shares.Share | None) -> Any:
        """Give what a request says, or UNKNOWN."""
        return sum_of(self._meter, int(cell.state)).value(own)


class Greatest:
    """The greatest value, as it was written, with the id of its peak; of equal ones the first."""

    nothing = ""

    def __init__(self, meter: Meter) -> None:
        """Be that of a meter."""
        assert meter.attribute is not None
        self._read, self._times = meter.attribute.read, meter.times

    def written(self, share: shares.Share) -> tuple[str | None, str | None]:
        """Keep what stands in order, and what was written."""
        return in_order(share.value), json.dumps(share.written)

    def add(self, reading: Reading, cell: Cell, share: Share) -> None:
        """Take a share in."""
        peak = self._peak(share)
        if isinstance(reading, Turn):
            reading.put(peak)
        if not cell.state or peak.id > json.loads(cell.state)[0]:
            cell.state = json.dumps([peak.id, peak.written])

    def remove(self, reading: Reading, cell: Cell, share: Share) -> bool:
        """Take a share out."""
        peak = self._peak(share)
        if isinstance(reading, Turn):
            reading.remove(Peak, peak.id)
        return bool(cell.state) and peak.id == json.loads(cell.state)[0]

    def settle(self, reading: Reading, cell: Cell, after: int) -> None:
        """Find the greatest one that is left."""
        where = "id >= ? AND id < ? AND at > ? ORDER BY id DESC LIMIT 1"
        found = reading.find(Peak, where, (*within(cell.id), after))
        cell.state = json.dumps([found[0].id, found[0].written]) if found else self.nothing

    def value(self, reading: Reading, cell: Cell, own: shares.Share | None) -> Any:
        """Give what a request says."""
        best = None
        if cell.state:
            written = json.loads(json.loads(cell.state)[1])
            best = (self._read(written), written)
        return greatest(best, own, self._times)

    def _peak(self, share: Share) -> Peak:
        cell, time = cell_of(share.id)
        return Peak(peak_id(cell, share.value or "", time), time, share.written or "")


class Latest:
    """The time of the latest share."""

    nothing = ""

    def written(self, share: shares.Share) -> tuple[str | None, str | None]:
        """Keep nothing but the time, which is in the id."""
        return None, None

    def add(self, reading: Reading, cell: Cell, share: Share) -> None:
        """Take a share in."""
        _, time = cell_of(share.id)
        if not cell.state or time > int(cell.state):
            cell.state = str(time)

    def remove(self, reading: Reading, cell: Cell, share: Share) -> bool:
        """Take a share out."""
        return bool(cell.state) and cell_of(share.id)[1] == int(cell.state)

    def settle(self, reading: Reading, cell: Cell, after: int) -> None:
        """Find the latest one that is left."""
        where = "id > ? AND id < ? AND counts AND NOT broken ORDER BY id DESC LIMIT 1"
        _, end = within(cell.id)
        found = reading.find(Share, where, (share_id(cell.id, max(after, 0)), end))
        cell.state = str(cell_of(found[0].id)[1]) if found else self.nothing

    def value(self, reading: Reading, cell: Cell, own: shares.Share | None) -> Any:
        """Give what a request says."""
        return latest(int(cell.state) if cell.state else None)


class Distinct:
    """How many different values there are; how many times each is there stands in rows of its own."""

    nothing = "0"

    def written(self, share: shares.Share) -> tuple[str | None, str | None]:
        """Keep digests of the values."""
        return json.dumps(sorted(map(_digest, share.value))), None

    def add(self, reading: Reading, cell: Cell, share: Share) -> None:
        """Take a share in."""
        self._change(reading, cell, share, 1)

    def remove(self, reading: Reading, cell: Cell, share: Share) -> bool:
        """Take a share out."""
        self._change(reading, cell, share, -1)
        return False

    def _change(self, reading: Reading, cell: Cell, share: Share, more: int) -> None:
        different = int(cell.state)
        ids = [f"{cell.id}/{each}" for each in json.loads(share.value or "[]")]
        reading.fetch(Different, ids)
        for id in ids:
            row = reading.get(Different, id) or Different(id, 0)
            different -= row.times > 0
            row.times += more
            different += row.times > 0
            if isinstance(reading, Turn):
                if row.times > 0:
                    reading.put(row)
                else:
                    reading.remove(Different, id)
        cell.state = str(different)

    def settle(self, reading: Reading, cell: Cell, after: int) -> None:
        """Need nothing more."""

    def value(self, reading: Reading, cell: Cell, own: shares.Share | None) -> Any:
        """Give what a request says."""
        more = 0
        if own is not None:
            ids = [f"{cell.id}/{_digest(each)}" for each in own.value]
            reading.fetch(Different, ids)
            rows = [reading.get(Different, id) for id in ids]
            more = sum(row is None or row.times == 0 for row in rows)
        return int(cell.state) + more


def _digest(value: Any) -> str:
    return digest_of(text_of(value) or "", OF_VALUES)


_STATES: dict[str, Callable[[Meter], State]] = {
    "count": Sum,
    "sum": Sum,
    "sum size": Sum,
    "max": Greatest,
    "last": lambda meter: Latest(),
    "distinct": lambda meter: Distinct(),
}


def state_of(meter: Meter) -> State:
    """Give how a meter is kept."""
    return _STATES[meter.aggregate](meter)
