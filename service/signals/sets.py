"""Security event tokens (SET, RFC 8417) of CAEP: that a lease, which is a session of its agent, was revoked or is cut short."""

from __future__ import annotations

from typing import Any

from ...runtime.values import NANOSECONDS
from ..core.view import Told
from ..tokens.jws import signed
from ..tokens.keys import ALGORITHM
from ..tokens.tokens import Tokens

KIND = "secevent+jwt"
SESSION_REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
CLAIMS_CHANGED = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change"
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


def jti_of(told: Told) -> str:
    """Name an event: a lease has one of its end, and one of each change.

    Its moment is in it: who has put an older copy of the store back gives the same numbers to other events.
    """
    what = "revoked" if told.is_end else "changed"
    return f"{told.lease.id}.{what}.{told.seq}.{told.at // NANOSECONDS}"


def set_of(told: Told, tokens: Tokens, audience: str) -> str:
    """Write and sign what a receiver is told of a lease."""
    lease, at = told.lease, told.at // NANOSECONDS
    event: dict[str, Any] = {"event_timestamp": at}
    if told.is_end:
        cause = lease.cause or ""
        event["initiating_entity"] = INITIATORS.get(cause, "system")
        event["reason_admin"] = {"en": REASONS.get(cause, cause)}
    else:
        event["claims"] = {"exp": lease.expires // NANOSECONDS}
        event["reason_admin"] = {"en": "It was decided again, and ends earlier."}
    claims: dict[str, Any] = {
        "iss": tokens.issuer,
        "aud": audience,
        "iat": at,
        "jti": jti_of(told),
        "sub_id": {
            "format": "complex",
            "session": {"format": "opaque", "id": lease.id},
            "user": {"format": "uri", "uri": lease.agent},
        },
        "events": {SESSION_REVOKED if told.is_end else CLAIMS_CHANGED: event},
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
