"""What operators ask: is it there, is it ready, what does it count, what would the candidate answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from ...core.operations.problem import Problem
from ..contract import answers
from ..contract.json_responses import json_response
from ..contract.queries import only
from ..contract.routes import Exchange, Route, roles
from ..telemetry.metrics import Metrics
from .face import Core

REASONS = {
    "type": "object",
    "properties": {"ready": {"type": "boolean"}, "reasons": answers.listed(answers.TEXT)},
    "required": ["ready", "reasons"],
}


class OperatingRoutes:
    """The routes that are about the service itself."""

    def __init__(
        self,
        core: Core,
        metrics: Metrics,
        *,
        beside: Callable[[], list[str]],
        refresh: Callable[[], None],
        candidate: Callable[[], dict[str, Any] | None],
    ) -> None:
        """Keep whom to ask.

        `beside` gives why the service is not ready although the core is, `refresh` brings the gauges up to now.
        """
        self._core, self._metrics = core, metrics
        self._beside, self._refresh, self._candidate = beside, refresh, candidate

    def routes(self) -> tuple[Route, ...]:
        """Give the rows of the table."""
        return (
            Route(
                "GET", "/healthz", None, self.healthz, "Whether the process answers.",
                gives=answers.record({"status": answers.TEXT}),
            ),
            Route(
                "GET", "/readyz", None, self.readyz,
                "Whether calls can be decided and recorded; 503, with reasons, if not.",
                gives=REASONS,
            ),
            Route(
                "GET", "/metrics", roles("read", "admin"), self.metrics, "Metrics, as Prometheus reads them.",
                media="text/plain",
            ),
            Route(
                "GET", "/v1/candidate", roles("read", "admin"), self.candidate,
                "What the candidate policies would have answered otherwise.",
                gives=CANDIDATE, refuses=(404,),
            ),
        )  # fmt: skip

    async def healthz(self, exchange: Exchange) -> dict[str, Any]:
        """Answer, which is the answer."""
        return {"status": "ok"}

    async def readyz(self, exchange: Exchange) -> Response:
        """Say whether it is ready."""
        reasons = await asyncio.to_thread(self.reasons)
        return json_response({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    def reasons(self) -> list[str]:
        """Give why the service is not ready, in words of ours."""
        return [*self._core.ready(), *self._beside()]

    async def metrics(self, exchange: Exchange) -> Response:
        """Write the metrics."""
        only(exchange)
        await asyncio.to_thread(self._now)
        return Response(self._metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    def _now(self) -> None:
        """Bring what is read, and not counted, up to now."""
        self._refresh()
        self._metrics.ready.set(0 if self.reasons() else 1)

    async def candidate(self, exchange: Exchange) -> dict[str, Any]:
        """Say what would differ."""
        only(exchange)
        found = self._candidate()
        if found is None:
            raise Problem(404, "no_candidate", "the service has no candidate policies")
        return found


DIFFERENCE = answers.record(
    {
        "call": answers.TEXT,
        "seq": {"type": "integer"},
        "agent": {"type": ["string", "null"]},
        "resource": {"type": ["string", "null"]},
        "action": {"type": ["string", "null"]},
        "active": answers.TEXT,
        "candidate": answers.TEXT,
        "rules": answers.listed(answers.TEXT),
        "reasons": answers.listed(answers.TEXT),
    }
)
CANDIDATE = answers.record(
    {
        "active": {"type": ["string", "null"]},
        "candidate": answers.TEXT,
        "compared": {"type": "integer"},
        "same": {"type": "integer"},
        "not_decidable": {
            "type": "integer",
            "description": "Calls of which too little is kept to decide them again.",
        },
        "unknown_facts": {
            **answers.listed(answers.TEXT),
            "description": "Meters and sources that the candidate defines otherwise: unknown in what was recorded.",
        },
        "differences": answers.listed(
            answers.record(
                {
                    "active": answers.TEXT,
                    "candidate": answers.TEXT,
                    "count": {"type": "integer"},
                    "examples": answers.listed(DIFFERENCE),
                }
            )
        ),
    }
)
