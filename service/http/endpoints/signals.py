"""Security events for those who fetch them (RFC 8936): each gets all that have ended since what it has acknowledged."""

from __future__ import annotations

import secrets
from typing import Any

from ...core import Acknowledge, View
from ...core.view import Told
from ...signals.sets import configuration, jti_of, set_of
from ...tokens.tokens import Tokens
from ..contract import answers, bodies
from ..contract.routes import Exchange, Route, roles
from ..gate.gate import Gate
from ..telemetry.metrics import Metrics
from .face import Core, More
from .reading import ReadingRoutes

MOST = 100
"""Events of one answer."""


def signal_routes(core: Core, tokens: Tokens) -> More:
    """Give what makes the routes of security events."""

    def make(gate: Gate, metrics: Metrics) -> tuple[Route, ...]:
        return SignalRoutes(core, ReadingRoutes(core, metrics), tokens).routes()

    return make


class SignalRoutes:
    """The routes of security events. A receiver is a caller with the role `read`, and has a stream of its own name."""

    def __init__(self, core: Core, reading: ReadingRoutes, tokens: Tokens) -> None:
        """Keep who does it."""
        self._core, self._reading, self._tokens = core, reading, tokens

    def routes(self) -> tuple[Route, ...]:
        """Give the rows of the table."""
        given = answers.record({"sets": answers.OBJECT, "moreAvailable": {"type": "boolean"}})
        return (
            Route(
                "POST", "/ssf/poll", roles("read"), self.poll,
                "Fetch what ended since the last time, and acknowledge what came before (RFC 8936).",
                takes=bodies.POLL, reads="json", gives=given,
            ),
            Route(
                "GET", "/.well-known/ssf-configuration", None, self.configuration,
                "Metadata of the transmitter (OpenID SSF 1.0).", gives=answers.OBJECT,
            ),
        )  # fmt: skip

    async def configuration(self, exchange: Exchange) -> dict[str, Any]:
        """Give the metadata."""
        return configuration(self._tokens)

    async def poll(self, exchange: Exchange) -> dict[str, Any]:
        """Take in acknowledgements, in their order, and give what follows."""
        body, name = exchange.body, exchange.caller.name
        settled = {*body.get("ack", ()), *body.get("setErrs", {})}
        most = min(body.get("maxEvents", MOST), MOST)
        after, rows = await self._reading.read(lambda view: _following(view, name))
        done = after
        for row in rows:
            if jti_of(row) not in settled:
                break
            done = row.seq
        if done > after:
            key = f"ack-{secrets.token_hex(16)}"
            await self._core.do(
                Acknowledge(caller=exchange.caller, key=key, receiver=name, upto=done)
            )
            _, rows = await self._reading.read(lambda view: _following(view, name))
        rows = [each for each in rows if jti_of(each) not in settled]
        return {
            "sets": {jti_of(each): set_of(each, self._tokens, name) for each in rows[:most]},
            "moreAvailable": len(rows) > most,
        }


def _following(view: View, receiver: str) -> tuple[int, list[Told]]:
    after = view.acknowledged(receiver)
    return after, view.told_of(after, MOST + 1)
