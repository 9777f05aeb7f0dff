"""What the user of a task confirms, as a caller says that has them in front of it: no more than that.

INVARIANT: it is never an approval. It has no roles, and is by the very user for whom the agent acts, whom no approval
counts of.
"""

from __future__ import annotations

from typing import Any

from ....runtime.values import is_identity
from ...store import Person, Request
from ..operations.of_people import Confirm
from ..operations.problem import Problem, forbidden, malformed, not_found
from ..turns.step import Step
from .acting import asks_of
from .judging import check_new, check_pending, check_said, said_to
from .questions import asked_now, is_same_question


def confirm(step: Step[Confirm]) -> dict[str, Any]:
    """Take in what the user says to a question that is open, and that they are to confirm."""
    operation, turn = step.operation, step.turn
    check_said(operation.verdict, operation.message)
    if not is_identity(operation.user):
        raise malformed("a user has an id")
    question = turn.get(Request, operation.request) if type(operation.request) is str else None
    if question is None or not operation.caller.speaks_for(question.agent):
        raise not_found("request")
    if operation.caller.itself:
        raise forbidden("an agent confirms nothing itself")
    at = turn.tick()
    check_pending(question, at)
    if question.policy != step.active.generation.digest:
        raise Problem(409, "another_policy", "the policy has changed since: ask again")
    found = asked_now(step.active, turn, question, at)
    asks = asks_of(turn, found)
    kinds = {each["type"] for each in asks["requirements"]}
    is_same = is_same_question(step, question, at)
    if found.decision.effect != "challenge" or "confirmation" not in kinds or not is_same:
        raise Problem(409, "not_asked", "nothing about the call is to be confirmed any more")
    if operation.user != asks["user"] or operation.user in asks["agents"]:
        raise forbidden("this is not asked of that person")
    person = turn.get(Person, operation.user)
    if person is not None and not person.active:
        raise forbidden("nobody of that name may be asked")
    check_new(turn, question, operation.user, operation.verdict)
    return said_to(step, question, operation.user, [], at, signed=None)
