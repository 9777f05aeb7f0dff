"""Proofs of possession (DPoP, RFC 9449): whoever asks has the key that a token is bound to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from ..base64url import encoded
from .compact import PublicKey, Refused
from .jws import read, whole

KIND = "dpop+jwt"
ALGORITHMS = ("ES256", "Ed25519")
OLDEST, NEWEST = 60, 5  # seconds that a proof may be old, and how far ahead its clock may be
_NAMES = frozenset({"alg", "typ", "jwk"})
_OF_KIND = {"EC": {"kty", "crv", "x", "y"}, "OKP": {"kty", "crv", "x"}}
_CURVES = {"ES256": "P-256", "Ed25519": "Ed25519"}


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof: the thumbprint of its key, and a name of its own by which it counts once."""

    thumbprint: str
    id: str


def proved(
    text: str, method: str, url: str, clock: Callable[[], float], token: str | None = None
) -> Proof:
    """Read a proof that was made for one request, and for the token that comes with it if one does. Raises `Refused`.

    That it counts once is for whoever asks to see.
    """
    header, claims = read(text, KIND, ALGORITHMS, _key, _NAMES)
    if claims.get("htm") != method or claims.get("htu") != url:
        raise Refused("it was made for another request")
    if token is not None and claims.get("ath") != _hash_of(token):
        raise Refused("it was made for another token")
    made, now = whole(claims, "iat"), clock()
    if not now - OLDEST <= made <= now + NEWEST:
        raise Refused("it was not made just now")
    name = claims.get("jti")
    if type(name) is not str or not 1 <= len(name) <= 256 or not name.isascii():
        raise Refused("it has no name of its own")
    key = _key(header)
    assert key is not None
    thumbprint = key.thumbprint()
    return Proof(thumbprint, sha256(f"dpop\0{thumbprint}\0{name}".encode()).hexdigest())


def _hash_of(token: str) -> str:
    return encoded(sha256(token.encode("ascii")).digest())


def _key(header: dict[str, Any]) -> PublicKey | None:
    """Read the key that a proof brings along, which is public and of its algorithm."""
    told = header["jwk"]
    if type(told) is not dict or any(type(each) is not str for each in told.values()):
        return None
    if told.keys() != _OF_KIND.get(str(told.get("kty"))):
        return None
    if told["crv"] != _CURVES.get(header["alg"]):
        return None
    try:
        key = ECKey.import_key(told) if told["kty"] == "EC" else OKPKey.import_key(told)
        _ = key.public_key
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key
