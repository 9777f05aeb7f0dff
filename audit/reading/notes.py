"""Reads signed checkpoints (C2SP signed-note and tlog-checkpoint) and verifies their signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

MOST_BYTES = 1 << 20
_LINE = re.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/=]+)")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class BadKey(ValueError):
    """A text that is no verifier key; one sentence."""


class BadCheckpoint(ValueError):
    """A checkpoint that is none, or that the key did not sign; one sentence."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log was, as the holder of its key says."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class LogKey:
    """The key with which a log is verified."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def read(cls, text: str) -> LogKey:
        """Read `name+id+key`. Raises `BadKey`."""
        name, _, rest = text.strip().partition("+")
        id, _, encoded = rest.partition("+")
        if not name or re.search(r"\s", name) or not encoded:
            raise BadKey("a verifier key is `name+id+key`")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise BadKey("the key of the verifier key is no base64") from None
        if len(key) != 33 or key[0] != 1:
            raise BadKey("the key of the verifier key is no Ed25519 key")
        expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        if id != expected.hex():
            raise BadKey("the id of the verifier key does not belong to its name and key")
        return cls(name, expected, key[1:])

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether this key has signed a text."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


def read_checkpoint(note: bytes, key: LogKey) -> Checkpoint:
    """Verify a note and read its three lines. Raises `BadCheckpoint`."""
    text, signatures = _parts(note)
    ours = [each[4:] for name, each in signatures if name == key.name and each[:4] == key.id]
    if not ours:
        raise BadCheckpoint("it has no signature of this key")
    if not all(key.verifies(text, each) for each in ours):
        raise BadCheckpoint("its signature is not valid")
    lines = text.decode().split("\n")
    if len(lines) < 4 or not all(lines[:-1]):
        raise BadCheckpoint("it has not three lines at least")
    origin, size, root = lines[:3]
    if origin != key.name:
        raise BadCheckpoint("its origin is not the name of the key")
    if _NUMBER.fullmatch(size) is None:
        raise BadCheckpoint("its size is no number")
    try:
        hash = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError):
        hash = b""
    if len(hash) != 32 or base64.b64encode(hash).decode() != root:
        raise BadCheckpoint("its root is no hash")
    return Checkpoint(origin, int(size), hash)


def _parts(note: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The text that is signed, and its signatures with the names of their keys."""
    if len(note) > MOST_BYTES:
        raise BadCheckpoint("it is too long")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise BadCheckpoint("it is not UTF-8") from None
    if any(each < " " and each != "\n" for each in whole):
        raise BadCheckpoint("it has control characters")
    text, gap, rest = whole.rpartition("\n\n")
    if not gap or not rest.endswith("\n"):
        raise BadCheckpoint("it is no signed note")
    found = []
    for line in rest[:-1].split("\n"):
        match = _LINE.fullmatch(line)
        try:
            signature = base64.b64decode(match[2], validate=True) if match else b""
        except (binascii.Error, ValueError):
            signature = b""
        if match is None or len(signature) < 5 or base64.b64encode(signature).decode() != match[2]:
            raise BadCheckpoint("it has a signature line that is none")
        found.append((match[1], signature))
    return f"{text}\n".encode(), found
