"""One governed call: decided, done once, recorded, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agpc.guard import Denied, Lost, NotSent, Returned, Settings, Waiting

from .desk import LEAD, POLICY, desk

pytestmark = pytest.mark.usefixtures("either")


def test_a_permitted_call_is_done_once_as_it_was_decided(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            assert await found.call(order="o-7") == found.shop.result
            assert found.shop.done == [{"order": "o-7"}]
            (call,) = [each for each in found.events("call") if each["id"] != "c-1"]
            assert call["effect"] == "permit"
            (outcome,) = found.events("outcome")
            assert (outcome["call"], outcome["result"]) == (call["id"], found.shop.result)
            assert await found.call("send", "mail", to=["joe@mail.example"], body="Hello.")
            assert found.open_calls() == []

    asyncio.run(run())


def test_what_is_refused_is_recorded_however_much_there_is_to_say_of_it(tmp_path: Path) -> None:
    """A tool of many long names, or a server that says a great deal of why, left nothing in the trail."""
    names = [f"an_argument_of_a_name_that_is_quite_long_indeed_{each}" for each in "abcdefghijkl"]
    parameters = ", ".join(f"{each}?: string" for each in names)
    text = POLICY.replace("note(text: string)", f"note(text: string, {parameters})")

    async def run() -> None:
        async with desk(tmp_path, text=text) as found:
            with pytest.raises(Denied):
                await found.call("note", text="hello", more=1)
            told = "one\ud83d\x00two\n" + "word " * 1_000
            await found.enforcement.refuse(found.task.id, told, {}, "by-hand")
            first, second = (each["why"] for each in found.events("refused"))
            assert first.startswith("it has an argument that the policy does not declare")
            assert second.startswith("one<U+D83D><U+0000>two<U+000A>word word")
            assert len(first) == len(second) == 512 and second.endswith("…")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("tool", "action", "arguments"),
    [
        ("shop", "lookup", {"order": "o-8"}),
        ("shop", "lookup", {"order": "o-7", "more": 1}),
        ("shop", "lookup", {"order": "o-7", "deep": "yes"}),
        ("shop", "lookup", {"order": 7}),
        ("shop", "lookup", {}),
        ("shop", "lookup", {"order": "o-7", "deep": float("nan")}),
        ("shop", "none", {}),
        ("none", "lookup", {"order": "o-7"}),
        ("mail", "send", {"to": ["eve@evil.example"], "body": ""}),
        ("shop", "note", {"text": "the secret"}),
    ],
)
def test_what_is_not_permitted_does_not_run(
    tmp_path: Path, tool: str, action: str, arguments: dict[str, Any]
) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            with pytest.raises(Denied) as caught:
                await found.call(action, tool, **arguments)
            assert "Nothing ran." in str(caught.value)
            assert "o-8" not in str(caught.value)
            assert found.shop.done == []
            assert found.events("outcome") == []

    asyncio.run(run())


def test_a_call_that_is_not_as_declared_is_recorded_without_its_values(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            for wrong in ({"order": "o-7", "more": 1}, {"order": float("nan")}, {"order": {1}}):
                with pytest.raises(Denied):
                    await found.call(**wrong)
            assert len(found.events("call")) == 1  # the start of the task
            assert [each["why"] for each in found.events("refused")] == [
                "it has an argument that the policy does not declare; declared are `deep`, `order`",
                *["what is asked is no JSON that every reader reads alike, or too deep"] * 2,
            ]

    asyncio.run(run())


def test_a_denial_says_what_would_be_permitted(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            with pytest.raises(Denied, match="Other calls of this tool may be permitted"):
                await found.call("lookup", order="o-8")
            with pytest.raises(Denied, match=r"cancel, lookup, refund, send, write-note\."):
                await found.call("none")

    asyncio.run(run())


def test_what_waits_for_a_person_is_done_once_they_approve(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            await found.know(LEAD, "role:lead")
            with pytest.raises(Waiting) as caught:
                await found.call("refund", order="o-7", amount=5)
            assert caught.value.question is not None
            assert caught.value.question.url in str(caught.value)
            assert found.shop.done == []
            await found.judge()
            await found.call("refund", order="o-7", amount=5)
            assert found.shop.done == [{"order": "o-7", "amount": 5}]
            with pytest.raises(Waiting):
                await found.call("refund", order="o-7", amount=5)

    asyncio.run(run())


def test_a_call_that_waits_goes_on_once_they_approve(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, Settings(wait=60)) as found:
            await found.know(LEAD, "role:lead")
            waiting = asyncio.ensure_future(found.call("refund", order="o-7", amount=5))
            while not found.events("call")[1:]:
                await asyncio.sleep(0.01)
            await found.judge()
            await waiting
            effects = [each["effect"] for each in found.events("call")[1:]]
            assert effects == ["challenge", "permit"]

    asyncio.run(run())


def test_the_message_of_a_refusal_reaches_the_model(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, Settings(wait=60)) as found:
            await found.know(LEAD, "role:lead")
            waiting = asyncio.ensure_future(found.call("refund", order="o-7", amount=5))
            while not found.events("call")[1:]:
                await asyncio.sleep(0.01)
            await found.judge("refuse", message="ask for less")
            with pytest.raises(Denied, match="ask for less"):
                await waiting
            assert found.shop.done == []

    asyncio.run(run())


class Broken(Exception):
    pass


@pytest.mark.parametrize(
    ("raised", "outcome"), [(Broken(), "failed"), (NotSent(), "withdrawn"), (Lost(), None)]
)
def test_what_a_call_ends_with_is_told(
    tmp_path: Path, raised: Exception, outcome: str | None
) -> None:
    async def perform(arguments: dict[str, Any]) -> Returned:
        raise raised from Broken()

    async def run() -> None:
        async with desk(tmp_path) as found:
            with pytest.raises(Broken):
                await found.guard.call(found.asked(order="o-7"), perform)
            told = [each["outcome"] for each in found.events("outcome")]
            assert told == ([] if outcome is None else [outcome])
            assert len(found.open_calls()) == (1 if outcome is None else 0)

    asyncio.run(run())


def test_a_call_that_nobody_waits_for_is_told_of(tmp_path: Path) -> None:
    began = asyncio.Event()

    async def perform(arguments: dict[str, Any]) -> Returned:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def run() -> None:
        async with desk(tmp_path) as found:
            call = asyncio.ensure_future(found.guard.call(found.asked(order="o-7"), perform))
            await began.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await found.guard.close()
            assert [each["outcome"] for each in found.events("outcome")] == ["failed"]

    asyncio.run(run())


def test_a_call_that_nobody_waited_for_when_it_was_decided_is_withdrawn(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            call = asyncio.ensure_future(found.call(order="o-7"))
            await asyncio.sleep(0)  # it is being decided
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await found.guard.close()
            assert found.shop.done == []
            assert [each["outcome"] for each in found.events("outcome")] == ["withdrawn"]

    asyncio.run(run())
