"""What can be asked of the core. Each has the caller who asks, and the key by which it happens once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, TypeAlias

from ...runtime.facts import ABSENT
from ..policies.generation import Generation
from .callers import Caller

State: TypeAlias = Literal["ended", "drifted"]
Outcomes: TypeAlias = Literal["done", "failed", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """What all have: who asks, and the key."""

    NAME: ClassVar[str]
    caller: Caller
    key: str

    def told(self) -> Any:
        """Give what is asked, as JSON: all but who asks and the key, where a class does not say otherwise."""
        names = [each.name for each in fields(self) if each.name not in ("caller", "key")]
        return {name: getattr(self, name) for name in names}


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
    """Decide a call and record it."""

    NAME: ClassVar[str] = "call"
    request: Any

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        return self.request


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

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        result = {} if self.result is ABSENT else {"result": self.result}
        return {"call": self.call, "outcome": self.outcome, "why": self.why, **result}


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
    Start | Say | Report | Move | Decide | Tell | AcceptClock | Adopt | Publish | Prune
)
