"""A server for mail that is spoken to for a while, and no longer, whatever it says and however slowly."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

from ..config.notices import Mail

SECONDS = 10.0
"""For each step."""
LONGEST = 30.0
"""Seconds for all of them: a server that says a byte now and then is done with a step whenever it likes."""


FAULTS = (OSError, smtplib.SMTPException, ValueError)
"""How it can fail."""


class _Server(smtplib.SMTP):
    """A server of which another thread can end the waiting."""

    def __init__(self, entry: Mail, trusted: ssl.SSLContext) -> None:
        self._entry, self._trusted = entry, trusted
        self._end: socket.socket | None = None
        """The other handle of its connection, whatever TLS does with the first."""
        self.is_late = False
        super().__init__(timeout=SECONDS)
        self._host = entry.host  # which `starttls` holds the certificate to

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        found = socket.create_connection((host, port), timeout)
        self._end = found.dup()
        if self.is_late:
            raise TimeoutError
        if self._entry.security != "tls":
            return found
        return self._trusted.wrap_socket(found, server_hostname=host)

    def cut(self) -> None:
        """Have whoever waits for it go on."""
        self.is_late = True
        if self._end is not None:
            with suppress(OSError):
                self._end.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Close the connection."""
        self.close()
        if self._end is not None:
            self._end.close()


@contextmanager
def connected(entry: Mail, trusted: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """Give the server of the settings, encrypted as they say. Raises, and its methods raise, one of `FAULTS`."""
    server = _Server(entry, trusted)
    timer = Timer(LONGEST, server.cut)
    timer.daemon = True
    timer.start()
    try:
        server.connect(entry.host, entry.port)
        with server:  # which takes leave at the end
            if entry.security == "starttls":
                server.starttls(context=trusted)
            yield server
    finally:
        timer.cancel()
        server.let_go()
