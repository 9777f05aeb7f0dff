"""Task tokens: what a lease looks like on its way to whoever lets its holder in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from joserfc.jwk import ECKey

from ...runtime.values import NANOSECONDS
from ..store import Lease, Task
from .compact import Refused
from .jws import read, signed, whole
from .keys import ALGORITHM, TokenKeys

KIND = "at+jwt"
LEEWAY = 30  # seconds by which clocks may differ


class Tokens:
    """Makes tokens and reads them again. `issuer` is the URL of the service, `audience` whom tokens are for."""

    def __init__(
        self,
        keys: TokenKeys,
        issuer: str,
        audience: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep what all tokens say."""
        self.keys, self.issuer, self._clock = keys, issuer, clock
        self.audience = tuple(audience) or (issuer,)

    def of(self, lease: Lease, task: Task, chain: Sequence[str]) -> str:
        """Make the token of a lease, whose agent works for those of a chain, the nearest first.

        It is made of what is stored, and so says the same however often it is made.
        """
        capabilities = json.loads(lease.capabilities)
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": lease.agent,
            "aud": list(self.audience),
            "iat": lease.decided // NANOSECONDS,
            "exp": lease.expires // NANOSECONDS,
            "jti": jti_of(lease),
            "lease": lease.id,
            "task": task.id,
            "intent": task.intent,
            "capabilities": capabilities,
            "scope": " ".join(capabilities),
        }
        act: dict[str, Any] | None = None
        for agent in reversed(chain):
            act = {"sub": agent} if act is None else {"sub": agent, "act": act}
        if act is not None:
            claims["act"] = act
        if lease.proved is not None:
            claims["cnf"] = {"jkt": lease.proved}
        key = self.keys.signing()
        return signed({"typ": KIND, "kid": key.kid}, claims, key, ALGORITHM)

    def read(self, text: str) -> dict[str, Any]:
        """Give what a token of ours says, which is good by itself. Raises `Refused`.

        Whether its lease holds is another question.
        """

        def key_of(header: dict[str, Any]) -> ECKey | None:
            return self.keys.known(header["kid"]) if type(header["kid"]) is str else None

        _, claims = read(text, KIND, (ALGORITHM,), key_of)
        now = self._clock()
        if claims.get("iss") != self.issuer or claims.get("aud") != list(self.audience):
            raise Refused("it is of somebody else, or for somebody else")
        if whole(claims, "exp") <= now:
            raise Refused("it has expired")  # our own clock has set it: there is no leeway
        if whole(claims, "iat") > now + LEEWAY:
            raise Refused("it is not good yet")
        if type(claims.get("lease")) is not str:
            raise Refused("it is of no lease")
        return claims


def jti_of(lease: Lease) -> str:
    """Name the token of a lease, of which there is one for each time that it was renewed."""
    return f"{lease.id}.{lease.renewed}"


def chain_of(task: Task, get: Callable[[str], Task | None]) -> list[str]:
    """Give the agents for whom the agent of a task works, the nearest first, as the store knows them."""
    found: list[str] = []
    agent, above = task.agent, task.parent
    while above is not None:
        parent = get(above)
        if parent is None:
            break
        if parent.agent != agent:
            found.append(parent.agent)
            agent = parent.agent
        above = parent.parent
    return found
