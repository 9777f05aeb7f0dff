"""Security event tokens (SET, RFC 8417) of CAEP: that a lease, which is a session of its agent, was revoked."""

from __future__ import annotations

from typing import Any

from ...runtime.values import NANOSECONDS
from ..store import Lease
from ..tokens.jws import signed
from ..tokens.keys import ALGORITHM
from ..tokens.tokens import Tokens

KIND = "secevent+jwt"
SESSION_REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
INITIATORS = {"policy": "policy", "context": "policy", "task": "user", "asked": "admin"}
REASONS = {
    "task": "The task has ended or drifted.",
    "context": "What was reported of the task does not permit it any more.",
    "policy": "Another policy is active, and would not issue it.",
    "person": "It rested on people who may not give that any more.",
    "renewal": "It would not have been issued again.",
    "asked": "Somebody revoked it.",
    "signal": "Another system has told that its holder is to be trusted no more.",
}


def jti_of(lease: Lease) -> str:
    """Name the event of the end of a lease, which it has one of."""
    return f"{lease.id}.revoked"


def set_of(lease: Lease, tokens: Tokens, audience: str) -> str:
    """Write and sign what a receiver is told of the end of a lease."""
    ended = (lease.ended or 0) // NANOSECONDS
    cause = lease.cause or ""
    claims: dict[str, Any] = {
        "iss": tokens.issuer,
        "aud": audience,
        "iat": ended,
        "jti": jti_of(lease),
        "sub_id": {
            "format": "complex",
            "session": {"format": "opaque", "id": lease.id},
            "user": {"format": "uri", "uri": lease.agent},
        },
        "events": {
            SESSION_REVOKED: {
                "event_timestamp": ended,
                "initiating_entity": INITIATORS.get(cause, "system"),
                "reason_admin": {"en": REASONS.get(cause, cause)},
            }
        },
    }
    key = tokens.keys.signing()
    return signed({"typ": KIND, "kid": key.kid}, claims, key, ALGORITHM)


def configuration(tokens: Tokens) -> dict[str, Any]:
    """Give the metadata of a transmitter (OpenID SSF 1.0). Streams are those of the settings: none is made over HTTP."""
    return {
        "spec_version": "1_0",
        "issuer": tokens.issuer,
        "jwks_uri": f"{tokens.issuer}/.well-known/jwks.json",
        "delivery_methods_supported": [PUSH, POLL],
        "critical_subject_members": ["session", "user"],
        "default_subjects": "ALL",
    }
