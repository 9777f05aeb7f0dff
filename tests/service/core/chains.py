"""A policy in which an agent acts for another one, with leases for tests of that."""

from __future__ import annotations

from typing import Any

from agpc.service.core import Caller, Issue, Start

from .desk import HELPER, OTHER, Desk, start

POLICY = """
language 2
package desk

agent helper = "spiffe://acme.example/ns/desk/sa/helper"
agent other  = "spiffe://acme.example/ns/desk/sa/other"
intent answer "Answer a customer" { order: string }
intent look   "Look an order up" { order: string }
tool shop { read action peek() }

delegate other for look to helper for answer

grant peeking {
    to  helper
    for answer
    allow shop.peek
    credential ttl 1h
}
grant looking {
    to  other
    for look
    allow shop.peek
    credential ttl 1h
}
"""
INSIDE = POLICY.replace(
    "    for look\n    allow shop.peek\n",
    "    for look\n    allow shop.peek\n    allow answer.start\n",
)
GATEWAY = Caller("gateway", ("start", "decide"), (HELPER, OTHER))


def task_of(desk: Desk, agent: str, intent: str) -> str:
    request = start(intent=intent)
    request["subject"]["id"] = agent
    found: str = desk.do(Start(caller=GATEWAY, key=desk.key(), request=request, said=None))["task"][
        "id"
    ]
    return found


def lent(desk: Desk, task: str, *links: str) -> dict[str, Any]:
    chain = [{"agent": OTHER, "task": {"id": each}} for each in links]
    return desk.do(
        Issue(
            caller=GATEWAY,
            key=desk.key(),
            task=task,
            capabilities=("desk.shop.peek",),
            context={"delegation": chain},
        )
    )


def inside(desk: Desk, parent: str) -> str:
    request = start(intent="answer", task=parent)
    request["subject"]["id"] = OTHER
    told = desk.do(Start(caller=GATEWAY, key=desk.key(), request=request, agent=HELPER))
    found: str = told["task"]["id"]
    return found
