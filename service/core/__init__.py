"""The transactional core: what is asked of it is done once, recorded, and then answered."""

from __future__ import annotations

from .callers import ROLES, SYSTEM, Caller, Role, as_person
from .core import Core
from .evaluating import Evaluated
from .operations import (
    AcceptClock,
    Acknowledge,
    Adopt,
    Decide,
    Issue,
    Judge,
    Know,
    Lapse,
    Lend,
    Move,
    Notify,
    Operation,
    Prune,
    Publish,
    Renew,
    Report,
    Review,
    Revoke,
    Say,
    SignIn,
    SignOut,
    Start,
    Tell,
)
from .problem import Problem
from .state import Settings
from .view import View, call_shown, event_shown, open_view, task_shown, user_of

__all__ = [
    "ROLES",
    "SYSTEM",
    "AcceptClock",
    "Acknowledge",
    "Adopt",
    "Caller",
    "Core",
    "Decide",
    "Evaluated",
    "Issue",
    "Judge",
    "Know",
    "Lapse",
    "Lend",
    "Move",
    "Notify",
    "Operation",
    "Problem",
    "Prune",
    "Publish",
    "Renew",
    "Report",
    "Review",
    "Revoke",
    "Role",
    "Say",
    "Settings",
    "SignIn",
    "SignOut",
    "Start",
    "Tell",
    "View",
    "as_person",
    "call_shown",
    "event_shown",
    "open_view",
    "task_shown",
    "user_of",
]
