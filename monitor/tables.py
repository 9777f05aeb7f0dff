"""One meter over all values of its keys."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ..runtime.facts import MALFORMED, Meter
from .cells import FOREVER, Cell, start_of
from .shares import KeyValues, Share

MOST_OF_ANY = (
    1_000  # records with a malformed key, each of which is looked at when the meter is read
)


class Table:
    """The cells of a meter, and the records that may be of any of several since a key of theirs is malformed."""

    __slots__ = ("_last_of_any", "_of_any", "cells", "known_from", "meter", "most")

    def __init__(self, meter: Meter, most: int, known_from: float) -> None:
        """Start without a cell; one that is not there has had no record after `known_from`."""
        self.meter = meter
        self.most = most
        self.known_from = known_from
        self.cells: OrderedDict[KeyValues, Cell] = OrderedDict()
        self._of_any: dict[tuple[int, KeyValues], int] = {}  # a call of a chain has several keys
        self._last_of_any: float = -FOREVER  # when one of these was taken out

    def count(
        self, keys: KeyValues, order: int, time: int, share: Share, at: int, since: float = -FOREVER
    ) -> None:
        """Take a call in that counts from `at` on; nothing with these keys was up to `since`."""
        if MALFORMED in keys:
            self._of_any[order, keys] = time
            if len(self._of_any) > MOST_OF_ANY:
                (first, others), at = next(iter(self._of_any.items()))
                self.forget(others, first, at)
            return
        cell = self.cells.get(keys)
        if cell is None:
            cell = self.cells[keys] = Cell(self.meter, self._known_from(since))
            if len(self.cells) > self.most:
                _, oldest = self.cells.popitem(last=False)
                self.known_from = max(self.known_from, oldest.latest, oldest.known_from)
        else:
            self.cells.move_to_end(keys)
        cell.count(order, time, share, at)

    def discount(self, keys: KeyValues, order: int, at: int) -> None:
        """Take a call out that counts no longer from `at` on."""
        if self._of_any.pop((order, keys), None) is not None:
            self._last_of_any = at
        cell = self.cells.get(keys)
        if cell is not None:
            cell.discount(order, at)

    def forget(self, keys: KeyValues, order: int, time: int) -> None:
        """Lose a call of which nobody will tell any more whether it counts."""
        if MALFORMED in keys:
            self._of_any.pop((order, keys), None)
            self.known_from = max(self.known_from, time)
            for cell in self.cells.values():
                cell.known_from = max(cell.known_from, time)
        elif keys in self.cells:
            self.cells[keys].forget(order, time)
        else:
            self.known_from = max(self.known_from, time)

    def drop(self, keys: KeyValues) -> None:
        """Let a cell go that nobody will read."""
        self.cells.pop(keys, None)

    def read(
        self, keys: KeyValues, now: int, own: Share | None, since: float = -FOREVER
    ) -> dict[str, Any]:
        """Give what a request says of the meter, of a call with these keys."""
        starts = start_of(self.meter, now)
        if self._last_of_any > now:
            return {}
        for (_, others), time in self._of_any.items():
            if time > starts and _may_be(others, keys):
                return {}
        cell = self.cells.get(keys)
        if cell is None:
            cell = Cell(self.meter, self._known_from(since))
        return cell.read(now, own)

    def _known_from(self, since: float) -> float:
        """From when on a new cell is known to have all: always, where what is not known was before its first."""
        return self.known_from if self.known_from >= since else -FOREVER


def _may_be(keys: KeyValues, wanted: KeyValues) -> bool:
    """Whether a record may share the keys of a call."""
    return all(one is MALFORMED or one == other for one, other in zip(keys, wanted, strict=True))
