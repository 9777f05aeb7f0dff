"""Security events of others are brought here (RFC 8935): 202 once one was taken in and that lasts, else the word why not."""

from __future__ import annotations

from starlette.responses import Response

from ...core import Problem
from ...core.operations.problem import unavailable
from ...signals.polling import refusal_of, say_idle, say_refused
from ...signals.reading import KeysMissing, NotTaken, Transmitters
from ..contract import bodies
from ..contract.json_responses import json_response
from ..contract.routes import Exchange, Route, roles
from ..gate.gate import Gate
from ..telemetry.metrics import Metrics
from .face import Core, More

PATH = "/ssf/events"
MEDIA = "application/secevent+jwt"


def hearing_routes(core: Core, transmitters: Transmitters) -> More:
    """Give what makes the route to which events are brought."""

    def make(gate: Gate, metrics: Metrics) -> tuple[Route, ...]:
        return (
            Route(
                "POST", PATH, roles("signal"), HearingRoutes(core, transmitters).take,
                "Take in a security event token of another system (RFC 8935).",
                takes=bodies.EVENT, reads="bytes", event=True,
            ),
        )  # fmt: skip

    return make


class HearingRoutes:
    """The route to which events are brought."""

    def __init__(self, core: Core, transmitters: Transmitters) -> None:
        """Keep who does it, and who verifies."""
        self._core, self._transmitters = core, transmitters

    async def take(self, exchange: Exchange) -> Response:
        """Take in a token."""
        try:
            media = exchange.request.headers.get("content-type", "").partition(";")[0].strip()
            if media.lower() != MEDIA:
                raise NotTaken("invalid_request", f"the body has to be `{MEDIA}`")
            await self._heed(exchange)
        except NotTaken as problem:
            exchange.told["code"] = problem.code
            say_refused(exchange.caller.name, problem)
            return json_response({"err": problem.code, "description": str(problem)}, 400)
        except KeysMissing:
            raise unavailable("the keys of the transmitter cannot be had now") from None
        return Response(status_code=202, headers={"cache-control": "no-store"})

    async def _heed(self, exchange: Exchange) -> None:
        text = exchange.content.decode("ascii", "replace").strip()
        asked = self._transmitters.heard(text, caller=exchange.caller.name)
        try:
            answer = await self._core.do(asked)
        except Problem as problem:
            raise refusal_of(problem) from None
        say_idle(asked, answer)
