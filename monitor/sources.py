"""Whether values come from a source: a pure function of what is known of a run, and of the call at hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..runtime.call import fields_of
from ..runtime.facts import Nothing, Origin, Part, Shape, Source
from ..runtime.links import has_unseen, links_in
from .definitions import SAID, WRITTEN, Definitions
from .runs import Run
from .values import Value, held_at, same, values_of

LINKS = "#links"
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Task:
    """A task that was started: by whom, and the values in its fields that come from it."""

    id: str
    time: int
    agent: str
    user: str | None
    run: Run
    declared: tuple[Part, ...]
    values: Collection[str | float]


def fields_in(declared: Iterable[Part], task: dict[str, Any]) -> set[str | float]:
    """Give the texts and numbers in the fields of a task that its intent declares."""
    return {
        key
        for part in declared
        if task.get(part.name) is not None
        for each, _ in held_at(task[part.name], part.shape)
        if (key := same(each)) is not None
    }


@dataclass(slots=True)
class TracedCall:
    """A call, of whose values it is asked where they come from. What was found once is kept for its other sources."""

    definitions: Definitions
    run: Run
    task: Task | None
    request: dict[str, Any]
    arguments: dict[str, tuple[Shape, Any]]
    _values: dict[str, list[Value] | None] = field(default_factory=dict)
    _seen: dict[str | float, dict[int, int]] = field(default_factory=dict)
    _said_of_task: set[str | float] | None = None

    def names_from(self, source: Source, names: Collection[str], now: int) -> list[str]:
        """Give those names of arguments that come from a source, or the links in them."""
        found = []
        for name in names:
            if name not in self._values:
                self._values[name] = self._values_of(name)
            values = self._values[name]
            if values is not None:
                for each in values:
                    if not self.comes_from(each, source, now):
                        break
                else:
                    found.append(name)
        return found

    def _values_of(self, name: str) -> list[Value] | None:
        """What has to come from a source: values, or links; None if nobody can say."""
        known = self.arguments.get(name.removesuffix(LINKS))
        if known is None or known[0].read(known[1]) is None:
            return None
        values = list(values_of(known[1], known[0]))
        if not name.endswith(LINKS):
            return values
        texts = [each for each in values if isinstance(each, str)]
        if any(map(has_unseen, texts)):
            return None
        return [link for text in texts for link in links_in(text)]

    def comes_from(self, value: Value, source: Source, when: float) -> bool:
        """Whether a value stood in one of the origins of a source by a time."""
        key = same(value)
        return key is not None and key != "" and self._came_from(key, source, when)

    def _comes(self, key: str | float, origin: Origin, source: Source, when: float) -> bool:
        match origin.kind:
            case "said":
                return self._since(key, SAID) <= when
            case "task":
                task = self.task
                return (
                    task is not None
                    and task.time <= when
                    and key in task.values
                    and key in self._fields_of(task)
                )
            case "set":
                return key in self.definitions.members_of[origin]
            case "user":
                return self._is_of_user(key, origin)
            case "quoted":
                return self._since(key, self.definitions.kind_of[origin]) <= when
            case "result":
                return self._was_given(key, origin, source, when)

    def _fields_of(self, task: Task) -> Collection[str | float]:
        """Give what stands in the task that the request says: a condition reads no other one."""
        if self._said_of_task is None:
            said = fields_of(fields_of(self.request.get("context")).get("task"))
            self._said_of_task = fields_in(task.declared, said)
        return self._said_of_task

    def _was_given(self, key: str | float, origin: Origin, source: Source, when: float) -> bool:
        """Whether it stood there, and is more than what the run itself wrote, and read back.

        The first time that it stood there decides: what speaks against it, a write before, only grows.
        """
        time = self._since(key, self.definitions.kind_of[origin])
        if time > when:
            return False
        tool = origin.capability.rpartition(".")[0]
        if self.run.first_writes.get(tool, NEVER) <= time:
            return False
        carried = self._since(key, WRITTEN)
        return carried > time or self._came_from(key, source, carried - 1)

    def _came_from(self, key: str | float, source: Source, when: float) -> bool:
        return any(self._comes(key, origin, source, when) for origin in source.origins)

    def _is_of_user(self, key: str | float, origin: Origin) -> bool:
        place = origin.place
        if place is None or isinstance(place.of(self.request), Nothing):
            return False
        declared = held_at(place.raw(self.request), origin.shape)
        return any(key == same(each) for each, _ in declared)

    def _since(self, key: str | float, kind: int) -> float:
        """Since when a value stood in texts of a kind, or was one."""
        seen = self._seen.get(key)
        if seen is None:
            seen = self.run.texts.seen(key)
            for other, time in self.run.values.get(key, {}).items():
                seen[other] = min(time, seen.get(other, time))
            self._seen[key] = seen
        return seen.get(kind, NEVER)
