"""JWT-SVIDs: who a workload is, by a token of its trust domain.

Whose keys count is said by the trust domain of `sub`, and nothing else: a domain cannot speak for another one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ..tokens.compact import Refused
from .bundles import Bundles
from .claims import check_audience, check_times
from .ids import trust_domain_of
from .signed import Token, read_token, verify


@dataclass(frozen=True, slots=True)
class Verifier:
    """Checks tokens: `audience` is what we are called, `leeway` how far clocks may differ, `longest` how long a token may
    be good, in seconds."""

    bundles: Bundles
    audience: Collection[str]
    leeway: float = 30.0
    longest: float = 86_400.0
    clock: Callable[[], float] = time.time

    def identify(self, text: str) -> str:
        """Give the SPIFFE ID of whom a token is. Raises `Refused`."""
        return self.read(text)[0]

    def read(self, text: str) -> tuple[str, Token]:
        """Give the SPIFFE ID of whom a token is, and what else it says. Raises `Refused`."""
        token = read_token(text)
        id = token.claims.get("sub")
        domain = trust_domain_of(id)
        known = None if domain is None else self.bundles.of(domain)
        if known is None:
            raise Refused("its subject is no workload of a trust domain that is known here")
        bundle = known.bundle
        if bundle is None:
            known.ask()
            raise Refused("there is no good bundle of its trust domain now")
        key = bundle.keys.get(token.kid)
        if key is None:
            known.ask()
            raise Refused("its key is none of its trust domain")
        verify(token, key)
        check_audience(token.claims, self.audience)
        check_times(token.claims, self.clock(), self.leeway, self.longest)
        return str(id), token
