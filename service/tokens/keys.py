"""The keys that sign tokens. They follow from the key of the store and the time, so that all processes have the same.

A key signs for one period. The set that is published has the one before it, by which tokens may still be signed, and
the one after it, so that whoever keeps the set knows the next key before it signs.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

ALGORITHM = "ES256"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


class TokenKeys:
    """Keys by the time that they sign at; `period` is in seconds."""

    def __init__(self, secret: bytes, period: int, clock: Callable[[], float]) -> None:
        """Derive keys from a secret that nobody else has."""
        self._secret, self._period, self._clock = secret, period, clock

    def signing(self) -> ECKey:
        """Give the key that signs now."""
        return _derived(self._secret, self._period, self._number)

    def known(self, kid: str) -> ECKey | None:
        """Give the key of this name, if what it signed may still be good."""
        return next((each for each in self._all() if each.kid == kid), None)

    def published(self) -> dict[str, Any]:
        """Give the set of public keys (JWKS)."""
        return {"keys": [public(each) for each in self._all()]}

    @property
    def _number(self) -> int:
        return int(self._clock()) // self._period

    def _all(self) -> list[ECKey]:
        numbers = (self._number - 1, self._number, self._number + 1)
        return [_derived(self._secret, self._period, each) for each in numbers]


def public(key: ECKey) -> dict[str, Any]:
    """Give what others may know of a key."""
    return {**key.as_dict(private=False), "kid": key.kid, "use": "sig", "alg": ALGORITHM}


@lru_cache(maxsize=16)
def _derived(secret: bytes, period: int, number: int) -> ECKey:
    """Make the key of a period: 512 bits over the order of the curve, which leaves no bias to speak of."""
    told = f"the key of tokens {period} {number}".encode()
    value = int.from_bytes(hmac.digest(secret, told, "sha512"), "big") % (_ORDER - 1) + 1
    key = ECKey.import_key(ec.derive_private_key(value, ec.SECP256R1()).private_bytes(*_as_pem()))
    return ECKey.import_key({**key.as_dict(private=True), "kid": key.thumbprint()})


def _as_pem() -> tuple[Any, Any, Any]:
    from cryptography.hazmat.primitives import serialization

    return (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
