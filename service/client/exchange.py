"""One request and its answer, which come to an end whatever the other side does."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Timer

from .address import Address

MAX_ANSWER = 16 * 1024 * 1024
_UNKNOWN_ISSUER = (18, 19, 20, 21)  # of OpenSSL: nobody here vouches for whoever has signed it
"""Bytes of an answer; a longer one is none."""


class Lost(Exception):
    """No answer came; whether the request arrived is not known. The message says why."""


class NotTrusted(Exception):
    """The service did not prove who it is, or cannot be spoken to: asking again changes nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
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
) -> Answer:
    """Send a request, and give the answer that comes within the time. Raises `Lost` and `NotTrusted`.

    A redirect is an answer like others: the key goes nowhere else.
    """
    connection: http.client.HTTPConnection
    if address.scheme == "https":
        connection = http.client.HTTPSConnection(
            address.host, address.port, timeout=timeout, context=trust(ca)
        )
    else:
        connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout)
    late = Event()
    timer = Timer(timeout, _hang_up, (connection, late))
    timer.daemon = True
    timer.start()  # a timeout of the socket begins anew with every byte
    try:
        connection.request(method, f"{address.path}{path}", body, dict(headers))
        answer = connection.getresponse()
        read = answer.read(MAX_ANSWER + 1)
        if late.is_set():
            raise Lost(f"it did not answer within {timeout:g} s")
        if len(read) > MAX_ANSWER:
            raise NotTrusted(f"its answer is longer than {MAX_ANSWER} bytes")
        return Answer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, read
        )
    except ssl.SSLCertVerificationError as error:
        unknown = error.verify_code in _UNKNOWN_ISSUER
        help = "; say who vouches for it with --ca FILE" if unknown else ""
        raise NotTrusted(
            f"its certificate is not to be trusted ({error.verify_message}){help}"
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            raise Lost(f"it did not answer within {timeout:g} s") from None
        raise Lost(_reason(error)) from None
    finally:
        timer.cancel()
        connection.close()


def _hang_up(connection: http.client.HTTPConnection, late: Event) -> None:
    """End the waiting of another thread: nothing more comes in or goes out."""
    late.set()
    if connection.sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


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
