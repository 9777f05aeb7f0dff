"""An issuer of SVIDs for tests: keys, bundles and tokens are made here, with `cryptography` and `joserfc`."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

AGENT = "spiffe://acme.example/ns/a/sa/helper"
US = "https://agp.acme.example"
EVERY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def new_key(algorithm: str = "ES256", bits: int = 2048) -> Any:
    """A key that an algorithm can be used with."""
    if algorithm in _CURVES:
        return ECKey.generate_key(_CURVES[algorithm])
    return RSAKey.generate_key(bits)


@dataclass
class Issuer:
    """Who issues tokens for a trust domain. `keys` are its private keys by `kid`."""

    keys: dict[str, Any] = field(default_factory=lambda: {"k1": new_key()})

    def jwks(self, **more: Any) -> bytes:
        """The bundle."""
        told = {"use": "jwt-svid", **more}
        keys = [
            {**key.as_dict(private=False), "kid": kid, **told} for kid, key in self.keys.items()
        ]
        return json.dumps({"keys": keys}).encode()

    def token(
        self,
        kid: str = "k1",
        algorithm: str = "ES256",
        key: Any = None,
        header: Any = None,
        **claims: Any,
    ) -> str:
        """A token, good if nothing else is said; a claim of None is left out."""
        now = int(time.time())
        told = {"sub": AGENT, "aud": [US], "exp": now + 300, "iat": now, **claims}
        payload = json.dumps({name: each for name, each in told.items() if each is not None})
        head = {"alg": algorithm, "kid": kid, "typ": "JWT", **(header or {})}
        signer = key or self.keys[kid]
        return jws.serialize_compact(head, payload, signer, algorithms=[algorithm])


def b64(content: bytes) -> str:
    """Base64url without the end."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unsigned(header: Any, claims: Any, signature: bytes = b"") -> str:
    """A token put together by hand."""
    return ".".join(
        (b64(json.dumps(header).encode()), b64(json.dumps(claims).encode()), b64(signature))
    )
