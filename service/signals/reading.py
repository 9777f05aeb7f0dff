"""Security event tokens of others (SET, RFC 8417), verified: by the keys of the one who says to have signed them, and for us.

A token has no end (`exp`): what it tells of has happened. That it counts once is the store's to see.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ...runtime.values import is_identity
from ..core.operations.callers import Caller, Role
from ..core.operations.of_leases import Effect, Heed, Signal
from ..identity.bundles import Bundles
from ..identity.claims import check_audience, seconds
from ..identity.signed import Token, read_token, verify
from ..tokens.compact import Refused
from .meanings import effects_of
from .sets import KIND
from .subjects import NOBODY, IdentifierReading, Unreadable, subject_of

MOST_EVENTS = 16
LONGEST = 512  # characters of a name


class NotTaken(Exception):
    """A token is not taken: `code` is the word of RFC 8935 for why, the text one sentence with nothing of the token."""

    def __init__(self, code: str, message: str) -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.code = code


class KeysMissing(Exception):
    """The keys of a transmitter cannot be had now, so that nobody knows yet whether a token is good."""


@dataclass(frozen=True, slots=True)
class Transmitter:
    """Who signs events for us. `agents` are those of whom it may speak, `caller` who may bring its events here."""

    name: str
    issuer: str
    audience: Collection[str]
    caller: str | None
    agents: tuple[str, ...]
    people: IdentifierReading
    chosen: Mapping[str, tuple[Effect, ...]]
    leeway: float = 30.0

    @property
    def signals(self) -> Caller:
        """The caller that it is to the core."""
        return Caller(f"transmitter:{self.name}", frozenset[Role](["signal"]), self.agents)


class Transmitters:
    """Those of the settings, with their keys; `bundles` has these by the names of the transmitters."""

    def __init__(
        self,
        all: Collection[Transmitter],
        bundles: Bundles,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep whom to believe."""
        self.all, self.bundles, self._clock = tuple(all), bundles, clock

    def heard(self, text: str, *, sender: Transmitter | None = None, caller: str = "") -> Heed:
        """Read a token, and give what the core is to do.

        It was fetched from a `sender`, or brought by a `caller`. Raises `NotTaken`, and `KeysMissing`.
        """
        try:
            token = read_token(text, kind=KIND)
        except Refused as error:
            raise NotTaken("invalid_request", str(error)) from None
        issuer = token.claims.get("iss")
        told = next((each for each in self.all if each.issuer == issuer), None)
        if told is None or (sender is not None and told is not sender):
            raise NotTaken("invalid_issuer", "nobody of whom events are taken has this name")
        if sender is None and told.caller != caller:
            raise NotTaken("access_denied", "this caller does not bring the events of its issuer")
        self._verify(told, token)
        return _read(told, token)

    def _verify(self, told: Transmitter, token: Token) -> None:
        keys = self.bundles.of(told.name)
        bundle = None if keys is None else keys.bundle
        if keys is None or bundle is None:
            if keys is not None:
                keys.ask()
            raise KeysMissing
        key = bundle.keys.get(token.kid)
        if key is None:
            keys.ask()
            raise NotTaken("invalid_key", "its key is none of its issuer")
        try:
            verify(token, key)
        except Refused as error:
            raise NotTaken("invalid_key", str(error)) from None
        try:
            check_audience(token.claims, told.audience)
        except Refused as error:
            raise NotTaken("invalid_audience", str(error)) from None
        try:
            issued = seconds(token.claims, "iat")
        except Refused as error:
            raise NotTaken("invalid_request", str(error)) from None
        if issued is None or issued > self._clock() + told.leeway:
            raise NotTaken("invalid_request", "it does not say when it was issued, or not rightly")
        if "exp" in token.claims:
            raise NotTaken("invalid_request", "it has an end, which no event has")


def _read(told: Transmitter, token: Token) -> Heed:
    """Read what a good token says. Raises `NotTaken`."""
    claims = token.claims
    jti, events = claims.get("jti"), claims.get("events")
    if not is_identity(jti) or not isinstance(jti, str) or len(jti) > LONGEST or "\0" in jti:
        raise NotTaken("invalid_request", "it has no name of its own (`jti`)")
    if type(events) is not dict or not 1 <= len(events) <= MOST_EVENTS:
        raise NotTaken("invalid_request", f"it tells of no events, or of more than {MOST_EVENTS}")
    digest, said = (
        sha256(each.encode("ascii")).hexdigest() for each in (token.text, token.text.split(".")[1])
    )
    issued = seconds(claims, "iat")
    return Heed(
        caller=told.signals,
        key=f"set-{sha256(jti.encode()).hexdigest()}",
        jti=jti,
        set=f"sha256:{digest}",
        claims=f"sha256:{said}",
        issued=int(issued or 0),
        signals=tuple(_signal(told, claims, name, each) for name, each in events.items()),
    )


def _signal(told: Transmitter, claims: Mapping[str, Any], name: str, event: object) -> Signal:
    if not is_identity(name) or len(name) > LONGEST or type(event) is not dict:
        raise NotTaken("invalid_request", "an event in it has no name, or is no object")
    understood, effects = effects_of(name, event, told.chosen)
    given = claims.get("sub_id", event.get("subject"))  # where drafts of CAEP had it
    if not effects and given is None:
        return Signal(name, understood, (), NOBODY)
    try:
        subject = subject_of(given, told.people)
    except Unreadable as error:
        if not effects:
            return Signal(name, understood, (), NOBODY)
        raise NotTaken("invalid_request", str(error)) from None
    return Signal(name, understood, effects, subject)
