"""What is known of one run: its tasks, the texts and values in it, and what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..runtime.call import Call
from ..runtime.facts import Origin, Shape
from .cells import FOREVER
from .definitions import SAID, WRITTEN
from .limits import Limits
from .shares import KeyValues
from .starts import Agreed
from .texts import Texts
from .values import Value, everything_in, held_at, same


class Run:
    """A task with all that were started inside it.

    Of one that is not `known` nothing is told: something of it may have happened before, or been forgotten.
    One that is `lost` has no sources any more.
    """

    __slots__ = (
        "agreed",
        "cells",
        "first_writes",
        "id",
        "is_gone",
        "joined",
        "known",
        "latest",
        "limits",
        "lost",
        "since",
        "tasks",
        "texts",
        "values",
    )

    def __init__(self, id: str, since: int, known: bool, limits: Limits) -> None:
        """Start one."""
        self.id = id
        self.since = since
        self.known = known
        self.limits = limits
        self.lost = not known
        self.is_gone = False
        self.latest: float = -FOREVER
        self.joined: float = -FOREVER  # when the last of its tasks was started inside another
        self.tasks: list[str] = []
        self.agreed: list[Agreed] = []
        self.cells: set[tuple[int, KeyValues]] = set()
        self.texts = Texts()
        self.values: dict[str | float, dict[int, int]] = {}
        self.first_writes: dict[str, int] = {}

    def touch(self, time: int) -> None:
        """Note that something happens in it, later than all before."""
        self.latest = time

    def lose(self) -> None:
        """Tell no more where values come from."""
        self.lost = True
        self.texts, self.values, self.agreed = Texts(), {}, []

    def agree(self, start: Agreed) -> None:
        """Take in that a person agreed to the start of a task inside one of these."""
        if not self.lost:
            self.agreed.append(start)
            if len(self.agreed) > self.limits.tasks:
                self.lose()

    def withdraw(self, order: int) -> None:
        """Take in that a call was never sent: it has started nothing."""
        self.agreed = [each for each in self.agreed if each.order != order]

    def say(self, text: str, time: int) -> None:
        """Take in what the person said."""
        self._add_text(text, time, (SAID,))

    def write(self, tool: str, arguments: Any, time: int) -> None:
        """Take in what a call writes."""
        if not self.lost:
            self.first_writes.setdefault(tool, time)
            for value in everything_in(arguments):
                self._add_value(value, time, WRITTEN)
                if isinstance(value, str):
                    self._add_text(value, time, (WRITTEN,))

    def give(
        self,
        result: Any,
        shape: Shape | None,
        origins: Iterable[tuple[int, Origin]],
        time: int,
        call: Callable[[dict[str, Any] | None], Call],
    ) -> None:
        """Take in what a call gave back, for the origins that have a kind there; `call` is it with a record in it."""
        texts: dict[str, list[int]] = {}
        for kind, origin in origins:
            if origin.path or origin.kind == "result":
                held = held_at(result, shape, origin.path, quoted=origin.kind == "quoted")
            else:
                held = ((each, None) for each in everything_in(result))
            for value, it in held:
                if origin.condition is not None and not origin.condition(call(it)):
                    continue
                if origin.kind == "result":
                    self._add_value(value, time, kind)
                elif isinstance(value, str):
                    kinds = texts.setdefault(value, [])
                    if kind not in kinds:
                        kinds.append(kind)
        for text, kinds in texts.items():
            self._add_text(text, time, tuple(kinds))

    def _add_value(self, value: Value, time: int, kind: int) -> None:
        key = same(value)
        if key is not None and not self.lost:
            self.values.setdefault(key, {}).setdefault(kind, time)
            if len(self.values) > self.limits.run_values:
                self.lose()

    def _add_text(self, text: str, time: int, kinds: tuple[int, ...]) -> None:
        if not self.lost:
            self.texts.add(text, time, kinds)
            limits = self.limits
            if len(text) > limits.text or self.texts.characters > limits.run_characters:
                self.lose()
