"""People sign in with their provider: to it and back, and who comes back is a session.

What only the browser that began may know goes with it in a cookie that we have sealed: whoever begins a thousand sign-ins
takes nothing of ours. The cookie of a session is one for requests of our own pages alone (`SameSite=Strict`), which a browser
does not send where it was just led here from elsewhere; so who comes back gets a page of ours that leads on.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from ..core import SYSTEM, Operation, Problem, SignIn, SignOut
from ..http.telemetry import logs
from ..identity.oidc import Flow, Unreachable
from ..identity.oidc import SignIn as Provider
from ..identity.persons import ClaimNames, identified
from ..tokens.compact import Refused
from .render import Frame, page, problem, to
from .sessions import LASTS, Sessions, SignedIn

LASTS_FLOW = 600.0
"""Seconds from the way to the provider to the way back."""
AT_ONCE = 8
"""How many answers are looked at together: each asks the provider, and takes a thread."""
MOST_ANSWER = 8192
_PATH = re.compile(
    r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,255}(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,255}){0,4})?"
)
_NOT_HERE = "/callback"


class Doing(Protocol):
    """What is asked of the core."""

    async def do(self, operation: Operation) -> dict[str, Any]:
        """Do something once. Raises `Problem`."""


@dataclass(frozen=True, slots=True)
class People:
    """How people sign in: with whom, what their claims mean, and which roles see all pages."""

    provider: Provider
    reading: ClaimNames
    readers: frozenset[str] = frozenset()
    acr: tuple[str, ...] = ()


class Signing:
    """The two routes, `/sign-in/provider` and `/callback`."""

    def __init__(self, core: Doing, people: People, sessions: Sessions, *, is_secure: bool) -> None:
        """Keep whom they ask."""
        self._core, self._people, self._sessions = core, people, sessions
        self._is_secure = is_secure
        self._cookie = f"{'__Host-' if is_secure else ''}agpc-flow"
        self._threads = ThreadPoolExecutor(AT_ONCE, "agpc-provider")
        """Its own, so that a provider that hangs holds nobody else up."""
        self._room = asyncio.Semaphore(AT_ONCE)

    async def begin(self, request: Request) -> Response:
        """Send a browser to the provider."""
        again = request.query_params.get("again") == "1"
        flow = Flow.new(
            back=path_of(request.query_params.get("back")),
            again=again,
            longest=LASTS,
            now=time.time(),
        )
        provider = self._people.provider
        try:
            url = await self._apart(lambda: provider.begin(flow, acr=self._people.acr))
        except Unreachable as error:
            return self._unreachable(error)
        answer = to(url)
        answer.set_cookie(
            self._cookie, self._sealed(flow), path="/", secure=self._is_secure, httponly=True,
            samesite="lax", max_age=int(LASTS_FLOW),
        )  # fmt: skip
        return answer

    async def complete(
        self, request: Request, set_session: Callable[[Response, str], None]
    ) -> Response:
        """Take a browser back from the provider, and begin a session with a name that was in no cookie before."""
        flow = self._opened(request.cookies.get(self._cookie))
        answer = _answer_in(request)
        if flow is None or answer is None:
            return self._refused("This sign-in was not begun in this browser, or long ago.")
        provider = self._people.provider
        try:
            claims = await self._apart(lambda: provider.complete(flow, answer))
            who = await self._known(claims)
        except Unreachable as error:
            return self._unreachable(error)
        except Refused as error:
            logs.say(logging.WARNING, "a sign-in is refused", why=str(error))
            return self._refused(f"The provider's answer is refused: {error}.")
        except Problem as error:
            return self._refused(f"{error.message[:1].upper()}{error.message[1:]}.", error.status)
        found = page("signed_in", Frame(False), to=flow.back, person=who.person)
        set_session(found, self._sessions.begin(who))
        self._unset(found)
        return found

    def may_read(self, roles: str) -> bool:
        """Whether somebody who has these roles now, as the core keeps them, sees all pages."""
        return not self._people.readers.isdisjoint(json.loads(roles))

    async def _known(self, claims: Mapping[str, Any]) -> SignedIn:
        """Have the core know who has signed in, and how. Raises `Refused`, and `Problem`."""
        found = identified(self._people.reading, claims)
        ends = time.time() + LASTS
        told = await self._core.do(
            SignIn(
                caller=SYSTEM,
                key=_key(),
                person=found.person,
                roles=found.roles,
                source=self._people.provider.client.issuer,
                methods=found.methods,
                at=None if found.at is None else int(found.at),
                ends=int(ends),
            )
        )
        may_read = not self._people.readers.isdisjoint(told["roles"])
        return SignedIn(person=found.person, session=told["session"], may_read=may_read, ends=ends)

    async def _apart(self, work: Callable[[], Any]) -> Any:
        """Do what blocks in a thread, a few at a time. Raises `Unreachable` where there is no room."""
        if self._room.locked():
            raise Unreachable("too many sign in at once")
        async with self._room:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    # --- What goes with the browser ---

    def _sealed(self, flow: Flow) -> str:
        text = base64.urlsafe_b64encode(json.dumps(asdict(flow)).encode()).decode()
        return f"{text}.{self._sessions.seal(text)}"

    def _opened(self, sealed: str | None) -> Flow | None:
        text, _, seal = (sealed or "").partition(".")
        if not self._sessions.is_sealed(text, seal):
            return None
        flow = Flow(**json.loads(base64.urlsafe_b64decode(text)))
        return flow if 0 <= time.time() - flow.began < LASTS_FLOW else None

    def _unset(self, answer: Response) -> None:
        answer.delete_cookie(
            self._cookie, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )

    def _refused(self, said: str, status: int = 403) -> Response:
        answer = problem(Frame(False), status, "Not signed in", said)
        self._unset(answer)
        return answer

    def _unreachable(self, error: Unreachable) -> Response:
        logs.say(logging.ERROR, "people cannot sign in", why=str(error))
        return problem(
            Frame(False), 503, "Not signed in", f"{str(error)[:1].upper()}{str(error)[1:]}."
        )


async def end_session(core: Doing, who: SignedIn) -> None:
    """Tell the core that a session has ended. Raises `Problem`."""
    if who.session is not None:
        await core.do(SignOut(caller=SYSTEM, key=_key(), session=who.session))


def path_of(text: str | None) -> str:
    """Give a path of ours to lead back to: what is none, or leads elsewhere, is the first page.

    >>> [path_of(each) for each in ("/requests/q-1", "//evil.example", "/\\\\evil.example", "https://evil.example", "/a/../b", None)]
    ['/requests/q-1', '/', '/', '/', '/', '/']
    """
    if text is None or _PATH.fullmatch(text) is None or text.startswith(_NOT_HERE):
        return "/"
    return text


def _answer_in(request: Request) -> dict[str, str] | None:
    """What a provider says in the query; None where something stands twice, or is too much."""
    pairs = request.query_params.multi_items()
    found = dict(pairs)
    if (
        len(found) < len(pairs)
        or sum(len(name) + len(value) for name, value in pairs) > MOST_ANSWER
    ):
        return None
    return found


def _key() -> str:
    return f"sign-{secrets.token_hex(16)}"
