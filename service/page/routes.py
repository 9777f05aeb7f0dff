"""The pages at `/`: who may look, what they ask for, and the page that says it.

Whoever looks has signed in, with an API key of the role `read` or with a provider as a person who may; where no callers are configured, which is on the
loopback interface alone, nobody has to. So the rows of the table say that they need no role: a browser sends no key
with each request, and the session is looked at here.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ..core import Caller, Operation, Passkeys, Problem, Role, View
from ..core.operations.callers import as_person
from ..core.people.people import is_known
from ..core.people.sessions import is_out
from ..core.waiting import Deciding
from ..http.contract.routes import Exchange, Route
from ..http.gate.callers import hashed
from ..http.gate.gate import Gate
from ..http.telemetry import logs
from ..http.telemetry.metrics import Metrics
from ..store import Request as Question
from ..store import StoreError
from .forms import form_in
from .leases import LeasePages
from .passkeys import PasskeyPages
from .render import Frame, page, problem, style, to
from .requests import RequestPages, back_to
from .sessions import Sessions, SignedIn, new_name
from .showing import ShownPage
from .signing import Doing, People, Signing, end_session

_NOT_TOLD = "The service could not be told, so that what you have shown when you signed in counts until the session would have ended."
ROLE: Role = "read"
IN: tuple[Role, ...] = ("read", "approve")
"""Who may sign in: who sees all pages, and who is asked."""


class Looking(Doing, Deciding, Protocol):
    """What a page asks of the core."""

    async def do(self, operation: Operation) -> dict[str, Any]:
        """Do something once. Raises `Problem`."""

    def view(self) -> AbstractContextManager[View]:
        """Give one state of the store."""

    def statement(self, view: View, question: Question, **said: str | None) -> dict[str, Any]:
        """Give what somebody signs with a passkey who says this. Raises `Problem`."""

    def ready(self) -> list[str]:
        """Say why calls are not decided; nothing where they are."""


Answer = Callable[[View, Exchange, Frame], Response]
Work = Callable[[Exchange], Awaitable[Response]]


class Pages:
    """The pages of one service."""

    def __init__(
        self,
        core: Looking,
        gate: Gate,
        *,
        is_secure: bool,
        people: People | None = None,
        passkeys: Passkeys | None = None,
        revokers: frozenset[str] = frozenset(),
    ) -> None:
        """Keep what they are made of; `revokers` are the roles whose people may end leases."""
        self.revokers = revokers
        self.core, self._gate, self._is_secure = core, gate, is_secure
        self.sessions = Sessions()
        self.passkeys = None if passkeys is None else PasskeyPages(self, passkeys)
        self.signing = (
            None if people is None else Signing(core, people, self.sessions, is_secure=is_secure)
        )
        prefix = "__Host-" if is_secure else ""
        self.cookie, self.form_cookie = f"{prefix}agpc-session", f"{prefix}agpc-form"

    # --- who looks ---

    def frame(
        self,
        exchange: Exchange,
        part: str = "",
        is_first: bool = True,
        needs: tuple[Role, ...] = (ROLE,),
    ) -> Frame | None:
        """What stands around a page for who asks; None for somebody who has to sign in, or has none of these roles."""
        if self._gate.open:
            return Frame(True, is_open=True, part=part, is_first=is_first)
        name = exchange.request.cookies.get(self.cookie)
        who = self.sessions.whose(name)
        caller = None if who is None else self._caller_of(who)
        if name is None or caller is None or not any(each in caller.roles for each in needs):
            return None
        exchange.caller = caller  # whom the line of the log names
        form = self.sessions.form_token(name)
        return Frame(
            True, name=caller.person or caller.name, form=form, part=part, is_first=is_first,
            may_read=ROLE in caller.roles,
            has_passkeys=self.passkeys is not None and caller.person is not None,
        )  # fmt: skip

    def looks(self, answer: Answer, part: str, is_first: bool) -> Work:
        """A page for who may look."""

        async def look(exchange: Exchange) -> Response:
            frame = self.frame(exchange, part, is_first)
            if frame is None and self.frame(exchange, needs=IN) is not None:
                return to("/requests")  # which is what somebody sees who is asked and no more
            if frame is None:
                return to("/sign-in")
            return await run_in_threadpool(self._answered, answer, exchange, frame)

        return look

    def _answered(self, answer: Answer, exchange: Exchange, frame: Frame) -> Response:
        try:
            with self.core.view() as view:
                if not self.may_still_look(view, exchange):
                    return to("/sign-in")
                return answer(view, exchange, frame)
        except StoreError as error:
            return problem(frame, 503, "The store cannot be read", f"{error}.")

    def may_still_look(self, view: View, exchange: Exchange) -> bool:
        """Whether who has signed in may see what they could see then; else their session ends.

        Nobody may who has left, or whose sessions another system has ended, and nobody sees all pages by a role that
        they have lost.
        """
        name, person = exchange.request.cookies.get(self.cookie), exchange.caller.person
        if person is None:
            return True
        found, who = view.person(person), self.sessions.whose(name)
        is_here = is_known(found, view.now)
        if found is not None and who is not None and who.person is not None:
            is_here = is_here and not is_out(found, who.session)
        if who is not None and who.passkey is not None:
            passkey = view.passkey(who.passkey)
            is_here = is_here and passkey is not None and passkey.removed is None
        elif found is not None and who is not None and who.person is not None and who.may_read:
            is_here = is_here and self.signing is not None and self.signing.may_read(found.roles)
        if not is_here:
            self.sessions.end(name)
        return is_here

    def session_of(self, request: Request) -> str | None:
        """Give what the core calls the session of a browser; None if it knows none."""
        who = self.sessions.whose(request.cookies.get(self.cookie))
        return None if who is None else who.session

    # --- signing in and out ---

    async def asks_for_key(self, exchange: Exchange) -> Response:
        """Ask for a key."""
        is_in = self._gate.open or self.frame(exchange, needs=IN) is not None
        back = exchange.request.query_params.get("back")
        return to("/") if is_in else self.asking(None, back=back)

    async def sign_in(self, exchange: Exchange) -> Response:
        """Take a key."""
        request = exchange.request
        if self._gate.open or self.frame(exchange, needs=IN) is not None:
            return to("/")
        form = await form_in(request)
        if form is None or not self.sessions.is_form_of(
            request.cookies.get(self.form_cookie), form.get("form")
        ):
            return self.asking("The form had grown old. Try again.", 403)
        caller = self._identify(form.get("key", ""))
        if caller is None:
            return self.asking("This key is not known here.", 401, form.get("back"))
        if not any(each in caller.roles for each in IN):
            return self.asking("This key does not have the role read, which looking takes.", 403)
        self.sessions.end(request.cookies.get(self.cookie))
        back = form.get("back")
        answer = to("/" if not back and ROLE in caller.roles else back_to(back))
        who = SignedIn(caller=caller.name, key=hashed(form.get("key", "").strip()))
        self._set(answer, self.cookie, self.sessions.begin(who))
        self._unset(answer, self.form_cookie)
        return answer

    def _caller_of(self, who: SignedIn) -> Caller | None:
        if who.passkey is not None and who.person is not None:
            entry = self._gate.callers.people.get(who.person)
            return None if entry is None else as_person(entry.id, may_read=entry.read)
        if who.person is not None:
            return as_person(who.person, may_read=who.may_read)
        return self._named(who.caller, who.key)

    def _named(self, name: str | None, key: str | None) -> Caller | None:
        """The caller of this name, as long as there is one with this key: whoever is taken out of the settings is signed out.

        So is whoever has another key by now: the old one may have been somebody else's, too.
        """
        known = self._gate.callers.known
        return next((each for hash, each in known if each.name == name and hash.hex() == key), None)

    def _identify(self, key: str) -> Caller | None:
        """Who has a key, if anybody has."""
        if not key.isascii() or not key.isprintable():
            return None
        try:
            return self._gate.callers.identify(f"Bearer {key}", False)
        except Problem:
            return None

    async def sign_out(self, exchange: Exchange) -> Response:
        """End a session."""
        request = exchange.request
        name = request.cookies.get(self.cookie)
        form = await form_in(request)
        if form is None or not self.sessions.is_form_of(name, form.get("form")):
            said = "The form had grown old. Go back, load the page again, and sign out from there."
            return problem(Frame(False), 403, "Not signed out", said)
        who = self.sessions.whose(name)
        self.sessions.end(name)
        answer = to("/sign-in")
        self._unset(answer, self.cookie)
        if who is not None:
            try:
                await end_session(self.core, who)
            except Problem as error:
                return problem(Frame(False), error.status, "Signed out here", _NOT_TOLD)
        return answer

    async def to_provider(self, exchange: Exchange) -> Response:
        """Send a person to their provider."""
        return (
            to("/sign-in") if self.signing is None else await self.signing.begin(exchange.request)
        )

    async def from_provider(self, exchange: Exchange) -> Response:
        """Take a person back from their provider; whoever was signed in before is so no more."""
        if self.signing is None:
            return to("/sign-in")
        request, ended = exchange.request, []
        name = request.cookies.get(self.cookie)

        def set_session(answer: Response, new: str) -> None:
            if (who := self.sessions.whose(name)) is not None:
                ended.append(who)
            self.sessions.end(name)
            self._set(answer, self.cookie, new)
            self._unset(answer, self.form_cookie)

        answer = await self.signing.complete(request, set_session)
        for who in ended:  # so that nothing rests any more on what they have shown
            try:
                await end_session(self.core, who)
            except Problem as error:
                logs.say_failure("the core could not be told that a session has ended", error)
        return answer

    async def let_in(self, request: Request, who: SignedIn, back: str | None) -> Response:
        """Begin a session for somebody who has signed in with a passkey; whoever was signed in before is so no more."""
        before = self.sessions.whose(request.cookies.get(self.cookie))
        self.sessions.end(request.cookies.get(self.cookie))
        caller = self._caller_of(who)
        may_read = caller is not None and ROLE in caller.roles
        answer = to("/" if not back and may_read else back_to(back))
        self._set(answer, self.cookie, self.sessions.begin(who))
        self._unset(answer, self.form_cookie)
        if before is not None:
            try:
                await end_session(self.core, before)
            except Problem as error:
                logs.say_failure("the core could not be told that a session has ended", error)
        return answer

    def new_form(self) -> tuple[str, Callable[[Response], None]]:
        """Give the token of a form for somebody who is not signed in, and what sets the cookie that goes with it."""
        name = new_name()
        return self.sessions.form_token(name), lambda to: self._set(to, self.form_cookie, name)

    def whose_code(self, code: str) -> str | None:
        """Say who may make a passkey with a code."""
        return self._gate.callers.whose_code(code, time.time()) if code.isascii() else None

    def person_of(self, request: Request) -> str | None:
        """Say which person is signed in."""
        who = self.sessions.whose(request.cookies.get(self.cookie))
        caller = None if who is None else self._caller_of(who)
        return None if caller is None else caller.person

    def is_form_of(self, request: Request, token: str | None) -> bool:
        """Whether a form was written for who is signed in."""
        return self.sessions.is_form_of(request.cookies.get(self.cookie), token)

    def asking(self, said: str | None, status: int = 200, back: str | None = None) -> Response:
        """Ask for a key, or a passkey."""
        name = new_name()
        form = self.sessions.form_token(name)
        passkey = None if self.passkeys is None else self.passkeys.sign_in_options(name)
        answer = page(
            "sign_in",
            Frame(False),
            status,
            scripted=passkey is not None,
            passkey=passkey,
            problem=said,
            form=form,
            provider=self.signing is not None,
            back=back_to(back) if back else "",
        )
        self._set(answer, self.form_cookie, name)
        return answer

    def _set(self, answer: Response, cookie: str, value: str) -> None:
        answer.set_cookie(
            cookie, value, path="/", secure=self._is_secure, httponly=True, samesite="strict"
        )

    def _unset(self, answer: Response, cookie: str) -> None:
        answer.delete_cookie(
            cookie, path="/", secure=self._is_secure, httponly=True, samesite="strict"
        )


def page_routes(
    core: Looking,
    *,
    is_secure: bool,
    people: People | None = None,
    passkeys: Passkeys | None = None,
    revokers: frozenset[str] = frozenset(),
) -> Callable[[Gate, Metrics], Sequence[Route]]:
    """The rows of the table for the pages.

    `is_secure` says that browsers come over https, so that cookies travel no other way.
    """

    def rows(gate: Gate, metrics: Metrics) -> Sequence[Route]:
        pages = Pages(
            core, gate, is_secure=is_secure, people=people, passkeys=passkeys, revokers=revokers
        )
        shown = ShownPage(pages)
        return [
            _row("GET", "/", pages.looks(shown.tasks, "/", True), "with the tasks"),
            _row("GET", "/tasks/{id:path}", pages.looks(shown.task, "/", False), "of a task"),
            _row("GET", "/calls", pages.looks(shown.calls, "/calls", True), "with the calls"),
            _row("GET", "/calls/{id}", pages.looks(shown.call, "/calls", False), "of a call"),
            _row("GET", "/trail", pages.looks(shown.trail, "/trail", True), "with the events"),
            _row("GET", "/trail/{id}", pages.looks(shown.event, "/trail", False), "of an event"),
            _row("GET", "/policy", pages.looks(shown.policy, "/policy", True), "of the active policy"),
            _row("GET", "/health", pages.looks(shown.health, "/health", True), "of the service's health"),
            _row("GET", "/sign-in", pages.asks_for_key, "that asks for a key"),
            _row("POST", "/sign-in", pages.sign_in, "where a key is given"),
            _row("POST", "/sign-out", pages.sign_out, "where one signs out"),
            _row("GET", "/sign-in/provider", pages.to_provider, "that leads to the provider of people"),
            _row("GET", "/callback", pages.from_provider, "to which the provider leads back"),
            *RequestPages(pages).routes(),
            *LeasePages(pages).routes(),
            *(() if pages.passkeys is None else pages.passkeys.routes()),
            Route("GET", "/page.css", None, _style, "Their style.", media="text/css", hidden=True),
        ]  # fmt: skip

    return rows


def _row(method: str, path: str, work: Work, about: str) -> Route:
    return Route(method, path, None, work, f"The page {about}.", media="text/html", hidden=True)


async def _style(exchange: Exchange) -> Response:
    return style()
