"""An authenticator in software, for tests of what a real one would not do: it signs whatever it is told to, in whichever way."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from agpc.service.base64url import encoded

SITE, ORIGIN = "agpc.example", "https://agpc.example"


def _big(number: int, size: int | None = None) -> bytes:
    return number.to_bytes(size or (number.bit_length() + 7) // 8)


@dataclass
class Authenticator:
    """One passkey."""

    algorithm: int = -7
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0
    counts: bool = True
    bits: int = 2048

    def __post_init__(self) -> None:
        self.key: Any = {
            -7: lambda: ec.generate_private_key(ec.SECP256R1()),
            -8: ed25519.Ed25519PrivateKey.generate,
            -257: lambda: rsa.generate_private_key(65537, self.bits),
        }[self.algorithm]()

    def public(self) -> bytes:
        """The public key, as COSE writes it."""
        public = self.key.public_key()
        if self.algorithm == -7:
            at = public.public_numbers()
            told = {1: 2, 3: -7, -1: 1, -2: _big(at.x, 32), -3: _big(at.y, 32)}
        elif self.algorithm == -8:
            told = {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
        else:
            at = public.public_numbers()
            told = {1: 3, 3: -257, -1: _big(at.n), -2: _big(at.e)}
        return cbor2.dumps(told, canonical=True)

    def data(self, flags: int, site: str = SITE) -> bytes:
        if self.counts:
            self.count += 1
        return sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def makes(
        self, challenge: bytes, *, flags: int = 0x45, site: str = SITE, **client: Any
    ) -> dict[str, str]:
        """What a browser gives of a new passkey."""
        behind = bytes(16) + len(self.id).to_bytes(2) + self.id + self.public()
        attestation = {"fmt": "none", "attStmt": {}, "authData": self.data(flags, site) + behind}
        return {
            "client_data": encoded(_client("webauthn.create", challenge, client)),
            "attestation": encoded(cbor2.dumps(attestation)),
        }

    def signs(
        self, challenge: bytes, *, flags: int = 0x05, site: str = SITE, **client: Any
    ) -> dict[str, str]:
        """What a browser gives of a signature."""
        data, told = self.data(flags, site), _client("webauthn.get", challenge, client)
        signed = data + sha256(told).digest()
        if self.algorithm == -7:
            signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        elif self.algorithm == -8:
            signature = self.key.sign(signed)
        else:
            signature = self.key.sign(signed, padding.PKCS1v15(), SHA256())
        return {
            "credential": encoded(self.id),
            "authenticator_data": encoded(data),
            "client_data": encoded(told),
            "signature": encoded(signature),
        }


def _client(kind: str, challenge: bytes, more: dict[str, Any]) -> bytes:
    told = {"type": kind, "challenge": encoded(challenge), "origin": ORIGIN, "crossOrigin": False}
    return json.dumps({**told, **more}, separators=(",", ":")).encode()
