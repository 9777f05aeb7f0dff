"""Bytes as text: base64url without padding, as signed tokens and WebAuthn have it, in the one way to write it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encoded(content: bytes) -> str:
    """Write bytes."""
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def decoded(text: str) -> bytes:
    """Read them: each text that is taken stands for other bytes. Raises `ValueError`.

    >>> decoded("AQI")
    b'\\x01\\x02'
    >>> decoded("AQJ")
    Traceback (most recent call last):
    ValueError: it is not written as base64url is
    """
    found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encoded(found) != text:  # bits that stand for nothing, padding, or another alphabet
        raise ValueError("it is not written as base64url is")
    return found
