"""Diagnostics, as an author sees them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from lsp.editor import ANALYSIS, Editor, able_as_vs_code, started
from lsp.policies import SMALL

pytestmark = pytest.mark.asyncio


async def test_errors_of_syntax_names_and_types_come_as_one_types(editor: Editor) -> None:
    uri = editor.open("a.agp", SMALL)
    await editor.until_told(uri)
    assert editor.codes(uri, "agpc") == []
    editor.write_over(uri, SMALL.replace("to  bot", "to  bott"))
    await editor.until_told(uri)
    assert editor.codes(uri, "agpc") == ["AGP1101"]
    editor.write_over(uri, SMALL.replace("<= 10", '<= "x"'))
    await editor.until_told(uri)
    assert editor.codes(uri, "agpc") != []
    editor.write_over(uri, SMALL.replace("{", "", 1))
    await editor.until_told(uri)
    assert "AGP1001" in editor.codes(uri, "agpc")
    editor.write_over(uri, SMALL)
    await editor.until_told(uri)
    assert editor.codes(uri, "agpc") == []


async def test_the_analysis_comes_after_and_is_marked_as_such(editor: Editor) -> None:
    uri = editor.open("a.agp", SMALL)
    await editor.until(lambda: editor.codes(uri, "agpc analysis"))


async def test_silences_and_settings_hold_as_in_a_check(editor: Editor) -> None:
    silenced = SMALL.replace("grant bot", "# agpc: allow AGP4101 -- as agreed\ngrant bot")
    editor.write("agpc.toml", 'ignore = ["AGP4102"]\nseverity = { AGP4104 = "error" }\n')
    uri = editor.open("a.agp", silenced)
    await editor.until(lambda: editor.codes(uri, ANALYSIS) == ["AGP4104"])
    [found] = editor.diagnostics(uri)
    assert found.severity == types.DiagnosticSeverity.Error


async def test_a_mistake_in_the_settings_is_shown_there_until_it_is_mended(editor: Editor) -> None:
    toml = editor.write("agpc.toml", '# all of it\nignored = ["AGP4201"]\n')
    uri = editor.open("a.agp", SMALL.replace("to  bot", "to  bott"))
    await editor.until(lambda: editor.diagnostics(toml))
    [said] = editor.diagnostics(toml)
    assert "there is no setting `ignored`" in said.message
    assert said.range == types.Range(types.Position(1, 0), types.Position(1, 7))
    await editor.until(lambda: editor.codes(uri) == ["AGP1101"])
    editor.write_over(uri, SMALL)
    await editor.until_told(uri)
    editor.write("agpc.toml", 'select = ["AGP4201"]\n')
    editor.changed_on_disk(toml)
    await editor.until(lambda: not editor.diagnostics(toml) and editor.codes(uri, ANALYSIS))


async def test_files_that_are_not_open_are_told_of_and_cleared_when_they_go(editor: Editor) -> None:
    other = editor.write("other.agp", "language 2\npackage shop\nset s = nowhere\n")
    uri = editor.open("a.agp", SMALL)
    await editor.until(lambda: editor.codes(other, "agpc"))
    (editor.folder / "other.agp").rename(editor.folder / "moved.agp")
    moved = editor.uri("moved.agp")
    editor.changed_on_disk(other, type=types.FileChangeType.Deleted)
    editor.changed_on_disk(moved, type=types.FileChangeType.Created)
    await editor.until(lambda: not editor.codes(other) and editor.codes(moved, "agpc"))
    editor.open("moved.agp", "language 2\npackage shop\n")
    await editor.until(lambda: editor.codes(moved, "agpc") == [] and editor.codes(uri, ANALYSIS))
    (editor.folder / "moved.agp").unlink()
    editor.changed_on_disk(moved, type=types.FileChangeType.Deleted)
    editor.write_over(moved, "language 2\npackage shop\nset s = nowhere\n")
    await editor.until(lambda: editor.codes(moved, "agpc"))
    editor.close(moved)
    await editor.until(lambda: editor.codes(moved) == [])


async def test_folders_and_nearest_settings_make_sets(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    (one / "inner").mkdir(parents=True)
    two.mkdir()
    (one / "inner" / "agpc.toml").write_text("")
    async with started(one, folders=[one]) as editor:
        wrong = SMALL.replace("package shop", "package shop\nuse elsewhere")
        outer = editor.open("a.agp", wrong)
        inner = editor.open("inner/b.agp", 'language 2\npackage elsewhere\nset s = ["a"]\n')
        await editor.until(lambda: editor.codes(outer, "agpc") == ["AGP1103"])
        other = editor.open(
            (two / "c.agp").as_uri(), 'language 2\npackage elsewhere\nset s = ["a"]\n'
        )
        beside = editor.open((two / "d.agp").as_uri(), "language 2\npackage d\nuse elsewhere\n")
        await editor.until(lambda: editor.codes(beside, "agpc") == ["AGP1103"])
        folder = types.WorkspaceFolder(two.as_uri(), "two")
        event = types.WorkspaceFoldersChangeEvent([folder], [])
        editor.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(event)
        )
        await editor.until(lambda: editor.codes(beside, "agpc") == [])
        event = types.WorkspaceFoldersChangeEvent([], [folder])
        editor.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(event)
        )
        await editor.until(lambda: editor.codes(beside, "agpc") == ["AGP1103"])
        assert editor.codes(inner, "agpc") == editor.codes(other, "agpc") == []


async def test_what_the_analysis_found_stays_while_the_text_is_broken(editor: Editor) -> None:
    uri = editor.open("a.agp", SMALL)
    await editor.until(lambda: editor.codes(uri, ANALYSIS))
    before = editor.codes(uri, ANALYSIS)
    line = editor.diagnostics(uri, ANALYSIS)[-1].range.start.line
    start = types.Range(types.Position(2, 0), types.Position(2, 0))
    editor.change(uri, types.TextDocumentContentChangePartial(start, "grant {\n"))
    await editor.until_told(uri)
    assert editor.codes(uri, "agpc")
    assert editor.codes(uri, ANALYSIS) == before
    assert editor.diagnostics(uri, ANALYSIS)[-1].range.start.line == line + 1


@pytest.mark.parametrize(
    "encoding", [types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf16, None]
)
async def test_places_count_in_what_the_client_offers(
    tmp_path: Path, encoding: types.PositionEncodingKind | None
) -> None:
    offered = None if encoding is None else [types.PositionEncodingKind.Utf16, encoding]
    async with started(tmp_path, encodings=offered) as editor:
        uri = editor.open("a.agp", 'language 2\r\npackage p\r\nset s = ["𝄞𝄞𝄞𝄞", x]\r\n')
        await editor.until_told(uri)
        [found] = [each for each in editor.diagnostics(uri) if each.range.start.line == 2][:1]
        text = 'set s = ["𝄞𝄞𝄞𝄞", x'
        units = {types.PositionEncodingKind.Utf8: len(text.encode())}.get(
            encoding, len(text.encode("utf-16-le")) // 2
        )
        assert found.range.end.character == units


async def test_a_client_that_asks_for_diagnostics_is_not_told_of_what_is_open(folder: Path) -> None:
    able = able_as_vs_code()
    assert able.text_document is not None and able.workspace is not None
    able.text_document.diagnostic = types.DiagnosticClientCapabilities()
    able.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    async with started(folder, capabilities=able) as editor:
        assert editor.result is not None and editor.result.capabilities.diagnostic_provider
        uri = editor.open("a.agp", SMALL.replace("to  bot", "to  bott"))
        of = types.TextDocumentIdentifier(uri)
        report = await editor.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(of)
        )
        assert [each.code for each in report.items] == ["AGP1101"]
        editor.write_over(uri, SMALL)
        asked = editor.client.diagnostic_refresh_count
        await editor.until(lambda: editor.client.diagnostic_refresh_count > asked)
        report = await editor.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(of)
        )
        assert {each.source for each in report.items} == {ANALYSIS}
        assert editor.diagnostics(uri) == []


async def test_a_diagnostic_has_its_page_its_places_and_its_advice(editor: Editor) -> None:
    uri = editor.open("a.agp", SMALL + 'set twice = ["a"]\nset twice = ["b"]\n')
    await editor.until_told(uri)
    [found] = editor.diagnostics(uri, "agpc")
    assert found.code == "AGP1102"
    assert found.code_description is not None and found.code_description.href.endswith("AGP1102.md")
    assert found.related_information is not None
    assert found.related_information[0].location.range.start.line == found.range.start.line - 1
    editor.write_over(uri, SMALL + 'set unused = ["a"]\n')
    await editor.until(lambda: "AGP6101" in editor.codes(uri, ANALYSIS))
    [found] = [each for each in editor.diagnostics(uri) if each.code == "AGP6101"]
    assert list(found.tags or ()) == [types.DiagnosticTag.Unnecessary]
    assert "help: " in found.message
