"""How many there are of something, in words."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number and its noun.

    >>> counted(1, "rule"), counted(0, "rule"), counted(2, "access", "accesses")
    ('1 rule', '0 rules', '2 accesses')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def first_of(texts: Sequence[str], most: int) -> str:
    """The first few of many, and how many more there are.

    >>> first_of(["a", "b"], 2), first_of(["a", "b", "c"], 2)
    ('a, b', 'a, b and 1 more')
    """
    shown = ", ".join(texts[:most])
    return shown if len(texts) <= most else f"{shown} and {len(texts) - most} more"
