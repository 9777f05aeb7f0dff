"""Files that symbolic links lead to: one file once, at whichever address it is open, and none that stays open."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from lsp.editor import ANALYSIS, Editor, started
from lsp.policies import SMALL

pytestmark = pytest.mark.asyncio

WRONG = SMALL.replace("to  bot", "to  nobody_here")


async def hovered(editor: Editor, uri: str) -> types.Hover | None:
    of = types.TextDocumentIdentifier(uri)
    place = types.Position(5, 8)  # the name of the agent
    return await editor.client.text_document_hover_async(types.HoverParams(of, place))


@pytest.mark.parametrize("after", ["removed", "led elsewhere"])
async def test_what_was_opened_at_a_link_that_is_gone_can_be_closed(
    editor: Editor, after: str
) -> None:
    editor.write(".one", SMALL)
    editor.write(".other", SMALL)
    link = editor.folder / "link.agp"
    link.symlink_to(".one")
    uri = editor.open("link.agp", WRONG)
    await editor.until(lambda: editor.codes(uri, "agpc") == ["AGP1101"])
    link.unlink()
    if after == "led elsewhere":
        link.symlink_to(".other")
    editor.close(uri)
    await editor.until(lambda: editor.codes(uri, "agpc") == [])
    assert await hovered(editor, uri) is None or after == "led elsewhere"


async def test_a_document_is_the_file_that_its_link_leads_to_now(editor: Editor) -> None:
    one = editor.write("one.agp", SMALL)
    text = SMALL.replace("package shop", "package other").replace("/bot", "/other")
    other = editor.write("other.agp", text)
    link = editor.folder / "link.agp"
    link.symlink_to("one.agp")
    uri = editor.open("link.agp", WRONG)
    await editor.until(lambda: editor.codes(uri, "agpc") == ["AGP1101"])
    link.unlink()
    link.symlink_to("other.agp")
    editor.write_over(uri, text)
    editor.changed_on_disk(uri)

    def is_other() -> bool:
        found = bool(editor.codes(one, ANALYSIS) and editor.codes(uri, ANALYSIS))
        return found and editor.codes(other) == editor.codes(uri, "agpc") == []

    await editor.until(is_other)


@pytest.mark.parametrize("inside", [True, False])
async def test_a_file_that_is_open_at_two_links_is_one(tmp_path: Path, inside: bool) -> None:
    (tmp_path / "first.agp").write_text(SMALL)
    (tmp_path / "second.agp").symlink_to("first.agp")
    folders = [tmp_path] if inside else []
    async with started(tmp_path, folders=folders) as editor:
        first, second = editor.open("first.agp"), editor.open("second.agp")
        for each in (first, second):
            await editor.until(lambda each=each: editor.codes(each, ANALYSIS))
            assert editor.codes(each, "agpc") == []
            assert await hovered(editor, each) is not None
        editor.write_over(first, WRONG)
        await editor.until(lambda: editor.codes(first, "agpc") == ["AGP1101"])
        await editor.until(lambda: len(editor.diagnostics(second)) == 1)
        [said] = editor.diagnostics(second)
        assert f"`{tmp_path / 'first.agp'}`, too" in said.message
        assert await hovered(editor, second) is None
        editor.write_over(second, WRONG)
        for each in (first, second):
            await editor.until(lambda each=each: editor.codes(each, "agpc") == ["AGP1101"])
        editor.write_over(second, SMALL)
        await editor.until(lambda: editor.codes(second, "agpc") == [])
        await editor.until(lambda: len(editor.diagnostics(first)) == 1)
        editor.close(second)
        await editor.until(lambda: editor.codes(first, "agpc") == ["AGP1101"])
        await editor.until(lambda: editor.codes(second) == [])
        editor.close(first)
        wanted = ANALYSIS if inside else None
        await editor.until(lambda: bool(editor.codes(first, wanted)) is inside)


async def test_asking_at_one_link_leaves_what_is_known_of_the_other(tmp_path: Path) -> None:
    """Each is a set of its own here: had both one key, each question would undo what the last one left."""
    (tmp_path / "first.agp").write_text(SMALL)
    (tmp_path / "second.agp").symlink_to("first.agp")
    async with started(tmp_path, folders=[]) as editor:
        first, second = editor.open("first.agp"), editor.open("second.agp")
        editor.write_over(first, SMALL + "# more\n")
        editor.write_over(second, SMALL + "# more\n")
        for _ in range(5):
            assert await hovered(editor, first) is not None
            assert await hovered(editor, second) is not None
        for each in (first, second):
            await editor.until(lambda each=each: editor.codes(each, ANALYSIS))
