"""Events are sent to those who want to be sent them (RFC 8935), one after the other, until each was taken."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ..core import SYSTEM, Acknowledge, Core, View
from ..core.view import Told
from ..http.telemetry import logs
from ..outbound.fetching import NotFetched, Reach, fetch
from ..tokens.tokens import Tokens
from .sets import set_of

AT_ONCE = 100
LONGEST_PAUSE = 60.0  # seconds between two attempts


@dataclass(slots=True)
class Target:
    """Who is sent events, and when it is tried next after it did not take one."""

    name: str
    url: str
    audience: str
    reach: Reach
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    pause: float = 0.0
    again: float = 0.0


class Refusing(Exception):
    """An event was not taken now."""


class Pusher:
    """Sends events. What a receiver has taken is remembered in the store, so that nothing is lost and little sent twice."""

    def __init__(
        self, targets: list[Target], tokens: Tokens, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Keep whom to send to."""
        self.targets, self._tokens, self._clock = tuple(targets), tokens, clock
        self.threads = ThreadPoolExecutor(max(1, len(targets)), "agpc-sending")
        """One for each target: who hangs keeps nobody else waiting."""

    def push(self, core: Core) -> None:
        """Send what has ended since to each whose turn it is, one after the other. It blocks."""
        for target in self.targets:
            self.push_to(core, target)

    def push_to(self, core: Core, target: Target) -> None:
        """Send what has ended since to one, if it is its turn. It blocks."""
        if target.again > self._clock():
            return
        try:
            while self._push_some(core, target) == AT_ONCE:
                pass
            target.pause = 0.0
        except Refusing as problem:
            target.pause = min(LONGEST_PAUSE, target.pause * 2 or 1.0)
            target.again = self._clock() + target.pause
            logs.say(
                logging.WARNING,
                "an event was not taken, and is sent again",
                receiver=target.name,
                why=str(problem),
            )

    def _push_some(self, core: Core, target: Target) -> int:
        with core.view() as view:
            rows = _following(view, target.name)
        done = None
        try:
            for row in rows:
                self._send(target, row)
                done = row.seq
        finally:
            if done is not None:
                key = f"ack-{secrets.token_hex(16)}"
                core.do_now(
                    Acknowledge(caller=SYSTEM, key=key, receiver=f"push:{target.name}", upto=done)
                )
        return len(rows)

    def _send(self, target: Target, row: Told) -> None:
        """Send one. Raises `Refusing`; one that the receiver says is no good is told of, and not sent again."""
        content = set_of(row, self._tokens, target.audience).encode("ascii")
        headers = {
            "content-type": "application/secevent+jwt",
            "accept": "application/json",
            **target.headers,
        }
        try:
            reply = fetch(target.url, target.reach, method="POST", headers=headers, content=content)
        except NotFetched as error:
            raise Refusing(str(error)) from None
        if reply.status == 400:
            logs.say(
                logging.ERROR,
                "a receiver refuses an event for good",
                receiver=target.name,
                code=_code(reply.content),
                lease=row.lease.id,
            )
        elif reply.status not in (200, 202):
            raise Refusing(f"it answered {reply.status}")


def _following(view: View, name: str) -> list[Told]:
    return view.told_of(view.acknowledged(f"push:{name}"), AT_ONCE)


def _code(content: bytes) -> str:
    """The word by which RFC 8935 says why, if it is one of its own."""
    known = {
        *("invalid_request", "invalid_key", "invalid_issuer", "invalid_audience"),
        *("authentication_failed", "access_denied"),
    }
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return "none"
    word = found.get("err") if type(found) is dict else None
    return word if type(word) is str and word in known else "none"
