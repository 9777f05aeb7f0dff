"""People, for an operator: who is there, and that somebody has left or is back; and who has left gets no answer here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from ....runtime.time_text import format_time
from ...core import Attend, Problem, View
from ...core.people.people import is_known
from ...store import Person
from ..contract import answers, bodies
from ..contract.queries import LIMIT, limit_in, only
from ..contract.routes import Exchange, Query, Route, Work, roles
from ..gate.gate import Gate
from ..telemetry.metrics import Metrics
from .face import Core
from .reading import ReadingRoutes

AFTER = Query(
    "after", "What `next` was in the answer before.", {"type": "string", "maxLength": 512}
)
SHOWN = answers.record(
    {
        "person": answers.TEXT,
        "roles": answers.listed(answers.TEXT),
        "source": answers.TEXT,
        "state": {"type": "string", "enum": ["here", "unsure", "left"]},
        "at": answers.TIME,
    },
    {"until": answers.TIME},
)


def people_routes(core: Core) -> Callable[[Gate, Metrics], Sequence[Route]]:
    """The rows of the table."""

    def rows(gate: Gate, metrics: Metrics) -> Sequence[Route]:
        reading = ReadingRoutes(core, metrics)

        async def listed(exchange: Exchange) -> dict[str, Any]:
            given = only(exchange, AFTER, LIMIT)
            limit = limit_in(given)

            def look(view: View) -> dict[str, Any]:
                found = view.everybody(after=given.get("after", ""), limit=limit + 1)
                following = found[limit - 1].id if len(found) > limit else None
                shown = [_shown(each, view.now) for each in found[:limit]]
                return {"people": shown, "next": following}

            return await reading.read(look)

        async def attended(exchange: Exchange) -> dict[str, Any]:
            body = exchange.body
            entry = gate.callers.people.get(body["person"])
            return await core.do(
                Attend(
                    caller=exchange.caller,
                    key=body["key"],
                    person=body["person"],
                    state=body["state"],
                    why=body["why"],
                    roles=None if entry is None else tuple(entry.roles),
                )
            )

        said = {"person": answers.TEXT, "roles": answers.listed(answers.TEXT)}
        return (
            Route(
                "GET", "/v1/people", roles("read", "admin"), listed, "People, by their ids.",
                gives=answers.record({"people": answers.listed(SHOWN), "next": answers.NEXT}),
                query=(AFTER, LIMIT),
            ),
            Route(
                "POST", "/v1/people", roles("admin"), attended, "Say that a person has left, or is back.",
                takes=bodies.PRESENCE, reads="json",
                gives=answers.record({**said, "active": {"type": "boolean"}}), refuses=(404, 409),
            ),
        )  # fmt: skip

    return rows


def of_people_here(route: Route, reading: ReadingRoutes) -> Work:
    """Do what a route does, but for a person who has left and shows a key that still stands in the settings."""
    if route.needs is None:
        return route.work

    async def work(exchange: Exchange) -> Any:
        person = exchange.caller.person
        if person is not None and await reading.read(lambda view: _has_left(view.person(person))):
            raise Problem(403, "has_left", "this person has left")
        return await route.work(exchange)

    return work


def _has_left(person: Person | None) -> bool:
    return person is not None and not person.active


def _shown(person: Person, now: int) -> dict[str, Any]:
    state = "here" if is_known(person, now) else "unsure" if person.active else "left"
    shown: dict[str, Any] = {
        "person": person.id,
        "roles": json.loads(person.roles),
        "source": person.source,
        "state": state,
        "at": format_time(person.at),
    }
    if person.active and person.until is not None:
        shown["until"] = format_time(person.until)
    return shown
