"""Signed notes (C2SP signed-note) with Ed25519, and their keys in the form of golang.org/x/mod/sumdb/note."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"
"""How the type of such a signature is written in front of its key."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class BadKey(ValueError):
    """A text that is no key."""


class BadNote(ValueError):
    """A text that cannot be signed, because nobody could read it as a note again."""


def is_key_name(name: str) -> bool:
    """Whether a key may be called so: not empty, without white space and `+`."""
    return bool(name) and name.isprintable() and "+" not in name and name.split() == [name]


def key_id(name: str, public: bytes) -> bytes:
    """Give the four bytes by which a signature names its key."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and its name. It does not print what is secret."""

    name: str
    _key: Ed25519PrivateKey

    @classmethod
    def generate(cls, name: str) -> Signer:
        """Make a new key."""
        import secrets

        return cls.from_seed(name, secrets.token_bytes(32))

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Signer:
        """Make the key that 32 bytes stand for."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if not is_key_name(name):
            raise BadKey("the name of a key is not empty, and has neither white space nor `+`")
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def read(cls, text: str) -> Signer:
        """Read `PRIVATE+KEY+name+id+key`. Raises `BadKey`, which does not show the key."""
        parts = text.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise BadKey("a signing key is `PRIVATE+KEY+name+id+key`")
        _, _, name, id, encoded = parts
        signer = cls.from_seed(name, _key_bytes(encoded))
        if id != key_id(name, signer.public).hex():
            raise BadKey("the id of the signing key is that of another key or name")
        return signer

    @property
    def public(self) -> bytes:
        """The public key in 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    @property
    def vkey(self) -> str:
        """The verifier key, `name+id+key`: what everybody may know."""
        public = self.public
        return f"{self.name}+{key_id(self.name, public).hex()}+{_encoded(public)}"

    @property
    def skey(self) -> str:
        """The signing key as text, which nobody else may see."""
        id = key_id(self.name, self.public).hex()
        return f"PRIVATE+KEY+{self.name}+{id}+{_encoded(self._key.private_bytes_raw())}"

    def sign(self, text: str) -> str:
        """Give the note: the text, which ends with a line, an empty line and the signature."""
        if not text.endswith("\n") or _CONTROL.search(text):
            raise BadNote("the text of a note ends with a newline, and has no control characters")
        signature = key_id(self.name, self.public) + self._key.sign(text.encode())
        return f"{text}\n\u2014 {self.name} {b64encode(signature).decode()}\n"

    def __repr__(self) -> str:
        """Show what everybody may know."""
        return f"Signer({self.vkey!r})"


def _encoded(key: bytes) -> str:
    return b64encode(ED25519 + key).decode()


def _key_bytes(text: str) -> bytes:
    try:
        found = b64decode(text, validate=True)
    except binascii.Error:
        found = b""
    if len(found) != 33 or found[:1] != ED25519:
        raise BadKey("the key is not the base64 of an Ed25519 key")
    return found[1:]
