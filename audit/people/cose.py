"""Public keys of passkeys, as COSE writes them in CBOR, and the signatures that they verify: ES256, EdDSA and RS256.

A key is a map of small numbers to numbers and bytes. No more of CBOR is read than that, and only as it is written in the one way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KTY, ALG, CURVE, X, Y = 1, 3, -1, -2, -3
N, E = -1, -2
ES256, EDDSA, RS256 = -7, -8, -257
_LARGEST = 16


class NoKey(ValueError):
    """Bytes that are no public key; one sentence."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key, and the one algorithm that it is for."""

    algorithm: int
    key: Any

    @classmethod
    def read(cls, data: bytes) -> PublicKey:
        """Read a key. Raises `NoKey`."""
        told = _map(data)
        kinds = {(2, ES256): _elliptic, (1, EDDSA): _edwards, (3, RS256): _rsa}
        read = kinds.get((told.get(KTY), told.get(ALG)))  # type: ignore[arg-type]
        if read is None:
            raise NoKey("it is for no algorithm that passkeys use here")
        try:
            return cls(int(told[ALG]), read(told))
        except (KeyError, TypeError, ValueError):
            raise NoKey("its numbers are none of a public key") from None

    def has_signed(self, data: bytes, signature: bytes) -> bool:
        """Whether the signature is one of the data by this key."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, padding
        from cryptography.hazmat.primitives.hashes import SHA256

        try:
            if self.algorithm == ES256:
                self.key.verify(signature, data, ec.ECDSA(SHA256()))
            elif self.algorithm == EDDSA:
                self.key.verify(signature, data)
            else:
                self.key.verify(signature, data, padding.PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


def _elliptic(told: dict[int, Any]) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    x, y = told[X], told[Y]
    if told[CURVE] != 1 or len(x) != 32 or len(y) != 32:
        raise ValueError
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
    return numbers.public_key()  # which is on the curve, or raises


def _edwards(told: dict[int, Any]) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    if told[CURVE] != 6 or len(told[X]) != 32:
        raise ValueError
    return ed25519.Ed25519PublicKey.from_public_bytes(told[X])


def _rsa(told: dict[int, Any]) -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    n, e = int.from_bytes(told[N]), int.from_bytes(told[E])
    if n.bit_length() < 2048 or n.bit_length() > 8192:
        raise ValueError
    return rsa.RSAPublicNumbers(e, n).public_key()


# --- CBOR, as far as keys need it -----------------------------------------------------------------


def _map(data: bytes) -> dict[int, Any]:
    """Read a map of numbers to numbers and bytes, and nothing behind it. Raises `NoKey`."""
    major, size, at = _head(data, 0)
    if major != 5 or size > _LARGEST:
        raise NoKey("it is no map of a key")
    found: dict[int, Any] = {}
    for _ in range(size):
        key, at = _item(data, at)
        value, at = _item(data, at)
        if type(key) is not int or key in found:
            raise NoKey("a key of its map is no number, or stands twice")
        found[key] = value
    if at != len(data):
        raise NoKey("something stands behind it")
    return found


def _item(data: bytes, at: int) -> tuple[int | bytes, int]:
    major, value, at = _head(data, at)
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major == 2 and at + value <= len(data):
        return data[at : at + value], at + value
    raise NoKey("it holds something else than numbers and bytes")


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Read what an item begins with: its kind, its number, and where it goes on."""
    if at >= len(data):
        raise NoKey("it ends too early")
    major, value = data[at] >> 5, data[at] & 31
    at += 1
    if value < 24:
        return major, value, at
    width = {24: 1, 25: 2, 26: 4}.get(value)
    if width is None or at + width > len(data):
        raise NoKey("it ends too early, or has a number that is too large")
    number = int.from_bytes(data[at : at + width])
    if number < (24, 256, 65536)[value - 24]:
        raise NoKey("a number is not written in the shortest way")
    return major, number, at + width
