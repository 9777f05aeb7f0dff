"""People by OpenID Connect: the code flow with PKCE, of which each step is bound to the one before.

A provider is found by its issuer, whose own document says where the rest is. What it says is kept for a while, and the
last good of it counts when it cannot be reached; codes are exchanged, and keys are fetched, by the provider's own URLs alone.
"""

from __future__ import annotations

import base64
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from ...runtime.strict_json import NotJSON, read_request
from ..base64url import encoded
from ..outbound.fetching import NotFetched, Reach, Reply, checked, fetch
from ..tokens.compact import Refused
from .claims import check_audience, check_times, seconds
from .signed import Keys, Token, read_keys, read_token, verify

REFRESH = 3600.0
"""Seconds after which the document and the keys of a provider are looked at again."""
SOONEST = 10.0
LONGEST = 31 * 86_400.0
"""Seconds that an identity token may be good for; it is looked at once, when it has just been made."""
_JSON = {"accept": "application/json"}
_FORM = {**_JSON, "content-type": "application/x-www-form-urlencoded"}


class Unreachable(Exception):
    """The provider cannot be asked now; one sentence."""


@dataclass(frozen=True, slots=True)
class Client:
    """What we are to a provider. `secret` is None of a client that has none, which PKCE is enough for."""

    issuer: str
    id: str
    secret: str | None
    redirect: str
    """The URL of ours that it sends browsers back to."""
    scopes: tuple[str, ...]
    reach: Reach
    leeway: float = 30.0

    def __repr__(self) -> str:
        """Show what everybody may know."""
        return f"Client({self.issuer!r}, {self.id!r})"


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in under way: what only the browser that began it and we know."""

    state: str
    nonce: str
    verifier: str
    began: float
    back: str = "/"
    again: bool = False
    """Whether the person was asked to show anew who they are."""
    longest: float = 8 * 3600.0
    """How many seconds ago they may have shown it, when it began."""

    @classmethod
    def new(
        cls, *, back: str = "/", again: bool = False, longest: float = 8 * 3600.0, now: float
    ) -> Flow:
        """Begin one."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, now, back, again, 0.0 if again else longest)


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says of itself."""

    authorization: str
    token: str
    keys: str
    names_itself: bool
    """Whether it says in each answer who it is (RFC 9207)."""


class Discovered:
    """A provider, with its document and its keys as they were read last."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without having asked."""
        self._client, self._clock = client, clock
        self._busy = threading.Lock()
        self._provider: Provider | None = None
        self._keys: Keys = {}
        self._read_at = self._keys_at = self._failed_at = -float("inf")

    def provider(self) -> Provider:
        """Give what it says of itself. It may block. Raises `Unreachable`."""
        with self._busy:
            now = self._clock()
            is_old = self._provider is None or now >= self._read_at + REFRESH
            if (
                is_old and now >= self._failed_at + SOONEST
            ):  # one that is away is not waited for again
                try:
                    self._provider, self._read_at = self._discover(), now
                except Unreachable:
                    self._failed_at = now
                    if self._provider is None:
                        raise
            if self._provider is None:
                raise Unreachable("the provider could not be reached a moment ago")
            return self._provider

    def keys(self, kid: str) -> Keys:
        """Give its keys, read again if the one that is asked for is none of them. It may block. Raises `Unreachable`."""
        place = self.provider().keys
        with self._busy:
            now = self._clock()
            is_old = now >= self._keys_at + REFRESH
            if is_old or (kid not in self._keys and now >= self._keys_at + SOONEST):
                try:
                    self._keys = read_keys(self._asked(place).content, frozenset(["sig"]))
                    self._keys_at = now
                except (Unreachable, Refused):
                    if not self._keys:
                        raise Unreachable("the provider's keys cannot be had") from None
            return self._keys

    def _discover(self) -> Provider:
        issuer = self._client.issuer
        reply = self._asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        told = _object(reply)
        if told.get("issuer") != issuer:
            raise Unreachable("the provider's document is that of another issuer")
        found = [
            told.get(f"{each}") for each in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        ]
        for each in found:
            try:
                checked(each if type(each) is str else "", self._client.reach)
            except NotFetched:
                raise Unreachable(
                    "the provider's document names no URLs that may be asked"
                ) from None
        names = told.get("authorization_response_iss_parameter_supported") is True
        return Provider(str(found[0]), str(found[1]), str(found[2]), names)

    def _asked(self, url: str) -> Reply:
        try:
            reply = fetch(url, self._client.reach, headers=_JSON)
        except NotFetched as error:
            raise Unreachable(f"the provider cannot be reached: {error}") from None
        if reply.status != 200:
            raise Unreachable(f"the provider answers {reply.status}")
        return reply


class SignIn:
    """The code flow with one provider."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.time) -> None:
        """Know it by its issuer."""
        self.client, self._clock = client, clock
        self.found = Discovered(client)

    def begin(self, flow: Flow, *, acr: tuple[str, ...] = ()) -> str:
        """Give the URL that a browser is sent to. It may block. Raises `Unreachable`."""
        provider, client = self.found.provider(), self.client
        asked = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": client.redirect,
            "scope": " ".join(("openid", *(each for each in client.scopes if each != "openid"))),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": encoded(sha256(flow.verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "max_age": str(int(flow.longest)),
        }
        if flow.again:
            asked["prompt"] = "login"
            if acr:
                asked["acr_values"] = " ".join(acr)
        mark = "&" if "?" in provider.authorization else "?"
        return f"{provider.authorization}{mark}{urlencode(asked)}"

    def complete(self, flow: Flow, answer: Mapping[str, str]) -> Mapping[str, Any]:
        """Give the claims of the person whom an answer of the provider is about. It blocks.

        Raises `Refused`, and `Unreachable`.
        """
        provider = self.found.provider()
        if not secrets.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
            raise Refused("the answer is to another question")
        iss = answer.get("iss")
        if iss != self.client.issuer and (iss is not None or provider.names_itself):
            raise Refused("the answer is another provider's")
        if "error" in answer:
            raise Refused("the provider has let nobody in")
        code = answer.get("code")
        if not code:
            raise Refused("the answer has no code")
        token = self._exchange(provider, code, flow)
        key = self.found.keys(token.kid).get(token.kid)
        if key is None:
            raise Refused("the identity token is signed with a key that is none of the provider's")
        verify(token, key)
        return self._checked(token.claims, flow)

    def _exchange(self, provider: Provider, code: str, flow: Flow) -> Token:
        client = self.client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect,
            "code_verifier": flow.verifier,
        }
        headers = dict(_FORM)
        if client.secret is None:
            form["client_id"] = client.id
        else:
            both = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
        try:
            reply = fetch(
                provider.token,
                client.reach,
                method="POST",
                headers=headers,
                content=urlencode(form).encode(),
            )
        except NotFetched as error:
            raise Unreachable(f"the code cannot be exchanged: {error}") from None
        if reply.status != 200:
            raise Refused("the provider does not take the code")
        token = _object(reply).get("id_token")
        if type(token) is not str:
            raise Refused("the provider gives no identity token")
        return read_token(token, more_header=True)

    def _checked(self, claims: Mapping[str, Any], flow: Flow) -> Mapping[str, Any]:
        now, leeway = self._clock(), self.client.leeway
        if claims.get("iss") != self.client.issuer:
            raise Refused("the identity token is another provider's")
        audience = check_audience(claims, (self.client.id,))
        authorized = claims.get("azp")
        if authorized != self.client.id and (authorized is not None or len(audience) > 1):
            raise Refused("the identity token was made for another client")
        check_times(claims, now, leeway, LONGEST)
        nonce = claims.get("nonce")
        if type(nonce) is not str or not secrets.compare_digest(
            nonce.encode("utf-8", "replace"), flow.nonce.encode()
        ):
            raise Refused("the identity token is of another sign-in")
        at = seconds(claims, "auth_time")
        if at is not None and at > now + leeway:
            raise Refused("the identity token is of a time that has not come")
        if flow.again and (at is None or at < flow.began - leeway):
            raise Refused("the provider has not asked the person again")
        if at is not None and at < flow.began - flow.longest - leeway:
            raise Refused("the person has shown longer ago who they are than was asked for")
        return claims


def _object(reply: Reply) -> dict[str, Any]:
    try:
        found = read_request(reply.content)
    except NotJSON:
        found = None
    if type(found) is not dict:
        raise Unreachable("the provider's answer is no JSON")
    return found
