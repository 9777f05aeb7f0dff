"""What every request passes before its route works on it, in this order, and what is told of it afterwards.

who asks, and may they → how often → how many at once → the body, bounded → JSON of the right shape → the work.
Nothing is read of a body before it is known who sends it, and all of it happens within the time of one request.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import Counter
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from ....runtime.strict_json import NotJSON, read_request
from ....runtime.values import MAX_DEPTH
from ...config.kinds import is_loopback
from ...config.limits import Limits
from ...core.operations.callers import Caller
from ...core.operations.problem import Problem
from ..connections.connections import CHAIN
from ..contract.problems import problem_response
from ..contract.request_ids import REQUEST_ID, request_id_of
from ..contract.routes import Exchange, Route
from ..contract.shapes import BODY, Misshapen, Shape, Text
from ..telemetry import logs
from ..telemetry.metrics import Metrics
from ..telemetry.traces import is_traced, span
from .callers import EVERYBODY, NOBODY, Callers
from .deadlines import Deadline, Deadlines
from .rates import Rates

UNAUTHENTICATED = "agpc-warning"
"""The header that every answer has where nobody has a key."""
PATH_TEXT = Text(512)
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_OPEN = (
    UNAUTHENTICATED.encode(),
    b"no callers are configured: everybody on this machine may do everything",
)
_JSON_HEADERS = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))


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


class Endpoint:
    """A route behind the gate, as an ASGI application."""

    def __init__(self, route: Route, gate: Gate) -> None:
        """Keep both."""
        self.route, self.gate = route, gate
        self._seconds = gate.metrics.request_seconds.labels(route.path)
        self._answered: dict[int, Counter] = {}  # by status: a look-up by labels takes longer

    def _counter(self, status: int) -> Counter:
        found = self._answered.get(status)
        if found is None:
            route = self.route
            found = self.gate.metrics.requests.labels(route.method, route.path, str(status))
            self._answered[status] = found
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, count it and tell of it."""
        began = time.monotonic()
        sent = _Sent(send, self.gate.headers)
        exchange = Exchange(Request(scope, receive), NOBODY)
        route, metrics = self.route, self.gate.metrics
        metrics.in_progress.inc()
        try:
            if not self.gate.is_traced:
                await self._answer(exchange, scope, receive, sent)
            else:
                name = f"{route.method} {route.path}"
                attributes = {"http.request.method": route.method, "http.route": route.path}
                with span(name, exchange.request.headers, attributes) as told:
                    await self._answer(exchange, scope, receive, sent)
                    told.set_attributes({"http.response.status_code": sent.status, **exchange.told})
        finally:
            metrics.in_progress.dec()
            seconds = time.monotonic() - began
            self._counter(sent.status).inc()
            self._seconds.observe(seconds)
            if self.gate.log_requests:
                logs.say(
                    logging.INFO,
                    "request",
                    method=route.method,
                    route=route.path,
                    status=sent.status,
                    ms=round(seconds * 1000, 3),
                    caller=exchange.caller.name,
                    **exchange.told,
                )

    async def _answer(
        self, exchange: Exchange, scope: Scope, receive: Receive, sent: _Sent
    ) -> None:
        response: Response | None
        try:
            with Deadline(self.gate.deadlines):
                response = await self._respond(exchange, receive)
                if response is not None:
                    await response(scope, receive, sent)
                return
        except TimeoutError:
            problem = Problem(
                503,
                "too_slow",
                "the time of one request was over; what it asked for may have been done: the same key tells",
            )
            response = self._refusal(exchange, problem)
        except Exception as error:  # noqa: BLE001 -- the last guard: no text of an exception reaches anybody
            logs.say_failure("a request could not be answered", error, route=self.route.path)
            problem = Problem(500, "internal", "the service failed at this; its log has more")
            response = self._refusal(exchange, problem)
        if sent.status:  # the answer was begun, and is cut off with the connection
            raise ConnectionAbortedError
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await response(scope, receive, sent)

    async def _respond(self, exchange: Exchange, receive: Receive) -> Response | None:
        """Give the answer, or None where nobody is left to take it."""
        gate, route = self.gate, self.route
        try:
            exchange.caller = gate.admit(route, exchange.request)
            for name, value in exchange.request.path_params.items():
                _checked(PATH_TEXT, value, f"`{name}` in the path")
            with gate.one_more(route):
                await self._read(exchange, receive)
                return await self._work(exchange)
        except ClientDisconnect:
            return None
        except Problem as problem:
            return self._refusal(exchange, problem)

    async def _work(self, exchange: Exchange) -> Response:
        found = await self.route.work(exchange)
        return found if isinstance(found, Response) else json_response(found)

    async def _read(self, exchange: Exchange, receive: Receive) -> None:
        if self.route.reads == "nothing":
            return
        headers = exchange.request.headers
        content = await bounded(receive, headers.get("content-length"), self.gate.limits.body_bytes)
        if self.route.reads == "bytes":
            exchange.content = content
            return
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json":
            raise Problem(415, "not_json", "the body has to be `application/json`")
        try:
            exchange.body = read_request(content)
        except NotJSON as error:
            said = str(error)  # which may hold a key that stands twice
            clean = said.startswith(("not UTF-8", "not JSON", "nested"))
            message = said if clean else "a key stands twice in one object"
            raise Problem(400, "unreadable", f"the body is refused: {message}") from None
        depth = self.gate.limits.depth
        if depth < MAX_DEPTH and levels(exchange.body, depth):
            raise Problem(400, "unreadable", f"the body has more than {depth} levels")
        if self.route.takes is not None:
            _checked(self.route.takes, exchange.body, BODY)

    def _refusal(self, exchange: Exchange, problem: Problem) -> Response:
        self.gate.metrics.refused.labels(problem.code).inc()
        exchange.told["code"] = problem.code
        headers = {}
        if isinstance(problem, TooMany):
            headers["retry-after"] = str(problem.wait)
        if problem.status == 401 and self.route.for_people:
            headers["www-authenticate"] = 'Basic realm="agpc", charset="UTF-8"'
        has_body = self.route.reads != "nothing" or self.route.hidden
        if has_body and problem.status in (401, 403, 413, 429, 503):
            headers["connection"] = "close"  # what is left of the body is not read
        if REQUEST_ID in self.route.headers and (
            id := request_id_of(exchange.request.headers)
        ):  # of AuthZEN
            headers[REQUEST_ID] = id
        return problem_response(problem, headers)


def _checked(shape: Shape, value: object, place: str) -> None:
    try:
        shape.check(value)
    except Misshapen as error:
        raise Problem(400, "misshapen", error.told(place)) from None


class _Sent:
    """How an answer leaves: with headers that all have, and its status is remembered."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send, self._headers, self.status = send, headers, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], *self._headers]
        await self._send(message)


async def bounded(receive: Receive, length: str | None, most: int) -> bytes:
    """Read a body, whatever length it says that it has. Raises a `Problem` (413), and `ClientDisconnect`."""
    if length is not None and length.isdigit() and (len(length) > 18 or int(length) > most):
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large(most: int) -> Problem:
    return Problem(413, "too_large", f"a body has at most {most} bytes")


def levels(value: Any, most: int) -> bool:
    """Whether a JSON value has more levels of objects and lists than it may.

    >>> levels({"a": [1]}, 2), levels({"a": [{}]}, 2)
    (False, True)
    """
    level = [value]
    for _ in range(most + 1):
        level = [each for each in level if type(each) is dict or type(each) is list]
        if not level:
            return False
        level = [
            inner for each in level for inner in (each.values() if type(each) is dict else each)
        ]
    return True


def json_response(value: dict[str, Any], status: int = 200) -> Response:
    """Write JSON, in ASCII, which nobody may keep."""
    return Written(json.dumps(value, separators=(",", ":")).encode("ascii"), status, _JSON_HEADERS)


class Written(Response):
    """An answer whose headers are at hand as they are sent, but for its length."""

    def __init__(self, body: bytes, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Take it as it is."""
        self.status_code, self.background, self.body = status, None, body
        self.raw_headers = [(b"content-length", b"%d" % len(body)), *headers]


async def not_found(request: Request, error: Exception) -> Response:
    """Answer what no route is for, before anybody was asked for a key."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    said = {
        404: ("no_route", "there is nothing at this path"),
        405: ("no_method", "this path does not take this method"),
    }
    code, message = said.get(status, ("refused", "the request cannot be answered"))
    return problem_response(Problem(status, code, message), headers)
