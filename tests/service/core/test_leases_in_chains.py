"""A lease whose agent acts for others ends with each task that it was decided with, whoever has named it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agpc.service.core import Move

from .chains import GATEWAY, POLICY, lent, task_of
from .desk import HELPER, OTHER, Desk, opened, policy


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with opened(store_url, policy(POLICY)) as found:
        yield found


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
