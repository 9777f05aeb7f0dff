"""The pages that show what is there: tasks, calls, the trail, the policy, and how the service does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from ..core import View
from ..http.contract.routes import Exchange
from . import reading
from .leases import task_page
from .render import Frame, page, problem

if TYPE_CHECKING:
    from .routes import Pages

STATES = ("active", "ended", "drifted")


class ShownPage:
    """What somebody sees who may look."""

    def __init__(self, pages: Pages) -> None:
        """Keep what they share with the others."""
        self._pages = pages

    def tasks(self, view: View, exchange: Exchange, frame: Frame) -> Response:
        """The tasks."""
        state = exchange.request.query_params.get("state")
        if state is not None and state not in STATES:
            return problem(frame, 404, "No such state", "A task is active, ended or drifted.")
        before = _before(exchange.request)
        found = reading.task_rows(view, state, before)
        return page("tasks", frame, page=found, state=state, later=before is not None)

    def task(self, view: View, exchange: Exchange, frame: Frame) -> Response:
        """One task."""
        before = _before(exchange.request)
        found = reading.whole_task(view, exchange.request.path_params["id"], before)
        if found is None:
            return _missing(frame, "task")
        return task_page(self._pages, view, exchange, frame, found, before is not None)

    def calls(self, view: View, exchange: Exchange, frame: Frame) -> Response:
        """The calls, or those of which nobody has said what came of them."""
        without = exchange.request.query_params.get("outcome") == "none"
        before = _before(exchange.request)
        found = reading.call_rows(view, None, without, before)
        return page("calls", frame, page=found, without=without, later=before is not None)

    def call(self, view: View, exchange: Exchange, frame: Frame) -> Response:
        """One call, whole."""
        found = reading.whole_call(view, exchange.request.path_params["id"])
        if found is None:
            return _missing(frame, "call")
        return page("call", frame, call=found.call, outcomes=found.outcomes)

    def trail(self, view: View, exchange: Exchange, frame: Frame) -> Response:
        """The events."""
        before = _before(exchange.request)
        events, earlier = reading.event_rows(view, before)
        return page(
            "trail", frame, events=events, before=earlier, later=before is not None,
            size=view.head.seq, checkpoint=view.checkpoint(), summary=reading.summary,
        )  # fmt: skip

    def event(self, view: View, exchange: Exchange, frame: Frame) -> Response:
        """One event."""
        seq = reading.number(exchange.request.path_params["id"])
        event = None if seq is None else view.event(seq)
        if seq is None or event is None:
            return _missing(frame, "event")
        entry = bytes(event.entry).decode("utf-8", "backslashreplace")
        return page("event", frame, event=event, entry=entry, body=reading.body_of(view, seq))

    def policy(self, view: View, exchange: Exchange, frame: Frame) -> Response:
        """The active policy, and those before it."""
        digest = view.head.generation
        active = None if digest is None else view.generation(digest)
        rules = None if active is None else _rules(active.ir)
        return page(
            "policy", frame, active=active, generations=view.generations()[::-1], rules=rules
        )

    def health(self, view: View, exchange: Exchange, frame: Frame) -> Response:
        """Whether calls are decided."""
        head = view.head
        return page(
            "health", frame, reasons=self._pages.core.ready(), size=head.seq, at=head.time, policy=head.generation,
        )  # fmt: skip


def _missing(frame: Frame, what: str) -> Response:
    return problem(frame, 404, f"No such {what}", f"There is no {what} of this name.")


def _before(request: Request) -> int | None:
    """Where a page of rows begins; what is no number is the first page."""
    return reading.number(request.query_params.get("before", ""))


def _rules(ir: bytes) -> dict[str, int] | None:
    """How many rules a policy has, as far as its IR says it."""
    try:
        document = json.loads(ir)
        return {name: len(document.get(name, ())) for name in ("allows", "forbids")}
    except (ValueError, AttributeError, TypeError):
        return None
