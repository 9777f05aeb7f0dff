"""Bundles: the keys of trust domains, which are fetched, kept, and fetched again as they change.

The last good bundle stays until it is too old. Nothing that a caller sends makes us fetch more often than we want to.
"""

from __future__ import annotations

import base64
import binascii
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509

from ..outbound.fetching import NotFetched, Reach, fetch
from ..tokens.compact import Refused
from .signed import Keys, jwks, read_keys
from .workload_api import WorkloadAPI

MOST = 1024 * 1024  # bytes
SOONEST = 10.0
"""Seconds between two attempts, whoever asks."""
_SPIFFE = ("jwt-svid", "x509-svid")
_log = logging.getLogger("agpc.service")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The keys of a trust domain: those that sign its tokens, and the certificates that its own lead to."""

    keys: Keys
    roots: frozenset[bytes]
    """As DER."""


def read_bundle(content: bytes) -> Bundle:
    """Read a SPIFFE bundle, or a JWKS with the keys of tokens alone. Raises `Refused`.

    A set of which any key says that it is SPIFFE's has no others: `sig` is then a use that is not known.
    """
    told = jwks(content)
    is_spiffe = any(each.get("use") in _SPIFFE for each in told)
    keys = read_keys(content, frozenset(["jwt-svid"] if is_spiffe else ["sig"]))
    roots = frozenset(_root(each.get("x5c")) for each in told if each.get("use") == "x509-svid")
    if not keys and not roots:
        raise Refused("it has no key that is used here")
    return Bundle(keys, roots)


def _root(chain: object) -> bytes:
    if type(chain) is not list or not chain or type(chain[0]) is not str:
        raise Refused("a certificate in it is none")
    try:
        found = base64.b64decode(chain[0], validate=True)
        x509.load_der_x509_certificate(found)
    except (ValueError, binascii.Error):
        raise Refused("a certificate in it is none") from None
    return found


@dataclass(frozen=True, slots=True)
class Source:
    """Where the bundle of a trust domain is, how often it is looked at (seconds), and how long the last good one counts."""

    domain: str
    place: Path | str | WorkloadAPI
    """A file, a URL, or the socket of an agent."""
    reach: Reach = field(default_factory=lambda: Reach(most=MOST))
    refresh: float = 300.0
    keep: float = 86_400.0

    def read(self) -> bytes:
        """Give what is there. It blocks. Raises `NotFetched`."""
        if isinstance(self.place, str):
            reply = fetch(self.place, self.reach, headers={"accept": "application/json"})
            if reply.status != 200:
                raise NotFetched(f"the answer is {reply.status}")
            return reply.content
        if isinstance(self.place, WorkloadAPI):
            return self.place.bundle_of(self.domain)
        try:
            with self.place.open("rb") as file:
                content = file.read(MOST + 1)
        except OSError as error:
            raise NotFetched(error.strerror or "it cannot be read") from None
        if len(content) > MOST:
            raise NotFetched(f"it has more than {MOST} bytes")
        return content


class Domain:
    """A trust domain with its last good bundle."""

    def __init__(self, source: Source, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without one."""
        self.source, self._clock = source, clock
        self._bundle: Bundle | None = None
        self._good = self._tried = -float("inf")
        self._asked = False
        self._busy = threading.Lock()

    @property
    def bundle(self) -> Bundle | None:
        """The bundle that counts now."""
        if self._clock() > self._good + self.source.keep:
            return None
        return self._bundle

    def ask(self) -> None:
        """Have the bundle looked at soon: somebody showed a key that is not in it."""
        self._asked = True

    @property
    def is_due(self) -> bool:
        """Whether it is time to look at it again."""
        since = self._clock() - self._tried
        return since >= (SOONEST if self._asked else self.source.refresh)

    def refresh(self) -> bool:
        """Look at it again, and tell whether what is there is good. It blocks."""
        with self._busy:
            self._tried, self._asked = self._clock(), False
            try:
                found = read_bundle(self.source.read())
            except (NotFetched, Refused) as error:
                _log.log(
                    logging.ERROR,
                    "the keys of a trust domain or a transmitter cannot be used; the last good ones count until they are too old",
                    extra={
                        "fields": {
                            "of": self.source.domain,
                            "why": str(error),
                            "has_one": self.bundle is not None,
                        }
                    },
                )
                return False
            self._bundle, self._good = found, self._clock()
            return True


class Bundles:
    """Those of all trust domains."""

    def __init__(
        self, sources: Sequence[Source], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin without any."""
        self.changed: list[Callable[[], None]] = []
        """Told when they were looked at."""
        self._domains = {each.domain: Domain(each, clock) for each in sources}

    def of(self, domain: str) -> Domain | None:
        """Give a trust domain, if it is one of ours."""
        return self._domains.get(domain)

    def all(self) -> Sequence[Domain]:
        """Give all."""
        return tuple(self._domains.values())

    def refresh(self, *, all: bool = False) -> None:
        """Look at those that are due, or at all of them. It blocks, as long as the slowest takes."""
        due = [each for each in self._domains.values() if all or each.is_due]
        threads = [threading.Thread(target=each.refresh, daemon=True) for each in due]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        for tell in self.changed if due else ():
            tell()
