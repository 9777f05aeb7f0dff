"""The transactional core: what is asked of it is done once, recorded, and then answered.

It does operations and answers them once they last (`core.py`); what can be looked at (`view.py`), and what
waits for people (`waiting.py`).

Begin with `core.py`, `view.py`.
"""

from __future__ import annotations

from .approvals.acting import user_of
from .core import Core
from .operations.callers import ROLES, SYSTEM, Caller, Role, as_person
from .operations.of_leases import (
    Acknowledge,
    Heed,
    Issue,
    Lend,
    Renew,
    Review,
    Revoke,
    Signal,
    Subject,
)
from .operations.of_people import (
    Attend,
    Confirm,
    Enrol,
    Judge,
    Know,
    Lapse,
    Notify,
    SignIn,
    SignInByPasskey,
    SignOut,
    TakeAway,
)
from .operations.operations import (
    AcceptClock,
    Adopt,
    Ask,
    Cancel,
    Decide,
    Move,
    Operation,
    Prune,
    Publish,
    Refuse,
    Report,
    Say,
    Start,
    Tell,
)
from .operations.problem import Problem
from .tasks.evaluating import Evaluated
from .turns.state import CoreSettings, Passkeys
from .view import View, call_shown, event_shown, open_view, task_shown

__all__ = [
    "ROLES",
    "SYSTEM",
    "AcceptClock",
    "Acknowledge",
    "Adopt",
    "Ask",
    "Attend",
    "Caller",
    "Cancel",
    "Confirm",
    "Core",
    "CoreSettings",
    "Decide",
    "Enrol",
    "Evaluated",
    "Heed",
    "Issue",
    "Judge",
    "Know",
    "Lapse",
    "Lend",
    "Move",
    "Notify",
    "Operation",
    "Passkeys",
    "Problem",
    "Prune",
    "Publish",
    "Refuse",
    "Renew",
    "Report",
    "Review",
    "Revoke",
    "Role",
    "Say",
    "SignIn",
    "SignInByPasskey",
    "SignOut",
    "Signal",
    "Start",
    "Subject",
    "TakeAway",
    "Tell",
    "View",
    "as_person",
    "call_shown",
    "event_shown",
    "open_view",
    "task_shown",
    "user_of",
]
