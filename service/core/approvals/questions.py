"""Questions to people: what a call waits for, what they say to it, and the call that is permitted by it.

An approval is for one exact call and permits one; only where a rule asks once for a task is it good for others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ....runtime.decision import Decision
from ....runtime.time_text import format_time
from ....runtime.values import NANOSECONDS
from ...audit.events import keyed
from ...store import Call, Person, Reading, Request, Task, Turn, Verdict
from ..deciding.asked import as_asked
from ..deciding.deciding import Judged, judged
from ..operations.callers import as_person
from ..operations.of_people import Know, Lapse
from ..people.names import may_be_same
from ..people.people import is_known, is_sent_away, said_to_be
from ..people.sessions import with_step_up
from ..turns import proofs
from ..turns.state import Active
from ..turns.step import Step
from ..turns.trail import digest, digest_of_call
from .acting import asks_of, chain_of, people_above

PENDING, APPROVED, REFUSED = "pending", "approved", "refused"
EXPIRED, CANCELLED = "expired", "cancelled"
STATES = (PENDING, APPROVED, REFUSED, EXPIRED, CANCELLED)
AT_ONCE = 1_000  # questions that lapse in one turn


# --- What a call is decided with ------------------------------------------------------------------


def digest_of_question(found: Judged, secret: bytes) -> str:
    """Give by what a question is known: the exact call, and the rules that ask about it. `found` is without any evidence.

    What people saw is the call, for whom its agent acts, and why it is asked. Where something else about it, of the context
    say, has another rule ask they have not said anything to that. It is keyed, so that nobody finds out short arguments.
    """
    rules = sorted(
        {each["rule"] for each in found.decision.to_authzen()["context"]["requirements"]}
    )
    told: dict[str, Any] = {"call": digest_of_call(found.request), "rules": rules}
    if chain := chain_of(found.request):
        told["chain"] = chain
    return keyed(digest(told), secret)


def with_approvals(
    active: Active, reading: Reading, found: Judged, task: Task | None, digest: str, now: int
) -> Judged:
    """Decide a question again with what people have said to it, if they have."""
    if found.decision.effect != "challenge" or task is None or found.capability is None:
        return found
    given = approvals_of(reading, task.id, found.capability, digest, now)
    above = people_above(reading, found.request)
    given = [each for each in given if not any(may_be_same(each["by"], one) for one in above)]
    if not given:
        return found
    context = {**found.request["context"], "approvals": given}
    request = {**found.request, "context": context}
    return Judged(active.engine.decide(request), request, found.capability, found.own)


def approvals_of(
    reading: Reading, task: str, capability: str, digest: str | None, now: int
) -> list[dict[str, Any]]:
    """Give the approvals that count now: with roles that the person had then and has still.

    One of another call, or to a question that has let its call through or has expired, says of no call that it is for
    it: only what is asked once for a task rests on it.
    """
    where = "task = ? AND capability = ? AND verdict = 'approve' ORDER BY at, id"
    verdicts = reading.find(Verdict, where, (task, capability), kept=True)
    reading.fetch(Person, [each.person for each in verdicts])
    reading.fetch(Request, [each.request for each in verdicts])
    found = []
    for each in verdicts:
        person, question = reading.get(Person, each.person), reading.get(Request, each.request)
        if not _is_there(each, person, now) or question is None or question.state == REFUSED:
            continue
        roles = set(json.loads(each.roles)) & set(json.loads(person.roles if person else "[]"))
        approval: dict[str, Any] = {
            "id": each.id,
            "by": each.person,
            "roles": sorted(roles),
            "at": format_time(each.at),
            "task": task,
            "capability": capability,
        }
        if each.digest == digest and is_open(question, now):
            request = asked_for(question)
            approval["resource"] = request["resource"]["id"]
            approval["args"] = request["action"].get("properties")
        found.append(approval)
    return found


def _is_there(verdict: Verdict, person: Person | None, now: int) -> bool:
    """Whether who gave a verdict is one who may: a person who is known, or one whom a caller vouches for and who has not left."""
    if verdict.caller != as_person(verdict.person).name:
        return person is None or bool(person.active)
    return is_known(person, now)


def use(step: Step[Any], decision: Decision, call: Call) -> None:
    """Take in that a permit rests on approvals: none of them is good for a second call."""
    ids = [each["id"] for each in decision.evidence if each.get("id") is not None]
    for id in dict.fromkeys(ids):
        verdict = step.turn.get(Verdict, id)
        if verdict is None or verdict.used is not None or verdict.digest != call.digest:
            continue
        told = {"verdict": id, "call": f"c-{call.seq}", "by": verdict.person}
        step.append("use", step.turn.tick(), told, task=call.task, call=call.seq)
        verdict.used = call.seq
        step.turn.put(verdict)
        question = step.turn.get(Request, verdict.request)
        if question is not None and question.state == PENDING:
            close(step.turn, question, APPROVED, step.turn.time)


# --- What is asked of people ----------------------------------------------------------------------


def ask(step: Step[Any], found: Judged, call: Call, before: Request | None) -> Request:
    """Put a question to people, unless the last one about the call, `before`, is open yet."""
    at = call.at
    if before is not None and before.state == PENDING:
        if is_open(before, at):
            return before
        close(step.turn, before, EXPIRED, None)
    within = [each.get("within_seconds") for each in found.decision.requirements]
    spans = [each * NANOSECONDS for each in within if type(each) is int]
    question = Request(
        id=f"q-{call.seq}",
        digest=call.digest,
        call=call.seq,
        task=call.task or "",
        agent=call.agent,
        capability=call.capability or "",
        policy=step.active.generation.digest,
        asks=json.dumps(asks_of(step.turn, found)),
        asked_for=json.dumps(found.request),
        state=PENDING,
        asked=at,
        expires=at + min([step.settings.question, *spans]),
        answered=None,
        message=None,
    )
    step.turn.add(question)
    return question


def too_many(step: Step[Any], task: str, agent: str, now: int) -> str | None:
    """Say of which open questions there are so many that one more is not put to people; None if it may be."""
    settings = step.settings
    for column, value, most in (
        ("task", task, settings.asked_by_task),
        ("agent", agent, settings.asked_by_agent),
    ):
        sql = f"SELECT 1 FROM request WHERE state = 'pending' AND {column} = ? AND expires > ? LIMIT ?"
        if len(step.turn.select(sql, (value, now, most))) >= most:
            return (
                f"{most} requests of this {column} wait for people, and no more may: wait until some are answered or"
                " have expired, or cancel some, and ask again with the same key"
            )
    return None


def is_open(question: Request, now: int) -> bool:
    """Whether a question waits for people, or for the call that they have approved."""
    return question.state == PENDING and question.expires > now


def asked_for(question: Request) -> dict[str, Any]:
    """Give the request that an open question is about."""
    found: dict[str, Any] = json.loads(question.asked_for or "{}")
    return found


def close(turn: Turn, question: Request, state: str, at: int | None) -> None:
    """Let a question be open no more. What it was about is in the trail, as far as the policy has that kept."""
    question.state, question.answered, question.asked_for = state, at, None
    turn.put(question)


def lapse(step: Step[Lapse]) -> dict[str, Any]:
    """Let questions lapse whose time is over, as many as one turn may. It is no event: their time was said before."""
    turn = step.turn
    proofs.prune(turn)
    where = f"state = '{PENDING}' AND expires <= ? LIMIT ?"
    found = turn.find(Request, where, (turn.time, AT_ONCE), kept=True)
    for each in found:
        close(turn, each, EXPIRED, None)
    return {"lapsed": len(found), "more": len(found) == AT_ONCE}


def lapse_with(step: Step[Any], task: str) -> None:
    """Let the questions of a task lapse that has ended or drifted, in the turn in which it did: nothing follows from an answer.

    It is no event: the end of the task says it.
    """
    where = f"task = ? AND state = '{PENDING}'"
    for each in step.turn.find(Request, where, (task,), kept=True):
        close(step.turn, each, EXPIRED, None)


def latest(reading: Reading, digest: str) -> Request | None:
    """Give the last question about an exact call."""
    found = reading.find(Request, "digest = ? ORDER BY asked DESC LIMIT 1", (digest,), kept=True)
    return found[0] if found else None


# --- What is asked now ----------------------------------------------------------------------------


def is_same_question(step: Step[Any], question: Request, now: int) -> bool:
    """Whether the rules that would ask about the call now are those that people were told of."""
    bare, _ = _bare(step.active, step.turn, question, now)
    return digest_of_question(bare, step.settings.secret) == question.digest


def asked_now(
    active: Active, reading: Reading, question: Request, now: int, *, answered: bool = True
) -> Judged:
    """Decide what a question is about as it would be decided now.

    With what people have said to it; or as if nobody had, since who was asked may refuse what others have approved, or
    they themselves, as long as no call was permitted by it.
    """
    found, task = _bare(active, reading, question, now)
    found = with_step_up(active, reading, found, now)
    if not answered:
        return found
    return with_approvals(active, reading, found, task, question.digest, now)


def _bare(
    active: Active, reading: Reading, question: Request, now: int
) -> tuple[Judged, Task | None]:
    """Decide what a question is about without any evidence, in its task."""
    request, task = asked_for(question), reading.get(Task, question.task)
    asked = as_asked(active.generation.attributes, reading, request, task, known_id=question.task)
    return judged(active, reading, asked, task, now), task


# --- People ---------------------------------------------------------------------------------------


def know(step: Step[Know]) -> dict[str, Any]:
    """Take in which roles a person has now."""
    operation = step.operation
    roles, active = operation.roles, operation.active
    if is_sent_away(step.turn.get(Person, operation.person)):  # an operator's word goes before
        return {"person": operation.person, "roles": [], "active": False}
    seq = said_to_be(step, operation.person, roles, operation.source, active=active)
    answer = {"person": operation.person, "roles": sorted(set(roles)), "active": active}
    return answer if seq is None else step.answered(answer, seq)


def refusal(reading: Reading, question: Request) -> str:
    """Say to the agent that a person has refused what it asked for."""
    found = reading.find(Verdict, "request = ? AND verdict = 'refuse'", (question.id,))
    by: Iterable[str] = (each.person for each in found)
    said = f"{', '.join(by) or 'a person'} refused it"
    return said if question.message is None else f"{said}: {question.message}"


def shown(question: Request, *, public_url: str) -> dict[str, Any]:
    """Give a question as an agent learns of it."""
    return {
        "id": question.id,
        "url": f"{public_url}/requests/{question.id}",
        "expires_at": format_time(question.expires),
    }
