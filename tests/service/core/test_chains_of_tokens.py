"""Whom an agent acts for is what the store knows: it is narrowed by the policy at issue and at renewal, and nothing that is said adds to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agpc.service.core import SYSTEM, Adopt, Issue, Move, Renew
from agpc.service.tokens.tokens import chain_of

from .chains import GATEWAY, INSIDE, inside, task_of
from .desk import OTHER, Desk, opened, policy

APART = INSIDE.replace("delegate other for look to helper for answer\n", "")


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with opened(store_url, policy(INSIDE)) as found:
        yield found


def issue(desk: Desk, task: str, **context: Any) -> dict[str, Any]:
    return desk.do(
        Issue(
            caller=GATEWAY, key=desk.key(), task=task, capabilities=("desk.shop.peek",),
            context=context or None,
        )
    )  # fmt: skip


def chain(desk: Desk, task: str) -> list[str]:
    with desk.core.view() as view:
        found = view.task(task)
        assert found is not None
        return chain_of(found, view.task)


def test_a_chain_that_is_told_is_not_the_one_that_is_known(desk: Desk) -> None:
    theirs = task_of(desk, OTHER, "look")
    mine = inside(desk, theirs)
    stranger = {"agent": "spiffe://elsewhere.example/x", "task": {"id": theirs}}
    lease = issue(desk, mine, delegation=[stranger])
    assert lease["decision"] is True and chain(desk, mine) == [OTHER]
    with desk.core.view() as view:
        row = view.lease(lease["lease"])
        assert row is not None and row.acts_for == f'["{OTHER}"]'


def test_nobody_gets_out_of_a_chain_by_leaving_it_away(desk: Desk) -> None:
    mine = inside(desk, task_of(desk, OTHER, "look"))
    lease = issue(desk, mine)
    assert lease["decision"] is True
    desk.do(Adopt(caller=SYSTEM, key="apart", generation=policy(APART)))
    for said in ({}, {"delegation": []}):
        assert issue(desk, mine, **said)["decision"] is False
    renewed = desk.do(Renew(caller=GATEWAY, key="r", lease=lease["lease"]))
    assert renewed["decision"] is False


def test_it_ends_when_a_task_between_has_ended(desk: Desk) -> None:
    theirs = task_of(desk, OTHER, "look")
    mine = inside(desk, theirs)
    lease = issue(desk, mine)
    desk.do(Move(caller=GATEWAY, key="end", task=theirs, state="ended"))
    with desk.core.view() as view:
        row = view.lease(lease["lease"])
        assert row is not None and not view.is_good(row) and row.cause == "task"
    with pytest.raises(Exception, match=r"ended|revoked"):
        desk.do(Renew(caller=GATEWAY, key="r", lease=lease["lease"]))
    with pytest.raises(Exception, match="ended"):
        issue(desk, mine)
