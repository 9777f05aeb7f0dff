"""Tells people that something waits for them: through webhooks and by mail, each request once and never twice.

A notice names the agent, the capability, who is asked, and the page. It holds nothing that an agent or a person wrote, so
that no channel gets a secret or an argument. It is taken on in the store before it is sent: who is told twice stops to look.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol

from ..config.models import Loaded
from ..config.notices import Mail, Webhook
from ..config.secrets import SecretError
from ..core import SYSTEM, Notify, Problem
from ..core.approvals.notices import untold
from ..http.telemetry import logs
from ..http.telemetry.metrics import Metrics
from ..outbound.fetching import NotFetched, Reach, fetch
from ..store import StoreError
from .live import Live
from .mailing import FAULTS, connected

SECONDS = 10.0
LONGEST = 300  # characters of a name


class NotSent(Exception):
    """A notice could not be sent; why, in words of ours."""


class Channel(Protocol):
    """A way to people."""

    @property
    def name(self) -> str:
        """How the store, logs and metrics name it."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Whom it reaches; all if it names nobody."""

    def send(self, subject: str, text: str) -> None:
        """Send a notice; it blocks. Raises `NotSent`."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of the settings."""

    entry: Webhook
    loaded: Loaded

    @property
    def name(self) -> str:
        """Its name."""
        return self.entry.name

    @property
    def roles(self) -> tuple[str, ...]:
        """Whom it reaches."""
        return self.entry.roles

    def send(self, subject: str, text: str) -> None:
        """Send the text, with what Slack reads as marks taken from it; no redirect is followed."""
        plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        content = json.dumps({"text": plain}).encode()
        ca = None if self.entry.ca is None else self.loaded.path(self.entry.ca)
        reach = Reach(private=self.entry.private, ca=ca, most=64 * 1024, seconds=SECONDS)
        try:
            url = self.entry.url.read_text(self.loaded.root).strip()
            answer = fetch(
                url,
                reach,
                method="POST",
                content=content,
                headers={"content-type": "application/json"},
            )
        except (NotFetched, SecretError) as error:
            raise NotSent(str(error)) from None
        if not 200 <= answer.status < 300:
            raise NotSent(f"it was answered with {answer.status}")


@dataclass(frozen=True, slots=True)
class Post:
    """The mail of the settings."""

    entry: Mail
    loaded: Loaded

    @property
    def name(self) -> str:
        """Its name."""
        return "mail"

    @property
    def roles(self) -> tuple[str, ...]:
        """Whom it reaches."""
        return self.entry.roles

    def send(self, subject: str, text: str) -> None:
        """Send a mail of plain text."""
        entry = self.entry
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = entry.sender, ", ".join(entry.to), subject
        mail.set_content(text)
        try:
            trusted = ssl.create_default_context(
                cafile=None if entry.ca is None else str(self.loaded.path(entry.ca))
            )
            with connected(entry, trusted) as server:
                if entry.user is not None and entry.password is not None:
                    server.login(entry.user, entry.password.read_text(self.loaded.root))
                server.send_message(mail)
        except SecretError as error:
            raise NotSent(str(error)) from None
        except FAULTS as error:
            raise NotSent(f"the mail server failed at it ({type(error).__name__})") from None


class Notices:
    """Looks for requests that nobody was told of, and tells."""

    def __init__(self, loaded: Loaded, live: Live, metrics: Metrics, public_url: str) -> None:
        """Keep the channels of the settings."""
        self._live, self._metrics, self._url = live, metrics, public_url
        found = loaded.settings.notices
        self.channels: Sequence[Channel] = (
            *(Hook(each, loaded) for each in found.webhooks),
            *([Post(found.mail, loaded)] if found.mail is not None else ()),
        )

    async def tell(self) -> None:
        """Tell of what is new, through all channels; none waits for another."""
        await asyncio.gather(*(self._through(each) for each in self.channels))

    async def _through(self, channel: Channel) -> None:
        try:
            if not await asyncio.to_thread(self._has_news, channel):
                return
            key = f"notify-{secrets.token_hex(16)}"
            told = await self._live.do(Notify(caller=SYSTEM, key=key, channel=channel.name))
        except (Problem, StoreError) as error:
            logs.say_failure("people could not be told", error, channel=channel.name)
            return
        for each in told["requests"]:
            if not reaches(channel, each):
                continue
            try:
                await asyncio.to_thread(channel.send, *notice(each, self._url))
            except NotSent as error:
                self._metrics.notices.labels(channel.name, "failed").inc()
                logs.say(
                    logging.WARNING, "a notice was not sent", channel=channel.name, request=each["id"],
                    why=str(error),
                )  # fmt: skip
            else:
                self._metrics.notices.labels(channel.name, "sent").inc()

    def _has_news(self, channel: Channel) -> bool:
        with self._live.view() as view:
            return bool(untold(view.reading, channel.name, view.now, most=1))


def reaches(channel: Channel, told: dict[str, Any]) -> bool:
    """Whether a channel is there for who is asked; who confirms is named by nobody, and all are told."""
    if not channel.roles:
        return True
    return any(
        not set(channel.roles).isdisjoint(each.get("by", ())) for each in told["requirements"]
    )


def notice(told: dict[str, Any], public_url: str) -> tuple[str, str]:
    """Write a notice: its subject, and its text.

    >>> told = {"id": "q-7", "agent": "spiffe://a/b", "capability": "p.t.do", "requirements": [
    ...     {"type": "approval", "by": ["role:lead"]}], "expires_at": "2026-11-24T11:00:00.9Z"}
    >>> notice(told, "https://agp.example")[1]
    'spiffe://a/b asks for p.t.do. It needs approval by role:lead, until 2026-11-24T11:00:00Z: https://agp.example/requests/q-7'
    """
    needs = []
    for each in told["requirements"]:
        by = " or ".join(_plain(one) for one in each.get("by", ()))
        needs.append(f"{_plain(each.get('type', 'something'))}{f' by {by}' if by else ''}")
    capability = _plain(told["capability"])
    until = re.sub(r"\.[0-9]+(?=Z$)", "", told["expires_at"])  # people read seconds
    text = (
        f"{_plain(told['agent'])} asks for {capability}. It needs {' and '.join(dict.fromkeys(needs))}, until"
        f" {until}: {public_url}/requests/{told['id']}"
    )
    return f"{capability} waits for people", text


def _plain(text: str) -> str:
    """A name as ASCII that nothing hides in."""
    found = text.encode("ascii", "backslashreplace").decode()
    found = "".join(each if each.isprintable() else "?" for each in found)
    return found if len(found) <= LONGEST else f"{found[:LONGEST]}..."
