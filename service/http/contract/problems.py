"""Errors as they leave the service: RFC 9457, one plain sentence, and nothing of what was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ...core.operations.problem import Problem

RETRY_AFTER = {429: "1", 503: "1"}
TYPES = {
    code: f"urn:openid:authzen:access-request:error:{code}"
    for code in (
        *("not_requestable", "expired_denial", "invalid_denial_binding", "duplicate_request"),
        *("unknown_task", "invalid_task_state"),
    )
}
"""Those of requests for access, which have names of AuthZEN's."""
LATER = {"too_many_requests_wait": "60"}
"""What waits for people, and not for a second to be over."""


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Write a problem as the answer that it is."""
    body = {
        "type": TYPES.get(problem.code, "about:blank"),
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.message,
        "code": problem.code,
    }
    told = {"cache-control": "no-store", **(headers or {})}
    if problem.status in RETRY_AFTER:
        told.setdefault("retry-after", LATER.get(problem.code, RETRY_AFTER[problem.status]))
    if problem.status == 401:
        told.setdefault("www-authenticate", 'Bearer realm="agpc"')
    return Response(
        json.dumps(body, separators=(",", ":")),
        problem.status,
        told,
        media_type="application/problem+json",
    )


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
