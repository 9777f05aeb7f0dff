"""What every request passes before its route works on it, in this order, and what is told of it afterwards.

who asks, and may they → how often → how many at once → the body, bounded → JSON of the right shape → the work.
Nothing is read of a body before it is known who sends it, and all of it happens within the time of one request.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

from prometheus_client import Counter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from ....runtime.strict_json import NotJSON, read_request
from ....runtime.values import MAX_DEPTH
from ...core.operations.problem import Problem
from ..contract.json_responses import json_response
from ..contract.problems import problem_response
from ..contract.request_ids import REQUEST_ID, request_id_of
from ..contract.routes import Exchange, Route
from ..contract.shapes import BODY, Misshapen, Shape, Text
from ..telemetry import logs
from ..telemetry.traces import span
from .callers import NOBODY
from .deadlines import Deadline
from .gate import Gate, TooMany

PATH_TEXT = Text(512)


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
