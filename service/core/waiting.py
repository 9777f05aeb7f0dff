"""What waits for people, as the faces of the service show it: whole to those who are asked, and to nobody else what the
policy has not kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

from ...runtime.call import fields_of
from ...runtime.strict_json import NotJSON, read_request
from ..store import Call, Event, Person, Request, Verdict
from .approvals.acting import asks_of, is_asked
from .approvals.questions import APPROVED, PENDING
from .deciding.deciding import Judged
from .operations.callers import Caller
from .people.people import is_known
from .view import View
from .words import Words, words_of

WORDS = 50
LOOKED_AT = 1_000  # requests that one page of a list looks through


class Deciding(Protocol):
    """Who decides open requests as they would be decided now."""

    def asked_now(self, view: View, question: Request, *, answered: bool = True) -> Judged | None:
        """Decide it; None while another policy is being taken up."""


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request among others. `mine` says whether it is asked of whoever looks, `requirements` what is missing yet."""

    question: Request
    state: str
    mine: bool
    requirements: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SaidToRequest:
    """What a person said to a request."""

    verdict: Verdict
    message: str | None


@dataclass(frozen=True, slots=True)
class WholeRequest:
    """A request with all that a person has to know who answers it."""

    question: Request
    state: str
    mine: bool
    """Whether it is asked of whoever looks, who may refuse as long as it is open."""
    may_approve: bool
    request: dict[str, Any] | None
    """What the call is, as it would be decided now; None where it is not kept, or not for whoever looks."""
    answer: dict[str, Any]
    """What it would be answered now: `effect`, `rules`, `reasons`, `requirements`, `owner`; of a closed one, what was."""
    verdicts: list[SaidToRequest]
    words: Words
    """What the person said in the task."""
    policy: str | None
    """The digest of the policy under which it is shown, which goes with a verdict."""


def waiting(
    deciding: Deciding,
    view: View,
    caller: Caller,
    *,
    state: str | None = None,
    mine: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[WaitingRequest], int | None]:
    """Give requests, the latest first, and where the list goes on; None at its end.

    Whoever may not read all sees those that are asked of them. One page looks through so many requests and no more, so
    that it may have fewer than its limit and go on.
    """
    person = person_of(view, caller)
    alone = mine or not may_read(caller) or has_left(view, caller)
    found: list[WaitingRequest] = []
    looked = 0
    while looked < LOOKED_AT:
        rows = view.requests(state=state, before=before, limit=limit + 1)
        for each in rows:
            asks = _asks(deciding, view, each)
            is_mine = person is not None and is_asked(asks, person)
            if is_mine or not alone:
                if len(found) == limit:
                    return found, found[-1].question.call
                needs = _still_missing(deciding, view, each, asks["requirements"])
                found.append(WaitingRequest(each, view.state_of(each), is_mine, needs))
            before = each.call
        looked += len(rows)
        if len(rows) <= limit:
            return found, None
    return found, before


def whole(deciding: Deciding, view: View, caller: Caller, id: str) -> WholeRequest | None:
    """Give a request; None if there is none, or none for whoever looks."""
    question = view.request(id)
    if question is None:
        return None
    person, state = person_of(view, caller), view.state_of(question)
    event = view.event(question.call)
    told = {} if event is None else _body(event)
    now = bare = None
    if state == PENDING:
        now = deciding.asked_now(view, question)
        bare = deciding.asked_now(view, question, answered=False)
    is_open = now is not None and bare is not None and bare.decision.effect == "challenge"
    asks = (
        asks_of(view.reading, bare) if bare is not None and is_open else json.loads(question.asks)
    )
    is_mine = person is not None and is_asked(asks, person)
    if not is_mine and (not may_read(caller) or has_left(view, caller)):
        return None
    verdicts = _said(view, question)
    has_approved = any(
        each.verdict.person == caller.person and each.verdict.verdict == "approve"
        for each in verdicts
    )
    may_approve = (
        person is not None
        and now is not None
        and now.decision.effect == "challenge"
        and is_asked(asks_of(view.reading, now), person)
        and not has_approved
    )
    call = view.reading.get(Call, question.call)
    is_kept = call is not None and not call.redacted
    request: dict[str, Any] | None = None
    if now is not None:
        request = now.request if is_mine or is_kept else None
    elif is_kept:
        request = fields_of(told.get("request")) or None
    answer = now.decision.to_authzen() if now is not None else fields_of(told.get("answer"))
    return WholeRequest(
        question=question,
        state=state,
        mine=is_mine and (is_open or state != PENDING),
        may_approve=may_approve,
        request=request,
        answer=fields_of(answer.get("context")),
        verdicts=verdicts,
        words=words_of(view, question.task, WORDS),
        policy=view.head.generation,
    )


def status_of(deciding: Deciding, view: View, question: Request) -> str:
    """Give what became of a request: one that waits for the call alone is approved, though that may still be refused."""
    state = view.state_of(question)
    if state != PENDING:
        return state
    now = deciding.asked_now(view, question)
    return APPROVED if now is not None and now.decision.effect == "permit" else PENDING


def person_of(view: View, caller: Caller) -> Person | None:
    """Give the person who looks, as they are known now."""
    found = None if caller.person is None else view.person(caller.person)
    return found if is_known(found, view.now) else None


def has_left(view: View, caller: Caller) -> bool:
    """Whether it is a person who looks, and one who is not there any more: they see nothing, whatever they might see once."""
    return caller.person is not None and person_of(view, caller) is None


def may_read(caller: Caller) -> bool:
    """Whether somebody sees all requests, whoever is asked."""
    return any(each in caller.roles for each in ("read", "admin"))


def came_from(whole: WholeRequest) -> dict[str, list[str]]:
    """Give for each argument the sources of the policy that it comes from, as far as the policy asks for any."""
    request = whole.request or {}
    given = fields_of(fields_of(request.get("context")).get("sources"))
    arguments = fields_of(fields_of(request.get("action")).get("properties"))
    if not given:
        return {}
    found: dict[str, list[str]] = {name: [] for name in arguments}
    for key, names in given.items():
        for name in names if type(names) is list else ():
            if name in found:
                found[name].append(key.partition("#")[0])
    return found


def _asks(deciding: Deciding, view: View, question: Request) -> dict[str, Any]:
    """Of whom a request is asked: as it was asked, unless the policy is another one by now."""
    if question.policy != view.head.generation and view.state_of(question) == PENDING:
        now = deciding.asked_now(view, question)
        if now is not None:
            return asks_of(view.reading, now)
    found: dict[str, Any] = json.loads(question.asks)
    return found


def _still_missing(
    deciding: Deciding, view: View, question: Request, asked: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Give what is missing of what was asked, once somebody has approved; of one that is closed, what was asked."""
    if view.state_of(question) != PENDING or not view.verdicts(question.id):
        return asked
    now = deciding.asked_now(view, question)
    if now is None:
        return asked
    needs = fields_of(now.decision.to_authzen().get("context")).get("requirements")
    return needs if type(needs) is list else asked


def _said(view: View, question: Request) -> list[SaidToRequest]:
    found = []
    for each in view.verdicts(question.id):
        event = view.event(int(each.id[2:]))
        message = None if event is None else _body(event).get("message")
        found.append(SaidToRequest(each, message if type(message) is str else None))
    return found


def _body(event: Event) -> dict[str, Any]:
    if event.body is None:
        return {}
    try:
        return fields_of(read_request(bytes(event.body)))
    except NotJSON:
        return {}
