"""A lease whose agent acts for others ends with each task that it was decided with, whoever has named it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agpc.service.core import Caller, Issue, Move, Start

from .desk import HELPER, OTHER, Desk, opened, policy, start

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
GATEWAY = Caller("gateway", ("start", "decide"), (HELPER, OTHER))


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Iterator[Desk]:
    with opened(store_url, policy(tmp_path, POLICY)) as found:
        yield found


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


def is_good(desk: Desk, lease: dict[str, Any]) -> bool:
    with desk.core.view() as view:
        found = view.lease(lease["lease"])
        assert found is not None
        return view.is_good(found)


@pytest.mark.parametrize("how", ["ended", "drifted"])
def test_it_ends_with_the_task_of_whom_its_agent_acts_for(desk: Desk, how: Any) -> None:
    mine, theirs = task_of(desk, HELPER, "answer"), task_of(desk, OTHER, "look")
    another = task_of(desk, OTHER, "look")
    lease, kept, alone = lent(desk, mine, theirs), lent(desk, mine, another), lent(desk, another)
    assert [each["decision"] for each in (lease, kept)] == [True, True]
    desk.do(Move(caller=GATEWAY, key="end", task=theirs, state=how))
    assert not is_good(desk, lease) and is_good(desk, kept)
    with desk.core.view() as view:
        kinds = [each.kind for each in view.events(0, view.head.seq)]
    assert kinds[-2:] == ["state", "revoked"]
    assert lent(desk, mine, theirs)["decision"] is False
    assert alone["decision"] is True and is_good(desk, alone)
