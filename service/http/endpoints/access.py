"""Requests for access, as AuthZEN's draft has them: they are the requests to people that calls open, asked for by themselves."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from starlette.responses import Response

from ....runtime.strict_json import NotJSON, read_request
from ...authzen.access import REQUESTS, Access, NotBound
from ...authzen.point import Asker, DecisionPoint
from ...authzen.reading import problem_of
from ...core import Ask, Cancel, Operation, Problem, View
from ...core.approvals.questions import APPROVED, CANCELLED, PENDING, REFUSED, refusal
from ...core.turns.once import is_key
from ...core.waiting import status_of
from ...store import Request, StoreError
from ..contract import answers
from ..contract.json_responses import json_response
from ..contract.queries import only
from ..contract.routes import Exchange, Route, roles
from ..contract.shapes import Free
from ..gate.gate import Gate
from ..telemetry.metrics import Metrics
from .face import Core

IDEMPOTENCY = "idempotency-key"
LONGEST_KEY = 200
_STATUS = {REFUSED: "denied"}
_CODES = {"key_reused": "duplicate_request", "not_found": "unknown_task", "answered": "invalid_task_state"}  # fmt: skip
_NOT_HERE = ("items", "callback")
TASK = answers.record(
    {
        "id": answers.TEXT,
        "status": {
            "type": "string",
            "enum": [PENDING, APPROVED, "denied", "expired", CANCELLED],
        },
        "status_endpoint": answers.TEXT,
        "expires_at": answers.TIME,
    },
    {"links": answers.OBJECT, "display": answers.OBJECT},
)
ANSWER = answers.record(
    {"task": TASK},
    {
        "result": answers.record(
            {
                "mode": {"type": "string", "const": "reevaluate"},
                "approval": answers.record(
                    {"id": answers.TEXT, "approved_until": answers.TIME},
                    {"approved_at": answers.TIME},
                ),
            }
        )
    },
)
BODY = Free(
    "AuthZEN's Access Request and Approval Profile, a draft: `subject`, `action`, `resource` and `context` of the evaluation "
    "that was denied, and `denial` with `expires_at` and `binding_token` as they came."
)


def access_routes(
    core: Core, point: DecisionPoint, access: Access
) -> Callable[[Gate, Metrics], Sequence[Route]]:
    """Give what makes the rows of the table."""

    def rows(gate: Gate, metrics: Metrics) -> Sequence[Route]:
        asking = AccessRoutes(core, point, access)
        return (
            Route(
                "POST", REQUESTS, roles("decide"), asking.submit,
                "Ask people about a call that an evaluation has denied.",
                takes=BODY, reads="json", gives=ANSWER, answers=202, refuses=(404, 409, 410),
            ),
            Route(
                "GET", f"{REQUESTS}/{{id}}", roles("decide"), asking.status,
                "What became of a request for access.", gives=ANSWER, refuses=(404,),
            ),
            Route(
                "POST", f"{REQUESTS}/{{id}}/cancel", roles("decide"), asking.cancel,
                "Take a request for access back.",
                takes=Free("`reason` and `comment`, both texts; or no body at all."), reads="bytes",
                gives=ANSWER, refuses=(404, 409),
            ),
        )  # fmt: skip

    return rows


T = TypeVar("T")


class AccessRoutes:
    """The three routes."""

    def __init__(self, core: Core, point: DecisionPoint, access: Access) -> None:
        """Keep whom to ask."""
        self._core, self._point, self._access = core, point, access

    async def submit(self, exchange: Exchange) -> Response:
        """Ask people, or find where they are asked already."""
        body, caller = exchange.body, exchange.caller
        if type(body) is not dict:
            raise Problem(400, "misshapen", "the body has to be an object")
        wrong = problem_of(body)
        if wrong is not None:
            raise Problem(400, "misshapen", wrong)
        for each in _NOT_HERE:
            if each in body:
                raise Problem(
                    400, "misshapen", f"`{each}` is not supported: ask for one call, and poll"
                )
        try:
            denied = self._access.denied(caller.name, body, int(time.time()))
        except NotBound as error:
            status = 410 if error.code == "expired_denial" else 400
            raise Problem(status, error.code, str(error)) from None
        own = await self._point.own(Asker(caller, "requests"), denied)
        if own["subject"]["type"] != "agent":
            raise Problem(400, "not_requestable", "the call is not one that people are asked about")
        key = _key(exchange)
        found = await self._do(Ask(caller=caller, key=key, request=own))
        told = await self._shown(found["request"])
        answer = json_response(told, 202)
        answer.headers["location"] = told["task"]["status_endpoint"]
        return answer

    async def status(self, exchange: Exchange) -> dict[str, Any]:
        """Say what became of a request."""
        only(exchange)
        return await self._shown(await self._request(exchange))

    async def cancel(self, exchange: Exchange) -> dict[str, Any]:
        """Take a request back."""
        request = await self._request(exchange)
        key = f"arap-cancel-{secrets.token_hex(16)}"
        await self._do(
            Cancel(caller=exchange.caller, key=key, request=request, why=_why(exchange.content))
        )
        return await self._shown(request)

    async def _do(self, operation: Operation) -> dict[str, Any]:
        try:
            return await self._core.do(operation)
        except Problem as problem:
            code = _CODES.get(problem.code)
            if code is None:
                raise
            raise Problem(problem.status, code, problem.message) from None

    async def _request(self, exchange: Exchange) -> str:
        """Give the request to people that a task is; whoever does not speak for its agent learns nothing of it."""
        id = self._access.request_of_task(exchange.id)

        def look(view: View) -> Request | None:
            return None if id is None else view.request(id)

        found = await self._look(look)
        if id is None or found is None or not exchange.caller.speaks_for(found.agent):
            raise Problem(404, "unknown_task", "there is no such task")
        return id

    async def _shown(self, id: str) -> dict[str, Any]:
        def look(view: View) -> dict[str, Any]:
            question = view.request(id)
            assert question is not None  # rows of requests stay
            status = status_of(self._core, view, question)
            approved = [each.at for each in view.verdicts(id) if each.verdict == "approve"]
            said = refusal(view.reading, question) if status == REFUSED else None
            return self._access.task_shown(
                id,
                _STATUS.get(status, status),
                question.expires,
                approved_at=max(approved, default=None),
                said=said,
            )

        return await self._look(look)

    async def _look(self, work: Callable[[View], T]) -> T:
        def look() -> T:
            with self._core.view() as view:
                return work(view)

        try:
            return await asyncio.to_thread(look)
        except StoreError:
            raise Problem(503, "unavailable", "the store cannot be used now") from None


def _key(exchange: Exchange) -> str:
    """Give the key of a submission: the caller's own, or one that nobody has."""
    given = exchange.request.headers.get(IDEMPOTENCY)
    if given is None:
        return f"arap-{secrets.token_hex(16)}"
    key = given.strip()
    if not is_key(key) or len(key) > LONGEST_KEY:
        raise Problem(
            400,
            "misshapen",
            f"`Idempotency-Key` has to be 1 to {LONGEST_KEY} printable ASCII characters",
        )
    return f"arap {key}"


def _why(content: bytes) -> str | None:
    """Read why a request is taken back; a body that is none says nothing. Raises `Problem`."""
    if not content.strip():
        return None
    try:
        body = read_request(content)
    except NotJSON:
        raise Problem(400, "unreadable", "the body is no JSON") from None
    told = body if type(body) is dict else {}
    texts = [told[name] for name in ("reason", "comment") if name in told]
    if type(body) is not dict or any(type(each) is not str for each in texts):
        raise Problem(
            400, "misshapen", "the body is an object, whose `reason` and `comment` are texts"
        )
    return ": ".join(texts) or None
