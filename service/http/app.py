"""The application: the table of routes, each behind the gate."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.types import Receive, Scope, Send

from ..config.models import Settings
from .contract.json_responses import json_response
from .contract.openapi import document
from .contract.problems import not_found
from .contract.routes import Exchange, Route
from .endpoints.asking import AskingRoutes
from .endpoints.doing import DoingRoutes
from .endpoints.face import Core, More
from .endpoints.log import LogRoutes
from .endpoints.operating import OperatingRoutes
from .endpoints.people import of_people_here
from .endpoints.reading import ReadingRoutes
from .gate.callers import Callers
from .gate.endpoint import Endpoint
from .gate.gate import Gate
from .telemetry import logs
from .telemetry.metrics import Metrics

OPENAPI = "/openapi.json"


@dataclass(slots=True)
class ProcessParts:
    """What stands beside the core in one process."""

    callers: Callers
    metrics: Metrics = field(default_factory=Metrics)
    more: Sequence[More] = ()
    not_ready: Callable[[], list[str]] = list
    """Why the service is not ready although the core is."""
    refresh: Callable[[], None] = lambda: None
    """Brings the gauges up to now."""
    candidate: Callable[[], dict[str, Any] | None] = lambda: None


class Application(Starlette):
    """Starlette, which is not asked where a method and a path have their endpoint in a table: the router tries all in turn."""

    def __init__(self, endpoints: dict[tuple[str, str], Endpoint], **more: Any) -> None:
        """Take the endpoints; those with a parameter in their path are the router's to find."""
        super().__init__(**more)
        self.straight = {key: each for key, each in endpoints.items() if "{" not in key[1]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            endpoint = self.straight.get((scope["method"], scope["path"]))
            if endpoint is not None:
                return await endpoint(scope, receive, send)
        await super().__call__(scope, receive, send)


class Service:
    """One process's application, with its gate and its table of routes."""

    def __init__(self, core: Core, settings: Settings, parts: ProcessParts) -> None:
        """Put the table together."""
        metrics = parts.metrics
        self.metrics = metrics
        self.gate = Gate(parts.callers, settings.limits, metrics, settings.logging.requests)
        reading = ReadingRoutes(core, metrics)
        self.routes: tuple[Route, ...] = (
            *DoingRoutes(core, self.gate, metrics).routes(),
            *(row for make in parts.more for row in make(self.gate, metrics)),
            *reading.routes(),
            *AskingRoutes(core, reading).routes(),
            *LogRoutes(reading).routes(),
            *OperatingRoutes(
                core,
                metrics,
                beside=parts.not_ready,
                refresh=parts.refresh,
                candidate=parts.candidate,
            ).routes(),
            Route("GET", OPENAPI, None, self._openapi, "This document.", gives={"type": "object"}),
        )
        self._document = document(self.routes, settings.public_url)
        endpoints = [
            (each, Endpoint(replace(each, work=of_people_here(each, reading)), self.gate))
            for each in self.routes
        ]
        self.app = Application(
            {(each.method, each.path): endpoint for each, endpoint in endpoints},
            routes=[
                StarletteRoute(each.path, endpoint, methods=[each.method])
                for each, endpoint in endpoints
            ],
            exception_handlers={HTTPException: not_found},
            lifespan=self._lifespan,
        )
        self.app.router.redirect_slashes = False  # a body is not sent twice, nor a key elsewhere

    async def _openapi(self, exchange: Exchange) -> Response:
        return json_response(self._document)

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        if self.gate.open:
            logs.say(
                logging.WARNING,
                "no callers are configured: everybody on this machine may do everything; `agpc serve --new-key NAME"
                " --role ROLE` makes one",
            )
        yield
