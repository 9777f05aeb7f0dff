"""Subject identifiers (RFC 9493) and whom they are here: agents by SPIFFE ID, people by what the settings say."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from ...runtime.values import is_identity
from ..core.operations.of_leases import Subject
from ..identity.ids import trust_domain_of

LONGEST = 512  # characters
MOST = 16
"""Identifiers that are aliases of one subject."""
NOBODY = Subject()


class Unreadable(Exception):
    """An identifier is not written as RFC 9493 has it; one sentence."""


@dataclass(frozen=True, slots=True)
class IdentifierReading:
    """How identifiers are read: `issuers` are those whose `sub` is a person's, and `prefix` stands before that in ids here."""

    issuers: Collection[str]
    prefix: str


def subject_of(told: object, reading: IdentifierReading) -> Subject:
    """Say whom an identifier names; nobody if it is of a kind that names nobody here. Raises `Unreadable`."""
    if type(told) is not dict or type(told.get("format")) is not str:
        raise Unreadable("a subject is no object with a `format`")
    kind = told["format"]
    if kind == "complex":
        return _complex(told, reading)
    if kind == "aliases":
        return _aliases(told, reading)
    found = _FORMATS.get(kind)
    return NOBODY if found is None else found(told, reading)


def _complex(told: dict[str, Any], reading: IdentifierReading) -> Subject:
    """The user, and the session where it may be a lease or a task here: what narrows that further is not known here."""
    parts = {
        name: subject_of(each, reading)
        for name, each in told.items()
        if name in ("user", "session") and _is_simple(each)
    }
    user, session = parts.get("user", NOBODY), parts.get("session", NOBODY)
    return Subject(
        agents=user.agents,
        people=user.people,
        addresses=user.addresses,
        named=(*user.named, *session.named),
    )


def _is_simple(told: object) -> bool:
    if type(told) is dict and told.get("format") == "complex":
        raise Unreadable("a complex subject stands in another one")
    return True


def _aliases(told: dict[str, Any], reading: IdentifierReading) -> Subject:
    given = told.get("identifiers")
    if type(given) is not list or not 1 <= len(given) <= MOST:
        raise Unreadable(f"aliases are a list of 1 to {MOST} identifiers")
    if any(type(each) is dict and each.get("format") in ("aliases", "complex") for each in given):
        raise Unreadable("an alias is no simple identifier")
    found = [subject_of(each, reading) for each in given]
    return Subject(
        agents=tuple(id for each in found for id in each.agents),
        people=tuple(id for each in found for id in each.people),
        addresses=tuple(id for each in found for id in each.addresses),
        named=tuple(id for each in found for id in each.named),
    )


def _iss_sub(told: dict[str, Any], reading: IdentifierReading) -> Subject:
    issuer, sub = _text(told, "iss"), _text(told, "sub")
    if issuer not in reading.issuers:
        return NOBODY
    if trust_domain_of(sub) is not None:
        return Subject(agents=(sub,))
    return Subject(people=(reading.prefix + sub,))


def _email(told: dict[str, Any], reading: IdentifierReading) -> Subject:
    return Subject(addresses=(reading.prefix + _text(told, "email"),))


def _account(told: dict[str, Any], reading: IdentifierReading) -> Subject:
    address = _text(told, "uri")
    if not address.startswith("acct:"):
        raise Unreadable("an account does not begin with `acct:`")
    return Subject(addresses=(reading.prefix + address.removeprefix("acct:"),))


def _uri(told: dict[str, Any], reading: IdentifierReading) -> Subject:
    uri = _text(told, "uri")
    return Subject(agents=(uri,)) if trust_domain_of(uri) is not None else NOBODY


def _opaque(told: dict[str, Any], reading: IdentifierReading) -> Subject:
    id = _text(told, "id")
    if id.startswith(("l-", "t-")):
        return Subject(people=(reading.prefix + id,), named=(id,))
    return Subject(people=(reading.prefix + id,))


def _text(told: dict[str, Any], name: str) -> str:
    found = told.get(name)
    if not is_identity(found) or not isinstance(found, str):
        raise Unreadable(f"a subject has no `{name}`")
    if len(found) > LONGEST or "\0" in found:
        raise Unreadable(f"the `{name}` of a subject is none")
    return found


_FORMATS: dict[str, Callable[[dict[str, Any], IdentifierReading], Subject]] = {
    "iss_sub": _iss_sub,
    "email": _email,
    "account": _account,
    "uri": _uri,
    "opaque": _opaque,
}
"""Those that may name somebody here; phone numbers and decentralised identifiers do not."""
