"""The bundle of a trust domain as SPIFFE's Workload API gives it, through the socket of an agent beside the service.

It is an extra: the client brings gRPC with it.
"""

from __future__ import annotations

import base64
import importlib.util
import json
from dataclasses import dataclass
from typing import Any

from ..outbound.fetching import NotFetched

MISSING = "a `workload_api` needs `spiffe`: pip install 'agpc[spiffe]'"


def is_installed() -> bool:
    """Whether the client is there."""
    return importlib.util.find_spec("spiffe") is not None


@dataclass(frozen=True, slots=True)
class WorkloadAPI:
    """The socket of an agent."""

    socket: str
    seconds: float = 10.0

    def bundle_of(self, domain: str) -> bytes:
        """Give the bundle of a trust domain, as a SPIFFE bundle is written. It blocks. Raises `NotFetched`."""
        from spiffe import TrustDomain, WorkloadApiClient
        from spiffe.errors import PySpiffeError

        try:
            with WorkloadApiClient(self.socket, default_timeout=self.seconds) as client:
                name = TrustDomain(domain)
                tokens = client.fetch_jwt_bundles().get_bundle_for_trust_domain(name)
                roots = client.fetch_x509_bundles().get_bundle_for_trust_domain(name)
        except PySpiffeError as error:
            why = type(error).__name__
            raise NotFetched(f"the Workload API gives no bundle ({why})") from None
        keys = (
            [] if tokens is None else [_token_key(*each) for each in tokens.jwt_authorities.items()]
        )
        keys += [] if roots is None else [_root(each) for each in roots.x509_authorities]
        if not keys:
            raise NotFetched("the Workload API has no bundle of this trust domain")
        return json.dumps({"keys": keys}).encode()


def _token_key(kid: str, key: Any) -> dict[str, Any]:
    return {**_public(key), "kid": kid, "use": "jwt-svid"}


def _root(certificate: Any) -> dict[str, Any]:
    from cryptography.hazmat.primitives.serialization import Encoding

    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")
    return {**_public(certificate.public_key()), "use": "x509-svid", "x5c": [der]}


def _public(key: Any) -> dict[str, Any]:
    """Write a public key as a JWK. Raises `NotFetched` for one of a kind that signs nothing here."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for kind in (ECKey, RSAKey, OKPKey):
        try:
            found: dict[str, Any] = kind.import_key(pem).as_dict(private=False)
        except (JoseError, ValueError, TypeError, AttributeError, KeyError):
            continue
        return {name: each for name, each in found.items() if name not in ("kid", "use")}
    raise NotFetched("the Workload API gives a key that cannot be read")
