"""The pages at `/`: who may look, what they ask for, and the page that says it.

Whoever looks has signed in with an API key of the role `read`; where no callers are configured, which is on the
loopback interface alone, nobody has to.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..core import View
from ..store import StoreError
from . import reading
from .render import Frame, page, problem, style, to
from .sessions import Sessions, new_name

MAX_FORM = 8192
ROLE = "read"
STATES = ("active", "ended", "drifted")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MAX_SEQ = 2**63 - 1


class Looking(Protocol):
    """What a page asks of the core."""

    def view(self) -> AbstractContextManager[View]:
        """Give one state of the store."""

    def ready(self) -> list[str]:
        """Say why calls are not decided; nothing where they are."""


Answer = Callable[[View, Request, Frame], Response]


class Pages:
    """The pages of one service."""

    def __init__(
        self, core: Looking, identify: Callable[[str], Any] | None, *, is_secure: bool
    ) -> None:
        """Keep what they are made of. `identify` gives the caller whose key it is, or None."""
        self._core, self._identify, self._is_secure = core, identify, is_secure
        self._sessions = Sessions()
        prefix = "__Host-" if is_secure else ""
        self._cookie, self._form_cookie = f"{prefix}agpc-session", f"{prefix}agpc-form"

    # --- who looks ---

    def frame(self, request: Request, part: str = "", is_first: bool = True) -> Frame | None:
        """What stands around a page for who asks; None for somebody who has to sign in."""
        if self._identify is None:
            return Frame(True, is_open=True, part=part, is_first=is_first)
        name = request.cookies.get(self._cookie)
        caller = self._sessions.caller(name)
        if name is None or caller is None:
            return None
        form = self._sessions.form_token(name)
        return Frame(True, name=caller.name, form=form, part=part, is_first=is_first)

    def refused(self, request: Request) -> Response | None:
        """Why a request is not even looked at; None where it is."""
        if self._identify is None and _host(request) not in LOOPBACK:
            said = "Nobody has to sign in here, so only requests to this machine's own name are answered."
            return problem(Frame(False), 403, "Not from here", said)
        if request.method == "POST" and not _is_from_here(request):
            return problem(Frame(False), 403, "Not from here", "The form was on another site.")
        return None

    def looks(self, answer: Answer, part: str, is_first: bool) -> Callable[..., Any]:
        """A page for who may look."""

        async def look(request: Request) -> Response:
            if (refused := self.refused(request)) is not None:
                return refused
            frame = self.frame(request, part, is_first)
            if frame is None:
                return to("/sign-in")
            return await run_in_threadpool(self._answered, answer, request, frame)

        return look

    def _answered(self, answer: Answer, request: Request, frame: Frame) -> Response:
        try:
            with self._core.view() as view:
                return answer(view, request, frame)
        except StoreError as error:
            return problem(frame, 503, "The store cannot be read", f"{error}.")

    # --- signing in and out ---

    async def sign_in(self, request: Request) -> Response:
        """Ask for a key, and take it."""
        if (refused := self.refused(request)) is not None:
            return refused
        if self._identify is None or self.frame(request) is not None:
            return to("/")
        if request.method != "POST":
            return self._asking(None)
        form = await _form(request)
        if form is None or not self._sessions.is_form_of(
            request.cookies.get(self._form_cookie), form.get("form")
        ):
            return self._asking("The form had grown old. Try again.", 403)
        caller = self._identify(form.get("key", ""))
        if caller is None:
            return self._asking("This key is not known here.", 401)
        if ROLE not in caller.roles:
            return self._asking("This key has not the role read, which looking takes.", 403)
        self._sessions.end(request.cookies.get(self._cookie))
        answer = to("/")
        self._set(answer, self._cookie, self._sessions.begin(caller))
        answer.delete_cookie(self._form_cookie, secure=self._is_secure, httponly=True)
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End a session."""
        if (refused := self.refused(request)) is not None:
            return refused
        name = request.cookies.get(self._cookie)
        form = await _form(request)
        if form is None or not self._sessions.is_form_of(name, form.get("form")):
            said = "The form had grown old. Go back, load the page again, and sign out from there."
            return problem(Frame(False), 403, "Not signed out", said)
        self._sessions.end(name)
        answer = to("/sign-in")
        answer.delete_cookie(self._cookie, secure=self._is_secure, httponly=True, samesite="strict")
        return answer

    def _asking(self, said: str | None, status: int = 200) -> Response:
        name = new_name()
        form = self._sessions.form_token(name)
        answer = page("sign_in", Frame(False), status, problem=said, form=form)
        self._set(answer, self._form_cookie, name)
        return answer

    def _set(self, answer: Response, cookie: str, value: str) -> None:
        answer.set_cookie(
            cookie, value, path="/", secure=self._is_secure, httponly=True, samesite="strict"
        )

    # --- what they see ---

    def tasks(self, view: View, request: Request, frame: Frame) -> Response:
        """The tasks."""
        state = request.query_params.get("state")
        if state is not None and state not in STATES:
            return problem(frame, 404, "No such state", "A task is active, ended or drifted.")
        before = _before(request)
        found = reading.task_rows(view, state, before)
        return page("tasks", frame, page=found, state=state, later=before is not None)

    def task(self, view: View, request: Request, frame: Frame) -> Response:
        """One task."""
        before = _before(request)
        found = reading.whole_task(view, request.path_params["id"], before)
        if found is None:
            return _missing(frame, "task")
        return page("task", frame, task=found, later=before is not None)

    def calls(self, view: View, request: Request, frame: Frame) -> Response:
        """The calls, or those of which nobody has said what came of them."""
        without = request.query_params.get("outcome") == "none"
        before = _before(request)
        found = reading.call_rows(view, None, without, before)
        return page("calls", frame, page=found, without=without, later=before is not None)

    def call(self, view: View, request: Request, frame: Frame) -> Response:
        """One call, whole."""
        found = reading.whole_call(view, request.path_params["id"])
        if found is None:
            return _missing(frame, "call")
        return page("call", frame, call=found.call, outcomes=found.outcomes)

    def trail(self, view: View, request: Request, frame: Frame) -> Response:
        """The events."""
        before = _before(request)
        events, earlier = reading.event_rows(view, before)
        return page(
            "trail", frame, events=events, before=earlier, later=before is not None,
            size=view.head.seq, checkpoint=_note(view), summary=reading.summary,
        )  # fmt: skip

    def event(self, view: View, request: Request, frame: Frame) -> Response:
        """One event."""
        seq = request.path_params["seq"]
        event = view.event(seq) if seq <= _MAX_SEQ else None
        if event is None:
            return _missing(frame, "event")
        entry = bytes(event.entry).decode("utf-8", "backslashreplace")
        return page("event", frame, event=event, entry=entry, body=reading.body_of(view, seq))

    def policy(self, view: View, request: Request, frame: Frame) -> Response:
        """The active policy, and those before it."""
        digest = view.head.generation
        active = None if digest is None else view.generation(digest)
        rules = None if active is None else _rules(active.ir)
        return page(
            "policy", frame, active=active, generations=view.generations()[::-1], rules=rules
        )

    def health(self, view: View, request: Request, frame: Frame) -> Response:
        """Whether calls are decided."""
        head = view.head
        return page("health", frame, reasons=self._core.ready(), size=head.seq, at=head.time)


def routes(core: Looking, identify: Callable[[str], Any] | None, *, is_secure: bool) -> list[Route]:
    """The routes of the pages.

    `identify` gives the caller of an API key, or None where nobody has it; without it everybody is let in.
    `is_secure` says that browsers come over https, so that cookies travel no other way.
    """
    pages = Pages(core, identify, is_secure=is_secure)
    seen: list[tuple[str, Answer, str, bool]] = [
        ("/", pages.tasks, "/", True),
        ("/tasks/{id:path}", pages.task, "/", False),
        ("/calls", pages.calls, "/calls", True),
        ("/calls/{id}", pages.call, "/calls", False),
        ("/trail", pages.trail, "/trail", True),
        ("/trail/{seq:int}", pages.event, "/trail", False),
        ("/policy", pages.policy, "/policy", True),
        ("/health", pages.health, "/health", True),
    ]
    return [
        *(Route(path, pages.looks(answer, part, first)) for path, answer, part, first in seen),
        Route("/sign-in", pages.sign_in, methods=["GET", "POST"]),
        Route("/sign-out", pages.sign_out, methods=["POST"]),
        Route("/page.css", _style),
    ]


async def _style(request: Request) -> Response:
    return style()


def _missing(frame: Frame, what: str) -> Response:
    return problem(frame, 404, f"No such {what}", f"There is no {what} of this name.")


def _before(request: Request) -> int | None:
    """Where a page of rows begins; what is no number is the first page."""
    text = request.query_params.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _note(view: View) -> str | None:
    """The latest signed checkpoint."""
    found = view.checkpoint()
    return None if found is None else found.note


def _rules(ir: bytes) -> dict[str, int] | None:
    """How many rules a policy has, as far as its IR says it."""
    try:
        document = json.loads(ir)
        return {"allows": len(document["allows"]), "forbids": len(document["forbids"])}
    except (ValueError, KeyError, TypeError):
        return None


def _host(request: Request) -> str | None:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return None


def _is_from_here(request: Request) -> bool:
    """Whether a browser says that a form was on a page of ours, as far as it says anything."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a small form; None of what is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            return None
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=8))
    except ValueError:
        return None
