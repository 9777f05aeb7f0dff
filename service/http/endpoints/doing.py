"""What changes something: tasks are started and told of, calls are decided, and what became of them is reported."""

from __future__ import annotations

from typing import Any

from ....runtime.facts import ABSENT
from ...core import AcceptClock, Decide, Move, Operation, Refuse, Report, Say, Start, Tell
from ..contract import answers, bodies
from ..contract.routes import Exchange, Route, roles
from ..gate.gate import Gate
from ..telemetry.metrics import Metrics
from .face import Core

_ASKED = ("subject", "action", "resource", "context")


class DoingRoutes:
    """The routes that change something, each of which hands one operation to the core."""

    def __init__(self, core: Core, gate: Gate, metrics: Metrics) -> None:
        """Keep who does it."""
        self._core, self._gate, self._metrics = core, gate, metrics

    def routes(self) -> tuple[Route, ...]:
        """Give the rows of the table."""
        told = answers.record({"task": answers.TEXT, "event": {"type": "integer"}})
        moved = answers.record({"task": answers.TASK})
        started = answers.record(
            answers.DECISION["properties"], {"task": answers.TASK, "call": answers.TEXT}
        )
        decided = answers.record(
            {**answers.DECISION["properties"], "call": answers.TEXT},
            {
                "request": answers.record(
                    {"id": answers.TEXT}, {"url": answers.TEXT, "expires_at": answers.TIME}
                )
            },
        )
        settled = answers.record({}, {"call": answers.TEXT, "outcome": answers.OUTCOME})
        gone = (404, 409)
        return (
            Route(
                "POST", "/v1/calls", roles("decide"), self.call, "Decide a call, and record it.",
                takes=bodies.CALL, reads="json", gives=decided, refuses=(409,),
            ),
            Route(
                "POST", "/v1/calls/{id}/outcome", roles("outcome"), self.outcome,
                "Report how a permitted call ended.",
                takes=bodies.OUTCOME, reads="json", gives=settled, refuses=gone,
            ),
            Route(
                "POST", "/v1/calls/{id}/settle", roles("admin"), self.settle,
                "Settle a call whose enforcement point said nothing.",
                takes=bodies.SETTLE, reads="json", gives=settled, refuses=gone,
            ),
            Route(
                "POST", "/v1/refusals", roles("decide"), self.refusal,
                "Record what was refused before there was a call to decide.",
                takes=bodies.REFUSAL, reads="json", gives=answers.DECISION, refuses=gone,
            ),
            Route(
                "POST", "/v1/tasks", roles("start", "decide"), self.start, "Start a task, if the policy permits it.",
                takes=bodies.START, reads="json", gives=started, refuses=gone,
            ),
            Route(
                "POST", "/v1/tasks/{id}/said", roles("start"), self.said,
                "Hand over what the person said.",
                takes=bodies.SAID, reads="json", gives=told, refuses=gone,
            ),
            Route(
                "POST", "/v1/tasks/{id}/context", roles("decide"), self.context,
                "Report what `revoke when` reads.",
                takes=bodies.CONTEXT, reads="json", gives=told, refuses=gone,
            ),
            Route(
                "POST", "/v1/tasks/{id}/state", roles("start", "decide", "admin"), self.state,
                "End a task, or say that it has drifted.",
                takes=bodies.STATE, reads="json", gives=moved, refuses=gone,
            ),
            Route(
                "POST", "/v1/clock", roles("admin"), self.clock,
                "Go on with the clock as it is, though it is behind the latest event.",
                takes=bodies.CLOCK, reads="json", gives=answers.record({"time": answers.TIME}), refuses=(409,),
            ),
        )  # fmt: skip

    async def clock(self, exchange: Exchange) -> dict[str, Any]:
        """Accept the clock."""
        body = exchange.body
        return await self._do(AcceptClock(caller=exchange.caller, key=body["key"], why=body["why"]))

    async def call(self, exchange: Exchange) -> dict[str, Any]:
        """Decide a call."""
        body = exchange.body
        request = {name: body[name] for name in _ASKED if name in body}
        answer = await self._do(Decide(caller=exchange.caller, key=body["key"], request=request))
        return self._decided(exchange, "call", answer)

    async def start(self, exchange: Exchange) -> dict[str, Any]:
        """Start a task."""
        body = exchange.body
        request = {name: body[name] for name in _ASKED if name in body}
        operation = Start(
            caller=exchange.caller,
            key=body["key"],
            request=request,
            said=body.get("said"),
            agent=body.get("agent"),
        )
        return self._decided(exchange, "start", await self._do(operation))

    async def said(self, exchange: Exchange) -> dict[str, Any]:
        """Hand over what the person said."""
        body = exchange.body
        return await self._do(
            Say(caller=exchange.caller, key=body["key"], task=exchange.id, text=body["text"])
        )

    async def context(self, exchange: Exchange) -> dict[str, Any]:
        """Report the context of a task."""
        body = exchange.body
        return await self._do(
            Report(
                caller=exchange.caller, key=body["key"], task=exchange.id, context=body["context"]
            )
        )

    async def state(self, exchange: Exchange) -> dict[str, Any]:
        """Move a task to a state."""
        body = exchange.body
        return await self._do(
            Move(
                caller=exchange.caller,
                key=body["key"],
                task=exchange.id,
                state=body["state"],
                why=body.get("why"),
            )
        )

    async def outcome(self, exchange: Exchange) -> dict[str, Any]:
        """Report what became of a call."""
        body = exchange.body
        return await self._do(
            Tell(
                caller=exchange.caller,
                key=body["key"],
                call=exchange.id,
                outcome=body["outcome"],
                result=body.get("result", ABSENT),
                digest=body.get("result_digest"),
            )
        )

    async def refusal(self, exchange: Exchange) -> dict[str, Any]:
        """Record a refusal."""
        body = exchange.body
        operation = Refuse(
            caller=exchange.caller,
            key=body["key"],
            task=body.get("task"),
            why=body["why"],
            what=body["what"],
        )
        return self._decided(exchange, "refusal", await self._do(operation))

    async def settle(self, exchange: Exchange) -> dict[str, Any]:
        """Settle a call by hand."""
        body = exchange.body
        return await self._do(
            Tell(
                caller=exchange.caller,
                key=body["key"],
                call=exchange.id,
                outcome=body["outcome"],
                why=body["why"],
            )
        )

    async def _do(self, operation: Operation) -> dict[str, Any]:
        return await self._core.do(operation)  # which goes on to its end whoever hangs up

    def _decided(self, exchange: Exchange, asked: str, answer: dict[str, Any]) -> dict[str, Any]:
        effect = answer["context"]["effect"]
        exchange.told["effect"] = effect
        self._metrics.decisions.labels(asked, effect).inc()
        return answer
