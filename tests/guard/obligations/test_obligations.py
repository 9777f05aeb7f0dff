"""Each duty of a permit is done, or nothing runs; and what comes after a call is done, or nothing of its result is passed on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agpc.guard import Denied, Duty, Obligation, Returned, Settings, Withheld
from agpc.guard.enforcing.governed import own_obligations
from agpc.guard.obligations.notify import Channel, Notify
from agpc.service.outbound.fetching import Reach

from ..enforcing.desk import POLICY, Desk, desk
from .listening import listening

GRANT = "allow shop.lookup when args.order == task.order"


def obliging(*duties: str) -> str:
    """The policy of the desk, in which a lookup obliges to something."""
    obliges = "\n".join(f"    oblige {each}" for each in duties)
    return POLICY.replace(f"    {GRANT}\n", "").replace(
        "forbid secrets", f"grant looking {{\n    to helper\n    for answer\n    {GRANT}\n{obliges}\n}}\nforbid secrets"
    )  # fmt: skip


def settings(**more: Obligation) -> Settings:
    return Settings(wait=0, obligations={**own_obligations(), **more})


async def withdrawn(found: Desk) -> str:
    """Look an order up, which is denied for a duty: nothing runs, and that is recorded."""
    with pytest.raises(Denied) as caught:
        await found.call(order="o-7")
    await found.guard.close()
    assert found.shop.done == []
    assert [each["outcome"] for each in found.events("outcome")] == ["withdrawn"]
    return str(caught.value)


@pytest.mark.parametrize(
    "duty",
    [
        "dance(steps: 3)",
        'notify(channel: "other")',
        "notify(loud: true)",
        'redact(fields: "custmer")',
        'redact(fields: "customer.name")',
        'redact(fields: "customer,")',
        'redact(fields: "")',
        "redact(fields: 3)",
        'redact(field: "customer")',
        "rate_hint(calls: 0, within: 1m)",
        "rate_hint(calls: 2)",
        'rate_hint(calls: 2, within: 1m, who: "me")',
    ],
)
def test_what_cannot_be_done_refuses_the_call(tmp_path: Path, duty: str) -> None:
    async def run() -> None:
        async with desk(tmp_path, settings(notify=Notify({})), obliging(duty)) as found:
            text = await withdrawn(found)
            assert f"`{duty.partition('(')[0]}`" in text and "o-7" not in text

    asyncio.run(run())


def test_what_the_guard_does_is_done(tmp_path: Path) -> None:
    duties = (
        'redact(fields: "customer")',
        "rate_hint(calls: 10, within: 1m)",
        'notify(channel: "notes", urgent: true)',
    )

    async def perform(arguments: dict[str, Any]) -> Returned:
        value = {"total": 5, "customer": "joe@mail.example", "more": 1}
        return Returned(value, value, made_of=lambda other: other)

    async def run() -> None:
        with listening() as (url, sent):
            notify = Notify({"notes": Channel(url, Reach(private=True))})
            async with desk(tmp_path, settings(notify=notify), obliging(*duties)) as found:
                result = await found.guard.call(found.asked(order="o-7"), perform)
                assert result.given == {"total": 5, "customer": "[redacted]", "more": 1}
                assert result.hints == ("At most 10 calls of this within 1m are welcome.",)
                (told,) = sent
                assert told["capability"] == "desk.shop.lookup"
                assert told["call"] == result.call
                assert told["properties"] == {"channel": "notes", "urgent": True}
                assert "o-7" not in str(told)
                (outcome,) = found.events("outcome")  # what came is recorded as it came
                assert outcome["result"]["customer"] == "joe@mail.example"

    asyncio.run(run())


def test_text_beside_a_result_goes_with_what_is_left_out_of_it(tmp_path: Path) -> None:
    async def perform(arguments: dict[str, Any]) -> Returned:
        value = {"total": 5}  # without the customer, whom the text beside it names
        return Returned(["Joe pays 5", value], value, made_of=lambda other: [other])

    async def run() -> None:
        text = obliging('redact(fields: "customer")').replace("customer: ", "customer?: ")
        async with desk(tmp_path, settings(), text) as found:
            result = await found.guard.call(found.asked(order="o-7"), perform)
            assert result.given == [{"total": 5}]

    asyncio.run(run())


@pytest.mark.parametrize("status", [302, 404, 500, None])
def test_who_cannot_be_told_keeps_the_call_from_being_made(
    tmp_path: Path, status: int | None
) -> None:
    async def run() -> None:
        with listening(status or 200) as (url, _):
            place = "http://127.0.0.1:9/closed" if status is None else url
            notify = Notify({"notes": Channel(place, Reach(private=True, seconds=5))})
            text = obliging('notify(channel: "notes")')
            async with desk(tmp_path, settings(notify=notify), text) as found:
                said = await withdrawn(found)
                assert "127.0.0.1" not in said and "secret" not in said

    asyncio.run(run())


def test_a_duty_of_two_rules_is_done_once(tmp_path: Path) -> None:
    text = obliging('notify(channel: "notes")').replace(GRANT, f"{GRANT}\n    allow shop.*")

    async def run() -> None:
        with listening() as (url, sent):
            notify = Notify({"notes": Channel(url, Reach(private=True))})
            async with desk(tmp_path, settings(notify=notify), text) as found:
                await found.call(order="o-7")
                assert len(sent) == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    ("returned", "is_withheld"),
    [
        (Returned("shown", {"total": 5, "customer": "joe@mail.example"}), True),
        (Returned("shown", "joe@mail.example", made_of=lambda other: other), True),
        (Returned("shown", ["joe@mail.example"], made_of=lambda other: other), True),
        (Returned("shown", "joe@mail.example", failed=True, made_of=lambda other: other), True),
        (Returned("shown", {"total": 5, "customer": "x"}, made_of=lambda other: other), False),
    ],
)
def test_what_cannot_be_left_out_is_withheld(
    tmp_path: Path, returned: Returned, is_withheld: bool
) -> None:
    async def perform(arguments: dict[str, Any]) -> Returned:
        return returned

    text = obliging('redact(fields: "customer")')

    async def run() -> None:
        async with desk(tmp_path, settings(), text) as found:
            if is_withheld:
                with pytest.raises(Withheld) as caught:
                    await found.guard.call(found.asked(order="o-7"), perform)
                assert "joe" not in str(caught.value) and caught.value.__cause__ is None
            else:
                result = await found.guard.call(found.asked(order="o-7"), perform)
                assert result.given == {"total": 5, "customer": "[redacted]"}
            (outcome,) = found.events("outcome")
            assert outcome["outcome"] in ("done", "failed")

    asyncio.run(run())


class Failing(Obligation):
    """A plug-in with a fault in one place."""

    def __init__(self, where: str) -> None:
        self._where = where

    def check(self, duty: Duty) -> None:
        self._fail("check")

    async def before(self, duty: Duty) -> None:
        self._fail("before")

    async def after(self, duty: Duty, value: Any) -> Any:
        self._fail("after")
        return value

    def _fail(self, where: str) -> None:
        if where == self._where:
            raise KeyError("joe@mail.example")


@pytest.mark.parametrize("where", ["check", "before", "after"])
def test_a_fault_of_a_plug_in_opens_nothing(tmp_path: Path, where: str) -> None:
    async def run() -> None:
        async with desk(tmp_path, settings(dance=Failing(where)), obliging("dance()")) as found:
            if where == "after":
                with pytest.raises(Withheld) as caught:
                    await found.call(order="o-7")
                assert "joe" not in str(caught.value)
                assert len(found.shop.done) == 1
            else:
                assert "joe" not in await withdrawn(found)

    asyncio.run(run())


def test_a_plug_in_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(Obligation):
        async def before(self, duty: Duty) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr("agpc.guard.obligations.duties.LONGEST", 0.01)

    async def run() -> None:
        async with desk(tmp_path, settings(dance=Hanging()), obliging("dance()")) as found:
            await withdrawn(found)

    asyncio.run(run())


def test_what_is_obliged_is_told_as_much_as_the_settings_say(tmp_path: Path) -> None:
    async def run() -> None:
        said = replace(settings(), explain="nothing")
        async with desk(tmp_path, said, obliging("dance()")) as found:
            assert "dance" not in await withdrawn(found)

    asyncio.run(run())


def test_a_duty_that_cannot_be_done_is_told_as_that_and_not_as_a_denial(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, settings(), obliging("dance()")) as found:
            text = await withdrawn(found)
            assert "does not permit" not in text and "not a fault" not in text
            assert "for who runs it to mend" in text and "`dance`" in text

    asyncio.run(run())
