"""Policies in front of an agent's tools: each call is decided and recorded before it is made, or it is not made."""

from __future__ import annotations

from .enforcing.enforcement import (
    Answer,
    Asked,
    Enforcement,
    NotStarted,
    Question,
    Refused,
    Task,
    Unavailable,
)
from .enforcing.governed import (
    Asker,
    Denied,
    Guard,
    Lost,
    NotDone,
    NotNow,
    NotSent,
    Result,
    Returned,
    Settings,
    Waiting,
    Withheld,
)

__all__ = [
    "Answer",
    "Asked",
    "Asker",
    "Denied",
    "Enforcement",
    "Guard",
    "Lost",
    "NotDone",
    "NotNow",
    "NotSent",
    "NotStarted",
    "Question",
    "Refused",
    "Result",
    "Returned",
    "Settings",
    "Task",
    "Unavailable",
    "Waiting",
    "Withheld",
]
