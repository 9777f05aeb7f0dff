"""An operator's word of people: one has left, whatever the settings or a provider say of them, or is back."""

from __future__ import annotations

import json
from typing import Any

from ....runtime.values import is_identity, is_text
from ...store import Person
from ..operations.of_people import Attend
from ..operations.problem import malformed, not_found
from ..turns.step import Step
from .people import OPERATOR, SETTINGS, said_to_be
from .sessions import end_sessions

LONGEST_WHY = 2_000  # characters


def attend(step: Step[Attend]) -> dict[str, Any]:
    """Take in that somebody has left, with all their sessions, or is back; what was said already changes nothing.

    Who is back has the roles that the settings give, or else none until they sign in again.
    """
    operation, turn = step.operation, step.turn
    if not is_text(operation.why) or not 0 < len(operation.why) <= LONGEST_WHY:
        raise malformed("`why` is a text, and not empty")
    if operation.state not in ("here", "left"):
        raise malformed("a person is `here`, or has `left`")
    id, is_back = operation.person, operation.state == "here"
    person = turn.get(Person, id) if is_identity(id) else None
    if person is None:
        raise not_found("person")
    if bool(person.active) is is_back and (is_back or person.source == OPERATOR):
        return _answer(person)
    in_settings = is_back and operation.roles is not None
    seq = said_to_be(
        step,
        id,
        operation.roles if in_settings and operation.roles is not None else (),
        SETTINGS if in_settings else OPERATOR,
        active=is_back,
        why=operation.why,
    )
    found = turn.get(Person, id)
    if seq is None or found is None:
        return _answer(person)
    if not is_back:
        end_sessions(turn, id, found.at, seq)
    return step.answered(_answer(found), seq)


def _answer(person: Person) -> dict[str, Any]:
    return {"person": person.id, "roles": json.loads(person.roles), "active": bool(person.active)}
