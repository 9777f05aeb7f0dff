"""Signed tokens (JWS, compact), and the keys of those who sign them.

INVARIANT: the key says which algorithms it is for, and the token only which of them it was made with. So no public key is
taken for a shared secret, and no token says that it needs no signature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from ..tokens.compact import Refused, check_signature, object_in, parts

MOST_KEYS = 256
SMALLEST_RSA = 2048  # bits
ALGORITHMS: Mapping[str, tuple[str, ...]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
}
"""Those of JWT-SVID: none that needs no signature, and none whose key is a secret of both sides."""
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k")
_HEADER = {"alg", "kid", "typ"}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, and what it may have been used with."""

    key: RSAKey | ECKey
    algorithms: tuple[str, ...]


Keys = Mapping[str, PublicKey]
"""Keys by their `kid`."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that can be read, and of which nobody knows yet who made it."""

    text: str
    algorithm: str
    kid: str
    claims: Mapping[str, Any]


def read_token(text: str, *, more_header: bool = False, kind: str | None = None) -> Token:
    """Read a token by the letter. Raises `Refused`.

    A header may have `more_header` than `alg`, `kid` and `typ`, of which nothing is read, where issuers write such. One
    that is of a `kind` of its own has to say so.
    """
    header, claims = parts(text)
    if not header.keys() <= _HEADER and (not more_header or "crit" in header or "b64" in header):
        raise Refused("its header has more than `alg`, `kid` and `typ`")
    algorithm, kid = header.get("alg"), header.get("kid")
    if type(algorithm) is not str or type(kid) is not str or not kid:
        raise Refused("its header does not say `alg` and `kid`")
    is_kind = header.get("typ", "JWT") in ("JWT", "JOSE") if kind is None else _is_of(header, kind)
    if not is_kind:
        raise Refused("its header says that it is something else")
    return Token(text, algorithm, kid, claims)


def _is_of(header: Mapping[str, Any], kind: str) -> bool:
    found = header.get("typ")
    return type(found) is str and found.lower().removeprefix("application/") == kind


def verify(token: Token, key: PublicKey) -> None:
    """Check that a token was signed with a key. Raises `Refused`."""
    if token.algorithm not in key.algorithms:
        raise Refused("its algorithm is none of its key")
    check_signature(token.text, key.key, token.algorithm)


def read_keys(content: bytes, uses: frozenset[str]) -> Keys:
    """Read a set of keys (JWKS), of which those that can be used here are kept. Raises `Refused`."""
    return {kid: key for kid, key in _keys(content, uses)}


def _keys(content: bytes, uses: frozenset[str]) -> Iterator[tuple[str, PublicKey]]:
    seen: set[str] = set()
    for each in jwks(content):
        if each.get("use", "sig") not in uses:
            continue
        key = _key(each)
        kid = each.get("kid")
        if key is None or type(kid) is not str or not kid:
            continue
        if kid in seen:
            raise Refused("two keys have the same `kid`")
        seen.add(kid)
        yield kid, key


def jwks(content: bytes) -> list[dict[str, Any]]:
    """Give the keys of a set as they stand there. Raises `Refused`, also where one is not public."""
    found = object_in(content).get("keys")
    if type(found) is not list or not all(type(each) is dict for each in found):
        raise Refused("it is no set of keys")
    if len(found) > MOST_KEYS:
        raise Refused(f"it has more than {MOST_KEYS} keys")
    if any(name in each for each in found for name in _PRIVATE):
        raise Refused("it holds a key that is private")
    return found


def _key(told: dict[str, Any]) -> PublicKey | None:
    """Read a key; None of one that is of a kind that is not used here."""
    kind = told.get("crv") if told.get("kty") == "EC" else told.get("kty")
    may = ALGORITHMS.get(kind) if type(kind) is str else None
    if may is None:
        return None
    if "alg" in told:
        may = tuple(each for each in may if each == told["alg"])
    public: dict[str, Any] = {
        name: told[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in told
    }
    if not may or not all(type(each) is str for each in public.values()):
        return None
    try:
        if kind == "RSA":
            key: RSAKey | ECKey = RSAKey.import_key(public)
            if key.raw_value.key_size < SMALLEST_RSA:
                return None
        else:
            key = ECKey.import_key(public)
            _ = key.public_key
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return PublicKey(key, may)
