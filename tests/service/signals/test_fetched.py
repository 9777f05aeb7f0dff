"""Events that are fetched where they lie."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agpc.service.core import (
    Problem,
)
from agpc.service.outbound.fetching import NotFetched, Reach
from agpc.service.signals.polling import PollEndpoint, Poller

from .hearing import House, hostile
from .transmitting import known


def place(house: House) -> tuple[Poller, PollEndpoint]:
    transmitters = known(house.there.sender, house.url)
    found = PollEndpoint(
        transmitters.all[0], f"{house.url}/poll", 10, Reach(private=True), {"authorization": "Bearer ours"}
    )  # fmt: skip
    return Poller(transmitters), found


def lie(house: House, count: int, **claims: Any) -> list[str]:
    for _ in range(count):
        text = house.there.sender.set(**claims)
        house.there.sets[f"e-{house.there.sender.count}"] = text
    return list(house.there.sets)


def test_what_lies_there_is_fetched_and_acknowledged(house: House) -> None:
    lease, names = house.lease(house.task()), lie(house, 5)
    house.there.most = 2
    poller, where = place(house)
    poller.poll(where, house.desk.core.do_now)
    assert not house.is_good(lease) and house.there.sets == {}
    assert [each["jti"] for each in house.bodies("signal")] == names
    assert house.there.refused == {}


def test_nothing_is_acknowledged_before_it_lasts(house: House) -> None:
    lease, names = house.lease(house.task()), lie(house, 2)
    poller, where = place(house)

    def failing(operation: Any) -> dict[str, Any]:
        if operation.jti == names[1]:
            raise Problem(503, "unavailable", "the store is away")
        return house.desk.core.do_now(operation)

    with pytest.raises(Problem):
        poller.poll(where, failing)
    assert len(house.there.sets) == 2 and all("ack" not in each for each in house.there.asked)
    poller.poll(where, house.desk.core.do_now)
    assert house.there.sets == {} and not house.is_good(lease)
    assert [each["jti"] for each in house.bodies("signal")] == names  # the first of them once


def test_what_was_not_acknowledged_comes_again_and_does_nothing(house: House) -> None:
    (name,) = lie(house, 1)
    poller, where = place(house)
    house.there.answers = [json.dumps({"sets": dict(house.there.sets)}).encode(), b"{"]
    with pytest.raises(NotFetched):
        poller.poll(where, house.desk.core.do_now)
    place_of_another_process = place(house)
    place_of_another_process[0].poll(place_of_another_process[1], house.desk.core.do_now)
    assert [each["jti"] for each in house.bodies("signal")] == [name]


def test_what_is_not_good_is_told_and_keeps_nobody_waiting(house: House) -> None:
    bad = {what: make(house.there.sender) for what, (_, make) in hostile().items()}
    house.there.sets = {**bad, "none": 7, "other": house.there.sender.set(jti="x")}
    lease = house.lease(house.task())
    (good,) = (each for each in lie(house, 1) if each.startswith("e-"))
    poller, where = place(house)
    poller.poll(where, house.desk.core.do_now)
    assert not house.is_good(lease) and house.there.sets == {}
    codes = {name: each["err"] for name, each in house.there.refused.items()}
    expected = {what: code for what, (code, _) in hostile().items()}
    assert codes == {**expected, "none": "invalid_request", "other": "invalid_request"}
    assert [each["jti"] for each in house.bodies("signal")] == [good]


@pytest.mark.parametrize("answer", [b"[]", b"{}", b'{"sets": []}', b"\xff", b"[" * 5000])
def test_an_answer_that_is_none_is_not_read(any_house: House, answer: bytes) -> None:
    house = any_house
    house.there.answers = [answer]
    poller, where = place(house)
    with pytest.raises(NotFetched):
        poller.poll(where, house.desk.core.do_now)
