"""Vault's path patterns: what they match, and whether one covers or meets another.

Facts from Vault's documentation of policies: a `+` stands for one segment, a `*` only at the end for any
characters that follow, also none; of the patterns that match a request only the most specific one counts,
and inside it `deny` wins. There is no escape for `+` and `*`, and `{{…}}` is a template.
"""

from __future__ import annotations

from itertools import zip_longest

from ...compiler.structs import Struct

ONE = "+"


class Path(Struct, order=True):
    """A pattern: its segments, of which `+` is any one; `open` where a `*` follows the last."""

    segments: tuple[str, ...]
    open: bool = False

    def __str__(self) -> str:
        """Write it as Vault reads it."""
        return "/".join(self.segments) + ("*" if self.open else "")

    def covers(self, other: Path) -> bool:
        """Whether everything that another pattern matches is matched by this one."""
        if not self.open:
            return (
                not other.open
                and len(self.segments) == len(other.segments)
                and all(
                    mine in (ONE, theirs)
                    for mine, theirs in zip(self.segments, other.segments, strict=True)
                )
            )
        if len(other.segments) < len(self.segments):
            return False
        *whole, last = self.segments
        heads = other.segments[: len(whole)]
        here = other.segments[len(whole)]
        return all(mine in (ONE, theirs) for mine, theirs in zip(whole, heads, strict=True)) and (
            last == "" or (here != ONE and last != ONE and here.startswith(last))
        )

    def meets(self, other: Path) -> bool:
        """Whether some path may be matched by both; yes in doubt."""
        for number, (mine, theirs) in enumerate(zip_longest(self.segments, other.segments)):
            mine_ends = self.open and number >= len(self.segments) - 1
            theirs_end = other.open and number >= len(other.segments) - 1
            if mine is None or theirs is None:
                return mine_ends if mine is None else theirs_end
            if ONE in (mine, theirs) or mine == theirs:
                continue
            return bool(
                (mine_ends and theirs.startswith(mine)) or (theirs_end and mine.startswith(theirs))
            )
        return True


def is_plain(text: str) -> bool:
    """Whether text means itself in a path: no wildcard, no template, no odd or empty segment."""
    return (
        text.isascii()
        and text.isprintable()
        and not any(mark in text for mark in ("*", "+", "{{", "}}", '"', "\\"))
        and all(segment not in ("", ".", "..") for segment in text.split("/"))
    )
