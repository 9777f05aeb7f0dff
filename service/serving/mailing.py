"""A server for mail that is spoken to for a while, and no longer, whatever it says and however slowly."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from ..config.notices import Mail
from ..outbound.time_limit import TimeLimit

SECONDS = 10.0
"""For each step."""
LONGEST = 30.0
"""Seconds for all of them: a server that says a byte now and then is done with a step whenever it likes."""


FAULTS = (OSError, smtplib.SMTPException, ValueError)
"""How it can fail."""


class _Server(smtplib.SMTP):
    """A server that is spoken to for as long as it may take."""

    def __init__(self, entry: Mail, trusted: ssl.SSLContext, limit: TimeLimit) -> None:
        self._entry, self._trusted, self._limit = entry, trusted, limit
        super().__init__(timeout=SECONDS)
        self._host = entry.host  # which `starttls` holds the certificate to

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        found = self._limit.on(socket.create_connection((host, port), timeout))
        if self._entry.security != "tls":
            return found
        return self._trusted.wrap_socket(found, server_hostname=host)


@contextmanager
def connected(entry: Mail, trusted: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """Give the server of the settings, encrypted as they say. Raises, and its methods raise, one of `FAULTS`."""
    with TimeLimit(LONGEST) as limit, closing(_Server(entry, trusted, limit)) as server:
        server.connect(entry.host, entry.port)
        with server:  # which takes leave at the end
            if entry.security == "starttls":
                server.starttls(context=trusted)
            yield server
