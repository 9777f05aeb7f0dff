"""Names of the generated code: what it imports from the library, and what it calls its rules."""

from __future__ import annotations

import re
from collections.abc import Iterable

LIBRARY_NAMES: dict[str, tuple[str, ...]] = {
    "addresses": ("Ranges", "readAddress"),
    "evidence": ("Approval", "StepUp"),
    "glob": ("ANY", "ONE", "globMatch"),
    "rules": ("Allow", "Forbid"),
    "times": ("age", "readDuration", "readTime"),
    "values": (
        "containsAll",
        "containsAny",
        "inside",
        "isAbsent",
        "isUnder",
        "readBool",
        "readInt",
        "readJson",
        "readList",
        "readMember",
        "readNumber",
        "readRank",
        "readRecord",
        "readText",
        "readTexts",
        "subsetOf",
    ),
    "windows": ("Validity", "Window"),
}
"""What generated code may name, by the module of the library that defines it."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


def words_in(code: Iterable[str]) -> frozenset[str]:
    """Give every word of some code; what stands in strings only makes it more."""
    return frozenset(word for text in code for word in _WORD.findall(text))


def imports_for(words: frozenset[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give the modules of the library and the names to import from each."""
    found = (
        (module, tuple(name for name in names if name in words))
        for module, names in LIBRARY_NAMES.items()
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
