"""Reads a trail to be looked at: the events of a task, of a call, from a time on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from ...runtime.call import fields_of
from .events import Broken, Event, read_event
from .trail import Trail


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events are wanted; None is all."""

    task: str | None = None
    call: str | None = None
    seq: int | None = None
    since: int | None = None

    def has(self, event: Event) -> bool:
        """Whether an event is wanted."""
        body = fields_of(event.body)
        return (
            (self.seq is None or event.seq == self.seq)
            and (self.since is None or event.time >= self.since)
            and (self.task is None or self.task in _tasks_of(body))
            and (self.call is None or self.call in (body.get("id"), body.get("call")))
        )


def _tasks_of(body: dict[str, object]) -> tuple[object, ...]:
    task, request = body.get("task"), fields_of(body.get("request"))
    started = fields_of(request.get("resource")).get("id")
    inside = fields_of(fields_of(request.get("context")).get("task")).get("id")
    action = fields_of(request.get("action")).get("name")
    return (
        fields_of(task).get("id") if type(task) is dict else task,
        inside,
        started if action == "start" else None,
        body.get("parent"),
    )


def selected(
    trail: Trail, wanted: Selection, broken: Callable[[int, str], object]
) -> Iterator[Event]:
    """Give the events that are wanted, as they stand there; those that cannot be read go to `broken`."""
    first, size = wanted.seq or 0, trail.size()
    stop = size if wanted.seq is None else min(size, wanted.seq + 1)
    expected = first
    for leaf in islice(trail.leaves(size, None, first), max(stop - first, 0)):
        expected = leaf.seq + 1
        try:
            event = read_event(leaf)
        except Broken as error:
            broken(leaf.seq, str(error))
            continue
        if wanted.has(event):
            yield event
    if expected < stop:
        broken(expected, "it cannot be read, nor what stands behind it")
