"""Who calls over HTTP: a caller of the settings, by key or by JWT-SVID, or whoever holds a task token of the service.

A task token is looked up with each request, so that one whose lease has ended lets nobody in.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from ....service.config.models import Loaded
from ....service.core.operations.problem import Problem
from ....service.http.gate.callers import Callers
from ....service.identity.bundles import Bundles
from ....service.serving.trust import bundles_of, callers_of
from ....service.tokens.compact import LONGEST, Refused
from ....service.tokens.dpop import NEWEST, OLDEST, proved
from ....service.tokens.jws import kind_of
from ....service.tokens.tokens import KIND
from ...enforcing.enforcement import Enforcement, Unavailable
from ...enforcing.holders import Holder
from ..tasks import From

MOST_PROOFS = 100_000
KEPT = OLDEST + NEWEST + 1.0
"""Seconds for which it is remembered that a proof was shown: no longer is one taken."""
LOOK = 1.0
"""Seconds between two looks at whether a bundle of a trust domain is due."""
Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Known:
    """Who has to say who they are, and how they are known."""

    callers: Callers
    bundles: Bundles

    @classmethod
    def of(cls, loaded: Loaded, *, tokens_alone: bool = False) -> Known | None:
        """Read it of the settings; None if nobody has to say who they are. Raises `SecretError` and `ValueError`."""
        bundles = bundles_of(loaded)
        callers = callers_of(loaded, bundles)
        if not callers.are_configured and not tokens_alone:
            return None
        bundles.refresh(all=True)
        return cls(callers, bundles)

    async def keep(self) -> None:
        """Look at the bundles of trust domains as it is time, or as somebody shows a key that is in none."""
        while self.bundles.all():
            await anyio.sleep(LOOK)
            if any(each.is_due for each in self.bundles.all()):
                await anyio.to_thread.run_sync(self.bundles.refresh)


class Entrance:
    """Says who sends a request."""

    def __init__(self, enforcement: Enforcement, known: Known | None, hosts: Sequence[str]) -> None:
        """Take who looks up tokens, who is let in beside, and what this host is called."""
        self._enforcement, self._known, self._hosts = enforcement, known, frozenset(hosts)
        self._proofs: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Those that were shown, each with when it is forgotten, by either clock: one may be set back."""

    async def source(self, method: str, path: str, headers: Headers, task: str | None) -> From:
        """Say who calls, and in which task. Raises `Problem`."""
        given = _only(headers, b"authorization")
        scheme, _, rest = (given or "").partition(" ")
        token, scheme = rest.strip(), scheme.lower()
        if scheme == "dpop" or (scheme == "bearer" and kind_of(token) == KIND):
            holder = await self._holder(token)
            self._see_key(holder, scheme, token, method, path, headers)
            if task not in (None, holder.task):
                raise Problem(403, "other_task", "the token is of another task than the URL names")
            return From(
                holder.task, f"lease {holder.lease}", holder.agent.__eq__, holder.capabilities
            )
        if self._known is None:
            return From(task)
        caller = self._known.callers.identify(given, for_people=False)
        if caller is None:
            why = "say who calls: `Authorization: Bearer` and a key, a JWT-SVID or a task token"
            raise Problem(401, "no_key", why)
        caller.require("decide")
        return From(task, caller.name, caller.speaks_for)

    async def _holder(self, token: str) -> Holder:
        if len(token) > LONGEST:
            raise _refused("it is too long")
        try:
            holder = await self._enforcement.holder(token)
        except Unavailable as error:
            raise Problem(
                503, "unavailable", f"nobody can say now whose token it is: {error}"
            ) from None
        if holder is None:
            raise _refused("it is none of a lease that holds now")
        return holder

    def _see_key(
        self, holder: Holder, scheme: str, token: str, method: str, path: str, headers: Headers
    ) -> None:
        """See that who brings a token has the key that it is bound to (DPoP, RFC 9449)."""
        given = _only(headers, b"dpop")
        if (holder.proved is None) != (scheme == "bearer"):
            why = "it is bound to no key" if holder.proved is None else "it is bound to a key"
            raise _refused(why)
        if holder.proved is None:
            return
        host = _only(headers, b"host") or ""
        if given is None or host not in self._hosts:
            raise _refused("there is no proof of its key for this host")
        try:
            proof = proved(given, method, f"http://{host}{path}", time.time, token)
        except Refused as error:
            raise _refused(f"the proof of its key is not taken: {error}") from None
        if proof.thumbprint != holder.proved:
            raise _refused("the proof is of another key than its own")
        self._once(proof.id)

    def _once(self, proof: str) -> None:
        now = (time.monotonic(), time.time())
        while self._proofs:
            first = next(iter(self._proofs.values()))
            if not all(until < at for until, at in zip(first, now, strict=True)):
                break
            self._proofs.popitem(last=False)
        if proof in self._proofs:
            raise _refused("the proof of its key was shown before")
        if len(self._proofs) >= MOST_PROOFS:
            raise Problem(503, "busy", "there are more proofs than can be remembered")
        self._proofs[proof] = (now[0] + KEPT, now[1] + KEPT)


def _refused(why: str) -> Problem:
    return Problem(401, "refused_token", f"the task token in `Authorization` is refused: {why}")


def _only(headers: Headers, name: bytes) -> str | None:
    found = [value for each, value in headers if each == name]
    if len(found) > 1:
        raise Problem(400, "twice", f"the header {name.decode()} stands there twice")
    return found[0].decode("latin-1") if found else None
