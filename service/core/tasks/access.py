"""Requests for access, as an enforcement point asks for them by itself: a question is put to people where a call would be,
nothing is permitted by that, and it may be taken back.
"""

from __future__ import annotations

from typing import Any

from ....runtime.evidence import agrees
from ...store import Call, Request
from ..approvals.questions import (
    CANCELLED,
    REFUSED,
    asked_now,
    close,
    digest_of_question,
    is_open,
    latest,
    refusal,
    with_approvals,
)
from ..operations.operations import Ask, Cancel
from ..operations.problem import Problem, malformed, not_found
from ..people.sessions import with_step_up
from ..turns.step import Step
from .calls import asked_of_step, recorded

LONGEST_REASON = 2_000


def ask_for(step: Step[Ask]) -> dict[str, Any]:
    """Put a question to people about a call, or find the one that is open: of each call there is one.

    The call is recorded as one that was asked for, and never as permitted. Raises `Problem` for a call that is not one
    to ask people about.
    """
    before = None if step.before is None else step.turn.get(Call, step.before.seq)
    if before is not None:  # else its key was used for one that was too many
        return _asked_before(step, before)
    found, task, at = asked_of_step(step)
    if found is None or task is None or found.decision.effect != "challenge":
        raise _not_requestable("the call is not one that people are asked about")
    turn, known_by = step.turn, digest_of_question(found, step.settings.secret)
    shown = with_step_up(step.active, turn, found, at)
    now = with_approvals(step.active, turn, shown, task, known_by, at)
    question = latest(turn, known_by)
    if question is not None and question.state == REFUSED and question.expires > at:
        raise _not_requestable(refusal(turn, question))
    if now.decision.effect != "challenge":
        if question is None or not is_open(question, at):
            raise _not_requestable("nobody has to be asked: the call is decided at /v1/calls")
        return {"request": question.id}
    if not any(agrees(each["type"]) for each in now.decision.requirements):
        raise _not_requestable("what is missing is nothing that people approve")
    answer, _ = recorded(step, found, task, at)
    return {"request": answer["request"]["id"]}


def cancel(step: Step[Cancel]) -> dict[str, Any]:
    """Take a question back that waits for people: whoever asks for the agent may."""
    operation, turn = step.operation, step.turn
    question = turn.get(Request, operation.request) if type(operation.request) is str else None
    if question is None or not operation.caller.speaks_for(question.agent):
        raise not_found("request")
    if operation.why is not None and len(operation.why) > LONGEST_REASON:
        raise malformed(f"a reason is text of at most {LONGEST_REASON} characters")
    at = turn.tick()
    if not is_open(question, at):
        raise Problem(409, "answered", "the request waits for nobody any more")
    if asked_now(step.active, turn, question, at).decision.effect == "permit":
        raise Problem(409, "answered", "the request was approved already")
    told: dict[str, Any] = {"request": question.id, "call": f"c-{question.call}"}
    if operation.why is not None:
        told["why"] = operation.why
    seq = step.append("cancelled", at, told, task=question.task, call=question.call)
    close(turn, question, CANCELLED, at)
    return step.answered({"request": question.id, "state": CANCELLED}, seq)


def _asked_before(step: Step[Ask], call: Call) -> dict[str, Any]:
    """Give the question that was asked with the same key, whatever became of it."""
    where = "digest = ? AND call <= ? ORDER BY call DESC LIMIT 1"
    (question,) = step.turn.find(Request, where, (call.digest, call.seq))
    return {"request": question.id}


def _not_requestable(why: str) -> Problem:
    return Problem(400, "not_requestable", why)
