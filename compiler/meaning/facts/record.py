"""The record: what happened, in the order of time, and what could not be read of it."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from ....runtime.values import is_identity
from ...structs import Struct, changed, field
from ..request import Call

Effect: TypeAlias = Literal["permit", "challenge", "deny"]


class Problem(Struct):
    """A line that is broken, and what of it could be read: None could be any."""

    line: int
    message: str
    time: int | None = None
    task: str | None = None


class Started(Struct):
    """A task that was started, by its own line."""

    time: int
    id: str
    agent: str
    fields: dict[str, Any]
    parent: str | None
    user: str | None
    agreed: bool = False
    """Whether a person agreed to its start, which was a call of its parent."""


class Said(Struct):
    """What the person said."""

    time: int
    task: str
    text: str


class Recorded(Struct, frozen=False):
    """A call that was decided, and what became of it.

    From `in_doubt` on it may be another one than it says; `agreed` is whether it started a task to which a person agreed.
    """

    line: int
    id: str
    time: int
    effect: Effect
    call: Call
    outcomes: list[tuple[int, str]] = field(default_factory=list)
    results: list[tuple[int, Any]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    in_doubt: int | None = None
    agreed: bool = False

    @property
    def task(self) -> str:
        """The task that it was made in; empty if it names none."""
        return str(self.call.task_id) if is_identity(self.call.task_id) else ""

    def outcome(self, now: int) -> str | None:
        """What became of it, as far as it was known at a time."""
        return next((word for time, word in self.outcomes if time <= now), None)

    def was_permitted(self, now: int) -> bool:
        """Whether it was permitted, and not withdrawn before it was sent."""
        return self.effect == "permit" and self.outcome(now) != "withdrawn"

    def doubt(self, time: int) -> None:
        """Take in that from now on nobody can say what it was, or what became of it."""
        self.in_doubt = time if self.in_doubt is None else self.in_doubt

    def is_in_doubt(self, now: int) -> bool:
        """Whether it may be another one than it says."""
        return self.in_doubt is not None and self.in_doubt <= now

    def was_denied(self, now: int) -> bool:
        """Whether the decision or a person said no."""
        return self.effect == "deny" or any(time <= now for time in self.refused)


class Record(Struct, frozen=False):
    """What happened, and what could not be read of it."""

    tasks: dict[str, Started] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    calls: list[Recorded] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def until(self, now: int) -> Record:
        """The record in which no task starts later than now; of all else it is asked when it was."""
        started = {id: each for id, each in self.tasks.items() if each.time <= now}
        return self if len(started) == len(self.tasks) else changed(self, tasks=started)

    def run(self, task: str) -> str:
        """The task that a run began with: tasks that were started inside one another are one run."""
        seen = {task}
        while (started := self.tasks.get(task)) is not None and started.parent is not None:
            task = started.parent
            if task in seen:  # a circle, of which any task may stand for all
                return min(seen)
            seen.add(task)
        return task
