"""Errors as they leave the service: RFC 9457, one plain sentence, and nothing of what was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from ..core.problem import Problem

RETRY_AFTER = {429: "1", 503: "1"}


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Write a problem as the answer that it is."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.message,
        "code": problem.code,
    }
    told = {"cache-control": "no-store", **(headers or {})}
    if problem.status in RETRY_AFTER:
        told.setdefault("retry-after", RETRY_AFTER[problem.status])
    if problem.status == 401:
        told.setdefault("www-authenticate", 'Bearer realm="agpc"')
    return Response(
        json.dumps(body, separators=(",", ":")),
        problem.status,
        told,
        media_type="application/problem+json",
    )
