"""Who people are: which roles they have now, and who says so."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, TypeGuard

from ....runtime.time_text import format_time
from ....runtime.values import is_identity
from ...store import Lease, Person, Reading, Turn
from ..operations.problem import Problem, malformed
from ..turns.state import LONGEST_KNOWN
from ..turns.step import Step
from .names import folded, why_no_person

SETTINGS = "settings"
OPERATOR = "operator"
"""Who says that somebody has left, or is back, whatever the settings or a provider say."""
_WORKLOAD = "spiffe://"


def is_known(person: Person | None, now: int) -> TypeGuard[Person]:
    """Whether somebody is there: has not left, and whoever vouches for them has done so lately."""
    return (
        person is not None and bool(person.active) and (person.until is None or now < person.until)
    )


def said_to_be(
    step: Step[Any],
    person: str,
    roles: Collection[str],
    source: str,
    *,
    active: bool,
    why: str | None = None,
) -> int | None:
    """Take in which roles a person has now; give the number of its event, or None if nothing is new.

    What a provider says counts for a while, so that it is new each time; somebody of the settings does not age.
    """
    turn = step.turn
    fault = why_no_person(person)
    if fault is not None:
        raise malformed(f"the id of the person {fault}")
    if not all(is_identity(each) and not each.startswith(_WORKLOAD) for each in roles):
        raise malformed("roles are texts, and no SPIFFE IDs")
    listed = sorted(set(roles))
    text, before = json.dumps(listed), turn.get(Person, person)
    is_new = before is None or (before.roles, before.source, bool(before.active)) != (
        text,
        source,
        active,
    )
    if not is_new and source == SETTINGS:
        return None
    if before is None:
        nobody_like(turn, person)
        no_role_of_anybody(turn, person)
    no_people(turn, person, listed)
    at = turn.tick()
    told: dict[str, Any] = {
        "what": "person", "person": person, "roles": listed, "source": source, "active": active,
    }  # fmt: skip
    if why is not None:
        told["why"] = why
    until = None
    if source != SETTINGS:
        until = at + min(step.settings.known, LONGEST_KNOWN)
        told["until"] = format_time(until)
    seq = step.append("admin", at, told)
    out = None if before is None else before.out
    turn.put(Person(person, text, source, active, at, folded(person), until, out))
    if before is not None and is_new:  # what rests on people is looked at again
        turn.write("UPDATE lease SET policy = '' WHERE state = 'active' AND agreed = ?", [(True,)])
        turn.forget(Lease)
    return seq


def is_sent_away(person: Person | None) -> TypeGuard[Person]:
    """Whether an operator has said that somebody has left, and nobody that they are back."""
    return person is not None and not person.active and person.source == OPERATOR


def look_again(turn: Turn, person: str) -> None:
    """Let no lease count, until it was looked at again, that may rest on what a person has shown."""
    where = "state = 'active' AND agreed = ? AND lower(person) = lower(?)"
    turn.write(f"UPDATE lease SET policy = '' WHERE {where}", [(True, person)])
    turn.forget(Lease)


def nobody_like(reading: Reading, name: str) -> None:
    """See that a name is not nearly that of a person who is known. Raises `Problem`."""
    for each in reading.find(Person, "folded = ?", (folded(name),)):
        if each.id != name:
            raise Problem(
                409,
                "look_alike",
                "a person is known whose id differs from this one in nothing but how letters are written",
            )


def no_role_of_anybody(reading: Reading, name: str) -> None:
    """See that nobody has a role that is called as a person is to be. Raises `Problem`.

    Policies name people and roles in one place: whoever had such a role would be asked what is asked of this person by name.
    """
    # A stroke may mean something else in a pattern, and is one character.
    pattern = f"%{json.dumps(name)}%".replace("\\", "_")
    for each in reading.find(Person, "roles LIKE ?", (pattern,)):
        if name in json.loads(each.roles):
            raise Problem(409, "name_of_role", "somebody has a role of the name of this person")


def no_people(reading: Reading, person: str, roles: Collection[str]) -> None:
    """See that no role is called as a person is who is known, or the very one who is to have it. Raises `Problem`."""
    for each in roles:
        if each == person or reading.get(Person, each) is not None:
            raise Problem(409, "role_of_name", "a role has the name of a person who is known")
