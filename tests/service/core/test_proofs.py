"""A proof of possession counts once, for what was taken by it, and is remembered for longer than anybody takes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agpc.service.core import (
    SYSTEM,
    Core,
    CoreSettings,
    Issue,
    Lapse,
    Problem,
    Renew,
    Report,
)
from agpc.service.core.turns.proofs import KEPT
from agpc.service.policies.generation import Generation
from agpc.service.store import Proof, Store
from agpc.service.tokens.dpop import NEWEST, OLDEST

from .clocks import Clock
from .desk import DESK, SECRET, Desk, policy
from .lending import POLICY
from .proved import proved


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def generation() -> Generation:
    return policy(POLICY)


@pytest.fixture
def desk(store_url: str, generation: Generation, clock: Clock) -> Iterator[Desk]:
    with proved(store_url, generation, clock) as found:
        yield found


def issue(desk: Desk, task: str, key: str, proof: str, confidence: float = 0.9) -> dict[str, Any]:
    return desk.do(
        Issue(
            caller=DESK, key=key, task=task, capabilities=("desk.shop.browse",),
            context={"confidence": confidence}, proved="jkt", proof=proof,
        )
    )  # fmt: skip


def kept(desk: Desk) -> list[str]:
    with desk.core.store.reading() as reading:
        return [each.id for each in reading.find(Proof, "true ORDER BY id")]


def test_a_lease_that_is_refused_takes_none(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    refused = issue(desk, task, "one", "p", confidence=0.1)
    assert refused["decision"] is False and kept(desk) == []
    assert (
        issue(desk, task, "one", "p", confidence=0.1) == refused
    )  # as whoever lost the answer asks
    assert issue(desk, task, "two", "p")["decision"] is True and kept(desk) == ["p"]
    with pytest.raises(Problem, match="used before"):
        issue(desk, task, "three", "p")
    assert issue(desk, task, "two", "p")["decision"] is True  # its own key is answered again


def test_a_renewal_that_cannot_be_takes_none(desk: Desk) -> None:
    task = desk.start()["task"]["id"]
    lease = issue(desk, task, "one", "p")["lease"]

    def renew(key: str, proof: str) -> dict[str, Any]:
        return desk.do(Renew(caller=DESK, key=key, lease=lease, proved="jkt", proof=proof))

    for key in ("r1", "r2"):
        assert renew(key, key)["decision"] is True
    with pytest.raises(Problem, match="may be renewed"):
        renew("r3", "r3")
    assert kept(desk) == ["p", "r1", "r2"]
    with pytest.raises(Problem, match="used before"):
        renew("r4", "r1")


def test_another_process_sees_it(
    desk: Desk, generation: Generation, store_url: str, clock: Clock
) -> None:
    task = desk.start()["task"]["id"]
    issue(desk, task, "one", "p")
    other = Core(Store(store_url, clock=clock), generation, CoreSettings(secret=SECRET))
    try:
        with pytest.raises(Problem, match="used before"):
            issue(Desk(other), task, "two", "p")
    finally:
        other.stop()


def test_it_is_forgotten_once_nobody_takes_it(desk: Desk, clock: Clock) -> None:
    task = desk.start()["task"]["id"]
    issue(desk, task, "one", "p")
    clock.now += (OLDEST + NEWEST) * 10**9
    desk.do(Lapse(caller=SYSTEM, key="l1"))
    assert kept(desk) == ["p"]
    with pytest.raises(Problem, match="used before"):
        issue(desk, task, "two", "p")
    clock.now += KEPT
    desk.do(Report(caller=DESK, key="c", task=task, context={"confidence": 0.9}))
    desk.do(Lapse(caller=SYSTEM, key="l2"))
    assert kept(desk) == []
