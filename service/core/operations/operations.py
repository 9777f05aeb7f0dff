"""What can be asked of the core. Each has the caller who asks, and the key by which it happens once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from ....runtime.facts import ABSENT
from ...policies.generation import Generation
from .keyed import Keyed
from .of_leases import Acknowledge, Heed, Issue, Lend, Renew, Review, Revoke
from .of_people import (
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

State: TypeAlias = Literal["ended", "drifted"]
Outcomes: TypeAlias = Literal["done", "failed", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Keyed):
    """Start a task: a call of `INTENT.start`, with the fields as its arguments and the person in its context.

    Inside of the task that `context.task.id` names, if it names one; then `agent` may be another one than its own.
    """

    NAME: ClassVar[str] = "start"
    request: Any
    said: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Keyed):
    """Hand over what the person said in a task."""

    NAME: ClassVar[str] = "say"
    task: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Keyed):
    """Report what `revoke when` reads of a task."""

    NAME: ClassVar[str] = "report"
    task: str
    context: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Keyed):
    """End a task, or say that it has drifted from its intent."""

    NAME: ClassVar[str] = "move"
    task: str
    state: State
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Keyed):
    """Decide a call and record it.

    With an `approval`, which is the id of a request to people, it is permitted or refused, and nobody is asked anew.
    """

    NAME: ClassVar[str] = "call"
    request: Any
    approval: str | None = None

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        if self.approval is None:
            return self.request
        return {"request": self.request, "approval": self.approval}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Keyed):
    """Put a question to people about a call that would be challenged, and permit nothing."""

    NAME: ClassVar[str] = "ask"
    request: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Keyed):
    """Take back a question that waits for people."""

    NAME: ClassVar[str] = "cancel"
    request: str
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Keyed):
    """Tell what became of a permitted call; `result` is ABSENT if it gave nothing back.

    `why` is an operator's word who settles a call whose enforcer has gone.
    """

    NAME: ClassVar[str] = "outcome"
    call: str
    outcome: Outcomes
    result: Any = ABSENT
    why: str | None = None
    digest: str | None = None
    """Of a result whose values are not told, as too large a one: its SHA-256."""

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        result = {} if self.result is ABSENT else {"result": self.result}
        digest = {} if self.digest is None else {"digest": self.digest}
        return {"call": self.call, "outcome": self.outcome, "why": self.why, **result, **digest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Keyed):
    """Record that an enforcement point refused what it was asked before there was a call to decide.

    `why` is a sentence, and `what` is whatever tells it from others; no more than a keyed digest of it is kept.
    """

    NAME: ClassVar[str] = "refuse"
    task: str | None
    why: str
    what: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptClock(Keyed):
    """Go on with the clock as it is, though it is behind the latest event: an operator's word."""

    NAME: ClassVar[str] = "clock"
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt(Keyed):
    """Make a policy the active one."""

    NAME: ClassVar[str] = "adopt"
    generation: Generation
    note: str = ""

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        return {"policy": self.generation.digest, "note": self.note}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Keyed):
    """Sign a checkpoint of the log."""

    NAME: ClassVar[str] = "publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune(Keyed):
    """Let the bodies of events go that are older than a time, in nanoseconds since 1970."""

    NAME: ClassVar[str] = "prune"
    before: int


Operation: TypeAlias = (
    Start
    | Say
    | Report
    | Move
    | Decide
    | Ask
    | Cancel
    | Tell
    | Refuse
    | Judge
    | Confirm
    | Know
    | Attend
    | Issue
    | Renew
    | Revoke
    | Heed
    | Lend
    | Review
    | SignIn
    | SignOut
    | Enrol
    | TakeAway
    | SignInByPasskey
    | Acknowledge
    | Notify
    | Lapse
    | AcceptClock
    | Adopt
    | Publish
    | Prune
)
