"""Who is let in: who asks, and may they; how often, and how many at once."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from starlette.requests import Request

from ...config.kinds import is_loopback
from ...config.limits import Limits
from ...core.operations.callers import Caller
from ...core.operations.problem import Problem
from ..connections.connections import CHAIN
from ..contract.routes import Route
from ..telemetry.metrics import Metrics
from ..telemetry.traces import is_traced
from .callers import EVERYBODY, NOBODY, Callers
from .deadlines import Deadlines
from .rates import Rates

UNAUTHENTICATED = "agpc-warning"
"""The header that every answer has where nobody has a key."""
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_OPEN = (
    UNAUTHENTICATED.encode(),
    b"no callers are configured: everybody on this machine may do everything",
)


class Gate:
    """What all routes share: callers, limits, and what is counted."""

    def __init__(
        self, callers: Callers, limits: Limits, metrics: Metrics, log_requests: bool
    ) -> None:
        """Begin with nobody inside."""
        self.callers, self.limits, self.metrics = callers, limits, metrics
        self.log_requests = log_requests
        self.open = not callers.are_configured
        self.inside = self.inside_pages = 0
        self.is_traced = is_traced()
        self.deadlines = Deadlines(limits.time)
        self._rates = Rates(limits.rate, limits.burst)
        self._page_rates = Rates(limits.page_rate, limits.page_burst)
        self.headers = [_NOSNIFF, *([_OPEN] if self.open else [])]
        """Those that every answer has."""

    def admit(self, route: Route, request: Request) -> Caller:
        """Say who asks. Raises a `Problem` for who may not, and for who asks too often."""
        if route.hidden and (wait := self._page_rates.take(whence(request))):
            raise TooMany(math.ceil(wait), "more is asked of the pages from there than may be")
        if self.open:
            self._from_this_machine(request)
            caller: Caller | None = EVERYBODY
        else:
            caller = self.callers.identify(request.headers.get("authorization"), route.for_people)
        if route.needs is None:
            return caller or NOBODY
        if caller is None:
            caller = self.callers.of_chain(request.scope.get(CHAIN, ()))
        if caller is None:
            raise Problem(
                401, "no_key", "this needs `Authorization: Bearer` and a key of this service"
            )
        if route.needs == {"approve"} and caller.person is None and "approve" not in caller.roles:
            raise Problem(
                403,
                "not_a_person",
                "a program approves nothing: people do, with a key of their own",
            )
        if route.needs.isdisjoint(caller.roles):
            needed = " or ".join(f"`{each}`" for each in sorted(route.needs))
            raise Problem(
                403, "wrong_role", f"this needs the role {needed}, which the caller does not have"
            )
        if caller.itself and not route.for_agents:
            raise Problem(
                403,
                "own_identity",
                "an agent that acts for itself asks about no call that is not recorded",
            )
        if wait := self._rates.take(caller.name):
            raise TooMany(math.ceil(wait))
        return caller

    @contextmanager
    def one_more(self, route: Route) -> Iterator[None]:
        """Count a request as long as it is worked on. Raises a `Problem` where there are too many.

        Pages are counted apart: whoever has not signed in sends a form as slowly as they like, and takes no place of a decision.
        What is open to everybody beside them is at hand, and says whether the service lives.
        """
        if route.hidden:
            if self.inside_pages >= max(1, self.limits.concurrency // 4):
                raise Problem(503, "busy", "the pages answer as many as they may")
            self.inside_pages += 1
            try:
                yield
            finally:
                self.inside_pages -= 1
        elif route.needs is None:
            yield
        else:
            if self.inside >= self.limits.concurrency:
                raise Problem(503, "busy", "the service works on as many requests as it may")
            self.inside += 1
            try:
                yield
            finally:
                self.inside -= 1

    @staticmethod
    def _from_this_machine(request: Request) -> None:
        """Refuse what a page of the web makes a browser on this machine send, where nobody has a key."""
        try:
            host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        except ValueError:  # brackets that hold no address
            host = ""
        if not is_loopback(host):
            raise Problem(
                403,
                "foreign_host",
                "without callers only requests to the loopback interface are taken",
            )
        origin = request.headers.get("origin")
        if origin is not None and origin != f"{request.url.scheme}://{request.headers['host']}":
            raise Problem(
                403, "foreign_origin", "without callers no requests of other web pages are taken"
            )


def whence(request: Request) -> str:
    """Say from where a request comes: an address, or the network of one house where everybody has as many as they like."""
    host = "" if request.client is None else request.client.host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a socket has none
        return host
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address.packed, 64), strict=False))


class TooMany(Problem):
    """A caller asks too often."""

    def __init__(self, wait: int, said: str = "this caller asks more often than it may") -> None:
        """Keep after how many seconds it may ask again."""
        super().__init__(429, "too_many_requests", said)
        self.wait = wait
