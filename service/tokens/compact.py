"""The compact form of signed tokens (JWS), read by the letter: each text that is taken stands for other bytes."""

from __future__ import annotations

import re
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ...runtime.strict_json import NotJSON, read_request
from ..base64url import decoded

LONGEST = 16 * 1024  # characters of a token
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

PublicKey = ECKey | OKPKey | RSAKey


class Refused(Exception):
    """What somebody shows is not taken: a token, a key, a certificate; one sentence, with nothing of it."""


def parts(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the header and the claims of a token of which nobody knows yet who made it. Raises `Refused`."""
    header, claims, signature = _split(text)
    found = object_in(_bytes(header)), object_in(_bytes(claims))
    _bytes(signature)
    return found


def header_of(text: str) -> dict[str, Any]:
    """Give the header alone. Raises `Refused`."""
    return object_in(_bytes(_split(text)[0]))


def check_signature(text: str, key: PublicKey, algorithm: str) -> None:
    """Check that a token was signed with a key. Raises `Refused`."""
    try:
        jws.deserialize_compact(text, key, registry=registry(algorithm))
    except (JoseError, ValueError, TypeError):
        raise Refused("its signature is not of its key") from None


def registry(algorithm: str) -> jws.JWSRegistry:
    """Give what the library may do with a token; which fields a header may have is for whoever reads it to see."""
    found = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    found.max_header_length = found.max_payload_length = found.max_signature_length = LONGEST
    return found


def object_in(content: bytes) -> dict[str, Any]:
    """Read an object of JSON. Raises `Refused`."""
    try:
        found = read_request(content)
    except NotJSON:
        raise Refused("it is no JSON, or a key stands twice in it") from None
    if type(found) is not dict:
        raise Refused("it is no object")
    return found


def _split(text: str) -> list[str]:
    if len(text) > LONGEST or _COMPACT.fullmatch(text) is None:
        raise Refused("it is no signed token")
    return text.split(".")


def _bytes(text: str) -> bytes:
    if len(text) % 4 == 1:  # which no bytes are written with
        raise Refused("it is no signed token")
    try:
        return decoded(text)
    except ValueError:
        raise Refused("it is not written as signed tokens are") from None
