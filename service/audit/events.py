"""What an event of the trail is made of: the entry, which the leaf holds, and the body, which lies beside it."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from ...runtime.call import fields_of
from ...runtime.time_text import format_time

VERSION = 1
KINDS = (
    *("generation", "call", "task", "said", "context", "state", "outcome", "verdict"),
    *("use", "lease", "revoked", "credential", "clock", "admin", "refused", "session"),
    *("signal", "passkey", "cancelled"),
)
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), check_circular=False, allow_nan=False
)


def _made_once() -> Callable[[Any], str]:
    """Give `_ENCODER.encode`; where the C one can be had, without making that anew for each value."""
    try:
        from json.encoder import c_make_encoder, encode_basestring_ascii  # type: ignore[attr-defined]

        chunks = c_make_encoder(
            None, _ENCODER.default, encode_basestring_ascii, None, ":", ",", True, False, False
        )
        written = "".join(chunks(_SAMPLE, 0))
    except (ImportError, TypeError):
        return _ENCODER.encode
    return (
        (lambda value: "".join(chunks(value, 0)))
        if written == _ENCODER.encode(_SAMPLE)
        else _ENCODER.encode
    )


_SAMPLE: dict[str, Any] = {"b": [1, -0.5, 1e22, None, True, {}], "a": "\xfc\ud800"}
_encode = _made_once()
_HUGE = "1e400"
"""A number that is too large for a double, as a request may have it: it is read as infinite, and written so again."""


def canonical(value: Any) -> str:
    """Write JSON in the one way: keys in order, no white space, ASCII. Raises `ValueError` for what JSON cannot say."""
    try:
        return _encode(value)
    except ValueError:
        mark = f"huge {secrets.token_hex(16)}"
        text = _encode(_marked(value, mark))
        return text.replace(f'"-{mark}"', f"-{_HUGE}").replace(f'"{mark}"', _HUGE)


def _marked(value: Any, mark: str) -> Any:
    """The same with a text in the place of each number that is infinite."""
    if isinstance(value, dict):
        return {key: _marked(each, mark) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(each, mark) for each in value]
    if value == float("inf"):
        return mark
    return f"-{mark}" if value == float("-inf") else value


def new_salt() -> str:
    """Make the salt of a body: without it nobody can try out what a body with a known digest says."""
    return secrets.token_urlsafe(16)


def body(
    kind: str, time: int, caller: str, fields: Mapping[str, Any], salt: str | None = None
) -> bytes:
    """Write a body: what all have, and the fields of its kind."""
    common = {
        "v": VERSION,
        "salt": salt or new_salt(),
        "event": kind,
        "time": format_time(time),
        "caller": caller,
    }
    return canonical({**fields, **common}).encode("ascii")


def digest(data: bytes) -> str:
    """Give a digest as entries have it."""
    return f"sha256:{sha256(data).hexdigest()}"


def entry(seq: int, time: int, kind: str, policy: str | None, body: bytes) -> bytes:
    """Write an entry: which event it is, when it was, under which policy, and the digest of its body."""
    said = "null" if policy is None else f'"{policy}"'
    return (
        f'{{"body":"sha256:{sha256(body).hexdigest()}","event":"{kind}","policy":{said},'
        f'"seq":{seq},"time":"{format_time(time)}","v":{VERSION}}}'
    ).encode("ascii")


# --- What is kept of arguments and results when `audit` is `metadata` ------------------------------


def keyed(value: Any, key: bytes) -> str:
    """Give a digest of a value that only a holder of the key can compare with others."""
    return f"hmac-sha256:{hmac.digest(key, canonical(value).encode('ascii'), 'sha256').hex()}"


def redacted(kind: str, fields: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """Give the fields of a body with keyed digests in the place of arguments, properties, results and words."""
    found = dict(fields)
    if kind == "call":
        found["request"] = _redacted_request(found["request"], key)
        if "digest" in found:
            found["digest"] = keyed(found["digest"], key)
    elif kind == "lease":
        found["request"] = _redacted_request(found["request"], key)
    elif kind == "outcome" and "result" in found:
        found["result_digest"] = keyed(found.pop("result"), key)
    elif kind == "outcome" and "result_digest" in found:
        found["result_digest"] = keyed(found["result_digest"], key)
    elif kind == "said":
        found["text"] = keyed(found["text"], key)
    else:
        return found
    found["redacted"] = True
    return found


def _redacted_request(request: Any, key: bytes) -> Any:
    if type(request) is not dict:
        return keyed(request, key)
    found = dict(request)
    for name in ("subject", "action", "resource"):
        part = found.get(name)
        if name in found:
            found[name] = _without_values(part, "properties", key)
    for name, inner in (("delegation", "properties"), ("approvals", "args")):
        given = fields_of(found.get("context")).get(name)
        if type(given) is list:
            hidden = [_without_values(each, inner, key) for each in given]
            found["context"] = {**found["context"], name: hidden}
    return found


def _without_values(part: Any, name: str, key: bytes) -> Any:
    """A part of a request with digests in the place of the values that it has under a name."""
    if type(part) is not dict or name not in part:
        return part
    return {**part, name: _values_keyed(part[name], key)}


def _values_keyed(given: Any, key: bytes) -> Any:
    if type(given) is not dict:
        return keyed(given, key)
    return {name: keyed(each, key) for name, each in given.items()}
