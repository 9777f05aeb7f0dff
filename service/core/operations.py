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
class Judge(Keyed):
    """Approve or refuse what is asked: the caller is the person, whom a face of the service has recognised.

    `policy` is the digest of the policy under which the person was shown the question, `session` the one in which they
    have signed in, if it is known here.
    """

    NAME: ClassVar[str] = "verdict"
    request: str
    verdict: Literal["approve", "refuse"]
    policy: str
    message: str | None = None
    session: str | None = None
    signed: dict[str, str] | None = None
    """By a passkey: `credential`, `authenticator_data`, `client_data` and `signature`, in base64url."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Keyed):
    """Say what the user of a task has said to a question of theirs, whom the caller has in front of it.

    Only what the user confirms is said so: an approval is given by whom a face of the service has recognised.
    """

    NAME: ClassVar[str] = "confirm"
    request: str
    user: str
    verdict: Literal["approve", "refuse"]
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Know(Keyed):
    """Say which roles a person has now; one who is not `active` has left, and what they approved counts no more.

    `source` is who says so, in a word or a URL: one who is said to be there by nobody else leaves with it.
    """

    NAME: ClassVar[str] = "person"
    person: str
    roles: tuple[str, ...]
    source: str = "settings"
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Attend(Keyed):
    """Say, as an operator, that a person has left, or is back; whoever has left so is brought back by nothing else.

    `roles` are those of the settings, if the person stands there.
    """

    NAME: ClassVar[str] = "attend"
    person: str
    state: Literal["here", "left"]
    why: str
    roles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(Keyed):
    """Say that a person has signed in, whom a face of the service has recognised.

    `source` is who vouches for them, `at` when they have shown who they are by these `methods`, and `ends` when the session
    ends, both in seconds since 1970.
    """

    NAME: ClassVar[str] = "sign_in"
    person: str
    roles: tuple[str, ...]
    source: str
    methods: tuple[str, ...]
    at: int | None
    ends: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut(Keyed):
    """Say that the session of a person has ended."""

    NAME: ClassVar[str] = "sign_out"
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol(Keyed):
    """Take in a passkey that was made for a person, whom a face of the service has recognised, or with a code.

    `code` is the digest of the code, which a face has found to be one of this person's, and not too old. `nonce` is what a face
    has given to be answered a while ago. `session` is the one in which the person has signed in, if it is known here.
    """

    NAME: ClassVar[str] = "enrol"
    person: str
    nonce: str
    client_data: str
    attestation: str
    code: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAway(Keyed):
    """Let a passkey count no more."""

    NAME: ClassVar[str] = "take_away"
    passkey: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInByPasskey(Keyed):
    """Say that somebody has answered a nonce with a passkey, which says who it is. `ends` is in seconds since 1970."""

    NAME: ClassVar[str] = "sign_in_by_passkey"
    nonce: str
    signed: dict[str, str]
    ends: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify(Keyed):
    """Say of which open requests nobody was told through a channel, and that they are told now."""

    NAME: ClassVar[str] = "notify"
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse(Keyed):
    """Let go of what requests were about that are open no more, and of proofs that nobody takes any more."""

    NAME: ClassVar[str] = "lapse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue(Keyed):
    """Issue a lease: what the agent of a task may do for a while without asking about each call.

    `context` and `properties` are what an enforcement point knows of the agent, as in a call; `proved` is the
    thumbprint of a key whose possession was proved, by a `proof` that counts once.
    """

    NAME: ClassVar[str] = "issue"
    task: str
    capabilities: tuple[str, ...]
    context: dict[str, Any] | None = None
    properties: dict[str, Any] | None = None
    proved: str | None = None
    proof: str | None = None

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        return {
            "task": self.task,
            "capabilities": list(self.capabilities),
            "context": self.context,
            "properties": self.properties,
            "proved": self.proved,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew(Keyed):
    """Let a lease live on, if it would be issued now."""

    NAME: ClassVar[str] = "renew"
    lease: str
    proved: str | None = None
    proof: str | None = None

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        return {"lease": self.lease, "proved": self.proved}


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke(Keyed):
    """End a lease."""

    NAME: ClassVar[str] = "revoke"
    lease: str
    why: str | None = None


Effect: TypeAlias = Literal["leases", "sessions", "person"]
EFFECTS: tuple[Effect, ...] = ("leases", "sessions", "person")
"""What a signal may end: leases, sessions of people, and that a person is there at all."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a signal is about, by what they may be called here; any of them may be nobody.

    `addresses` are people whose id may be written in other letters, small or large; `named` are leases and tasks.
    """

    agents: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One event of a security event token: of which kind, about whom, and what it ends here."""

    event: str
    understood: bool
    effects: tuple[Effect, ...]
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Heed(Keyed):
    """Take in a security event token that another system has signed; the caller is that system.

    Its name there, `jti`, makes the key: who says the same again is answered the same, and nothing is done twice.
    `set` is the digest of the token, `claims` that of what it says, which is the same where it was signed anew to be sent
    again, and `issued` when it was, in seconds since 1970.
    """

    NAME: ClassVar[str] = "heed"
    jti: str
    set: str
    issued: int
    signals: tuple[Signal, ...]
    claims: str | None = None

    def told(self) -> Any:
        """Give what is asked, as JSON: what the token says alone, since what it means here the settings say."""
        return {"set": self.claims or self.set}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lend(Keyed):
    """Record that a broker asks its platform for a credential, which a lease is to be there: before it asks.

    `asked` is what it asks for and `until` when that ends, under the policy of the lease. `once` tells the first time
    that a key is used from later ones, since what the platform gives is kept nowhere.
    """

    NAME: ClassVar[str] = "lend"
    lease: str
    broker: str
    policy: str
    until: int
    asked: dict[str, Any]
    once: str
    proved: str | None = None
    proof: str | None = None

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        return {"lease": self.lease, "broker": self.broker}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Keyed):
    """Look again at leases that nobody has looked at since what they rest on has changed: some of them at a time."""

    NAME: ClassVar[str] = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(Keyed):
    """Take in up to which event a receiver was told of leases that have ended."""

    NAME: ClassVar[str] = "acknowledge"
    receiver: str
    upto: int


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
