"""What is only read: tasks, calls, events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from ...core import View, call_shown, event_shown, task_shown
from ...core.operations.problem import not_found, unavailable
from ...core.words import words_of
from ...store import StoreError
from ..contract import answers
from ..contract.queries import (
    BEFORE,
    LARGEST,
    LIMIT,
    MOST,
    limit_in,
    next_of,
    only,
    page_in,
    whole,
    word,
)
from ..contract.routes import Exchange, Query, Route, roles
from ..telemetry import logs
from ..telemetry.metrics import Metrics
from .face import Core

T = TypeVar("T")
STATE = Query(
    "state",
    "Tasks in this state alone.",
    {"type": "string", "enum": ["active", "ended", "drifted"]},
)
OF_TASK = Query("task", "Calls of this task alone.", {"type": "string"})
OUTCOME = Query(
    "outcome",
    "`none`: calls that were permitted and of which nobody said how they ended; starts of tasks are none of them.",
    {"type": "string", "enum": ["none"]},
)
FROM = Query("from", "The first event, by its number.", {"type": "integer", "minimum": 0})


class ReadingRoutes:
    """The routes that read one state of the store, on a thread, so that nobody waits for a disk."""

    def __init__(self, core: Core, metrics: Metrics) -> None:
        """Keep what is read."""
        self._core, self._metrics = core, metrics

    def routes(self) -> tuple[Route, ...]:
        """Give the rows of the table."""
        read = roles("read", "admin")
        of_task = answers.record(
            {
                "task": answers.TASK,
                "said": answers.listed(answers.OBJECT),
                "said_left_out": answers.LEFT_OUT,
                "calls": answers.listed(answers.CALL),
            },
        )
        return (
            Route(
                "GET", "/v1/tasks", read, self.tasks, "Tasks, the latest first.",
                gives=answers.record({"tasks": answers.listed(answers.TASK), "next": answers.NEXT}),
                query=(STATE, BEFORE, LIMIT),
            ),
            Route(
                "GET", "/v1/tasks/{id}", read, self.task,
                "A task: what was said, its latest calls, and what became of them.",
                gives=of_task, refuses=(404,),
            ),
            Route(
                "GET", "/v1/tasks/{id}/possible", roles("decide"), self.possible,
                "What may ever be permitted, or asked for, in a task: the tools to show.",
                gives=answers.record(
                    {"task": answers.TEXT, "policy": answers.TEXT, "capabilities": answers.listed(answers.TEXT)}
                ),
                refuses=(404,), for_agents=False,
            ),
            Route(
                "GET", "/v1/calls", read, self.calls, "Calls, the latest first.",
                gives=answers.record({"calls": answers.listed(answers.CALL), "next": answers.NEXT}),
                query=(OF_TASK, OUTCOME, BEFORE, LIMIT),
            ),
            Route(
                "GET", "/v1/calls/{id}", read, self.call, "A call, with the event that records it.",
                gives=answers.record({"call": answers.CALL, "event": answers.EVENT}), refuses=(404,),
            ),
            Route(
                "GET", "/v1/events", read, self.events, "Events of the trail, in their order.",
                gives=answers.record(
                    {"events": answers.listed(answers.EVENT), "size": {"type": "integer"}}
                ),
                query=(FROM, LIMIT),
            ),
        )  # fmt: skip

    async def tasks(self, exchange: Exchange) -> dict[str, Any]:
        """List tasks."""
        given = only(exchange, STATE, BEFORE, LIMIT)
        state, (before, limit) = word(given, STATE), page_in(given)
        rows = await self.read(lambda view: view.tasks(state=state, before=before, limit=limit + 1))
        return {"tasks": [task_shown(each) for each in rows[:limit]], "next": next_of(rows, limit)}

    async def task(self, exchange: Exchange) -> dict[str, Any]:
        """Show a task."""
        only(exchange)
        id = exchange.id

        def look(view: View) -> dict[str, Any]:
            row = view.task(id)
            if row is None:
                raise not_found("task")
            calls = view.calls(task=id, limit=MOST)
            words = words_of(view, id, MOST)
            return {
                "task": task_shown(row),
                "said": [answers.said_of(each) for each in reversed(words.events)],
                "said_left_out": words.left_out,
                "calls": [call_shown(each) for each in calls],
            }

        return await self.read(look)

    async def possible(self, exchange: Exchange) -> dict[str, Any]:
        """Give what may ever be permitted in a task."""
        only(exchange)
        return await self._core.possible(exchange.caller, exchange.id)

    async def calls(self, exchange: Exchange) -> dict[str, Any]:
        """List calls."""
        given = only(exchange, OF_TASK, OUTCOME, BEFORE, LIMIT)
        before, limit = page_in(given)
        task, open_ = given.get("task"), word(given, OUTCOME) is not None
        rows = await self.read(
            lambda view: view.calls(
                task=task, without_outcome=open_, before=before, limit=limit + 1
            )
        )
        return {"calls": [call_shown(each) for each in rows[:limit]], "next": next_of(rows, limit)}

    async def call(self, exchange: Exchange) -> dict[str, Any]:
        """Show a call."""
        only(exchange)
        id = exchange.id

        def look(view: View) -> dict[str, Any]:
            row = view.call(id)
            if row is None:
                raise not_found("call")
            event = view.event(row.seq)
            if event is None:
                raise not_found("call")
            return {"call": call_shown(row), "event": event_shown(event)}

        return await self.read(look)

    async def events(self, exchange: Exchange) -> dict[str, Any]:
        """Give events."""
        given = only(exchange, FROM, LIMIT)
        start, limit = whole(given, FROM, 0, LARGEST) or 0, limit_in(given)

        def look(view: View) -> dict[str, Any]:
            size = view.head.seq
            rows = view.events(start, min(size, start + limit))
            return {"events": [event_shown(each) for each in rows], "size": size}

        return await self.read(look)

    async def read(self, look: Callable[[View], T]) -> T:
        """Look at one state of the store on another thread."""

        def looked() -> T:
            with self._core.view() as view:
                return look(view)

        began = time.monotonic()
        try:
            return await asyncio.to_thread(looked)
        except StoreError as error:
            logs.say_failure("the store cannot be read", error)
            raise unavailable("the store cannot be read now") from None
        finally:
            self._metrics.store_seconds.observe(time.monotonic() - began)
