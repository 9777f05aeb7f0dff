"""Calls: decided, recorded and counted in one turn; and what becomes of them."""

from __future__ import annotations

import re
from typing import Any

from ....monitor.starts import rests_on_people
from ....monitor.values import is_plain
from ....runtime.decision import Decision
from ....runtime.facts import ABSENT, MALFORMED
from ....runtime.values import is_text
from ...audit.events import keyed
from ...policies.generation import METADATA
from ...policies.recording import audit_level
from ...store import Call, Reading, Request, Task
from ..approvals.questions import (
    REFUSED,
    ask,
    digest_of_question,
    is_open,
    latest,
    refusal,
    shown,
    too_many,
    use,
    with_approvals,
)
from ..deciding.asked import as_asked
from ..deciding.deciding import NOT_ITS_OWN, Judged, checked, is_id, judged, task_of
from ..operations.operations import Ask, Decide, Refuse, Start, Tell
from ..operations.problem import Problem, malformed, not_found
from ..people.sessions import with_step_up
from ..turns.step import Step
from ..turns.trail import digest, digest_of_call

_CALL = re.compile(r"c-([0-9]{1,15})", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
LONGEST_WHY = 512  # characters


NOT_APPROVED = "the approval that came with it is not good for this call now"


def decide(step: Step[Decide]) -> dict[str, Any]:
    """Decide a call and record it."""
    found, task, at = asked_of_step(step)
    if found is None:
        return refused(step, at, NOT_ITS_OWN, None if task is None else task.id)
    return recorded(step, found, task, at)[0]


def asked_of_step(step: Step[Decide] | Step[Ask]) -> tuple[Judged | None, Task | None, int]:
    """Decide what is asked, with what the store knows and without any evidence; None where the task is another agent's."""
    request = checked(step.operation.request)
    step.operation.caller.require_agent(request["subject"]["id"])
    generation = step.active.generation
    if request["resource"]["type"] in generation.conformance:
        raise malformed("that type of resource is there for conformance tests alone")
    if request["action"]["name"] == "start" and request["resource"]["type"] in generation.intents:
        raise malformed("a task is started at /v1/tasks, where its start is decided")
    id, task = task_of(step.turn, request)
    at = step.turn.tick()
    if task is not None and task.agent != request["subject"]["id"]:
        return None, task, at
    asked = as_asked(generation.attributes, step.turn, request, task, known_id=id)
    return judged(step.active, step.turn, asked, task, at), task, at


def recorded(
    step: Step[Decide] | Step[Start] | Step[Ask], found: Judged, task: Task | None, at: int
) -> tuple[dict[str, Any], int]:
    """Record a decision and count it; give the answer and the number of its event.

    A question that is still open when its key comes back is no other event, and what a person has refused is denied.
    """
    exactly = digest_of_call(found.request)
    call_digest = digest_of_question(found, step.settings.secret)
    found = with_step_up(step.active, step.turn, found, at)
    found = with_approvals(step.active, step.turn, found, task, call_digest, at)
    decision = found.decision
    is_asked = decision.effect == "challenge"
    seq = step.trail.next
    if isinstance(step.operation, Decide) and step.operation.approval is not None:
        approved = step.turn.get(Request, step.operation.approval)
        is_of_it = approved is not None and approved.digest == call_digest
        if not is_of_it or decision.effect != "permit":
            return refused(step, at, NOT_APPROVED, None if task is None else task.id), seq
    question = latest(step.turn, call_digest) if is_asked else None
    is_there = question is not None and is_open(question, at)
    if question is not None:
        if question.state == REFUSED and question.expires > at:
            return refused(step, at, refusal(step.turn, question), question.task), seq
        asked_before = None if step.before is None else step.turn.get(Call, step.before.seq)
        if is_there and asked_before is not None:  # else its key was used for one that was too many
            seq = asked_before.seq
            asked = {"request": shown(question, public_url=step.settings.public_url)}
            return {**decision.to_authzen(), "call": f"c-{seq}", **asked}, seq
    if is_asked and task is not None and not is_there:
        why = too_many(step, task.id, task.agent, at)
        if why is not None:
            raise not_asked(step, at, why, task.id)
    answer: dict[str, Any] = {**decision.to_authzen(), "call": f"c-{seq}"}
    told: dict[str, Any] = {
        "id": f"c-{seq}",
        "effect": decision.effect,
        "request": found.request,
        "answer": answer,
        "policy": step.active.generation.digest,
        "digest": exactly,
    }
    if is_asked or found.request["context"].get("approvals"):
        told["question"] = call_digest
    if step.before is not None:
        told["follows"] = step.before.seq
    call = Call(
        seq=seq,
        caller=step.operation.caller.name,
        task=None if task is None else task.id,
        run=None if task is None else task.run,
        agent=found.request["subject"]["id"],
        capability=found.capability,
        effect=decision.effect,
        at=at,
        outcome=None,
        refused=False,
        digest=call_digest,
        redacted=audit_level(step.active.generation, decision, found.capability) == METADATA,
    )
    if is_asked and task is not None:
        question = ask(step, found, call, question)
        answer["request"] = shown(question, public_url=step.settings.public_url)
    about = call.task
    if about is None and isinstance(step.operation, Start) and decision.effect == "permit":
        about = found.request["resource"]["id"]
    step.append("call", at, told, task=about, call=seq, redacted=call.redacted)
    step.turn.add(call)
    use(step, decision, call)
    agreed = decision.effect == "permit" and rests_on_people(decision)
    step.active.facts.called(step.turn, call, found.request, found.own, agreed)
    if is_asked:
        step.asked(seq)
    else:
        step.answered(answer, seq)
    return answer, seq


def refuse(step: Step[Refuse]) -> dict[str, Any]:
    """Record that somebody who enforces has refused something before it was a call."""
    operation, turn = step.operation, step.turn
    if not is_text(operation.why) or not 1 <= len(operation.why) <= LONGEST_WHY:
        raise malformed(f"why something is refused is text of at most {LONGEST_WHY} characters")
    task = turn.get(Task, operation.task) if is_id(operation.task) else None
    is_ours = task is not None and operation.caller.speaks_for(task.agent)
    if operation.task is not None and not is_ours:
        raise not_found("task")
    return refused(step, turn.tick(), operation.why, operation.task)


def refused(step: Step[Any], at: int, why: str, task: str | None) -> dict[str, Any]:
    """Record what is denied before any rule is asked."""
    seq = step.append("refused", at, _refusal(step, why), task=task)
    return step.answered(Decision("deny", reasons=(why,)).to_authzen(), seq)


def not_asked(step: Step[Any], at: int, why: str, task: str) -> Problem:
    """Record that a question was one too many, and give what says so. Its key is free to ask it again."""
    step.asked(step.append("refused", at, {**_refusal(step, why), "open": True}, task=task))
    return Problem(429, "too_many_requests_wait", why)


def _refusal(step: Step[Any], why: str) -> dict[str, Any]:
    what = keyed(digest(step.operation.told()), step.settings.secret)
    follows = {} if step.before is None else {"follows": step.before.seq}
    return {"why": why, "digest": what, **follows}


def tell(step: Step[Tell]) -> dict[str, Any]:
    """Take in what became of a call."""
    operation, turn = step.operation, step.turn
    call = call_named(turn, operation.call)
    if call is None or (operation.why is None and call.caller != operation.caller.name):
        raise not_found("call")
    if call.effect != "permit":
        raise Problem(409, "not_permitted", "the call was not permitted: nothing becomes of it")
    if call.outcome is not None:
        raise Problem(409, "told_before", "what became of the call was told before")
    result = operation.result
    if operation.outcome == "withdrawn" and result is not ABSENT:
        raise malformed("a call that was never sent gave nothing back")
    if operation.digest is not None:
        if result is not ABSENT or operation.outcome == "withdrawn":
            raise malformed("a digest stands in the place of a result")
        if not _DIGEST.fullmatch(operation.digest):
            raise malformed("the digest of a result is `sha256:` and 64 hexadecimal digits")
        result = MALFORMED
    if result is not ABSENT and not is_plain(result):
        result = MALFORMED
    told: dict[str, Any] = {"call": f"c-{call.seq}", "outcome": operation.outcome}
    if result is MALFORMED:
        told["unreadable"] = True
    elif result is not ABSENT:
        told["result"] = result
    if operation.digest is not None:
        told["result_digest"] = operation.digest
    if operation.why is not None:
        told["settled_by"] = operation.why
    seq = step.append(
        "outcome", turn.tick(), told, task=call.task, call=call.seq, redacted=call.redacted
    )
    call.outcome = operation.outcome
    turn.put(call)
    step.active.facts.became(turn, call, operation.outcome, result)
    return step.answered({"call": f"c-{call.seq}", "outcome": operation.outcome}, seq)


def call_named(reading: Reading, id: object) -> Call | None:
    """Give a call by its id."""
    match = _CALL.fullmatch(id) if type(id) is str else None
    return None if match is None else reading.get(Call, int(match[1]))
