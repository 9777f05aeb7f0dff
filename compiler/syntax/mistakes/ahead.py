"""What the machine could take, found out without feeding it anything."""

from __future__ import annotations

from collections.abc import Sequence

from ....grammar import END
from ..machine import Machine
from .messages import AHEAD

ITEMS = frozenset(("statement", "clause", "test_clause", "resource_item", "bind_item", "bind_name"))
"""Rules of the grammar that stand for a statement or a clause."""


class Ahead:
    """Looks ahead of a machine."""

    def __init__(self, machine: Machine) -> None:
        """Look ahead of this one."""
        self.machine = machine

    def fits(
        self, states: Sequence[int], keys: Sequence[str], pos: int, count: int = AHEAD
    ) -> bool:
        """Whether made-up tokens, and then those that follow in the text, can be taken."""
        machine = self.machine
        ahead = list(states)
        if not all(self._step(ahead, key) for key in keys):
            return False
        for _ in range(count):
            token = machine.scan(ahead, pos)
            if token.key == END:
                return machine.takes(ahead, END)
            if not self._step(ahead, token.key):
                return False
            pos = token.end
        return True

    def completes(self, key: str) -> bool:
        """Whether a terminal would end a clause or a statement here."""
        machine = self.machine
        states = list(machine.states)
        while (action := machine.rows[states[-1]].get(key)) is not None and action < 0:
            self._reduce(states, action)
            if ITEMS & machine.gotos[states[-1]].keys():
                return True
        return False

    def at_item(self) -> bool:
        """Whether a clause or a statement may begin here, after what was read is reduced."""
        return self.machine.takes(self.machine.states, "}")

    def _step(self, states: list[int], key: str) -> bool:
        machine = self.machine
        if not machine.takes(states, key):
            return False
        while (action := machine.rows[states[-1]][key]) < 0:
            self._reduce(states, action)
        states.append(action)
        return True

    def _reduce(self, states: list[int], action: int) -> None:
        origin, size = self.machine.machine.steps[action][:2]
        if size:
            del states[-size:]
        states.append(self.machine.gotos[states[-1]][origin])
