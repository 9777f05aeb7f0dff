"""X.509-SVIDs: who a workload is, by the certificate with which it speaks TLS.

TLS has verified a chain before anybody asks here: signatures, times, and that it is for a client. It trusts the bundles of all
trust domains together, since it does not know yet who calls. So it is seen here that the chain ends in the bundle of the
very domain that the certificate names, as that bundle is now: a domain cannot speak for another one, and a root that was
taken back counts no more on connections that are open.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509

from ..tokens.compact import Refused
from .bundles import Bundles
from .ids import trust_domain_of

Chain = tuple[bytes, ...]
"""Certificates as DER, the workload's own first, and last the one that is trusted."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a certificate says: whose it is, and from when to when, in seconds since 1970."""

    id: str
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Certificates:
    """Checks chains that TLS has verified."""

    bundles: Bundles
    clock: Callable[[], float] = time.time

    def identify(self, chain: Chain) -> str:
        """Give the SPIFFE ID of whom a chain is. Raises `Refused`."""
        if not chain:
            raise Refused("there is none")
        leaf = read_leaf(chain[0])
        domain = trust_domain_of(leaf.id)
        known = None if domain is None else self.bundles.of(domain)
        if known is None:
            raise Refused("it is of no trust domain that is known here")
        bundle = known.bundle
        if bundle is None:
            raise Refused("there is no good bundle of its trust domain now")
        if chain[-1] not in bundle.roots:
            raise Refused("it does not lead to the bundle of its trust domain")
        if not leaf.begins <= self.clock() < leaf.ends:
            raise Refused("it has expired")
        return leaf.id


@lru_cache(maxsize=4096)
def read_leaf(der: bytes) -> Leaf:
    """Read the certificate of a workload: one SPIFFE ID, and no right to issue others. Raises `Refused`."""
    try:
        found = x509.load_der_x509_certificate(der)
        names = _extension(found, x509.SubjectAlternativeName)
        constraints = _extension(found, x509.BasicConstraints)
        usage = _extension(found, x509.KeyUsage)
        begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    except (ValueError, x509.DuplicateExtension):
        raise Refused("it cannot be read") from None
    uris = [] if names is None else names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(uris) != 1 or trust_domain_of(uris[0]) is None:
        raise Refused("it does not name one workload")
    if constraints is not None and constraints.ca:
        raise Refused("it may issue others, and so is no workload's")
    if usage is None or not usage.digital_signature or usage.key_cert_sign or usage.crl_sign:
        raise Refused("its key is not for signatures, or also for certificates")
    return Leaf(uris[0], begins.timestamp(), ends.timestamp())


def _extension(certificate: x509.Certificate, kind: Any) -> Any:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


class AskingContext:
    """Has a TLS context ask those who connect for a certificate, and know the roots of the bundles as they change."""

    def __init__(self, bundles: Bundles) -> None:
        """Take the bundles as they are."""
        self._bundles = bundles
        self._contexts: list[ssl.SSLContext] = []
        self._known: set[bytes] = set()
        self._busy = threading.Lock()
        bundles.changed.append(self.renew)

    def prepare(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """Have a context ask. A connection has its chain from its own beginning, so that none is taken up again."""
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
        with self._busy:
            self._contexts.append(context)
            _trust(context, self._known)
        self.renew()
        return context

    def renew(self) -> None:
        """Trust roots that are new. Those that are gone are refused when somebody comes with them."""
        with self._busy:
            bundles = [each.bundle for each in self._bundles.all()]
            new = {
                root for each in bundles if each is not None for root in each.roots
            } - self._known
            for context in self._contexts:
                _trust(context, new)
            self._known |= new


def _trust(context: ssl.SSLContext, roots: set[bytes]) -> None:
    for each in roots:
        context.load_verify_locations(cadata=each)


def chain_of(connection: Any) -> Chain:
    """Give the chain that TLS has verified on a connection; none where the other side has shown no certificate."""
    if not isinstance(connection, ssl.SSLObject | ssl.SSLSocket) or not connection.getpeercert(
        binary_form=True
    ):
        return ()
    own: Any = connection
    if hasattr(own, "get_verified_chain"):  # since Python 3.13
        return tuple(own.get_verified_chain())
    certificates: Sequence[Any] = own._sslobj.get_verified_chain() or ()
    import _ssl

    return tuple(each.public_bytes(_ssl.ENCODING_DER) for each in certificates)
