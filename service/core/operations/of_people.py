"""What is asked of the core about people: who they are, what they have shown, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from .keyed import Keyed


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
