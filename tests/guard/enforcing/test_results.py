"""What is recorded of a result, and what of it is passed on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agpc.compiler.check.compiling.load import load_policy
from agpc.guard import Denied, Result, Returned, Settings, Withheld
from agpc.guard.enforcing.results import fits
from agpc.guard.enforcing.vocabulary import Vocabulary

from .desk import HELPER, POLICY, Desk, desk

pytestmark = pytest.mark.usefixtures("either")


async def looked_up(found: Desk, returned: Returned) -> Result:
    async def perform(arguments: dict[str, Any]) -> Returned:
        return returned

    return await found.guard.call(found.asked(order="o-7"), perform)


def test_values_of_a_result_are_where_they_came_from(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            to = ["joe@mail.example"]
            with pytest.raises(Denied):
                await found.call("send", "mail", to=to, body="")
            await found.call(order="o-7")
            await found.call("send", "mail", to=to, body="")

    asyncio.run(run())


@pytest.mark.parametrize(
    "returned",
    [
        Returned("a picture", {"total": 5, "customer": "joe@mail.example"}, partial=True),
        Returned("large", {"total": 5, "customer": "j" * 5_000}),
    ],
)
def test_a_result_whose_values_are_unknown_is_passed_on(tmp_path: Path, returned: Returned) -> None:
    async def run() -> None:
        async with desk(tmp_path, Settings(longest_result=4_000)) as found:
            assert (await looked_up(found, returned)).given == returned.given
            (told,) = found.events("outcome")
            assert told["unreadable"] is True and "result" not in told
            assert told["result_digest"].startswith("sha256:")
            with pytest.raises(Denied):  # what was known before is not known any more
                await found.call("send", "mail", to=["joe@mail.example"], body="")

    asyncio.run(run())


@pytest.mark.parametrize(
    "value",
    ["the total is 5", {"total": 5, "customer": 7}, {"total": 5}, {}, [], None, float("nan")],
)
def test_a_result_that_is_not_as_declared_is_withheld_where_the_policy_reads_it(
    tmp_path: Path, value: Any
) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            with pytest.raises(Withheld) as caught:
                await looked_up(found, Returned(value, value))
            assert "This call was made" in str(caught.value)
            assert caught.value.__cause__ is None and "total" not in str(caught.value)
            (told,) = found.events("outcome")
            assert (told["outcome"], told["unreadable"]) == ("done", True)

    asyncio.run(run())


def test_a_part_that_no_source_reads_passes_whatever_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    value = {"total": "five", "customer": "ann@mail.example", "more": {"at": "noon"}}

    async def run() -> None:
        async with desk(tmp_path) as found:
            assert (await looked_up(found, Returned(value, value))).given == value
            (told,) = found.events("outcome")
            assert (told["outcome"], told["result"]) == ("done", value)
            # The part that is read counts, as for the reference function, and what is not as declared comes from nowhere.
            assert await found.call("send", "mail", to=["ann@mail.example"], body="Hello")
            with pytest.raises(Denied):
                await found.call("send", "mail", to=["five"], body="Hello")

    asyncio.run(run())
    assert "`desk.shop.lookup` is not as declared" in caplog.text and "five" not in caplog.text


@pytest.mark.parametrize(
    ("source", "value", "passes"),
    [
        ("shop.find", {"found": [{"name": "a", "at": "x"}]}, False),
        ("shop.find.found.name", {"found": [{"name": "a", "at": "x"}], "count": "many"}, True),
        ("shop.find.found.name", {"found": [{"name": 3, "at": "x"}]}, False),
        ("shop.find.found.name", {"found": "a"}, False),
        ("shop.find.found.name", [], False),
        (
            "shop.find.found.name when it.at == 2026-01-01",
            {"found": [{"name": "a", "at": "x"}]},
            False,
        ),
        (
            "shop.find.found.name when it.at == 2026-01-01",
            {"found": [{"name": "a", "at": "2026-01-01"}], "count": "many"},
            True,
        ),
    ],
)
def test_what_a_source_reads_is_what_has_to_fit(
    tmp_path: Path, source: str, value: Any, passes: bool
) -> None:
    path = tmp_path / "desk.agp"
    path.write_text(
        f"""
language 2
package desk
agent helper = "{HELPER}"
intent answer "Answer"
tool shop {{
    read action find() -> {{ found: [{{ name: string, at: date }}], count?: int }}
    write action note(text: string)
}}
source seen = {source}
grant answering {{
    to  helper
    for answer
    allow shop.find
    allow shop.note when args.text from seen
}}
"""
    )
    tool = Vocabulary.of(load_policy([path])).tools["desk.shop.find"]
    assert tool.result_is_read and fits(Returned(value, value), tool) is passes


def test_a_result_that_no_source_reads_is_passed_on_whatever_it_is(tmp_path: Path) -> None:
    text = POLICY.replace("source vouched = task, shop.lookup.customer", "source vouched = task")

    async def run() -> None:
        async with desk(tmp_path, text=text) as found:
            assert (await looked_up(found, Returned("x", "x"))).given == "x"
            assert (await looked_up(found, Returned("nothing"))).given == "nothing"
            first, second = found.events("outcome")
            assert first["result"] == "x" and "result" not in second

    asyncio.run(run())


def test_what_a_tool_says_of_its_failure_is_a_result(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            given = await looked_up(found, Returned("no", "no such order", failed=True))
            assert given.given == "no"
            (told,) = found.events("outcome")
            assert (told["outcome"], told["result"]) == ("failed", "no such order")

    asyncio.run(run())


def test_what_an_exception_says_is_recorded(tmp_path: Path) -> None:
    async def perform(arguments: dict[str, Any]) -> Returned:
        raise ValueError("ask eve@evil.example")

    async def run() -> None:
        async with desk(tmp_path) as found:
            with pytest.raises(ValueError, match="eve"):
                await found.guard.call(found.asked(order="o-7"), perform)
            (told,) = found.events("outcome")
            assert told["result"] == "ask eve@evil.example"

    asyncio.run(run())
