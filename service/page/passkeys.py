"""The pages of passkeys: to make one, to sign in with one, and what one signs of an answer to a request.

What a browser has to answer is a nonce that we have sealed, for the cookie that it has and a while; nothing is kept of it until it
was answered, so that whoever asks a thousand times takes nothing of ours.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ..core import SYSTEM, Enrol, Passkeys, Problem, SignInByPasskey, View
from ..core.approvals.questions import is_open
from ..core.people.passkeys import see_sign_in
from ..http.contract.routes import Exchange, Route
from ..http.gate.callers import hashed
from ..passkeys import ceremony, statement
from ..store import StoreError
from .forms import form_in
from .render import HEADERS, Frame, page, problem, script, to
from .sessions import LASTS, SignedIn

if TYPE_CHECKING:
    from .routes import Pages

PATH = "/passkeys"
MAX_FORM = 64 * 1024
LASTS_NONCE = 600.0
"""Seconds in which it is answered."""
_OLD = "The form had grown old. Try again."
_USED = "A passkey was made with this code before."


class PasskeyPages:
    """The pages of passkeys, on the sessions of all pages."""

    def __init__(self, pages: Pages, passkeys: Passkeys) -> None:
        """Keep what they share with the others."""
        self._pages, self._passkeys = pages, passkeys

    def routes(self) -> Sequence[Route]:
        """Give the rows of the table."""
        return (
            _row("GET", PATH, self.own, "of one's passkeys"),
            _row("POST", PATH, self.made, "where the first one is made"),
            _row("GET", "/enrol", self.asks_code, "that asks for a code"),
            _row("POST", "/enrol", self.takes_code, "where a code is given"),
            _row("POST", "/enrol/passkey", self.enrolled, "where a passkey is made with a code"),
            _row("POST", "/sign-in/passkey", self.sign_in, "where one signs in with a passkey"),
            _row("POST", "/requests/{id}/statement", self.states, "that says what is to be signed"),
            Route(
                "GET", "/passkeys.js", None, _script, "What browsers do for passkeys.",
                media="text/javascript", hidden=True,
            ),
        )  # fmt: skip

    # --- Signing in ---

    def sign_in_options(self, cookie: str) -> dict[str, str]:
        """Give what the page to sign in needs: a nonce, and what a browser is asked for."""
        nonce = self._nonce(cookie)
        challenge = statement.challenge(statement.of_sign_in(nonce))
        options = ceremony.options_to_sign(self._passkeys.site, challenge, [])
        return {"nonce": nonce, "options": json.dumps(options)}

    async def sign_in(self, exchange: Exchange) -> Response:
        """Take what a passkey has signed for a session."""
        pages, request = self._pages, exchange.request
        form, cookie = await self._form(request)
        if form is None:
            return pages.asking(_OLD, 403)
        nonce, back = form.get("nonce", ""), form.get("back")
        if not self._is_nonce(nonce, cookie):
            return pages.asking(_OLD, 403, back)
        ends = time.time() + LASTS
        key = (
            f"nonce-{sha256(nonce.encode('ascii')).hexdigest()}"  # in the core, too, it counts once
        )
        operation = SignInByPasskey(
            caller=SYSTEM, key=key, nonce=nonce, signed=_json(form.get("signed")), ends=int(ends)
        )
        try:
            await run_in_threadpool(self._see_sign_in, operation)
            told = await pages.core.do(operation)
        except Problem as error:
            if error.code == "key_reused":
                return pages.asking(_OLD, 403, back)
            return pages.asking(
                f"{error.message[:1].upper()}{error.message[1:]}.", error.status, back
            )
        if not pages.sessions.is_first(nonce):  # kept of who was let in, and of nobody else
            return pages.asking(_OLD, 403, back)
        who = SignedIn(
            person=told["person"], session=told["session"], passkey=told["passkey"], ends=ends
        )
        return await pages.let_in(request, who, back)

    def _see_sign_in(self, operation: SignInByPasskey) -> None:
        try:
            with self._pages.core.view() as view:
                see_sign_in(view.reading, operation)
        except StoreError:
            raise Problem(503, "store", "the store cannot be read now") from None

    # --- Making one ---

    async def own(self, exchange: Exchange) -> Response:
        """Show somebody their passkeys, and let them make the first."""
        frame = self._pages.frame(exchange, PATH, needs=("approve",))
        if frame is None or exchange.caller.person is None:
            return to("/sign-in")
        return await run_in_threadpool(self._own, exchange, frame, None)

    def _own(self, exchange: Exchange, frame: Frame, refused: Problem | None) -> Response:
        person = str(exchange.caller.person)
        try:
            with self._pages.core.view() as view:
                if not self._pages.may_still_look(view, exchange):
                    return to("/sign-in")
                rows = view.passkeys(person)
        except StoreError:
            return problem(frame, 503, "The store cannot be read", "Load the page again.")
        may_make = not rows and not self._passkeys.required
        cookie = exchange.request.cookies.get(self._pages.cookie) or ""
        return self._page(
            frame, 200 if refused is None else refused.status,
            passkeys=rows, form=frame.form, problem=_told(refused), action=PATH,
            **(self._to_make(person, cookie, []) if may_make else {}),
        )  # fmt: skip

    async def made(self, exchange: Exchange) -> Response:
        """Take in the first passkey of somebody who is signed in."""
        pages, request = self._pages, exchange.request
        frame = pages.frame(exchange, PATH, needs=("approve",))
        if frame is None or exchange.caller.person is None:
            return to("/sign-in")
        form = await form_in(request, MAX_FORM)
        cookie = request.cookies.get(pages.cookie) or ""
        if form is None or not pages.is_form_of(request, form.get("form")):
            return await run_in_threadpool(self._own, exchange, frame, _old())
        if not self._is_nonce(form.get("nonce", ""), cookie):
            return await run_in_threadpool(self._own, exchange, frame, _old())
        if not await run_in_threadpool(self._may_still_look, exchange):
            return to("/sign-in")
        try:
            await self._enrol(exchange.caller.person, form, None, pages.session_of(request))
        except Problem as refused:
            return await run_in_threadpool(self._own, exchange, frame, refused)
        return to(PATH)

    def _may_still_look(self, exchange: Exchange) -> bool:
        try:
            with self._pages.core.view() as view:
                return self._pages.may_still_look(view, exchange)
        except StoreError:
            return False

    async def asks_code(self, exchange: Exchange) -> Response:
        """Ask for a code."""
        return self._asking_code(None, 200)

    def _asking_code(self, said: str | None, status: int) -> Response:
        form, set_cookie = self._pages.new_form()
        answer = self._page(Frame(False), status, asks_code=True, form=form, problem=said)
        set_cookie(answer)
        return answer

    async def takes_code(self, exchange: Exchange) -> Response:
        """Take a code, and ask the browser for a passkey."""
        form, cookie = await self._form(exchange.request)
        if form is None:
            return self._asking_code(_OLD, 403)
        code = form.get("code", "").strip()
        person = self._pages.whose_code(code)
        if person is None:
            return self._asking_code("This code is not known here, or its time is over.", 403)
        return await run_in_threadpool(self._with_code, person, code, form["form"], cookie)

    def _with_code(self, person: str, code: str, form: str, cookie: str) -> Response:
        """Ask for a passkey, unless the code was used: one that is made and not taken in is of no use, and confuses."""
        try:
            with self._pages.core.view() as view:
                is_used = view.is_code_used(hashed(code))
                known = [each.credential for each in view.passkeys(person)]
        except StoreError:
            return self._asking_code("The store cannot be read now.", 503)
        if is_used:
            return self._asking_code(_USED, 409)
        asked = self._to_make(person, cookie, known)
        return self._page(Frame(False), 200, form=form, code=code, action="/enrol/passkey", **asked)

    def _is_used(self, code: str) -> bool:
        """Whether a code has counted; where the store cannot be read the core says so."""
        try:
            with self._pages.core.view() as view:
                return view.is_code_used(hashed(code))
        except StoreError:
            return False

    async def enrolled(self, exchange: Exchange) -> Response:
        """Take in a passkey that was made with a code."""
        form, cookie = await self._form(exchange.request)
        if form is None or not self._is_nonce(form.get("nonce", ""), cookie):
            return self._asking_code(_OLD, 403)
        code = form.get("code", "").strip()
        person = self._pages.whose_code(code)
        if person is None:
            return self._asking_code("This code is not known here, or its time is over.", 403)
        if await run_in_threadpool(self._is_used, code):
            return self._asking_code(_USED, 409)
        try:
            await self._enrol(person, form, hashed(code))
        except Problem as refused:
            return self._asking_code(_told(refused), refused.status)
        done = "The passkey is yours. The code is good for no other one."
        return self._page(Frame(False), 200, done=done, is_over=True)

    async def _enrol(
        self, person: str, form: dict[str, str], code: str | None, session: str | None = None
    ) -> None:
        given = _json(form.get("signed"))
        client, attestation = given.get("client_data"), given.get("attestation")
        operation = Enrol(
            caller=SYSTEM, key=_key(), person=person, nonce=form.get("nonce", ""), code=code, session=session,
            client_data=client if type(client) is str else "",
            attestation=attestation if type(attestation) is str else "",
        )  # fmt: skip
        await self._pages.core.do(operation)

    def _to_make(self, person: str, cookie: str, known: list[str]) -> dict[str, Any]:
        """Ask for a passkey: not in the place of one that there is, so that no two are of one user of an authenticator."""
        nonce = self._nonce(cookie)
        challenge = statement.challenge(statement.of_enrolment(person, nonce))
        user = sha256(f"agpc passkey\0{person}\0{nonce}".encode()).digest()
        options = ceremony.options_to_make(self._passkeys.site, person, user, challenge, known)
        return {"nonce": nonce, "options": json.dumps(options), "person": person}

    def _page(self, frame: Frame, status: int, **about: Any) -> Response:
        given: dict[str, Any] = dict.fromkeys(
            ("passkeys", "problem", "done", "options", "code", "person", "nonce", "action", "form")
        )
        given |= {"asks_code": False, "is_over": False, "title": "Passkeys"}
        return page("passkeys", frame, status, scripted=True, **{**given, **about})

    # --- What is signed of an answer ---

    def has_to_sign(self, view: View, person: str | None) -> bool:
        """Whether somebody answers requests with a passkey alone."""
        return person is not None and (self._passkeys.required or bool(view.passkeys(person)))

    async def states(self, exchange: Exchange) -> Response:
        """Say what a browser is asked to sign for an answer, as the form has it now."""
        pages, request = self._pages, exchange.request
        frame = pages.frame(exchange, needs=("approve",))
        form = await form_in(request, MAX_FORM)
        person = exchange.caller.person
        if frame is None or person is None or form is None:
            return _refused(403, "sign in again")
        if not pages.is_form_of(request, form.get("form")):
            return _refused(403, "the form had grown old: load the page again")
        return await run_in_threadpool(self._states, exchange, person, form)

    def _states(self, exchange: Exchange, person: str, form: dict[str, str]) -> Response:
        try:
            with self._pages.core.view() as view:
                question = view.request(exchange.id)
                if (
                    not self._pages.may_still_look(view, exchange)
                    or question is None
                    or not is_open(question, view.now)
                ):
                    return _refused(409, "the request is not open any more: load the page again")
                said = self._pages.core.statement(
                    view,
                    question,
                    policy=form.get("policy", ""),
                    by=person,
                    verdict=form.get("verdict", ""),
                    message=message_in(form),
                )
                known = [each.credential for each in view.passkeys(person)]
        except (StoreError, Problem):
            return _refused(503, "the service cannot be asked now")
        if not known:
            return _refused(403, "you have no passkey yet: make one first")
        challenge = statement.challenge(said)
        options = ceremony.options_to_sign(self._passkeys.site, challenge, known)
        return _written(200, options)

    # --- Nonces ---

    def _nonce(self, cookie: str) -> str:
        told = f"{int(time.time())}.{secrets.token_urlsafe(16)}"
        return f"{told}.{self._pages.sessions.seal(_of(told, cookie))}"

    def _is_nonce(self, nonce: str, cookie: str) -> bool:
        told, _, seal = nonce.rpartition(".")
        began = told.partition(".")[0]
        if not nonce.isascii() or not self._pages.sessions.is_sealed(_of(told, cookie), seal):
            return False
        return 0 <= time.time() - int(began) < LASTS_NONCE

    async def _form(self, request: Request) -> tuple[dict[str, str] | None, str]:
        """A form of somebody who is not signed in, and the cookie that goes with it."""
        cookie = request.cookies.get(self._pages.form_cookie) or ""
        form = await form_in(request, MAX_FORM)
        if form is None or not self._pages.sessions.is_form_of(cookie, form.get("form")):
            return None, cookie
        return form, cookie


def _of(told: str, cookie: str) -> str:
    """What is sealed of a nonce: of no other cookie is it good."""
    return f"passkey:{told}:{cookie}"


def message_in(form: dict[str, str]) -> str | None:
    """The message of an answer; None where there is none."""
    return form.get("message", "").replace("\r\n", "\n").strip() or None


def signed_in(form: dict[str, str]) -> dict[str, Any] | None:
    """What a passkey has signed, as the core reads it; None where nothing was."""
    return _json(form["signed"]) if form.get("signed") else None


def _row(method: str, path: str, work: Any, about: str) -> Route:
    return Route(method, path, None, work, f"The page {about}.", media="text/html", hidden=True)


async def _script(exchange: Exchange) -> Response:
    return script()


def _json(text: str | None) -> dict[str, Any]:
    """What the script has put into a form; nothing of what is none."""
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return found if type(found) is dict else {}


def _written(status: int, value: dict[str, Any]) -> Response:
    return Response(json.dumps(value), status, HEADERS, media_type="application/json")


def _refused(status: int, said: str) -> Response:
    return _written(status, {"detail": said})


def _old() -> Problem:
    return Problem(403, "old_form", "the form had grown old: try again")


def _told(refused: Problem | None) -> str | None:
    return None if refused is None else f"{refused.message[:1].upper()}{refused.message[1:]}."


def _key() -> str:
    return f"passkey-{secrets.token_hex(16)}"
