"""One request to somebody else: over https, to the address that was looked at, bounded in size and time, and no further.

INVARIANT: a name is looked up once, and what is connected to is what was found then, so that nobody can answer otherwise
in between. A redirect is an answer like others: it is not followed. Proxies of the environment are not asked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from .addresses import is_loopback, resolved
from .time_limit import TimeLimit

MOST = 1024 * 1024  # bytes of an answer
SECONDS = 10.0


class NotFetched(Exception):
    """There is no answer; one sentence, with nothing of what was sent or came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Reach:
    """How far requests of one purpose may go."""

    private: bool = False
    """Whether the address may be one of a private network, of this machine or of a link; only then may a URL begin with
    `http://`, and then on this machine alone."""
    ca: Path | None = None
    """Certificates of those who vouch for the other side, as PEM; the system's if not given."""
    most: int = MOST
    seconds: float = SECONDS
    headers: Mapping[str, str] = field(default_factory=dict)


def fetch(
    url: str,
    reach: Reach,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Reply:
    """Send a request, and give what comes back whatever its status. It blocks. Raises `NotFetched`."""
    parts = checked(url, reach)
    limit = TimeLimit(reach.seconds)
    connection = _Connection(parts, reach, limit)
    sent = {"accept-encoding": "identity", "user-agent": "agpc", **reach.headers, **(headers or {})}
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with limit:
            connection.request(method, target, body=content, headers=sent)
            answer = connection.getresponse()
            received = answer.read(reach.most + 1)
            told = {name.lower(): value for name, value in answer.getheaders()}
    except PermissionError as error:
        raise NotFetched(str(error)) from None
    except ssl.SSLCertVerificationError:
        raise NotFetched("nobody whom we trust vouches for the certificate") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = (
            "it took too long" if limit.is_over else f"the request failed ({type(error).__name__})"
        )
        raise NotFetched(why) from None
    finally:
        connection.close()
    if limit.is_over:
        raise NotFetched("it took too long")
    if len(received) > reach.most:
        raise NotFetched(f"the answer has more than {reach.most} bytes")
    return Reply(answer.status, told, received)


def checked(url: str, reach: Reach) -> SplitResult:
    """Give the parts of a URL that may be asked. Raises `NotFetched`."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise NotFetched("the URL is none") from None
    if (
        not host
        or "@" in parts.netloc
        or parts.fragment
        or not url.isascii()
        or not url.isprintable()
    ):
        raise NotFetched("the URL is none, or has a password or a fragment")
    if port == 0 or " " in url or "\\" in url:
        raise NotFetched("the URL is none")
    if parts.scheme != "https" and not (parts.scheme == "http" and reach.private):
        raise NotFetched("the URL does not begin with `https://`")
    return parts


@cache
def _context(ca: Path | None, changed: int) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=None if ca is None else str(ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Connection(http.client.HTTPConnection):
    """A connection to an address that may be meant, for as long as it may take."""

    def __init__(self, parts: SplitResult, reach: Reach, limit: TimeLimit) -> None:
        self._reach, self._limit = reach, limit
        self._is_secret = parts.scheme == "https"
        self.default_port = 443 if self._is_secret else 80
        super().__init__(parts.hostname or "", parts.port, timeout=reach.seconds)

    def connect(self) -> None:
        """Look the name up, and connect."""
        found = resolved(self.host, self.port, private=self._reach.private)
        if not self._is_secret and not all(map(is_loopback, found)):
            raise PermissionError("without TLS only this machine is asked")
        self.sock = self._limit.on(self._connected(found))
        if self._is_secret:
            ca = self._reach.ca
            context = _context(ca, 0 if ca is None else ca.stat().st_mtime_ns)
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def _connected(self, addresses: list[str]) -> socket.socket:
        problem: OSError = OSError("the name has no address")
        for each in addresses[:4]:
            self._limit.check()
            try:
                return socket.create_connection((each, self.port), timeout=self._reach.seconds)
            except OSError as error:
                problem = error
        raise problem
