"""Leases on the page of their task, and the click of somebody who may end one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from ..causes import CAUSES
from ..core import Caller, Problem, Revoke, View
from ..http.contract.routes import Exchange, Route
from . import reading
from .forms import form_in
from .render import page, problem, task_path, to

if TYPE_CHECKING:
    from .routes import Pages

ENDED = 50
"""Of those that have ended, how many stand on the page: the latest."""
MOST = 1_000
MAX_FORM = 40 * 1024  # bytes: a sentence of characters that take twelve each in a form


@dataclass(frozen=True, slots=True)
class ShownLease:
    """A lease, with whether it holds now, what ended it, and whether who looks may end it."""

    row: Any
    state: str
    capabilities: list[str]
    cause: str | None
    why: str | None
    may_end: bool


def leases_of(
    view: View, task: str, caller: Caller | None, revokers: frozenset[str]
) -> tuple[list[ShownLease], bool]:
    """The leases of a task, those first that have not ended; and whether there are more."""
    found = view.leases(task=task, limit=MOST)
    told = [(each, view.lease_shown(each)) for each in found]
    running = [pair for pair in told if pair[1]["state"] == "active"]
    ended = [pair for pair in told if pair[1]["state"] != "active"]
    shown = []
    for row, said in [*running, *ended[:ENDED]]:
        state = said["state"]
        is_running = state == "active"
        if is_running and not view.is_good(row):
            state = "active, and not good until it was looked at again"
        cause = CAUSES.get(row.cause, row.cause) if row.cause is not None else None
        may_end = is_running and caller is not None and view.may_revoke(caller, row, revokers)
        shown.append(
            ShownLease(row, state, said["capabilities"], cause, view.why_ended(row), may_end)
        )
    return shown, len(found) == MOST or len(ended) > ENDED


class LeasePages:
    """The end of a lease, on the sessions of all pages."""

    def __init__(self, pages: Pages) -> None:
        """Keep what they share with the others."""
        self._pages = pages

    def routes(self) -> Sequence[Route]:
        """Give the rows of the table."""
        return (
            Route(
                "POST", "/leases/{id}", None, self.ended, "The page where a lease is ended.",
                media="text/html", hidden=True,
            ),
        )  # fmt: skip

    async def ended(self, exchange: Exchange) -> Response:
        """End a lease, and lead to its task; or say why not."""
        request: Request = exchange.request
        frame = self._pages.frame(exchange, "/", False)
        if frame is None:
            return to("/sign-in")
        form = await form_in(request, MAX_FORM)
        if form is None or not self._pages.is_form_of(request, form.get("form")):
            said = "The form had grown old. Go back, load the page again, and end the lease there."
            return problem(frame, 403, "The lease goes on", said)
        why = form.get("why", "").replace("\r\n", "\n").strip()
        operation = Revoke(
            caller=exchange.caller, key=form.get("key", ""), lease=exchange.id, why=why or None
        )
        try:
            answer = await self._pages.core.do(operation)
        except Problem as refused:
            said = f"{refused.message[:1].upper()}{refused.message[1:]}."
            return problem(frame, refused.status, "The lease was not ended", said)
        return to(task_path(str(answer["task"])))


def task_page(
    pages: Pages, view: View, exchange: Exchange, frame: Any, found: reading.WholeTask, later: bool
) -> Response:
    """The page of a task, with its leases."""
    caller = None if frame.is_open else exchange.caller
    leases, has_more = leases_of(view, found.row.id, caller, pages.revokers)
    return page(
        "task", frame, task=found, later=later, leases=leases, more_leases=has_more,
        key=f"page-{secrets.token_hex(16)}",
    )  # fmt: skip
