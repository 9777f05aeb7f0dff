"""Names of the generated code: what it imports, and what it calls its rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
Imports = tuple[tuple[str, tuple[str, ...]], ...]


def words_in(code: Iterable[str]) -> frozenset[str]:
    """Give every word of some code; what stands in strings only makes it more."""
    return frozenset(word for text in code for word in _WORD.findall(text))


def imports_of(defined: Mapping[str, tuple[str, ...]], words: frozenset[str]) -> Imports:
    """Give the modules, and of the names that each defines those to import."""
    found = (
        (module, tuple(name for name in names if name in words))
        for module, names in defined.items()
    )
    return tuple((module, names) for module, names in found if names)


class FunctionNames:
    """Hands out a name for each rule's function: its identity, as far as an identifier can say it."""

    def __init__(self) -> None:
        """Start with none taken."""
        self._taken: set[str] = set()

    def name(self, effect: str, identity: str) -> str:
        """Give a name that no rule before has, and that no part of one can have.

        >>> FunctionNames().name("allow", "finance.close.ledger.read")
        'allow_finance_close_ledger_read'
        """
        base = f"{effect}_" + re.sub(r"[^A-Za-z0-9]+", "_", identity).strip("_")
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name
