"""What the machine could take, found out without feeding it anything."""

from __future__ import annotations

from collections.abc import Sequence

from ....grammar import END
from ..machine import Machine
from ..stacks import Stack
from .messages import AHEAD

ITEMS = frozenset(("statement", "clause", "test_clause", "resource_item", "bind_item", "bind_name"))
"""Rules of the grammar that stand for a statement or a clause."""


class Ahead:
    """Looks ahead of a machine."""

    def __init__(self, machine: Machine) -> None:
        """Look ahead of this one."""
        self.machine = machine

    def fits(self, stack: Stack, keys: Sequence[str], pos: int, count: int = AHEAD) -> bool:
        """Whether made-up tokens, and then those that follow in the text, can be taken."""
        for key in keys:
            move = stack[key]
            if move is None:
                return False
            _, stack = move
        for _ in range(count):
            token = self.machine.scan(stack, pos)
            move = stack[token.key]
            if move is None:
                return False
            if token.key == END:
                return True
            _, stack = move
            pos = token.end
        return True

    def completes(self, key: str) -> bool:
        """Whether a terminal would end a clause or a statement here."""
        return self.machine.stack.up_to(key, ITEMS) is not None

    def at_item(self) -> bool:
        """Whether a clause or a statement may begin here, after what was read is reduced."""
        return self.machine.stack.takes("}")
