"""The time of a request is over when it is, and a cancellation by somebody else stays one."""

from __future__ import annotations

import asyncio

import pytest

from agpc.service.http.gate.deadlines import Deadline, Deadlines


def test_what_takes_too_long_is_stopped_and_others_are_not() -> None:
    async def one(deadlines: Deadlines, seconds: float) -> str:
        try:
            with Deadline(deadlines):
                await asyncio.sleep(seconds)
                return "done"
        except TimeoutError:
            await asyncio.sleep(0)  # nothing of the cancellation is left
            return "over"

    async def all_of_them() -> list[str]:
        deadlines = Deadlines(0.2)
        first = [one(deadlines, each) for each in (0, 30, 0.001, 30)]
        found = list(await asyncio.gather(*first))
        return [*found, await one(deadlines, 0), await one(deadlines, 30)]

    assert asyncio.run(all_of_them()) == ["done", "over", "done", "over", "done", "over"]


def test_a_cancellation_by_somebody_else_goes_on() -> None:
    async def cancelled() -> None:
        async def waiting() -> None:
            with Deadline(Deadlines(60)):
                await asyncio.sleep(60)

        task = asyncio.create_task(waiting())
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
