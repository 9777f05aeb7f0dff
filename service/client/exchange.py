"""One request and its answer, which come to an end whatever the other side does."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from ..outbound.time_limit import TimeLimit
from .address import Address

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer; a longer one is none."""
_UNKNOWN_ISSUER = (18, 19, 20, 21)  # of OpenSSL: nobody here vouches for whoever has signed it


class Lost(Exception):
    """No answer came; whether the request arrived is not known. The message says why."""


class NotTrusted(Exception):
    """The service did not prove who it is, or cannot be spoken to: asking again changes nothing."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A status, the header fields by their names in lower case, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def trust(ca: str | None) -> ssl.SSLContext:
    """Whom to believe: the system's authorities, or those of a file alone. Raises `NotTrusted`."""
    try:
        return ssl.create_default_context(cafile=ca)
    except ssl.SSLError:
        raise NotTrusted(f"`{ca}` holds no certificates: give a file of them as PEM") from None
    except OSError as error:
        raise NotTrusted(f"cannot read `{ca}`: {_reason(error)}") from None


def exchange(
    address: Address,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    timeout: float,
    ca: str | None,
) -> HttpAnswer:
    """Send a request, and give the answer that comes within the time. Raises `Lost` and `NotTrusted`.

    A redirect is an answer like others: the key goes nowhere else.
    """
    context = trust(ca) if address.scheme == "https" else None
    limit = TimeLimit(timeout)
    connection = _Connection(address, timeout, context, limit)
    try:
        with limit:
            connection.request(method, f"{address.path}{path}", body, dict(headers))
            answer = connection.getresponse()
            read = answer.read(MAX_ANSWER + 1)
        if limit.is_over:
            raise Lost(f"it did not answer within {timeout:g} s")
        if len(read) > MAX_ANSWER:
            raise NotTrusted(f"its answer is longer than {MAX_ANSWER} bytes")
        return HttpAnswer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, read
        )
    except ssl.SSLCertVerificationError as error:
        unknown = error.verify_code in _UNKNOWN_ISSUER
        help = "; say who vouches for it with --ca FILE" if unknown else ""
        raise NotTrusted(
            f"its certificate is not to be trusted ({error.verify_message}){help}"
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if limit.is_over or isinstance(error, TimeoutError):
            raise Lost(f"it did not answer within {timeout:g} s") from None
        raise Lost(_reason(error)) from None
    finally:
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection for as long as it may take."""

    def __init__(
        self, address: Address, timeout: float, context: ssl.SSLContext | None, limit: TimeLimit
    ) -> None:
        self._context, self._limit = context, limit
        super().__init__(address.host, address.port, timeout=timeout)
        self.default_port = 80 if context is None else 443

    def connect(self) -> None:
        """Connect."""
        super().connect()
        self._limit.on(self.sock)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def _reason(error: Exception) -> str:
    """Why there is no answer, in words."""
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, socket.gaierror):
        return "its host is not known"
    if isinstance(error, http.client.RemoteDisconnected | ConnectionResetError):
        return "it closed the connection without an answer"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return "it did not answer as a web server does"
