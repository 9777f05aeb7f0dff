"""Calls that people are asked about, with three shapes of client, in both forms of the specification."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from agpc.guard.enforcing.embedded import Embedded
from agpc.guard.enforcing.enforcement import Asked, Task
from agpc.guard.mcp.asking import shown
from agpc.service.config.read import read_settings
from agpc.service.core import SYSTEM, Judge, Know, as_person

from .guarding import BOT, Guarding, text_of
from .servers import hostile_server

JOE, LEAD = "user:joe", "user:ann"
POLICY = """
tool words {
    action echo(text: string)
}
grant saying {
    to bot
    for answer
    allow words.echo when args.text == "free"
    allow words.echo when args.text like "confirm*" require confirmation within 1h
    allow words.echo when args.text like "approve*" require approval by "role:lead" within 1h
}
"""
MODES = ["auto", "legacy"]


def guarding(folder: Path, *options: str) -> Guarding:
    server = hostile_server("good", str(folder / "calls"))
    return Guarding(folder, POLICY, server, ("--user", JOE, "--wait", "0", *options))


def reached(folder: Path) -> int:
    """How many calls reached the server."""
    file = folder / "calls"
    return len(file.read_text().splitlines()) if file.exists() else 0


class Person:
    """Whoever sits in front of a client, and what they were shown."""

    def __init__(self, action: str = "accept", **content: Any) -> None:
        self.action, self.content = action, content
        self.shown: list[Any] = []

    async def __call__(self, _: Any, params: Any) -> types.ElicitResult:
        self.shown.append(params)
        has_form = isinstance(params, types.ElicitRequestFormParams)
        content = self.content if has_form and self.action == "accept" else None
        return types.ElicitResult(action=self.action, content=content)  # type: ignore[arg-type]


def say(it: Guarding, mode: str, person: Person | None, *texts: str) -> list[types.CallToolResult]:
    """Call the tool with each text."""

    async def use() -> list[types.CallToolResult]:
        async with it.client(mode, elicitation_callback=person) as client:
            return [await client.call_tool("echo", {"text": each}) for each in texts]

    return anyio.run(use)


def test_a_form_says_what_is_read() -> None:
    task = Task("t-1", BOT, "desk.answer")
    asked = Asked(task, "desk.notes", "read", {}, "notes://team/pay", {"name": "pay\n\u202ex"})
    *_, about, name = shown(asked).splitlines()
    assert about == '  id: "notes://team/pay"' and name == '  name: "pay\\n\\u202ex"'


@pytest.mark.parametrize("mode", MODES)
def test_the_user_confirms_by_a_form_that_shows_the_call(tmp_path: Path, mode: str) -> None:
    person = Person(confirm=True)
    (given,) = say(guarding(tmp_path, "--confirm-here"), mode, person, "confirm \u202ethis")
    assert not given.is_error and text_of(given) == "confirm \u202ethis"
    (form,) = person.shown
    assert "desk.words.echo" in form.message and "\\u202e" in form.message
    assert reached(tmp_path) == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "person",
    [Person("decline"), Person(confirm=False), Person("accept")],
    ids=["no", "off", "empty"],
)
def test_what_the_user_does_not_confirm_is_not_made(
    tmp_path: Path, mode: str, person: Person
) -> None:
    it = guarding(tmp_path, "--confirm-here")
    (given,) = say(it, mode, person, "confirm it")
    assert given.is_error and "Nothing ran" in text_of(given)
    assert reached(tmp_path) == 0 and it.outcomes() == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "person",
    [Person("cancel"), Person(confirm=1), Person(confirm="true")],
    ids=["cancel", "number", "text"],
)
def test_a_question_that_is_waved_away_or_not_answered_as_asked_stays_open(
    tmp_path: Path, mode: str, person: Person
) -> None:
    (given,) = say(guarding(tmp_path, "--confirm-here"), mode, person, "confirm it")
    assert given.is_error and "Repeat exactly the same call later" in text_of(given)
    assert reached(tmp_path) == 0


@pytest.mark.parametrize("mode", MODES)
def test_nobody_confirms_at_a_client_of_which_the_operator_says_nothing(
    tmp_path: Path, mode: str
) -> None:
    person = Person(confirm=True)
    (given,) = say(guarding(tmp_path), mode, person, "confirm it")
    assert given.is_error and reached(tmp_path) == 0
    assert [type(each) for each in person.shown] == [types.ElicitRequestURLParams]


@pytest.mark.parametrize("mode", MODES)
def test_a_client_that_can_open_a_page_does_and_has_not_approved_with_that(
    tmp_path: Path, mode: str
) -> None:
    person = Person(confirm=True)
    (given,) = say(guarding(tmp_path, "--confirm-here"), mode, person, "approve it")
    (page,) = person.shown
    assert isinstance(page, types.ElicitRequestURLParams) and "/requests/" in page.url
    assert given.is_error and page.url in text_of(given) and reached(tmp_path) == 0


@pytest.mark.parametrize("mode", MODES)
def test_a_client_that_cannot_ask_is_told_where_people_answer(tmp_path: Path, mode: str) -> None:
    it = guarding(tmp_path, "--confirm-here")
    first, second, free = say(it, mode, None, "approve it", "approve it", "free")
    assert "/requests/" in text_of(first) and text_of(first) == text_of(second)
    assert not free.is_error and reached(tmp_path) == 1


@pytest.mark.parametrize("mode", MODES)
def test_the_same_call_is_made_once_it_is_approved_elsewhere(tmp_path: Path, mode: str) -> None:
    it = guarding(tmp_path)

    async def use() -> None:
        async with it.client(mode) as client:
            asked = await client.call_tool("echo", {"text": "approve it"})
            assert asked.is_error
            await approve(it)
            assert (await client.call_tool("echo", {"text": "approve that"})).is_error
            assert not (await client.call_tool("echo", {"text": "approve it"})).is_error
            assert (await client.call_tool("echo", {"text": "approve it"})).is_error  # once

    anyio.run(use)
    assert reached(tmp_path) == 1


async def approve(it: Guarding) -> None:
    """Approve the first question, as somebody at another process on the store."""
    flags = {"policies": [str(it.path)], "store": it.store}
    enforcement = await Embedded.begin(read_settings(None, flags))
    core = enforcement.core
    await core.do(Know(caller=SYSTEM, key="know", person=LEAD, roles=("role:lead",)))
    with core.view() as view:
        question = view.requests(state="pending")[-1]
    policy = core.generation.digest
    judge = Judge(
        caller=as_person(LEAD), key="judge", request=question.id, verdict="approve", policy=policy
    )
    await core.do(judge)
    await enforcement.close()


def test_the_answer_to_a_question_is_good_for_its_call_alone_and_once(tmp_path: Path) -> None:
    it = guarding(tmp_path, "--confirm-here")
    answer = types.ElicitResult(action="accept", content={"confirm": True})

    async def use() -> None:
        async with it.client(elicitation_callback=Person()) as client:
            asked = await ask(client, "confirm it")
            assert isinstance(asked, types.InputRequiredResult)
            (name,) = asked.input_requests or {}
            for text, state in (("confirm that", asked.request_state), ("confirm it", "made up")):
                with pytest.raises(MCPError):
                    await ask(client, text, {name: answer}, state)
            made = await ask(client, "confirm it", {name: answer}, asked.request_state)
            assert isinstance(made, types.CallToolResult) and not made.is_error
            with pytest.raises(MCPError):
                await ask(client, "confirm it", {name: answer}, asked.request_state)

    anyio.run(use)
    assert reached(tmp_path) == 1 and BOT in str(it.events("call"))
    assert (
        len(it.events("refused")) == 3
    )  # each try with what was not given to that call, or was used


async def ask(client: Client, text: str, responses: Any = None, state: str | None = None) -> Any:
    return await client.session.call_tool(
        "echo",
        {"text": text},
        input_responses=responses,
        request_state=state,
        allow_input_required=True,
    )


def test_what_a_client_never_comes_back_for_is_never_made(tmp_path: Path) -> None:
    it = guarding(tmp_path, "--wait", "5")

    async def use() -> None:
        async with it.client(elicitation_callback=Person()) as client:
            asked = await ask(client, "approve it")
            assert isinstance(asked, types.InputRequiredResult)
            await approve(it)
            await asyncio.sleep(1)

    anyio.run(use)
    assert reached(tmp_path) == 0 and it.outcomes() == []
