"""Passkeys of people: they are enrolled, sign in, sign what people say to requests, and are taken away by an operator.

Who has one signs each verdict with it. So nobody adds another one to it, or takes it away, by being signed in: that takes
an operator, who gives a code, or removes it.
"""

from __future__ import annotations

import json
from typing import Any

from ....runtime.time_text import format_time
from ....runtime.values import NANOSECONDS, is_identity, is_text
from ...passkeys import ceremony, statement
from ...passkeys.ceremony import Assertion, NotSigned, Site
from ...store import Passkey, Person, Reading, Session
from ..operations.of_people import Enrol, SignInByPasskey, TakeAway
from ..operations.problem import Problem, forbidden, malformed, not_found
from ..turns.step import Step
from .people import SETTINGS, is_known
from .sessions import begin, check_ends, end_sessions, is_out

SOURCE = "passkey"
MOST = 20  # passkeys of one person


def of_person(reading: Reading, person: str) -> list[Passkey]:
    """Give the passkeys that a person has now."""
    where = "person = ? AND removed IS NULL ORDER BY at, id"
    return reading.find(Passkey, where, (person,), kept=True)


def enrol(step: Step[Enrol]) -> dict[str, Any]:
    """Take in a passkey that was made for a person: their first one, or with a code that counts once."""
    operation, turn, settings = step.operation, step.turn, step.settings.passkeys
    if settings is None:
        raise forbidden("passkeys are not turned on")
    person = turn.get(Person, operation.person) if is_identity(operation.person) else None
    if not is_known(person, turn.time):
        raise forbidden("nobody of that name may be asked")
    if is_out(person, operation.session):  # maybe with the one that was taken away a moment ago
        raise forbidden("the session has ended: sign in again")
    known = of_person(turn, person.id)
    if operation.code is None and (known or settings.required):
        raise Problem(403, "code_needed", "a passkey is added with a code of an operator's")
    if operation.code is not None and turn.find(Passkey, "code = ?", (operation.code,)):
        raise Problem(409, "code_used", "a passkey was made with this code before")
    if len(known) >= MOST:
        raise Problem(409, "too_many", f"a person has at most {MOST} passkeys")
    said = statement.of_enrolment(person.id, operation.nonce)
    try:
        made = ceremony.made(
            settings.site, statement.challenge(said), operation.client_data, operation.attestation
        )
    except NotSigned as error:
        raise malformed(f"the passkey is refused: {error}") from None
    if turn.find(Passkey, "credential = ?", (made.credential,)):
        raise Problem(409, "known_passkey", "the passkey is enrolled already")
    at = turn.tick()
    told: dict[str, Any] = {
        "what": "enrolled",
        "passkey": f"k-{step.trail.next}",
        "person": person.id,
        "credential": made.credential,
        "public_key": made.public_key,
        "count": made.count,
        "site": settings.site.id,
        "origin": settings.site.origin,
    }
    if operation.code is not None:
        told["code"] = operation.code
    seq = step.append("passkey", at, told)
    turn.add(
        Passkey(
            id=f"k-{seq}",
            person=person.id,
            credential=made.credential,
            public_key=made.public_key,
            count=made.count,
            site=settings.site.id,
            origin=settings.site.origin,
            code=operation.code,
            at=at,
            removed=None,
        )
    )
    return step.answered({"passkey": f"k-{seq}", "person": person.id}, seq)


def take_away(step: Step[TakeAway]) -> dict[str, Any]:
    """Let a passkey count no more: an operator's word.

    INVARIANT: no session goes on that may have begun with it. Where it was the person's only one, whoever is in such a session would
    answer without any.
    """
    operation, turn = step.operation, step.turn
    if not is_text(operation.why) or not 0 < len(operation.why) <= 2_000:
        raise malformed("why a passkey is taken away is text of at most 2000 characters")
    found = turn.get(Passkey, operation.passkey) if is_identity(operation.passkey) else None
    if found is None:
        raise not_found("passkey")
    if found.removed is not None:
        raise Problem(409, "removed", "the passkey was taken away before")
    at = turn.tick()
    told = {"what": "removed", "passkey": found.id, "person": found.person, "why": operation.why}
    seq = step.append("passkey", at, told)
    found.removed = at
    turn.put(found)
    end_sessions(turn, found.person, at, seq)
    return step.answered({"passkey": found.id, "person": found.person}, seq)


def sign_in(step: Step[SignInByPasskey]) -> dict[str, Any]:
    """Take in that a person of the settings has signed in with a passkey; others do with their provider, which knows who has left."""
    operation, turn, settings = step.operation, step.turn, step.settings.passkeys
    if settings is None:
        raise forbidden("passkeys are not turned on")
    given, found, person = _of_sign_in(turn, operation)
    at, ends = turn.time + 1, operation.ends * NANOSECONDS
    check_ends(at, ends)
    shown = signed_by(step, found, given, statement.of_sign_in(operation.nonce))
    methods, at = sorted(set(settings.step_up)), turn.tick()
    told: dict[str, Any] = {
        "what": "begun",
        "session": f"s-{step.trail.next}",
        "person": person.id,
        "source": SOURCE,
        "methods": methods,
        "at": format_time(at),
        "ends": format_time(ends),
        "passkey": {**shown, "nonce": operation.nonce},
    }
    seq = step.append("session", at, told)
    begin(turn, Session(f"s-{seq}", person.id, json.dumps(methods), at, ends), at)
    answer = {"session": f"s-{seq}", "person": person.id, "passkey": found.id}
    return step.answered(answer, seq)


def see_sign_in(reading: Reading, operation: SignInByPasskey) -> None:
    """See that a passkey that is known has signed it, before a turn is taken for it. Raises `Problem`.

    Whoever has not signed in may ask as often as their address may, and turns are what decisions wait for.
    """
    given, found, _ = _of_sign_in(reading, operation)
    _count(found, given, statement.of_sign_in(operation.nonce))


def _of_sign_in(reading: Reading, operation: SignInByPasskey) -> tuple[Assertion, Passkey, Person]:
    given = _read(operation.signed)
    (found,) = reading.find(Passkey, "credential = ?", (given.credential,), kept=True) or (None,)
    person = None if found is None else reading.get(Person, found.person)
    if found is None or found.removed is not None or person is None or not person.active:
        raise forbidden("this passkey is not known here")
    if person.source != SETTINGS:
        raise forbidden("this person signs in with their provider")
    return given, found, person


def signed_verdict(
    step: Step[Any], person: str, given: Any, told: dict[str, Any], expires: int
) -> dict[str, Any] | None:
    """Give what the event of a verdict says of the passkey that has signed it; None where none has, and none has to.

    Raises `Problem` where it has not, and the person has a passkey or everybody needs one.
    """
    settings = step.settings.passkeys
    if given is None:
        if of_person(step.turn, person) or (settings is not None and settings.required):
            raise Problem(
                403, "passkey_needed", "this person signs what they say with a passkey, on the page"
            )
        return None
    read = _read(given)
    known = {each.credential: each for each in of_person(step.turn, person)}
    found = known.get(read.credential)
    if found is None:
        raise Problem(403, "not_signed", "it is not signed by a passkey of this person")
    until = format_time(expires)
    return {**signed_by(step, found, read, statement.of_verdict(told, until)), "expires": until}


def signed_by(
    step: Step[Any], found: Passkey, given: Assertion, said: dict[str, Any]
) -> dict[str, Any]:
    """See that a passkey has signed a statement, and keep up to where it has counted. Raises `Problem`.

    One that counts has to have counted further: if not there are two of it.
    """
    count = _count(found, given, said)
    found.count = count
    step.turn.put(found)
    return {"id": found.id, **given.told()}


def _count(found: Passkey, given: Assertion, said: dict[str, Any]) -> int:
    try:
        return ceremony.signed(
            Site(found.site, found.origin),
            statement.challenge(said),
            given,
            found.public_key,
            found.count,
        )
    except NotSigned as error:
        raise Problem(403, "not_signed", f"the signature is refused: {error}") from None


def _read(given: Any) -> Assertion:
    try:
        return Assertion.read(given)
    except NotSigned as error:
        raise malformed(f"the signature cannot be read: {error}") from None
