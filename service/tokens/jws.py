"""Signed objects (JWS, compact), read by the letter.

INVARIANT: whoever reads says which algorithms there are and which kind of object it is; the object itself chooses nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ...runtime.strict_json import NotJSON, read_request

LONGEST = 16 * 1024  # characters
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

PublicKey = ECKey | OKPKey | RSAKey


class BadToken(Exception):
    """An object is not taken; one sentence, with nothing of it."""


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: ECKey, algorithm: str) -> str:
    """Sign claims."""
    content = json.dumps(claims, separators=(",", ":"), sort_keys=True).encode("ascii")
    return jws.serialize_compact(
        {"alg": algorithm, **header}, content, key, registry=_registry(algorithm, set(header))
    )


def read(
    text: str,
    kind: str,
    algorithms: tuple[str, ...],
    key_of: Callable[[dict[str, Any]], PublicKey | None],
    names: frozenset[str] = frozenset({"alg", "typ", "kid"}),
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the header and the claims of a signed object, whose key is looked up by its header. Raises `BadToken`."""
    if len(text) > LONGEST or _COMPACT.fullmatch(text) is None:
        raise BadToken("it is no signed token")
    head, body, signature = text.split(".")
    header, claims = _object(_bytes(head)), _object(_bytes(body))
    _bytes(signature)
    if header.keys() != names:
        raise BadToken("its header has other fields than it should")
    if type(header["typ"]) is not str or header["typ"].lower() != kind:
        raise BadToken("it is a token of another kind")
    if header["alg"] not in algorithms:
        raise BadToken("its algorithm is not taken")
    key = key_of(header)
    if key is None:
        raise BadToken("its key is none that is known")
    try:
        jws.deserialize_compact(text, key, registry=_registry(header["alg"], set(names)))
    except (JoseError, ValueError, TypeError):
        raise BadToken("its signature is not of its key") from None
    return header, claims


def kind_of(text: str) -> str | None:
    """Say what a signed object calls itself, which nobody has checked; None if it is none."""
    if len(text) > LONGEST or _COMPACT.fullmatch(text) is None:
        return None
    try:
        kind = _object(_bytes(text.partition(".")[0])).get("typ")
    except BadToken:
        return None
    return kind.lower() if type(kind) is str else None


def whole(claims: Mapping[str, Any], name: str) -> int:
    """Give a time that has to be there, in whole seconds since 1970. Raises `BadToken`."""
    found = claims.get(name)
    if type(found) is float and found.is_integer():
        found = int(found)
    if type(found) is not int or not 0 <= found < 2**40:
        raise BadToken("a time in it is none, or is missing")
    return found


def _registry(algorithm: str, names: set[str]) -> jws.JWSRegistry:
    found = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=not names & {"jwk"})
    found.max_header_length = found.max_payload_length = found.max_signature_length = LONGEST
    return found


def _bytes(text: str) -> bytes:
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise BadToken("it is no signed token") from None
    if base64.urlsafe_b64encode(found).rstrip(b"=") != text.encode("ascii"):
        raise BadToken("it is not written as signed tokens are")  # bits that stand for nothing
    return found


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = read_request(content)
    except NotJSON:
        raise BadToken("it is no JSON, or a key stands twice in it") from None
    if type(found) is not dict:
        raise BadToken("it is no object")
    return found
