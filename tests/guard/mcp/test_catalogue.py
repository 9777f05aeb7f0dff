"""The catalogue of a server's tools: of today whenever a call is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import anyio
import mcp_types as types

from agpc.compiler.check.compiling.load import load_policy
from agpc.guard.enforcing.vocabulary import Vocabulary
from agpc.guard.mcp.catalogue import Catalogue, Entry, Hidden
from agpc.guard.mcp.notes import Notes
from agpc.guard.mcp.server_side.upstream import Gone, Upstream

from .guarding import HEAD

POLICY = f"""{HEAD}
tool words {{
    action echo(text: string)
}}
grant saying {{
    to bot
    for answer
    allow words.echo
}}
"""
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
OTHER = {"type": "object", "properties": {"words": {"type": "string"}}, "required": ["words"]}


class Listing:
    """A server that is asked what it has."""

    def __init__(self) -> None:
        self.asked, self.schema = 0, SCHEMA
        self.meanwhile: Callable[[], None] = lambda: None
        self.is_gone = False

    async def tools(self) -> list[types.Tool]:
        self.asked += 1
        if self.is_gone:
            raise Gone("the connection is closed")
        found = types.Tool(name="echo", input_schema=self.schema)
        await anyio.lowlevel.checkpoint()
        self.meanwhile()
        return [found]


class Known:
    """What the policy declares, until another policy comes."""

    def __init__(self, folder: Path) -> None:
        (folder / "desk.agp").write_text(POLICY)
        self._paths = [folder / "desk.agp"]
        self.now = Vocabulary.of(load_policy(self._paths))

    def another(self) -> None:
        self.now = Vocabulary.of(load_policy(self._paths))


def catalogue(known: Known, server: Listing) -> Catalogue:
    return Catalogue(lambda: known.now, (), cast(Upstream, server), Notes())


async def _found(it: Catalogue) -> type[Any]:
    return type(await it.find("echo", "t-1"))


def test_tools_are_listed_once_until_the_server_says_that_they_changed(tmp_path: Path) -> None:
    server = Listing()
    it = catalogue(Known(tmp_path), server)

    async def main() -> None:
        assert [await _found(it) for _ in range(3)] == [Entry] * 3
        assert server.asked == 1
        server.schema = OTHER
        it.outdated()
        assert await _found(it) is Hidden
        assert server.asked == 2

    anyio.run(main)


def test_what_changes_while_tools_are_listed_is_known_at_the_next_call(tmp_path: Path) -> None:
    server = Listing()
    it = catalogue(Known(tmp_path), server)

    def change() -> None:
        server.schema, server.meanwhile = OTHER, lambda: None
        it.outdated()

    server.meanwhile = change

    async def main() -> None:
        await it.find("echo", "t-1")
        assert await _found(it) is Hidden
        assert server.asked == 2

    anyio.run(main)


def test_no_call_is_held_to_an_old_list_while_it_is_read_under_another_policy(
    tmp_path: Path,
) -> None:
    server, known = Listing(), Known(tmp_path)
    it = catalogue(known, server)
    found: list[type[Any]] = []

    async def find() -> None:
        found.append(await _found(it))

    async def main() -> None:
        await find()
        server.schema = OTHER
        known.another()
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(find)

    anyio.run(main)
    assert found == [Entry, *[Hidden] * 5]
    assert server.asked == 2


def test_a_list_that_could_not_be_read_is_read_again(tmp_path: Path) -> None:
    server, known = Listing(), Known(tmp_path)
    it = catalogue(known, server)

    async def main() -> None:
        await it.find("echo", "t-1")
        known.another()
        for _ in range(2):
            server.is_gone = True
            try:
                await it.find("echo", "t-1")
            except Gone:
                continue
            raise AssertionError("an old list was taken")
        server.is_gone = False
        assert await _found(it) is Entry

    anyio.run(main)
