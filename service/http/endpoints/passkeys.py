"""Passkeys of people, for an operator: which there are, and one that counts no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....runtime.time_text import format_time
from ...core import TakeAway, View
from ...store import Passkey
from ..contract import answers, bodies
from ..contract.queries import only
from ..contract.routes import Exchange, Route, roles
from ..gate.gate import Gate
from ..telemetry.metrics import Metrics
from .face import Core
from .reading import ReadingRoutes

SHOWN = answers.record(
    {
        "id": answers.TEXT,
        "person": answers.TEXT,
        "credential": answers.TEXT,
        "public_key": answers.TEXT,
        "at": answers.TIME,
    }
)


def passkey_routes(core: Core) -> Callable[[Gate, Metrics], Sequence[Route]]:
    """The rows of the table."""

    def rows(gate: Gate, metrics: Metrics) -> Sequence[Route]:
        reading = ReadingRoutes(core, metrics)

        async def listed(exchange: Exchange) -> dict[str, Any]:
            only(exchange)

            def look(view: View) -> dict[str, Any]:
                return {"passkeys": [_shown(each) for each in view.passkeys()]}

            return await reading.read(look)

        async def removed(exchange: Exchange) -> dict[str, Any]:
            body = exchange.body
            return await core.do(
                TakeAway(
                    caller=exchange.caller, key=body["key"], passkey=exchange.id, why=body["why"]
                )
            )

        return (
            Route(
                "GET", "/v1/passkeys", roles("read", "admin"), listed, "The passkeys that people have.",
                gives=answers.record({"passkeys": answers.listed(SHOWN)}),
            ),
            Route(
                "POST", "/v1/passkeys/{id}/remove", roles("admin"), removed,
                "Let a passkey count no more.",
                takes=bodies.REMOVAL, reads="json",
                gives=answers.record({"passkey": answers.TEXT, "person": answers.TEXT}), refuses=(404, 409),
            ),
        )  # fmt: skip

    return rows


def _shown(each: Passkey) -> dict[str, Any]:
    return {
        "id": each.id,
        "person": each.person,
        "credential": each.credential,
        "public_key": each.public_key,
        "at": format_time(each.at),
    }
