"""What a monitor holds in memory at most. What it no longer holds is unknown, and never zero."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one monitor.

    Over `runs`, `calls`, `keys` or `characters` what was used the longest time ago is forgotten; a run with more
    than its own share of characters or values, or a text or a result that is too large, has no sources any more.
    """

    runs: int = 10_000
    """Runs: a task with all that were started inside it."""
    tasks: int = 1_000
    """Tasks of one run."""
    calls: int = 100_000
    """Calls, of all runs, that meters may count and whose outcomes can be told."""
    keys: int = 100_000
    """Values of the keys that one meter is kept by."""
    characters: int = 32_000_000
    """Characters of texts, of all runs, in which values may stand."""
    run_characters: int = 4_000_000
    """The same of one run."""
    run_values: int = 200_000
    """Whole values in results of one run."""
    text: int = 1_000_000
    """Characters of one text."""

    def __post_init__(self) -> None:
        """Refuse what would hold nothing."""
        for each in fields(self):
            if type(getattr(self, each.name)) is not int or getattr(self, each.name) < 1:
                raise ValueError(f"`{each.name}` is a whole number above 0")
