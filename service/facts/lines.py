"""What happened in a run, in lines that a store keeps while the run goes on; and the runs that were made of them.

A line is what the steps of `monitor.told` take. Lines are only added, so that a run in memory catches up with those
that it has not taken, whoever wrote them.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ...monitor.definitions import Definitions
from ...monitor.limits import Limits
from ...monitor.runs import Run as Known
from ...monitor.sources import Task as Started
from ...monitor.told import agreed_to, began, gave, wrote
from ...runtime.facts import ABSENT
from ..store.rows import Task
from ..store.turn import Reading, Turn
from .ids import line_id
from .rows import Line, Run

MOST_LINES = 20_000
"""Of one run; with more it has no sources any more."""


def is_open(reading: Reading, task: Task) -> bool:
    """Whether a task of the run of a task goes on."""
    if task.state == "active":
        return True
    sql = "SELECT 1 FROM task WHERE run = ? AND state = 'active' LIMIT 1"
    return bool(reading.select(sql, (task.run,)))


def tell(turn: Turn, epoch: int, run: str, limits: Limits, *line: Any) -> None:
    """Add a line to a run, unless nothing is told of it."""
    row = turn.get(Run, run)
    if row is None or row.epoch != epoch or row.lost:
        return
    text = json.dumps(line)
    row.characters += len(text)
    if row.lines >= MOST_LINES or row.characters > 2 * limits.run_characters:
        row.lost = True
    else:
        turn.add(Line(line_id(epoch, run, row.lines), text))
        row.lines += 1
    turn.put(row)


class RunMemory:
    """One run, as far as its lines have been taken."""

    def __init__(self, definitions: Definitions, limits: Limits, id: str, epoch: int) -> None:
        """Begin before the first."""
        self.definitions = definitions
        self.run = Known(id, 0, True, limits)
        self.epoch = epoch
        self.tasks: dict[str, Started] = {}
        self.lines = 0
        self.turn: Turn | None = None
        """The turn that saw some of its lines, which may have ended badly."""
        self._requests: dict[int, dict[str, Any]] = {}

    def catch_up(self, reading: Reading, row: Run) -> None:
        """Take the lines that have come since."""
        if self.lines == row.lines or self.run.lost:
            return
        ids = [line_id(self.epoch, row.id, each) for each in range(self.lines, row.lines)]
        reading.fetch(Line, ids)
        for id in ids:
            line = reading.get(Line, id)
            if line is None:
                self.run.lose()
                return
            kind, time, *more = json.loads(line.text)
            _TAKEN[kind](self, time, *more)
            self.run.touch(time)
        self.run.texts.settle()
        self.lines = row.lines
        self.turn = reading if isinstance(reading, Turn) else None

    def is_sound(self, reading: Reading) -> bool:
        """Whether all that it has taken is so."""
        return self.turn is None or self.turn is reading or self.turn.lasts

    def task(
        self, time: int, fields: dict[str, Any], agent: str, user: str | None, parent: str | None
    ) -> None:
        """Take in that a task was started."""
        self.tasks[fields["id"]] = began(
            self.definitions, self.run, self.tasks, time, fields, agent, user, parent
        )

    def said(self, time: int, text: str) -> None:
        """Take in what the person said."""
        self.run.say(text, time)

    def call(
        self,
        time: int,
        order: int,
        capability: str,
        task: str,
        request: dict[str, Any],
        agreed: bool,
    ) -> None:
        """Take in that a call was permitted."""
        definitions = self.definitions
        if definitions.watches_writes and definitions.writes(capability):
            wrote(self.run, capability, request, time)
        if agreed and definitions.starts(capability):
            agreed_to(self.run, order, capability, task, request)
        if definitions.asks_again(capability):
            self._requests[order] = request

    def outcome(self, time: int, order: int, capability: str, outcome: str, *result: Any) -> None:
        """Take in what became of a call, and what it gave back, if it did."""
        request = self._requests.pop(order, {})
        if outcome == "withdrawn":
            self.run.withdraw(order)
        given = result[0] if result else ABSENT
        gave(self.definitions, self.run, capability, request, outcome, given, time)


_TAKEN: dict[str, Callable[..., None]] = {
    "task": RunMemory.task,
    "said": RunMemory.said,
    "call": RunMemory.call,
    "outcome": RunMemory.outcome,
}


class Memories:
    """The runs that were asked for last. What is not here is made again of its lines."""

    def __init__(self, definitions: Definitions, limits: Limits) -> None:
        """Remember none."""
        self._definitions = definitions
        self._limits = limits
        self._of: OrderedDict[str, RunMemory] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    def of(self, reading: Reading, row: Run) -> RunMemory | None:
        """Give a run as it is in a state of the store; None if nothing is told of it."""
        with self._lock:
            memory = self._of.get(row.id)
            is_later = memory is not None and memory.lines > row.lines  # of another reading
            if (
                memory is None
                or is_later
                or memory.epoch != row.epoch
                or not memory.is_sound(reading)
            ):
                memory = RunMemory(self._definitions, self._limits, row.id, row.epoch)
                if not is_later or isinstance(reading, Turn):
                    self._keep(row.id, memory)
            kept = self._of.get(row.id) is memory
            before = memory.run.texts.characters
            memory.catch_up(reading, row)
            if kept:
                self._of.move_to_end(row.id)
                self._characters += memory.run.texts.characters - before
                self._make_room()
        if memory.run.lost and isinstance(reading, Turn) and not row.lost:
            row.lost = True
            reading.put(row)
        return None if memory.run.lost else memory

    def follow(self, turn: Turn, row: Run) -> None:
        """Let a run that is here take what has just been added, while it need not be read."""
        if row.id in self._of:
            self.of(turn, row)

    def forget(self, run: str) -> None:
        """Let a run go that nobody asks for any more."""
        with self._lock:
            found = self._of.pop(run, None)
            if found is not None:
                self._characters -= found.run.texts.characters

    def _keep(self, id: str, memory: RunMemory) -> None:
        before = self._of.pop(id, None)
        if before is not None:
            self._characters -= before.run.texts.characters
        self._of[id] = memory

    def _make_room(self) -> None:
        while len(self._of) > 1 and (
            len(self._of) > self._limits.runs or self._characters > self._limits.characters
        ):
            _, oldest = self._of.popitem(last=False)
            self._characters -= oldest.run.texts.characters
