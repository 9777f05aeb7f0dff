"""Nobody approves for an agent that acts for them, whichever way it does: by its own task, or by that of an agent above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agpc.audit.reading.events import Event
from agpc.service.core import Caller, Decide, Problem, Start

from ..audit.stored import SIGNER, in_store, publish
from .asking import CLERK, LEAD, effect, judge, know
from .checking import checked, of_kind, wrong
from .desk import HELPER, OTHER, Desk, call, opened, policy, start

POLICY = """
language 2
package desk

agent helper = "spiffe://acme.example/ns/desk/sa/helper"
agent other  = "spiffe://acme.example/ns/desk/sa/other"
intent answer "Answer a customer" { order: string }
intent look   "Look an order up" { order: string }
tool shop { write action refund(order: string, amount: number) }

delegate other for look to helper for answer

grant refunding {
    to  helper
    for answer
    allow shop.refund require approval by "role:lead" within 1h
}
grant looking {
    to  other
    for look
    allow shop.refund
}
"""
GATEWAY = Caller("gateway", ("start", "decide", "outcome"), (HELPER, OTHER))


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with opened(sqlite_url, policy(POLICY), signer=SIGNER) as desk:
        know(desk, LEAD, "role:lead")
        know(desk, CLERK, "role:lead")
        yield desk


def task_of(desk: Desk, agent: str, intent: str, user: str) -> str:
    request = start(intent=intent)
    request["subject"]["id"], request["context"]["user"]["id"] = agent, user
    asked = Start(caller=GATEWAY, key=desk.key(), request=request, said=None)
    return str(desk.do(asked)["task"]["id"])


def refund(desk: Desk, task: str, *above: str) -> dict[str, Any]:
    request = call(task, "shop", "refund", order="o-7", amount=5)
    request["context"]["delegation"] = [{"agent": OTHER, "task": {"id": each}} for each in above]
    return desk.do(Decide(caller=GATEWAY, key=desk.key(), request=request))


def test_the_person_of_an_agent_above_approves_nothing(desk: Desk, sqlite_url: str) -> None:
    above = task_of(desk, OTHER, "look", LEAD)
    task = task_of(desk, HELPER, "answer", "user:joe")
    asked = refund(desk, task, above)
    assert effect(asked) == "challenge"
    with pytest.raises(Problem, match="this is not asked of that person"):
        judge(desk, asked, LEAD)
    judge(desk, asked, CLERK)
    assert effect(refund(desk, task, above)) == "permit"
    assert wrong(checked(desk)) == []
    found = wrong(checked(desk, of_kind("verdict", by=LEAD, caller=f"person:{LEAD}")))
    assert "the verdict is by somebody of whom nothing is asked" in found
    like_her = LEAD.upper()  # whom people take for her
    found = wrong(checked(desk, of_kind("verdict", by=like_her, caller=f"person:{like_her}")))
    assert "the verdict is by somebody of whom nothing is asked" in found
    publish(desk)
    assert in_store(sqlite_url).wrong == []


def test_an_approval_is_for_those_for_whom_the_agent_acted(desk: Desk) -> None:
    task = task_of(desk, HELPER, "answer", "user:joe")
    asked = refund(desk, task)
    judge(desk, asked, LEAD)
    above = task_of(desk, OTHER, "look", LEAD)
    assert effect(refund(desk, task, above)) == "challenge"
    assert effect(refund(desk, task)) == "permit"
    assert wrong(checked(desk)) == []

    def acts_for_her(event: Event) -> Event:
        body = dict(event.body or {})
        if event.kind != "call" or body.get("effect") != "permit":
            return event
        links = [{"agent": OTHER, "task": {"id": above, "intent": "desk.look"}}]
        context = {**body["request"]["context"], "delegation": links}
        return replace(event, body={**body, "request": {**body["request"], "context": context}})

    found = wrong(checked(desk, acts_for_her))
    assert "an approval is of this call by an agent that acted for others" in found
    assert "an approval is by somebody for whom an agent above acts" in found
