"""What the person in front of a client is asked there, what waits for others, and what a client cannot do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agpc.guard import Asked, Denied, Question, Settings, Waiting

from .desk import JOE, LEAD, desk

pytestmark = pytest.mark.usefixtures("either")

SOON = Settings(ask=0.2, wait=0.1)
LONG = Settings(wait=60)


@dataclass
class Person:
    """A client with a person in front of it."""

    says: Any = True
    user: str | None = JOE
    shown: list[tuple[str, str]] = field(default_factory=list)

    async def confirm(self, question: Question, asked: Asked) -> bool | None:
        self.shown.append(("confirm", question.id))
        if isinstance(self.says, Exception):
            raise self.says
        if self.says == "nothing":
            await asyncio.Event().wait()
        return self.says  # type: ignore[no-any-return]

    async def open(self, question: Question, asked: Asked) -> None:
        self.shown.append(("open", question.url))


def test_the_user_confirms_in_front_of_the_client(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, LONG) as found:
            person = Person()
            asked = found.asked("cancel", order="o-7")
            await found.guard.call(asked, found.shop, person)
            assert found.shop.done == [{"order": "o-7"}]
            assert [kind for kind, _ in person.shown] == ["confirm"]
            (said,) = found.events("verdict")
            assert (said["caller"], said["by"], said["roles"]) == ("guard", JOE, [])

    asyncio.run(run())


def test_what_the_user_declines_is_denied(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, LONG) as found:
            with pytest.raises(Denied, match="user:joe refused it"):
                asked = found.asked("cancel", order="o-7")
                await found.guard.call(asked, found.shop, Person(says=False))
            assert found.shop.done == []

    asyncio.run(run())


@pytest.mark.parametrize(
    "person",
    [
        Person(says=None),
        Person(says="nothing"),
        Person(says="yes"),
        Person(says=1),
        Person(says=RuntimeError("o-7")),
        Person(user=None),
        Person(user=LEAD),
    ],
)
def test_only_a_yes_of_the_very_user_confirms(tmp_path: Path, person: Person) -> None:
    async def run() -> None:
        async with desk(tmp_path, SOON) as found:
            with pytest.raises(Waiting):
                asked = found.asked("cancel", order="o-7")
                await found.guard.call(asked, found.shop, person)
            assert found.shop.done == []
            assert found.events("verdict") == []

    asyncio.run(run())


def test_what_somebody_else_approves_is_opened_for_them_and_confirmed_by_nobody(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        async with desk(tmp_path, SOON) as found:
            await found.know(LEAD, "role:lead")
            person = Person()
            with pytest.raises(Waiting) as caught:
                asked = found.asked("refund", order="o-7", amount=5)
                await found.guard.call(asked, found.shop, person)
            assert caught.value.question is not None
            assert person.shown == [("open", caught.value.question.url)]

    asyncio.run(run())


def test_the_same_call_is_the_same_question(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            ids = set()
            for _ in range(3):
                with pytest.raises(Waiting) as caught:
                    await found.call("refund", amount=5, order="o-7")
                assert caught.value.question is not None
                ids.add(caught.value.question.id)
            assert len(ids) == 1
            with pytest.raises(Waiting) as caught:
                await found.call("refund", amount=6, order="o-7")
            assert caught.value.question is not None
            assert caught.value.question.id not in ids

    asyncio.run(run())


def test_many_looks_at_a_question_are_one_event(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, Settings(wait=1.5)) as found:
            with pytest.raises(Waiting):
                await found.call("refund", amount=5, order="o-7")
            assert len(found.events("call")) == 2  # the start of the task, and this

    asyncio.run(run())


def test_a_call_that_nobody_waits_for_any_more_asks_no_longer(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, LONG) as found:
            await found.know(LEAD, "role:lead")
            call = asyncio.ensure_future(found.call("refund", amount=5, order="o-7"))
            while not found.events("call")[1:]:
                await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await found.judge()
            await found.guard.close()
            assert found.shop.done == []
            assert found.events("use") == []

    asyncio.run(run())
