"""The pages of what waits for people: a list, a request exactly as it would be done, and the form that answers it.

What a person sees is decided now, under the active policy, and the form carries its digest: where it is another one by
the time of the click, the click is void, and the page is shown anew.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ...runtime.call import fields_of
from ..core import Judge, Problem, View
from ..core.approvals.questions import PENDING, STATES
from ..core.waiting import WholeRequest, came_from, waiting, whole
from ..http.contract.routes import Exchange, Route, Work
from ..store import StoreError
from . import reading
from .forms import form_in
from .passkeys import message_in, signed_in
from .render import Frame, page, problem, to

if TYPE_CHECKING:
    from .routes import Pages

PATH = "/requests"
MAX_FORM = 40 * 1024  # bytes: a message of characters that take twelve each in a form
SHOWN_APART = frozenset({"task", "user", "time", "sources", "approvals"})
"""What of the context stands elsewhere on the page."""
_BACK = re.compile(r"/requests(?:/q-[0-9]{1,15})?", re.ASCII)


class RequestPages:
    """The pages of requests, on the sessions of all pages."""

    def __init__(self, pages: Pages) -> None:
        """Keep what they share with the others."""
        self._pages = pages

    def routes(self) -> Sequence[Route]:
        """Give the rows of the table."""
        return (
            _row("GET", PATH, self.listed, "with what waits for people"),
            _row("GET", PATH + "/{id}", self.shown, "of a request"),
            _row("POST", PATH + "/{id}", self.answered, "where a request is answered"),
        )

    async def listed(self, exchange: Exchange) -> Response:
        """List what waits, or what was answered."""
        frame = self._pages.frame(exchange, PATH, needs=("approve", "read"))
        if frame is None:
            return to("/sign-in?back=/requests")
        return await run_in_threadpool(self._list, exchange, frame)

    def _list(self, exchange: Exchange, frame: Frame) -> Response:
        query = exchange.request.query_params
        state, before = query.get("state", PENDING), reading.number(query.get("before", ""))
        if state not in STATES:
            return problem(frame, 404, "No such state", f"A request is {', '.join(STATES)}.")
        is_person = exchange.caller.person is not None
        mine = is_person and query.get("of") != "all"
        try:
            with self._pages.core.view() as view:
                if not self._pages.may_still_look(view, exchange):
                    return to("/sign-in")
                rows, more = waiting(
                    self._pages.core, view, exchange.caller, state=state, mine=mine, before=before
                )
        except (StoreError, Problem):
            return problem(frame, 503, "Requests cannot be read now", "Load the page again.")
        return page(
            "requests", frame, rows=rows, more=more, state=state, states=STATES, mine=mine,
            has_all=is_person and frame.may_read, later=before is not None,
        )  # fmt: skip

    async def shown(self, exchange: Exchange) -> Response:
        """Show a request."""
        frame = self._pages.frame(exchange, PATH, False, needs=("approve", "read"))
        if frame is None:
            return to(f"/sign-in?back={back_to(exchange.request.url.path)}")
        return await run_in_threadpool(self._show, exchange, frame, None)

    def _show(self, exchange: Exchange, frame: Frame, refused: Problem | None) -> Response:
        try:
            with self._pages.core.view() as view:
                if not self._pages.may_still_look(view, exchange):
                    return to("/sign-in")
                found = whole(self._pages.core, view, exchange.caller, exchange.id)
                if found is None:
                    said = "There is no request of this name that is asked of you."
                    return problem(frame, 404, "No such request", said)
                return self._page(view, exchange.request, frame, found, refused)
        except (StoreError, Problem):
            return problem(frame, 503, "The request cannot be read now", "Load the page again.")

    def _page(
        self,
        view: View,
        request: Request,
        frame: Frame,
        found: WholeRequest,
        refused: Problem | None,
    ) -> Response:
        task = view.task(found.question.task)
        context = fields_of(fields_of(found.request).get("context"))
        passkeys, person = self._pages.passkeys, self._pages.person_of(request)
        signs = passkeys is not None and passkeys.has_to_sign(view, person)
        return page(
            "request", frame, 200 if refused is None else refused.status,
            scripted=signs and found.mine, signs=signs,
            has_passkey=signs and person is not None and bool(view.passkeys(person)),
            found=found, question=found.question, task=task, problem=refused,
            user=None if task is None else reading.document(task.user),
            fields={} if task is None else reading.document(task.fields) or {},
            request=reading.ShownRow(found.question, {"request": found.request, "answer": {"context": found.answer}}),
            answer=reading.answer_of({"answer": {"context": found.answer}}),
            came_from=came_from(found), words=[reading.said(each) for each in found.words.events],
            left_out=found.words.left_out,
            context={name: each for name, each in context.items() if name not in SHOWN_APART},
            key=f"page-{secrets.token_hex(16)}", form=frame.form,
        )  # fmt: skip

    async def answered(self, exchange: Exchange) -> Response:
        """Take a verdict, and lead to what became of the request; or say why not, with the request as it is now."""
        frame = self._pages.frame(exchange, PATH, False, needs=("approve",))
        if frame is None:
            return to(f"/sign-in?back={back_to(exchange.request.url.path)}")
        form = await form_in(exchange.request, MAX_FORM)
        if form is None or not self._pages.is_form_of(exchange.request, form.get("form")):
            old = Problem(403, "old_form", "the form had grown old: look at the request again")
            return await run_in_threadpool(self._show, exchange, frame, old)
        operation = Judge(
            caller=exchange.caller,
            key=form.get("key", ""),
            request=exchange.id,
            verdict=_word(form.get("verdict")),
            policy=form.get("policy", ""),
            message=message_in(form),
            session=self._pages.session_of(exchange.request),
            signed=signed_in(form),
        )
        try:
            await self._pages.core.do(operation)
        except Problem as refused:
            return await run_in_threadpool(self._show, exchange, frame, refused)
        return to(back_to(exchange.request.url.path))


def _row(method: str, path: str, work: Work, about: str) -> Route:
    return Route(method, path, None, work, f"The page {about}.", media="text/html", hidden=True)


def _word(given: str | None) -> Any:
    """What a button says, which the core reads."""
    return given


def back_to(path: str | None) -> str:
    """Give a page of requests to lead back to; what is none is the list.

    >>> [back_to(each) for each in ("/requests/q-7", "//evil.example", "/requests/q-7/../..", None)]
    ['/requests/q-7', '/requests', '/requests', '/requests']
    """
    return path if path is not None and _BACK.fullmatch(path) else PATH
