"""The algorithms and keys that bundles are signed with: those of OPA.

HMAC needs the standard library alone, RSA and elliptic curves the package `cryptography`.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

_KINDS = ("HS", "RS", "PS", "ES")
BITS = {"256": 256, "384": 384, "512": 512}
ALGORITHMS = tuple(f"{kind}{bits}" for kind in _KINDS for bits in BITS)
_CURVES = {"256": "secp256r1", "384": "secp384r1", "512": "secp521r1"}
_LEAST_RSA_BITS = 2048
_EXTRA = "needs the package `cryptography`: pip install 'agpc[signing]'"


class KeyProblem(Exception):
    """A key that does not fit the algorithm, and why."""


def sign(algorithm: str, key: bytes, message: bytes) -> bytes:
    """Sign a message, with a secret or a private key in PEM. Raises `KeyProblem`."""
    kind, bits = algorithm[:2], algorithm[2:]
    if kind == "HS":
        return _hmac(bits, key, message)
    private = _pem(algorithm, key, private=True)
    if kind == "ES":
        return _es_sign(private, bits, message)
    signature = private.sign(message, _padding(kind, bits), _hash(bits))
    assert isinstance(signature, bytes)
    return signature


def is_signed(algorithm: str, key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature is that of a message, by a secret or a public key in PEM.

    Raises `KeyProblem`.
    """
    kind, bits = algorithm[:2], algorithm[2:]
    if kind == "HS":
        return hmac.compare_digest(_hmac(bits, key, message), signature)
    public = _pem(algorithm, key, private=False)
    from cryptography.exceptions import InvalidSignature

    try:
        if kind == "ES":
            _es_verify(public, bits, message, signature)
        else:
            public.verify(signature, message, _padding(kind, bits), _hash(bits))
    except InvalidSignature:
        return False
    return True


def _hmac(bits: str, key: bytes, message: bytes) -> bytes:
    if b"-----BEGIN" in key:  # a public key as a secret would let everybody sign
        raise KeyProblem(f"a PEM key is not a secret; HS{bits} takes one")
    if len(key) * 8 < BITS[bits]:
        raise KeyProblem(f"HS{bits} needs a secret of {BITS[bits] // 8} bytes or more")
    return hmac.new(key, message, getattr(hashlib, f"sha{bits}")).digest()


def _pem(algorithm: str, key: bytes, private: bool) -> Any:
    """Load a key, and make sure that it is of the algorithm's kind and not too weak."""
    try:
        from cryptography import x509
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
    except ImportError:
        raise KeyProblem(f"{algorithm} {_EXTRA}") from None
    loaded: Any
    try:
        if private:
            loaded = serialization.load_pem_private_key(key, password=None)
        elif b"-----BEGIN CERTIFICATE-----" in key:
            loaded = x509.load_pem_x509_certificate(key).public_key()
        else:
            loaded = serialization.load_pem_public_key(key)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        wanted = "private" if private else "public"
        raise KeyProblem(f"{algorithm} needs a {wanted} key in PEM, without a passphrase") from None
    kind, bits = algorithm[:2], algorithm[2:]
    if kind == "ES":
        curves = (ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey)
        if not isinstance(loaded, curves) or loaded.curve.name != _CURVES[bits]:
            raise KeyProblem(f"{algorithm} needs a key on the curve {_CURVES[bits]}")
    elif not isinstance(loaded, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        raise KeyProblem(f"{algorithm} needs an RSA key")
    elif loaded.key_size < _LEAST_RSA_BITS:
        raise KeyProblem(f"{algorithm} needs an RSA key of {_LEAST_RSA_BITS} bits or more")
    return loaded


def _hash(bits: str) -> Any:
    from cryptography.hazmat.primitives import hashes

    return getattr(hashes, f"SHA{bits}")()


def _padding(kind: str, bits: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric import padding

    if kind == "RS":
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(_hash(bits)), salt_length=BITS[bits] // 8)


def _es_sign(private: Any, bits: str, message: bytes) -> bytes:
    """Sign, and write the two numbers side by side, as JWS has them."""
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    r, s = utils.decode_dss_signature(private.sign(message, ec.ECDSA(_hash(bits))))
    size = (private.curve.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _es_verify(public: Any, bits: str, message: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    size = (public.curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        raise InvalidSignature
    r, s = (int.from_bytes(part, "big") for part in (signature[:size], signature[size:]))
    public.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(_hash(bits)))
