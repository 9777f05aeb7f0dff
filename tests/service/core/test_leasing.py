"""Until when time permits a lease is found by looking at few moments, however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agpc.service.core import SYSTEM, Adopt, Core, CoreSettings, Issue
from agpc.service.core.leases import leasing
from agpc.service.store import Store

from .clocks import TEN, Clock
from .desk import DESK, SECRET, Desk, policy
from .lending import POLICY

HOUR = 3600 * 10**9
AGED = (
    POLICY.replace(
        "    read action gap()\n", "    read action gap()\n    read action young()\n"
    ).replace(
        "{ confidence: number, site?: string }",
        "{ confidence: number, site?: string, made?: time }",
    )
    + """
grant youth {
    to  helper
    for answer
    allow shop.young when age(context.made) < 45m
    credential ttl 8h
}
"""
)


class Counted:
    """How often something is decided."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        decided = leasing._decided

        def counting(*given: Any) -> Any:
            self.times += 1
            return decided(*given)

        monkeypatch.setattr(leasing, "_decided", counting)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    generation = policy(AGED)
    core = Core(
        Store(f"sqlite:///{tmp_path}/agpc.db", clock=clock), generation, CoreSettings(secret=SECRET)
    )
    try:
        found = Desk(core)
        found.do(Adopt(caller=SYSTEM, key="begin", generation=generation))
        yield found
    finally:
        core.stop()


def issue(desk: Desk, name: str, **context: Any) -> dict[str, Any]:
    task = desk.start()["task"]["id"]
    told = {"confidence": 0.9, **context}
    capabilities = (f"desk.shop.{name}",)
    return desk.do(
        Issue(caller=DESK, key=desk.key(), task=task, capabilities=capabilities, context=told)
    )


def test_a_night_takes_a_few_looks(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now = TEN + 13 * HOUR
    counted = Counted(monkeypatch)
    assert issue(desk, "night")["expires_at"] == "2026-11-25T06:00:00Z"
    assert counted.times < 30  # and not each of 420 minutes


def test_a_time_of_the_policy_takes_a_few_looks(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    assert issue(desk, "until")["expires_at"] == "2026-11-24T10:10:30Z"
    assert counted.times < 30


def test_what_gets_too_old_is_found_to_the_moment(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    made = "2026-11-24T09:50:30.5Z"
    assert issue(desk, "young", made=made)["expires_at"].startswith("2026-11-24T10:35:30.5")
    assert counted.times < 2 * 36 + 60  # two for a minute, and then the moment between two


def test_more_moments_than_are_looked_at_end_it_earlier(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "MOST_MOMENTS", 10)
    counted = Counted(monkeypatch)
    lease = issue(desk, "young", made="2026-11-24T09:59:30Z")
    assert lease["decision"] is True and lease["expires_at"] <= "2026-11-24T10:12:00Z"
    assert counted.times < 30
