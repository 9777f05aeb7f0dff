"""Signatures of bundles, in OPA's own format: `.signatures.json`, which holds one JWT.

Its payload lists the files, each with its digest. OPA keeps to a bundle only if the token is signed with the
key that it has, and lists every file, with the digest that it has, and no other.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any

from . import keys
from .digests import HASHES, DigestError, digest

FILE = ".signatures.json"
_OWN_PLUGIN = "_default"  # what `opa build` calls its own way of signing
_CLAIMED = {"name", "hash", "algorithm"}


class SignatureProblem(Exception):
    """A bundle that cannot be signed, or whose signature says nothing, and why."""


def sign(
    files: Mapping[str, bytes],
    key: bytes,
    algorithm: str,
    key_id: str | None = None,
    scope: str | None = None,
) -> str:
    """Give the text of `.signatures.json` for the files of a bundle, by their names in it.

    Raises `SignatureProblem` and `keys.KeyProblem`.
    """
    listed = []
    for name, content in sorted(_signed(files).items()):
        try:
            found = {"name": name, "hash": digest(name, content), "algorithm": "SHA-256"}
        except DigestError as error:
            raise SignatureProblem(f"`{name}` {error}") from None
        listed.append(found)
    header = {"alg": algorithm, "typ": "JWT"} | ({} if key_id is None else {"kid": key_id})
    claims: dict[str, Any] = {"files": listed}
    if key_id is not None:
        claims["keyid"] = key_id  # where OPA looked for it first
    if scope is not None:
        claims["scope"] = scope
    message = f"{_encode(_json(header))}.{_encode(_json(claims))}"
    signature = keys.sign(algorithm, key, message.encode("ascii"))
    return json.dumps({"signatures": [f"{message}.{_encode(signature)}"]}, indent=1) + "\n"


def problems(
    files: Mapping[str, bytes], key: bytes, algorithm: str, scope: str | None = None
) -> list[str]:
    """Say what keeps a bundle from being the one that was signed; nothing if it is.

    What the token says of itself is not believed: the algorithm is the caller's. Raises
    `keys.KeyProblem`.
    """
    try:
        claims = _claims(files, key, algorithm)
        if claims.get("scope", "") != (scope or ""):
            raise SignatureProblem("the signature is for another scope")
        listed = _listed(claims)
    except SignatureProblem as problem:
        return [str(problem)]
    except (ValueError, RecursionError):
        return [f"{FILE} is not a signature of a bundle"]
    return list(_differences(_signed(files), listed))


def _signed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name != FILE}


def _claims(files: Mapping[str, bytes], key: bytes, algorithm: str) -> dict[str, Any]:
    """Give the token's payload, once its signature is known to be good."""
    if FILE not in files:
        raise SignatureProblem(f"the bundle is not signed: it has no {FILE}")
    found = json.loads(files[FILE].decode("utf-8"))
    tokens = found.get("signatures") if isinstance(found, dict) else None
    if not isinstance(tokens, list) or len(tokens) != 1 or not isinstance(tokens[0], str):
        raise SignatureProblem(f"{FILE} does not hold exactly one signature")
    if found.get("plugin", "") not in ("", _OWN_PLUGIN):
        raise SignatureProblem("the bundle is signed by a plugin of OPA's")
    message, _, signature = tokens[0].rpartition(".")
    header, _, claims = message.partition(".")
    head = json.loads(_decode(header))
    if not isinstance(head, dict) or head.get("alg") != algorithm or "crit" in head:
        raise SignatureProblem(f"the bundle is not signed with {algorithm}")
    if not keys.is_signed(algorithm, key, message.encode("ascii"), _decode(signature)):
        raise SignatureProblem("the signature is not by this key, or was changed")
    payload = json.loads(_decode(claims))
    if not isinstance(payload, dict):
        raise SignatureProblem(f"{FILE} is not a signature of a bundle")
    return payload


def _listed(claims: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Give the digest and its algorithm for each file of a payload."""
    listed: dict[str, tuple[str, str]] = {}
    files = claims.get("files")
    for each in files if isinstance(files, list) else [None]:
        if not isinstance(each, dict) or not each.keys() >= _CLAIMED:
            raise SignatureProblem("the signature does not list files with their digests")
        name, found, algorithm = (each[claim] for claim in ("name", "hash", "algorithm"))
        if not all(isinstance(claim, str) for claim in (name, found, algorithm)):
            raise SignatureProblem("the signature does not list files with their digests")
        if name in listed:
            raise SignatureProblem(f"the signature lists `{name}` twice")
        listed[name] = (found.lower(), algorithm)
    return listed


def _differences(
    files: Mapping[str, bytes], listed: Mapping[str, tuple[str, str]]
) -> Iterator[str]:
    for name in sorted(files.keys() | listed.keys()):
        if name not in listed:
            yield f"`{name}` was added: the signature does not list it"
        elif name not in files:
            yield f"`{name}` is missing: the signature lists it"
        elif listed[name][1] not in HASHES:
            yield f"`{name}` has a digest by `{listed[name][1]}`, which proves nothing"
        else:
            try:
                if digest(name, files[name], listed[name][1]) != listed[name][0]:
                    yield f"`{name}` was changed"
            except DigestError as error:
                yield f"`{name}` {error}"


def _json(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _decode(part: str) -> bytes:
    """Read base64url without padding, in the one way to write it. Raises ValueError."""
    if not part.isascii() or "+" in part or "/" in part or "=" in part:
        raise ValueError("not base64url")
    try:
        plain = part.translate({ord("-"): "+", ord("_"): "/"})
        data = base64.b64decode(plain + "=" * (-len(part) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if _encode(data) != part:  # bits that the last character has left over
        raise ValueError("not base64url")
    return data
