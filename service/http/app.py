"""The application: the table of routes, each behind the gate."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from ..config.models import Settings
from . import logs
from .callers import Callers
from .doing import Doing
from .face import Core
from .gate import Endpoint, Gate, json_response, not_found
from .metrics import Metrics
from .openapi import document
from .operating import Operating
from .reading import Reading
from .routes import Exchange, Route

OPENAPI = "/openapi.json"
More = Callable[[Gate, Metrics], Sequence[Route]]
"""Makes further rows of the table: AuthZEN, the page, the log."""


@dataclass(slots=True)
class Parts:
    """What stands beside the core in one process."""

    callers: Callers
    metrics: Metrics = field(default_factory=Metrics)
    more: Sequence[More] = ()
    not_ready: Callable[[], list[str]] = list
    """Why the service is not ready although the core is."""
    refresh: Callable[[], None] = lambda: None
    """Brings the gauges up to now."""
    candidate: Callable[[], dict[str, Any] | None] = lambda: None


class Service:
    """One process's application, with its gate and its table of routes."""

    def __init__(self, core: Core, settings: Settings, parts: Parts) -> None:
        """Put the table together."""
        metrics = parts.metrics
        self.metrics = metrics
        self.gate = Gate(parts.callers, settings.limits, metrics, settings.logging.requests)
        self.routes: tuple[Route, ...] = (
            *Doing(core, self.gate, metrics).routes(),
            *(row for make in parts.more for row in make(self.gate, metrics)),
            *Reading(core, metrics).routes(),
            *Operating(
                core,
                metrics,
                beside=parts.not_ready,
                refresh=parts.refresh,
                candidate=parts.candidate,
            ).routes(),
            Route("GET", OPENAPI, None, self._openapi, "This document.", gives={"type": "object"}),
        )
        self._document = document(self.routes, settings.public_url)
        self.app = Starlette(
            routes=[
                StarletteRoute(each.path, Endpoint(each, self.gate), methods=[each.method])
                for each in self.routes
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
        await self.gate.finished()
