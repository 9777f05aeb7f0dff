"""Rego rules with several bodies, of which one has to hold."""

from __future__ import annotations

from collections.abc import Iterable

from ...compiler.structs import Struct
from . import text


class Clause(Struct):
    """A Rego rule that others need: its head, which holds where one of the bodies does, and always where that is empty."""

    head: str
    bodies: tuple[tuple[str, ...], ...]

    @property
    def is_wide(self) -> bool:
        """Whether the first line is longer than Regal likes."""
        return len(f"{self.head} if {{" if any(self.bodies) else self.head) > text.LINE


def clause(head: str, bodies: Iterable[Iterable[str]]) -> Clause:
    """Make a clause, each body and each statement once."""
    return Clause(head, tuple(dict.fromkeys(tuple(dict.fromkeys(body)) for body in bodies)))


def clause_head(rule: str, name: str) -> str:
    """Name a clause of a rule.

    Each has a key of its own: rego-cpp takes rules under one key for one, and then sees a recursion
    where one clause needs another.
    """
    return f"clause[{text.string(f'{rule}: {name}')}].holds"
