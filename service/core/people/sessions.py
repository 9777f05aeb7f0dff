"""Sessions of people: how somebody has shown who they are, as long as the session lasts.

A step-up of a person counts for what is done for them, as their session says and nobody else: it is read where a call is
challenged for one. It ends when they sign out, when the session would have ended, and when they leave.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ....runtime.call import fields_of
from ....runtime.decision import Decision
from ....runtime.time_text import format_time
from ....runtime.values import NANOSECONDS, is_identity, is_text
from ...store import Person, Reading, Session, Turn
from ..deciding.deciding import Judged
from ..operations.of_people import SignIn, SignOut
from ..operations.problem import forbidden, malformed, not_found
from ..turns.state import Active
from ..turns.step import Step
from .people import SETTINGS, is_known, look_again, said_to_be

MOST = 20  # sessions of a person that are looked at, the latest
LONGEST = 24 * 3600 * NANOSECONDS
_SKEW = 300 * NANOSECONDS


def sign_in(step: Step[SignIn]) -> dict[str, Any]:
    """Take in that a person has signed in: who they are, which roles they have by that, and how they have shown it.

    Whoever has left does not come back by signing in: somebody has to say so. Who stands in the settings has the roles that stand there.
    """
    operation, turn = step.operation, step.turn
    if not (is_text(operation.source) and all(is_identity(each) for each in operation.methods)):
        raise malformed("who says so is text, and methods are texts")
    before = turn.get(Person, operation.person) if is_identity(operation.person) else None
    if before is not None and not before.active:
        raise forbidden("this person has left")
    if before is not None and before.source == SETTINGS:
        roles = json.loads(before.roles)
    else:
        said_to_be(step, operation.person, operation.roles, operation.source, active=True)
        roles = sorted(set(operation.roles))
    at = turn.tick()
    ends = operation.ends * NANOSECONDS
    check_ends(at, ends)
    shown = None if operation.at is None else operation.at * NANOSECONDS
    if shown is not None and shown > at + _SKEW:
        raise malformed("nobody has shown who they are at a time that has not come")
    shown = None if shown is None else min(shown, at)
    methods = sorted(set(operation.methods)) if shown is not None else []
    told: dict[str, Any] = {
        "what": "begun",
        "session": f"s-{step.trail.next}",
        "person": operation.person,
        "source": operation.source,
        "methods": methods,
        "ends": format_time(ends),
    }
    if shown is not None:
        told["at"] = format_time(shown)
    seq = step.append("session", at, told)
    begin(turn, Session(f"s-{seq}", operation.person, json.dumps(methods), shown or at, ends), at)
    answer = {"session": f"s-{seq}", "person": operation.person, "roles": roles}
    return step.answered(answer, seq)


def check_ends(at: int, ends: int) -> None:
    """Refuse a session that has no end soon. Raises `Problem`."""
    if not at < ends <= at + LONGEST:
        raise malformed("a session ends after it has begun, and within a day")


def begin(turn: Turn, session: Session, at: int) -> None:
    """Keep a session, also one in which nothing was shown: a verdict that is given in it says so. Those that have ended make room."""
    for old in turn.find(Session, "person = ? AND ends <= ?", (session.person, at)):
        turn.remove(Session, old.id)
    turn.add(session)


def sign_out(step: Step[SignOut]) -> dict[str, Any]:
    """Take in that a session has ended."""
    operation, turn = step.operation, step.turn
    id = operation.session
    if not is_identity(id) or not id.startswith("s-"):
        raise not_found("session")
    at = turn.tick()
    seq = step.append("session", at, {"what": "ended", "session": id})
    found = turn.get(Session, id)
    if found is not None:
        found.ends = min(found.ends, at)
        turn.put(found)
        look_again(turn, found.person)
    return step.answered({"session": id}, seq)


def end_sessions(turn: Turn, id: str, at: int, seq: int) -> int:
    """End the sessions of a person that began before an event: those that are known here, and those of pages, which see it by
    the person's row. Give how many were known.
    """
    person = turn.get(Person, id)
    if person is None:
        return 0
    person.out = seq
    turn.put(person)
    found = turn.find(Session, "person = ? AND ends > ?", (id, at), kept=True)
    for each in found:
        each.ends = at
        turn.put(each)
    look_again(turn, id)
    return len(found)


def is_out(person: Person, session: str | None) -> bool:
    """Whether a session of a person has ended by what was said since: by another system, or of a passkey of theirs."""
    number = (session or "").removeprefix("s-")
    return person.out is not None and number.isdigit() and int(number) < person.out


def check_session(reading: Reading, person: str, session: str | None, at: int) -> None:
    """See that what is said in a session is said in one of this person, which goes on. Raises `Problem`."""
    if session is None:
        return
    found = reading.get(Session, session) if is_identity(session) else None
    if found is None or found.person != person or found.ends <= at:
        raise forbidden("the session has ended: sign in again")


def with_step_up(active: Active, reading: Reading, found: Judged, now: int) -> Judged:
    """Decide a question again with what the sessions of the person say, if it is a step-up that is missing."""
    if not needs_step_up(found.decision):
        return found
    user = fields_of(found.request["context"].get("user")).get("id")
    given = step_up_of(shown_by(reading, user, now))
    if not given:
        return found
    request = {**found.request, "context": {**found.request["context"], "step_up": given}}
    return Judged(active.engine.decide(request), request, found.capability, found.own)


def needs_step_up(decision: Decision) -> bool:
    """Whether it is asked that the person has shown something."""
    return decision.effect == "challenge" and any(
        each["type"] == "step_up" for each in decision.requirements
    )


def step_up_of(sessions: Iterable[Session]) -> list[dict[str, Any]]:
    """Give what sessions say that their person has shown, as requests have it."""
    return [
        {"id": each.id, "method": method, "at": format_time(each.at)}
        for each in sessions
        for method in json.loads(each.methods)
    ]


def shown_by(reading: Reading, person: object, now: int) -> list[Session]:
    """Give the sessions that go on of a person who has not left: the latest of those in which something was shown."""
    if type(person) is not str or not is_identity(person):
        return []
    known = reading.get(Person, person)
    if not is_known(known, now):
        return []
    where = "person = ? AND ends > ? AND methods <> '[]' ORDER BY at DESC, id LIMIT ?"
    return reading.find(Session, where, (person, now, MOST), kept=True)
