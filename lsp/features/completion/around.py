"""What surrounds a token: the parser's stack, read for whoever has to know what kind of name stands there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ....compiler.structs import Struct
from ....compiler.syntax.beginning import Read

_GATHERED = frozenset(("_clauses", "_clauses_to_allow", "_bound", "_bound_names"))


class Around(Struct):
    """The symbols before a token, outermost first, and the value of each."""

    symbols: tuple[str, ...]
    values: tuple[Any, ...]
    begins: frozenset[str]
    """The rules of the grammar that may begin with the token."""

    @classmethod
    def of(cls, read: Read) -> Around:
        """What the parser tells."""
        return cls(read.symbols, read.values, read.begins)

    def introducer(self, at: int | None = None) -> int:
        """The place of the word or sign that a list stands behind, or its next element; -1 at the start."""
        at = len(self.symbols) - 1 if at is None else at
        while at >= 0:
            symbol = self.symbols[at]
            if symbol == ",":
                at -= 1
                if at >= 0 and self.symbols[at].startswith("__"):
                    at -= 1
                at -= 1
            elif symbol.startswith("__") or symbol in _GATHERED:
                at -= 1
            else:
                break
        return at

    @property
    def word(self) -> str:
        """The word or sign that introduces the token."""
        at = self.introducer()
        return self.symbols[at] if at >= 0 else ""

    def symbol(self, at: int) -> str:
        """The symbol at a place; nothing where there is none."""
        return self.symbols[at] if 0 <= at < len(self.symbols) else ""

    def last(self, *wanted: str, before: int | None = None) -> int:
        """The place of the innermost of some symbols; -1 where there is none."""
        for at in range((len(self.symbols) if before is None else before) - 1, -1, -1):
            if self.symbols[at] in wanted:
                return at
        return -1

    def follows(self, *words: str) -> Any:
        """The value right behind the innermost of some words; None where nothing is."""
        at = self.last(*words)
        return self.values[at + 1] if 0 <= at < len(self.values) - 1 else None

    def gathered(self, opened: int) -> list[Any]:
        """What has been gathered behind an opening bracket."""
        found: list[Any] = []
        for symbol, value in zip(
            self.symbols[opened + 1 :], self.values[opened + 1 :], strict=True
        ):
            if isinstance(value, list | tuple):
                found.extend(value)
            elif not symbol.startswith("%") and not isinstance(value, str):
                found.append(value)
            else:
                break
        return found


def nodes(values: Iterable[Any]) -> list[Any]:
    """The nodes among values."""
    return [each for each in values if not isinstance(each, str) and each is not None]
