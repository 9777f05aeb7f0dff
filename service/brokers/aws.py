"""AWS: `AssumeRole` on the agent's role, with the session policy that the target `aws-iam` makes of what the lease stands for.

A session lasts for 15 minutes at least, so that its policy has an end of its own, which may be earlier. AWS ends no session
early: a lease that is revoked is renewed no more, and what was given ends by its time, or by a revocation policy.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from xml.etree import ElementTree

from pydantic import Field

from ...runtime.time_text import format_time
from ...runtime.values import NANOSECONDS, read_time
from ..config.kinds import Seconds, Table, Text
from ..config.secrets import SecretFrom
from ..outbound.fetching import NotFetched, Reach, Reply, checked, fetch
from ..policies.sessions import NoSession, Session, session_of, with_end
from .broker import Credential, NotBrokered, PlatformFailed, Prepared, Wanted
from .settings import read_table, secret
from .sigv4 import Keys, signed

LEAST = 900  # seconds that a session lasts at least
VERSION = "2011-06-15"
MOST_BYTES = 64 * 1024
_CODE = re.compile(r"[A-Za-z.]{1,64}")
_GIVEN = re.compile(r"[\x21-\x7e]{1,8192}")


class Settings(Table):
    """`[brokers.NAME]` of this broker."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    access_key: SecretFrom
    secret_key: SecretFrom
    session_token: SecretFrom | None = None
    endpoint: Text | None = None
    longest: Annotated[Seconds, Field(ge=LEAST, le=43_200)] = 3_600
    session_denies: Literal["session", "identity"] = "session"
    private: bool = False
    ca: Text | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `AssumeRole` is asked."""

    session: Session
    name: str
    policy: str
    seconds: int

    def form(self) -> bytes:
        """Give the form, with nothing in it that was not recorded."""
        return urlencode(list(self._fields())).encode("ascii")

    def _fields(self) -> Iterator[tuple[str, str]]:
        yield from (("Action", "AssumeRole"), ("Version", VERSION))
        yield from (("RoleArn", self.session.role), ("RoleSessionName", self.name))
        yield from (("DurationSeconds", str(self.seconds)), ("Policy", self.policy))
        yield "SourceIdentity", self.session.source_identity
        for number, (key, value) in enumerate(self.session.tags, 1):
            yield f"Tags.member.{number}.Key", key
            yield f"Tags.member.{number}.Value", value
            yield f"TransitiveTagKeys.member.{number}", key


class Aws:
    """Sessions of the agents' roles."""

    def __init__(
        self, settings: Settings, root: Path, clock: Callable[[], float] = time.time
    ) -> None:
        """Keep where AWS is. Raises `ValueError` for an endpoint that may not be asked."""
        self._settings, self._root, self._clock = settings, root, clock
        self._url = settings.endpoint or f"https://sts.{settings.region}.amazonaws.com/"
        ca = None if settings.ca is None else root / settings.ca
        self._reach = Reach(private=settings.private, ca=ca, most=MOST_BYTES)
        try:
            parts = checked(self._url, self._reach)
        except NotFetched as error:
            raise ValueError(f"`endpoint`: {error}") from None
        if parts.query or parts.path not in ("", "/"):
            raise ValueError(
                "`endpoint`: it is a scheme and a host, like `https://sts.eu-west-1.amazonaws.com`"
            )

    def prepare(self, wanted: Wanted) -> Prepared:
        """Say which session will be asked for. Raises `NotBrokered`."""
        until = min(wanted.until, wanted.now + self._settings.longest * NANOSECONDS)
        until -= until % NANOSECONDS  # AWS compares whole seconds
        if until <= wanted.now:
            raise NotBrokered("the lease ends within this second")
        seconds = max(LEAST, (until - wanted.now) // NANOSECONDS)
        try:
            session = session_of(
                wanted.policy,
                wanted.agent,
                wanted.intent,
                wanted.task,
                wanted.capabilities,
                self._settings.session_denies,
            )
            policy = with_end(session.policy, format_time(until))
        except NoSession as error:
            raise NotBrokered(str(error)) from None
        asked = _Asked(session, f"agpc-{wanted.lease}", policy, seconds)
        told = {
            "action": "sts:AssumeRole",
            "role": session.role,
            "session": asked.name,
            "seconds": seconds,
            "session_policy": f"sha256:{hashlib.sha256(policy.encode()).hexdigest()}",
            "tags": dict(session.tags),
            "source_identity": session.source_identity,
        }
        return Prepared(until, told, asked)

    def obtain(self, prepared: Prepared) -> Credential:
        """Ask for the session. Raises `PlatformFailed`."""
        settings, asked = self._settings, prepared.request
        keys = Keys(
            secret(settings.access_key, self._root),
            secret(settings.secret_key, self._root),
            None if settings.session_token is None else secret(settings.session_token, self._root),
        )
        content = asked.form()
        headers = signed(self._url, content, keys, settings.region, "sts", self._clock())
        headers.pop("host")  # which the connection writes, as it was signed
        try:
            reply = fetch(self._url, self._reach, method="POST", headers=headers, content=content)
        except NotFetched as error:
            raise PlatformFailed(f"AWS gave no session: {error}") from None
        return _read(reply, prepared.until)

    def end(self, credential: Credential) -> bool:
        """Say that AWS ends no session early."""
        return False


def _read(reply: Reply, until: int) -> Credential:
    """Read what AWS answered; nothing of it is said but the word for what is wrong. Raises `PlatformFailed`."""
    found = _texts(reply.content)
    if reply.status != 200:
        code = found.get("Code", "")
        why = code if _CODE.fullmatch(code) else f"status {reply.status}"
        raise PlatformFailed(f"AWS gave no session: {why}")
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    given = {name: found.get(name, "") for name in names}
    ends = read_time(found.get("Expiration", ""))
    if ends is None or not all(_GIVEN.fullmatch(each) for each in given.values()):
        raise PlatformFailed("AWS answered with something that is no session")
    until = min(until, ends)
    return Credential(until, {"Version": 1, **given, "Expiration": format_time(until)})


def _texts(content: bytes) -> dict[str, str]:
    """Give the texts of a document by the names of their elements; nothing where it is none."""
    if b"<!" in content:  # no document of AWS declares anything, and entities can be anything
        return {}
    try:
        tree = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        return {}
    return {each.tag.rpartition("}")[2]: (each.text or "").strip() for each in tree.iter()}


def make(given: Mapping[str, Any], root: Path) -> Aws:
    """Make the broker of its settings. Raises `ValueError`."""
    return Aws(read_table(Settings, given), root)
