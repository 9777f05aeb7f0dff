"""Policies in front of an agent's tools: each call is decided and recorded before it is made, or it is not made.

Its public face is `agpc.guard`.

Begin with `enforcing/governed.py`.
"""

from __future__ import annotations

from .enforcing.asking import Asker
from .enforcing.enforcement import (
    Answer,
    Asked,
    CannotEnforce,
    Enforcement,
    NotStarted,
    Question,
    Refused,
    Task,
    Unavailable,
)
from .enforcing.governed import (
    Denied,
    Guard,
    Lost,
    NotDone,
    NotNow,
    NotSent,
    Result,
    Settings,
    Waiting,
    Withheld,
)
from .enforcing.results import Returned
from .functions.governed import About, governed
from .functions.session import Session
from .obligations import CannotDo, Duty, Obligation

__all__ = [
    "About",
    "Answer",
    "Asked",
    "Asker",
    "CannotDo",
    "CannotEnforce",
    "Denied",
    "Duty",
    "Enforcement",
    "Guard",
    "Lost",
    "NotDone",
    "NotNow",
    "NotSent",
    "NotStarted",
    "Obligation",
    "Question",
    "Refused",
    "Result",
    "Returned",
    "Session",
    "Settings",
    "Task",
    "Unavailable",
    "Waiting",
    "Withheld",
    "governed",
]
