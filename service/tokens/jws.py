"""Signed objects (JWS, compact), read by the letter.

INVARIANT: whoever reads says which algorithms there are and which kind of object it is; the object itself chooses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

from .compact import PublicKey, Refused, check_signature, header_of, parts, registry


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: ECKey, algorithm: str) -> str:
    """Sign claims."""
    content = json.dumps(claims, separators=(",", ":"), sort_keys=True).encode("ascii")
    return jws.serialize_compact(
        {"alg": algorithm, **header}, content, key, registry=registry(algorithm)
    )


def read(
    text: str,
    kind: str,
    algorithms: tuple[str, ...],
    key_of: Callable[[dict[str, Any]], PublicKey | None],
    names: frozenset[str] = frozenset({"alg", "typ", "kid"}),
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the header and the claims of a signed object, whose key is looked up by its header. Raises `Refused`."""
    header, claims = parts(text)
    if header.keys() != names:
        raise Refused("its header has other fields than it should")
    if type(header["typ"]) is not str or header["typ"].lower() != kind:
        raise Refused("it is a token of another kind")
    if header["alg"] not in algorithms:
        raise Refused("its algorithm is not taken")
    key = key_of(header)
    if key is None:
        raise Refused("its key is none that is known")
    check_signature(text, key, header["alg"])
    return header, claims


def kind_of(text: str) -> str | None:
    """Say what a signed object calls itself, which nobody has checked; None if it is none."""
    try:
        kind = header_of(text).get("typ")
    except Refused:
        return None
    return kind.lower() if type(kind) is str else None


def whole(claims: Mapping[str, Any], name: str) -> int:
    """Give a time that has to be there, in whole seconds since 1970. Raises `Refused`."""
    found = claims.get(name)
    if type(found) is float and found.is_integer():
        found = int(found)
    if type(found) is not int or not 0 <= found < 2**40:
        raise Refused("a time in it is none, or is missing")
    return found
