"""The two ceremonies of WebAuthn, by the library `webauthn`: a passkey is made, and a passkey signs.

Both need the person, whom the authenticator has verified, and a page of ours: its origin, and the id that goes with it. How an
authenticator says that it was made (its attestation) is not asked for: whose a passkey is, the enrolment says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ...runtime.strict_json import each_once
from ..base64url import encoded
from .statement import bytes_of

MOST = 8192
"""Bytes of one part of what a browser sends."""
MOST_ID = 1023
ALGORITHMS = (-7, -8, -257)
"""ES256, EdDSA and RS256, as COSE numbers them; the first one that an authenticator can."""


class NotSigned(Exception):
    """What came is not signed by the passkey, or not this; no word of it is repeated."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are for: the origin of our pages, and the id that browsers let it use."""

    id: str
    origin: str

    @classmethod
    def of(cls, url: str) -> Site:
        """Give that of a public URL. Raises `ValueError` for one whose host browsers make no passkeys for."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host or ":" in host or host.rpartition(".")[2].isdigit():
            raise ValueError(
                "passkeys are for a host that has a name: browsers make none for an address, like 127.0.0.1"
            )
        if parts.scheme != "https" and host != "localhost":
            raise ValueError("passkeys need `https://`, but for `localhost`")
        default = {"https": 443, "http": 80}[parts.scheme]
        port = "" if parts.port in (None, default) else f":{parts.port}"
        return cls(host, f"{parts.scheme}://{host}{port}")


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a passkey has signed, as it came."""

    credential: str
    authenticator_data: str
    client_data: str
    signature: str

    @classmethod
    def read(cls, given: Any) -> Assertion:
        """Read one. Raises `NotSigned`."""
        names = ("credential", "authenticator_data", "client_data", "signature")
        if type(given) is not dict or set(given) != set(names):
            raise NotSigned("it has not the four parts of a signature")
        if any(bytes_of(given[name], MOST) is None for name in names):
            raise NotSigned("a part of it is no base64url, or too long")
        return cls(**given)

    def told(self) -> dict[str, str]:
        """Give it as events have it, where the passkey stands for the credential."""
        return {
            "authenticator_data": self.authenticator_data,
            "client_data": self.client_data,
            "signature": self.signature,
        }


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was made."""

    credential: str
    public_key: str
    count: int


def options_to_make(
    site: Site, person: str, user: bytes, challenge: bytes, known: list[str]
) -> dict[str, Any]:
    """Give what a browser is asked for to make a passkey, other than those that there are."""
    return {
        "rp": {"id": site.id, "name": "agpc"},
        "user": {"id": encoded(user), "name": person, "displayName": person},
        "challenge": encoded(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in ALGORITHMS],
        "timeout": 300_000,
        "excludeCredentials": [{"type": "public-key", "id": each} for each in known],
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": True, "userVerification": "required",
        },
        "attestation": "none",
    }  # fmt: skip


def options_to_sign(site: Site, challenge: bytes, known: list[str]) -> dict[str, Any]:
    """Give what a browser is asked for to sign; with any passkey of ours where none are named."""
    return {
        "challenge": encoded(challenge),
        "rpId": site.id,
        "timeout": 300_000,
        "userVerification": "required",
        "allowCredentials": [{"type": "public-key", "id": each} for each in known],
    }


def made(site: Site, challenge: bytes, client_data: str, attestation: str) -> Made:
    """Look at a passkey that was made. Raises `NotSigned`."""
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    client, object = bytes_of(client_data, MOST), bytes_of(attestation, 4 * MOST)
    if client is None or object is None:
        raise NotSigned("a part of it is no base64url, or too long")
    _check_client(client, "webauthn.create", challenge, site.origin)
    id = _credential_in(object)
    try:
        found = verify_registration_response(
            credential=_credential(
                encoded(id), {"clientDataJSON": client_data, "attestationObject": attestation}
            ),
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(each) for each in ALGORITHMS],
        )
    except Exception:  # noqa: BLE001 -- the library reads what anybody may have sent
        raise NotSigned("it was not made for this, here, by a person who was verified") from None
    if found.credential_id != id or not 0 < len(id) <= MOST_ID:
        raise NotSigned("its id is none")
    _check_key(found.credential_public_key)
    return Made(encoded(id), encoded(found.credential_public_key), found.sign_count)


def signed(site: Site, challenge: bytes, given: Assertion, public_key: str, count: int) -> int:
    """Look at what a passkey has signed, and give the number up to which it has counted. Raises `NotSigned`."""
    from webauthn import verify_authentication_response

    client, key = bytes_of(given.client_data, MOST), bytes_of(public_key, MOST)
    if client is None or key is None:
        raise NotSigned("a part of it is no base64url, or too long")
    _check_client(client, "webauthn.get", challenge, site.origin)
    try:
        found = verify_authentication_response(
            credential=_credential(
                given.credential,
                {
                    "authenticatorData": given.authenticator_data,
                    "clientDataJSON": given.client_data,
                    "signature": given.signature,
                },
            ),
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=key,
            credential_current_sign_count=count,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 -- as above
        raise NotSigned(
            "it is not what this passkey signs, here, for a person who was verified"
        ) from None
    return found.new_sign_count


def _check_client(data: bytes, type_: str, challenge: bytes, origin: str) -> None:
    """See what the browser says, to the letter: the library lets pass what the verifier of the trail would not.

    That our page was not inside of somebody else's it does not look at.
    """
    try:
        found = json.loads(data, object_pairs_hook=each_once)
    except (ValueError, RecursionError):
        raise NotSigned("what the browser says of it cannot be read") from None
    if type(found) is not dict or found.get("type") != type_ or found.get("origin") != origin:
        raise NotSigned("the browser says that it was for something else, or elsewhere")
    if found.get("challenge") != encoded(challenge):
        raise NotSigned("it is over something else")
    if found.get("crossOrigin", False) is not False or "topOrigin" in found:
        raise NotSigned("it was made inside of another page")


def _check_key(key: bytes) -> None:
    """See that a public key is written in the one way, and large enough, as the verifier of the trail reads it."""
    import cbor2

    try:
        told = cbor2.loads(key)
        is_one = cbor2.dumps(told, canonical=True) == key
        kind = (told[1], told[3])
        if kind == (2, -7):
            is_one = is_one and set(told) == {1, 3, -1, -2, -3} and told[-1] == 1
        elif kind == (1, -8):
            is_one = is_one and set(told) == {1, 3, -1, -2} and told[-1] == 6
        else:
            bits = int.from_bytes(told[-1]).bit_length()
            is_one = is_one and set(told) == {1, 3, -1, -2} and 2048 <= bits <= 8192
    except Exception:  # noqa: BLE001 -- as above
        is_one = False
    if not is_one:
        raise NotSigned("its public key is none, or too small")


def _credential(id: str, response: dict[str, str]) -> dict[str, Any]:
    return {"id": id, "rawId": id, "type": "public-key", "response": response}


def _credential_in(attestation: bytes) -> bytes:
    """The id that the authenticator has given a new passkey."""
    from webauthn.helpers import parse_attestation_object

    try:
        data = parse_attestation_object(attestation).auth_data.attested_credential_data
    except Exception:  # noqa: BLE001 -- as above
        raise NotSigned("what the authenticator says of it cannot be read") from None
    if data is None:
        raise NotSigned("there is no passkey in it")
    return data.credential_id
