"""A phrase of another language: where it stands, and what AGP has instead.

A row is found by what the parser would take there, what stands before, and what stands here. What
its patterns name can be put into the advice, and into what is read in its place.
"""

from __future__ import annotations

import re
from typing import NamedTuple

ATTRIBUTE = r"(?P<a>[A-Za-z_][\w.]{0,60})\s*$"
TIMES = 'write `during mon..fri 09:00..17:00 "Europe/Berlin"`'
TYPES = "string|number|int|integer|bool|boolean|time|duration|ip|json|float|list"
UNITS = (
    ("s", r"s|secs?|seconds?"), ("m", r"m|mins?|minutes?"), ("h", r"h|hrs?|hours?"), ("d", r"d|days?"),
)  # fmt: skip
NO_DURATION = "a duration is a number and a unit, without a space"


class Idiom(NamedTuple):
    """One row: keys that the parser would take here, patterns, and what is said."""

    needs: frozenset[str]
    before: re.Pattern[str]
    here: re.Pattern[str]
    message: str
    help: str
    instead: tuple[tuple[str, str], ...] | None = None
    """What is read in place of the phrase, each as (key, text); without it, its clause is given up."""
    keeps: bool = False
    """Whether what stands here is no part of the mistake: something is missing before it."""
    fix: str | None = None
    """What to write in place of the phrase, where that is known to the letter."""
    since: str = ""
    """The name in `before` at which the stretch begins that `fix` replaces; that of the phrase, without one."""


def row(
    needs: str,
    before: str,
    here: str,
    message: str,
    help: str,
    instead: tuple[tuple[str, str], ...] | None = None,
    keeps: bool = False,
    *,
    fix: str | None = None,
    since: str = "",
) -> Idiom:
    """Write a row of a table."""
    wanted = frozenset(needs.split())
    patterns = re.compile(before), re.compile(here)
    return Idiom(wanted, *patterns, message, help, instead, keeps, fix, since)
