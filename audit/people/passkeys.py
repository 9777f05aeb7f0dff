"""What people have signed with their passkeys: each signature is looked at again, by what the trail says and nothing else.

The statement is built anew from the events, the public key comes from the event that enrolled it. That it was this person's the event
says, and nobody proves: see who could have written it in docs/service/threat-model.md.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeAlias

from ...runtime.strict_json import each_once
from ...runtime.values import read_time
from ..known.index import Index
from ..reading.events import Event
from ..reading.findings import Findings
from ..reading.hashing import of_digest
from ..reading.strict import canonical
from .cose import NoKey, PublicKey

Body: TypeAlias = dict[str, Any]
SOURCE = "passkey"
PRESENT, VERIFIED, ATTESTED, EXTENDED = 0x01, 0x04, 0x40, 0x80
"""Flags of an authenticator: of whoever was there, whom it has verified, and of what stands behind the rest."""
_REST = 37  # bytes of what an authenticator says, before what it may say beside
_MOST = 8192
_TEXT = re.compile(r"[A-Za-z0-9_-]+")
_TEXTS = ("person", "credential", "public_key", "site", "origin")
_OF_VERDICT = ("request", "call", "digest", "task", "capability", "policy", "by", "verdict")


class Passkeys:
    """Follows the passkeys of people."""

    def __init__(
        self,
        index: Index,
        findings: Findings,
        missing: Callable[[Event, str], None],
    ) -> None:
        """Begin before the first event; `missing` as for people."""
        self._index, self._findings, self._missing = index, findings, missing

    def _wrong(self, event: Event, what: str) -> None:
        self._findings.is_wrong(event.seq, what)

    # --- Passkeys ---------------------------------------------------------------------------------

    def passkey(self, event: Event, body: Body) -> None:
        """A passkey is enrolled, or taken away."""
        id = body.get("passkey")
        if type(id) is not str or body.get("what") not in ("enrolled", "removed"):
            self._wrong(event, "a passkey has no name, or is neither enrolled nor taken away")
        elif body["what"] == "removed":
            found = self._index.passkey(id)
            if found is None:
                self._missing(event, "the passkey")
            elif found["removed"]:
                self._wrong(event, "the passkey was taken away before")
            else:
                self._index.put_passkey(id, found["person"], {**found, "removed": True})
                self._index.put_out(found["person"], event.seq)
        elif id != f"k-{event.seq}":
            self._wrong(event, "a passkey has the name of another one")
        else:
            self._enrolled(event, id, body)

    def _enrolled(self, event: Event, id: str, body: Body) -> None:
        code, count = body.get("code"), body.get("count")
        is_whole = all(type(body.get(name)) is str for name in _TEXTS) and _is_count(count)
        if not is_whole or (code is not None and type(code) is not str):
            self._wrong(event, "a passkey does not say whose it is, for what, or what its key is")
            return
        try:
            PublicKey.read(bytes_of(body["public_key"]) or b"")
        except NoKey as error:
            self._wrong(event, f"the public key of a passkey is none: {error}")
            return
        if self._index.roles(body["person"], event.time) is None:
            self._missing(event, "a person who may be asked")
        if code is None and self.has_some(body["person"]):
            self._wrong(event, "a person has got another passkey without a code of an operator's")
        for what, text in (("code", code), ("credential", body["credential"])):
            if text is not None and not self._index.put_once(f"passkey {what}", text):
                self._wrong(event, f"the {what} of a passkey was there before")
        kept = {name: body[name] for name in _TEXTS}
        self._index.put_passkey(id, body["person"], {**kept, "count": count, "removed": False})

    def has_some(self, person: str) -> bool:
        """Whether a person has a passkey, so that they sign what they say."""
        return any(not each["removed"] for each in self._index.passkeys_of(person))

    # --- What they sign ---------------------------------------------------------------------------

    def verdict(self, event: Event, body: Body, expires: int | None) -> None:
        """A person signs what they say to a request, if they have a passkey; `expires` is until when that is open, if it is known."""
        given = body.get("passkey")
        if given is None:
            if self.has_some(body["by"]):
                self._wrong(event, "the person has a passkey, and has not signed the verdict")
            return
        until = given.get("expires") if type(given) is dict else None
        if read_time(until) is None or (expires is not None and read_time(until) != expires):
            self._wrong(event, "what was signed was good until another time than the request")
            return
        message = body.get("message")
        said = {
            "v": 1,
            "statement": "verdict",
            **{name: body[name] for name in _OF_VERDICT},
            "message": None if message is None else of_digest(str(message).encode()),
            "expires": until,
        }
        self._check(event, body["by"], given, said)

    def session(self, event: Event, body: Body) -> None:
        """A person signs that they sign in, where it is with a passkey."""
        given = body.get("passkey")
        if (body.get("source") == SOURCE) is not (given is not None):
            self._wrong(event, "a session is one by passkey, or has one, and not both")
        elif given is not None:
            nonce = given.get("nonce") if type(given) is dict else None
            if type(nonce) is not str:
                self._wrong(event, "a sign-in with a passkey has answered nothing")
                return
            if not self._index.put_once("nonce", nonce):
                self._wrong(event, "a sign-in with a passkey was there before")
            said = {"v": 1, "statement": "sign_in", "nonce": nonce}
            self._check(event, body.get("person"), given, said)

    def _check(self, event: Event, person: object, given: Any, said: Body) -> None:
        """See that the passkey of a person has signed a statement, on a page of the service, the person being verified."""
        id = given.get("id") if type(given) is dict else None
        found = self._index.passkey(id) if type(id) is str else None
        if found is None:
            self._missing(event, "the passkey")
            return
        if found["person"] != person or found["removed"]:
            self._wrong(event, "it is signed by a passkey that the person does not have")
            return
        challenge = sha256(canonical(said)).digest()
        why, count = why_not_signed(found, given, challenge)
        if why is None and (count or found["count"]) and count <= found["count"]:
            why = "it has not counted further, so that there may be two of it"
        if why is not None:
            self._wrong(event, f"the signature by passkey `{id}` is none: {why}")
            return
        self._index.put_passkey(str(id), found["person"], {**found, "count": count})
        self._findings.is_proved("passkeys")


def why_not_signed(passkey: Body, given: Body, challenge: bytes) -> tuple[str | None, int]:
    """Say why a passkey has not signed this challenge, or None; and up to where it has counted."""
    names = ("authenticator_data", "client_data", "signature")
    data, client, signature = (bytes_of(given.get(name)) for name in names)
    if data is None or client is None or signature is None:
        return "a part of it is not there, or is no base64url", 0
    if len(data) < _REST or (len(data) > _REST) is not bool(data[32] & (ATTESTED | EXTENDED)):
        return "what the authenticator says is of another length than it has", 0
    count = int.from_bytes(data[33:_REST])
    if data[:32] != sha256(passkey["site"].encode()).digest():
        return "it is for another site", count
    if not data[32] & PRESENT or not data[32] & VERIFIED:
        return "the authenticator has verified nobody", count
    told = _client(client)
    if told is None or told.get("type") != "webauthn.get":
        return "what the browser says is of no signature", count
    if told.get("origin") != passkey["origin"]:
        return "it was signed on a page of another origin", count
    if told.get("crossOrigin", False) is not False or "topOrigin" in told:
        return "it was signed inside of another page", count
    if told.get("challenge") != _text(challenge):
        return "it is over another statement", count
    key = PublicKey.read(bytes_of(passkey["public_key"]) or b"")
    if not key.has_signed(data + sha256(client).digest(), signature):
        return "the key of the passkey has not made it", count
    return None, count


def _client(data: bytes) -> Body | None:
    """What a browser says of a signature. It writes that in its own way, but no key twice."""
    try:
        found = json.loads(data, object_pairs_hook=each_once)
    except (ValueError, RecursionError):
        return None
    return found if type(found) is dict else None


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**32


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def bytes_of(text: object) -> bytes | None:
    """Read base64url without padding, written in the one way; None of what is none."""
    if type(text) is not str or len(text) > 2 * _MOST or _TEXT.fullmatch(text) is None:
        return None
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return found if _text(found) == text else None
