"""What a verification found: what is wrong, what nobody can decide again, and how much is proved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Verdict: TypeAlias = Literal["proved", "wrong", "undetermined"]

MOST_NAMED = 100
"""Things that are wrong and are told one by one; all are counted."""

UNDETERMINED = {
    "redacted": "decisions whose arguments were not kept, so that nobody can decide them again",
    "pruned": "events whose bodies are no longer kept",
    "facts": "decisions whose facts could not be derived again",
    "unfollowed": "checks that rest on an event whose body is no longer kept",
    "policies": "decisions under a policy that this version of agpc does not read",
    "kinds": "events of a kind that this version of agpc does not know",
    "rows": "rows of the store that rest on an event whose body is no longer kept",
    "lines": "files of lines that another version of agpc has written",
}
"""What cannot be decided again, and what that counts."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that is wrong, and the event that it is wrong with, if it is one event."""

    seq: int | None
    what: str


@dataclass(slots=True)
class Findings:
    """All that a verification found so far."""

    wrong: list[Wrong] = field(default_factory=list)
    wrong_count: int = 0
    proved: Counter[str] = field(default_factory=Counter)
    undetermined: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    """What is neither wrong nor undetermined, and good to know."""
    unknown_kinds: Counter[str] = field(default_factory=Counter)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    since: list[dict[str, Any]] = field(default_factory=list)

    def is_wrong(self, seq: int | None, what: str) -> None:
        """Take in that something is wrong."""
        self.wrong_count += 1
        if len(self.wrong) < MOST_NAMED:
            self.wrong.append(Wrong(seq, what))

    def is_proved(self, what: str, count: int = 1) -> None:
        """Take in that something is as it has to be."""
        self.proved[what] += count

    def is_undetermined(self, why: str, count: int = 1) -> None:
        """Take in that something cannot be decided again."""
        assert why in UNDETERMINED
        self.undetermined[why] += count

    @property
    def verdict(self) -> Verdict:
        """What it comes to: what is wrong goes before what is not known."""
        if self.wrong_count:
            return "wrong"
        return "undetermined" if self.undetermined.total() else "proved"

    def to_json(self) -> dict[str, Any]:
        """Give all of it as JSON data."""
        return {
            "verdict": self.verdict,
            "checkpoint": self.checkpoint,
            "since": self.since,
            "proved": dict(sorted(self.proved.items())),
            "undetermined": dict(sorted(self.undetermined.items())),
            "unknown_kinds": dict(sorted(self.unknown_kinds.items())),
            "wrong": [{"seq": each.seq, "what": each.what} for each in self.wrong],
            "wrong_count": self.wrong_count,
            "notes": self.notes,
        }
