"""What people say to what they are asked: they approve it, or refuse it, and it is the event of a verdict."""

from __future__ import annotations

import json
from typing import Any

from ....runtime.time_text import format_time
from ....runtime.values import is_identity, is_text
from ...audit.events import keyed
from ...passkeys.statement import of_verdict
from ...store import Call, Person, Reading, Request, Turn, Verdict
from ..operations.of_people import Confirm, Judge
from ..operations.problem import Problem, forbidden, malformed, not_found
from ..people.passkeys import signed_verdict
from ..people.people import is_known
from ..people.sessions import check_session, is_out
from ..turns.step import Step
from ..turns.trail import digest_of_call
from .acting import asks_of, is_asked
from .questions import PENDING, REFUSED, asked_for, asked_now, close, is_open, is_same_question

LONGEST_MESSAGE = 2_000  # characters


def judge(step: Step[Judge]) -> dict[str, Any]:
    """Take in what a person says to a question that is open, and that is asked of them."""
    operation, turn = step.operation, step.turn
    check_said(operation.verdict, operation.message)
    if operation.caller.person is None:
        raise forbidden(
            "a verdict is given by a person, with a key that `agpc serve --new-key NAME --person` makes"
        )
    at = turn.tick()
    person = _person(turn, operation.caller.person, at)
    check_session(turn, person.id, operation.session, at)
    if is_out(person, operation.session):
        raise forbidden("the session has ended: sign in again")
    question = turn.get(Request, operation.request) if type(operation.request) is str else None
    if question is None:
        raise not_found("request")
    check_pending(question, at)
    if operation.policy != step.active.generation.digest:
        raise Problem(
            409, "another_policy", "the policy has changed since: look at the request again"
        )
    found = asked_now(step.active, turn, question, at, answered=operation.verdict == "approve")
    if found.decision.effect != "challenge":
        raise Problem(
            409, "not_asked", "the call is not asked about any more: it would be answered at once"
        )
    if operation.verdict == "approve" and not is_same_question(step, question, at):
        raise Problem(
            409, "not_asked", "other rules ask about the call by now: the agent has to ask again"
        )
    if not is_asked(asks_of(turn, found), person):
        raise forbidden("this is not asked of that person")
    check_new(turn, question, person.id, operation.verdict)
    roles, signed = json.loads(person.roles), operation.signed
    return said_to(step, question, person.id, roles, at, signed, operation.session)


def check_said(verdict: str, message: object) -> None:
    """Refuse what is no verdict, or no message. Raises `Problem`. No store of ours keeps a NUL in a text."""
    if verdict not in ("approve", "refuse"):
        raise malformed('a verdict is "approve" or "refuse"')
    is_one = is_text(message) and type(message) is str and "\0" not in message
    if message is not None and not (is_one and len(str(message)) <= LONGEST_MESSAGE):
        raise malformed(
            f"a message is text of at most {LONGEST_MESSAGE} characters, of which none is NUL"
        )


def check_pending(question: Request, at: int) -> None:
    """Refuse to answer a question that waits for nobody any more. Raises `Problem`."""
    if question.state != PENDING:
        raise Problem(409, "answered", f"the request is {question.state} already")
    if not is_open(question, at):
        raise Problem(409, "expired", "the request has expired: the agent has to ask again")


def check_new(turn: Turn, question: Request, person: str, verdict: str) -> None:
    """Refuse to let somebody approve a question twice. Raises `Problem`."""
    said = turn.find(Verdict, "request = ? AND person = ?", (question.id, person))
    if said and verdict == "approve":
        raise Problem(409, "approved_before", "that person has approved it already")


def said_to(
    step: Step[Judge] | Step[Confirm],
    question: Request,
    by: str,
    roles: list[str],
    at: int,
    signed: dict[str, str] | None,
    session: str | None = None,
) -> dict[str, Any]:
    """Take in what somebody has said to a question, of whom it was asked. Raises `Problem`.

    `signed` is what their passkey has made of it, `session` the one that they said it in.
    """
    operation, turn = step.operation, step.turn
    told = _told(
        turn,
        question,
        step.settings.secret,
        policy=step.active.generation.digest,
        by=by,
        verdict=operation.verdict,
        message=operation.message,
    )
    shown = signed_verdict(step, by, signed, told, question.expires)
    told["roles"] = roles
    if shown is not None:
        told["passkey"] = shown
    if session is not None:
        told["session"] = session
    seq = step.append("verdict", at, told, task=question.task, call=question.call)
    turn.add(
        Verdict(
            id=f"v-{seq}",
            request=question.id,
            digest=question.digest,
            task=question.task,
            capability=question.capability,
            person=by,
            roles=json.dumps(roles),
            verdict=operation.verdict,
            at=at,
            used=None,
            caller=operation.caller.name,
        )
    )
    if operation.verdict == "refuse":
        question.message = operation.message
        close(turn, question, REFUSED, at)
        call = turn.get(Call, question.call)
        if call is not None and not call.refused:
            call.refused = True
            turn.put(call)
            step.active.facts.refused(turn, call)
    return step.answered({"request": question.id, "verdict": operation.verdict}, seq)


def _told(reading: Reading, question: Request, secret: bytes, **said: str | None) -> dict[str, Any]:
    """Give what the event of a verdict says of it, and a passkey signs."""
    return {
        "request": question.id,
        "call": f"c-{question.call}",
        "digest": _told_digest(reading, question, secret),
        "task": question.task,
        "capability": question.capability,
        **{name: each for name, each in said.items() if each is not None},
    }


def statement_of(
    reading: Reading, question: Request, secret: bytes, **said: str | None
) -> dict[str, Any]:
    """Give what somebody signs with a passkey who says this: `policy`, `by`, `verdict` and `message`."""
    told = _told(reading, question, secret, **said)
    return of_verdict(told, format_time(question.expires))


def _told_digest(reading: Reading, question: Request, secret: bytes) -> str:
    """Give the digest of the call as its event has it: keyed where that keeps no values."""
    call = reading.get(Call, question.call)
    is_plain = call is not None and not call.redacted
    found = digest_of_call(asked_for(question))
    return found if is_plain else keyed(found, secret)


def _person(turn: Turn, id: object, now: int) -> Person:
    person = turn.get(Person, id) if is_identity(id) else None
    if person is not None and person.active and not is_known(person, now):
        raise forbidden("who this is was said too long ago: sign in again")
    if not is_known(person, now):
        raise forbidden("nobody of that name may be asked")
    return person
