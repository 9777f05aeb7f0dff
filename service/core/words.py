"""What a person said in a task, as much of it as fits; of what does not it is said how much there is."""

from __future__ import annotations

from dataclasses import dataclass

from ..store import Event
from .view import View


@dataclass(frozen=True, slots=True)
class Words:
    """Words in their order. The first are always there: what was asked for; what is left out comes right after them."""

    events: list[Event]
    left_out: int


def words_of(view: View, task: str, most: int) -> Words:
    """Give what was said in a task: all of it, or the first and the latest words."""
    found = view.events_of_task(task, kinds=("said",), limit=most)[::-1]
    if len(found) < most:
        return Words(found, 0)
    where = "task = ? AND kind = 'said'"
    ((said,),) = view.reading.select(f"SELECT count(*) FROM event WHERE {where}", (task,))
    if said == most:
        return Words(found, 0)
    first = view.reading.find(Event, f"{where} ORDER BY seq LIMIT 1", (task,))
    return Words([*first, *found[1:]], said - most)
