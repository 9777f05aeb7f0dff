"""The clock of the store's host ran ahead and was set right: nothing is decided until an operator says so, and then it goes on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.service.audit.notes import Signer
from agpc.service.core import (
    SYSTEM,
    AcceptClock,
    Adopt,
    Caller,
    Core,
    CoreSettings,
    Problem,
    Publish,
    open_view,
)
from agpc.service.store import Store

from .desk import SECRET, Desk, policy

ADMIN = Caller("ops", ("admin",), ())
SECOND = 10**9
YEAR = 365 * 86_400 * SECOND


@dataclass
class Clock:
    now: int = 1_795_000_000 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.mark.parametrize("back", [2 * SECOND, 3_600 * SECOND, YEAR])
def test_an_operator_accepts_a_clock_that_was_set_back(store_url: str, back: int) -> None:
    generation, clock = policy(), Clock()
    signer = Signer.generate("log.example/desk")
    core = Core(
        Store(store_url, clock=clock), generation, CoreSettings(secret=SECRET, signer=signer)
    )
    try:
        desk = Desk(core)
        desk.do(Adopt(caller=SYSTEM, key="begin", generation=generation))
        clock.now += back
        task = desk.start()["task"]["id"]
        assert desk.call(task, "shop", "lookup", order="o-7")["decision"] is True
        clock.now -= back
        with pytest.raises(Problem) as caught:
            desk.call(task, "shop", "lookup", key="again", order="o-7")
        assert caught.value.status == 503
        assert core.ready() == [
            "the clock is behind the latest event of the store",
            "the last turn failed",
        ]
        accepted = desk.do(AcceptClock(caller=ADMIN, key="clock", why="it ran ahead"))
        assert desk.do(AcceptClock(caller=ADMIN, key="clock", why="it ran ahead")) == accepted
        with pytest.raises(Problem) as caught:
            desk.do(AcceptClock(caller=ADMIN, key="more", why="to be sure"))
        assert (caught.value.status, caught.value.code) == (409, "clock_right")
        assert core.ready() == []
        assert desk.call(task, "shop", "lookup", key="again", order="o-7")["decision"] is True
        asyncio.run(core.do(Publish(caller=SYSTEM, key="p")))
    finally:
        core.stop()
    with open_view(store_url) as view:
        found = verify(StoredTrail(view, view), LogKey.read(signer.vkey))
    assert found.wrong == []


@pytest.mark.parametrize("behind", [-SECOND, 0, SECOND])
def test_a_clock_that_is_right_is_not_accepted(store_url: str, behind: int) -> None:
    """Else a word of an operator would make every meter doubtful for nothing."""
    generation, clock = policy(), Clock()
    core = Core(Store(store_url, clock=clock), generation, CoreSettings(secret=SECRET))
    try:
        desk = Desk(core)
        desk.do(Adopt(caller=SYSTEM, key="begin", generation=generation))
        with core.view() as view:
            before = view.head.seq
            clock.now = view.head.time - behind
        with pytest.raises(Problem) as caught:
            desk.do(AcceptClock(caller=ADMIN, key="clock", why="to be sure"))
        assert (caught.value.status, caught.value.code) == (409, "clock_right")
        with core.view() as view:
            assert view.head.seq == before
    finally:
        core.stop()
