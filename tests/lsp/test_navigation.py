"""From a word to its declaration and to its other uses; other names; who hands work to whom."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp.editor import Editor, started
from lsp.policies import SMALL

pytestmark = pytest.mark.asyncio

TOOLS = """language 2
package tools

# \N{GRINNING FACE} before
level risk = low < high
tool files {
    owner: string
    read action read(path: string, "page-size": int, at: risk)
}
"""
POLICY = """language 2
package shop
use tools

agent bot = "spiffe://acme.example/bot" { team: string }
agents bots = "spiffe://acme.example/b/*", bot { team: string }
intent work "Work" { due: time }
let small = args."page-size" < 3
grant g {
    to bot, bots
    for work
    allow tools.files.read when small and args.at == low and resource.owner == agent.team
}
forbid f { deny tools.files.* when args.path == "\N{GRINNING FACE}" or args.at == tools.risk.high }
grant starts { to bot for work allow work.start when has args.due }
delegate bot for work to bots for work
"""


class Place:
    """A word of a document: its position, and what to ask of it."""

    def __init__(self, uri: str, text: str, needle: str, mark: str = "") -> None:
        self.of = types.TextDocumentIdentifier(uri)
        offset = text.index(needle) + needle.index(mark or needle)
        before = text[:offset].replace("\r\n", "\n").split("\n")
        units = len(before[-1].encode("utf-16-le")) // 2
        self.position = types.Position(len(before) - 1, units)


def words(texts: dict[str, str], found: object) -> list[str]:
    """The places of an answer, as `file:line: word`."""
    assert isinstance(found, list | tuple), found
    shown = []
    for each in found:
        assert isinstance(each, types.Location)
        name = each.uri.rpartition("/")[2]
        line = texts[name].replace("\r\n", "\n").split("\n")[each.range.start.line]
        raw = line.encode("utf-16-le")
        word = raw[2 * each.range.start.character : 2 * each.range.end.character]
        shown.append(f"{name}:{each.range.start.line + 1}: {word.decode('utf-16-le')}")
    return sorted(shown)


def opened(editor: Editor, *, end: str = "\n") -> tuple[str, dict[str, str]]:
    texts = {"tools.agp": TOOLS.replace("\n", end), "shop.agp": POLICY.replace("\n", end)}
    editor.write("tools.agp", texts["tools.agp"])
    return editor.open("shop.agp", texts["shop.agp"]), texts


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_a_word_leads_to_its_declaration(editor: Editor, end: str) -> None:
    uri, texts = opened(editor, end=end)

    async def goes(needle: str, mark: str) -> list[str]:
        at = Place(uri, texts["shop.agp"], needle, mark)
        asked = types.DefinitionParams(at.of, at.position)
        found = await editor.client.text_document_definition_async(asked)
        told = types.DeclarationParams(at.of, at.position)
        assert await editor.client.text_document_declaration_async(told) == found
        return words(texts, found)

    assert await goes("tools.files.read when", "tools") == ["tools.agp:2: tools"]
    assert await goes("tools.files.read when", "files") == ["tools.agp:6: files"]
    assert await goes("tools.files.read when", "read") == ["tools.agp:8: read"]
    assert await goes("tools.files.* when", "files") == ["tools.agp:6: files"]
    assert await goes('args."page-size"', "page") == ['tools.agp:8: "page-size"']
    assert await goes("when small", "small") == ["shop.agp:8: small"]
    assert await goes("== low", "low") == ["tools.agp:5: low"]
    assert await goes("tools.risk.high", "risk") == ["tools.agp:5: risk"]
    assert await goes("tools.risk.high", "high") == ["tools.agp:5: high"]
    assert await goes("agent.team", "team") == ["shop.agp:5: team", "shop.agp:6: team"]
    assert await goes("resource.owner", "owner") == ["tools.agp:7: owner"]
    assert await goes("has args.due", "due") == ["shop.agp:7: due"]
    assert await goes("use tools", "tools") == ["tools.agp:2: tools"]


async def test_what_is_no_name_leads_nowhere(editor: Editor) -> None:
    uri, texts = opened(editor)
    for needle in ('"Work"', "language", "args.at"):
        at = Place(uri, texts["shop.agp"], needle)
        asked = types.DefinitionParams(at.of, at.position)
        assert not await editor.client.text_document_definition_async(asked)


async def test_a_field_leads_to_its_type(editor: Editor) -> None:
    uri, texts = opened(editor)
    for needle, mark in (("args.at", "at"), ("== low", "low")):
        at = Place(uri, texts["shop.agp"], needle, mark)
        asked = types.TypeDefinitionParams(at.of, at.position)
        found = await editor.client.text_document_type_definition_async(asked)
        assert words(texts, found) == ["tools.agp:5: risk"]


async def test_references_are_in_all_files_of_the_set(editor: Editor) -> None:
    uri, texts = opened(editor)
    at = Place(uri, texts["shop.agp"], "tools.files.read", "files")
    for with_declaration, more in ((True, ["tools.agp:6: files"]), (False, [])):
        context = types.ReferenceContext(with_declaration)
        asked = types.ReferenceParams(context, at.of, at.position)
        found = await editor.client.text_document_references_async(asked)
        assert words(texts, found) == ["shop.agp:12: files", "shop.agp:14: files", *more]


async def test_words_are_highlighted_where_there_is_a_mistake_too(editor: Editor) -> None:
    _, texts = opened(editor)
    broken = texts["shop.agp"] + "\ngrant h { to bot for nothing allow"
    uri = editor.open("shop.agp", broken)
    at = Place(uri, broken, "to bot", "bot")
    asked = types.DocumentHighlightParams(at.of, at.position)
    found = await editor.client.text_document_document_highlight_async(asked)
    assert found is not None
    kinds = types.DocumentHighlightKind
    assert [(each.range.start.line, each.kind) for each in found] == [
        (4, kinds.Write), (5, kinds.Read), (9, kinds.Read), (14, kinds.Read), (15, kinds.Read),
    ]  # fmt: skip


def applied(text: str, edits: list[types.TextEdit]) -> str:
    lines = text.split("\n")
    for each in sorted(edits, key=lambda each: each.range.start.character, reverse=True):
        raw = lines[each.range.start.line].encode("utf-16-le")
        start, end = 2 * each.range.start.character, 2 * each.range.end.character
        raw = raw[:start] + each.new_text.encode("utf-16-le") + raw[end:]
        lines[each.range.start.line] = raw.decode("utf-16-le")
    return "\n".join(lines)


async def rename(editor: Editor, at: Place, name: str) -> types.WorkspaceEdit | None:
    asked = types.RenameParams(at.of, at.position, name)
    return await editor.client.text_document_rename_async(asked)


async def test_a_rename_changes_open_documents_and_files(editor: Editor) -> None:
    uri, texts = opened(editor)
    at = Place(uri, texts["shop.agp"], "tools.files.read", "files")
    prepared = await editor.client.text_document_prepare_rename_async(
        types.PrepareRenameParams(at.of, at.position)
    )
    assert isinstance(prepared, types.PrepareRenamePlaceholder)
    assert prepared.placeholder == "files"
    edit = await rename(editor, at, "disk")
    assert edit is not None and edit.document_changes is not None
    found = {}
    for each in edit.document_changes:
        assert isinstance(each, types.TextDocumentEdit)
        name = each.text_document.uri.rpartition("/")[2]
        assert each.text_document.version == (1 if name == "shop.agp" else None)
        found[name] = applied(texts[name], [e for e in each.edits if isinstance(e, types.TextEdit)])
    assert found == {
        "tools.agp": TOOLS.replace("tool files", "tool disk"),
        "shop.agp": POLICY.replace("tools.files.", "tools.disk."),
    }


async def test_a_client_without_versions_gets_plain_changes(folder: Path) -> None:
    async with started(folder, capabilities=types.ClientCapabilities()) as editor:
        uri, texts = opened(editor)
        at = Place(uri, texts["shop.agp"], 'args."page-size"', "page")
        edit = await rename(editor, at, "page")
        assert edit is not None and edit.changes is not None
        changed = {
            key.rpartition("/")[2]: applied(texts[key.rpartition("/")[2]], list(edits))
            for key, edits in edit.changes.items()
        }
        assert changed == {
            "tools.agp": TOOLS.replace('"page-size"', "page"),
            "shop.agp": POLICY.replace('"page-size"', "page"),
        }


REFUSED = [
    ("to bot,", "bot", "bots", "`bots` is declared already, at shop.agp:6:8"),
    ("to bot,", "bot", "any", "`any` cannot be the name of an agent or family"),
    ("to bot,", "bot", "my bot", "`my bot` is not a name"),
    ("to bot,", "bot", "", "`` is not a name"),
    ("for work", "work", "intent", "`intent` cannot be the name of an intent"),
    ("agent.team", "team", "id", "a field cannot be called `id` here"),
    ("agent.team", "team", "te-am", "can only be the name of a parameter"),
    ("tools.files", "tools", "shop", "`shop` is declared already"),
    ("tools.files", "tools", "args", "a package cannot be called `args`"),
    ("when small", "small", "not", "would not compile"),
    ("== low", "low", "high", "`high` is declared already"),
]


async def test_a_rename_that_would_break_something_is_refused_in_words(editor: Editor) -> None:
    uri, texts = opened(editor)
    for needle, mark, name, said in REFUSED:
        at = Place(uri, texts["shop.agp"], needle, mark)
        with pytest.raises(JsonRpcException) as refused:
            await rename(editor, at, name)
        assert said in refused.value.message
        assert refused.value.code == -32803


async def test_a_rename_is_worked_out_beside_other_answers_and_not_given_of_a_text_that_is_gone(
    editor: Editor,
) -> None:
    grant = SMALL[SMALL.index("grant") :]
    many = "".join(grant.replace("bot_sells", f"bot_sells_{each}") for each in range(1_000))
    uri = editor.open("a.agp", SMALL + many)
    other = editor.open("untitled:other", SMALL)
    at = Place(uri, SMALL, "action charge", "charge")
    renaming = asyncio.ensure_future(rename(editor, at, "pay"))
    await asyncio.sleep(0)
    of = types.TextDocumentIdentifier(other)
    assert await editor.client.text_document_folding_range_async(types.FoldingRangeParams(of))
    assert not renaming.done()
    editor.write_over(uri, SMALL)
    with pytest.raises(JsonRpcException) as refused:
        await renaming
    assert refused.value.code == -32801
    assert await rename(editor, at, "pay") is not None


async def test_a_file_that_cannot_be_read_stops_a_rename_of_what_it_may_name(
    editor: Editor,
) -> None:
    _, texts = opened(editor)
    uri = editor.open(
        "shop.agp", texts["shop.agp"] + "grant i { to bot for work allow t.read when \n"
    )
    at = Place(uri, texts["shop.agp"], "to bot,", "bot")
    with pytest.raises(JsonRpcException, match="cannot be read as a whole"):
        await rename(editor, at, "another")


async def test_what_is_made_from_something_else_keeps_its_names(editor: Editor) -> None:
    made = "# Made by `agpc import mcp` from the tools that a server lists.\n" + TOOLS
    editor.write("tools.agp", made)
    uri = editor.open("shop.agp", POLICY)
    at = Place(uri, POLICY, "tools.files.read", "read")
    asked = types.PrepareRenameParams(at.of, at.position)
    with pytest.raises(JsonRpcException, match="made from something else"):
        await editor.client.text_document_prepare_rename_async(asked)


async def test_delegation_is_a_hierarchy_of_calls(editor: Editor) -> None:
    uri, texts = opened(editor)
    at = Place(uri, texts["shop.agp"], "to bot,", "bot")
    asked = types.CallHierarchyPrepareParams(at.of, at.position)
    items = await editor.client.text_document_prepare_call_hierarchy_async(asked)
    assert items is not None
    (item,) = items
    assert (item.name, item.detail) == ("bot", "agent of shop")
    out = await editor.client.call_hierarchy_outgoing_calls_async(
        types.CallHierarchyOutgoingCallsParams(item)
    )
    assert out is not None
    assert [(each.to.name, [e.start.line for e in each.from_ranges]) for each in out] == [
        ("work", [14]), ("bots", [15]),
    ]  # fmt: skip
    into = await editor.client.call_hierarchy_incoming_calls_async(
        types.CallHierarchyIncomingCallsParams(out[0].to)
    )
    assert into is not None
    assert [each.from_.name for each in into] == ["bot"]
    strange = types.CallHierarchyItem(
        "x", types.SymbolKind.Class, uri, item.range, item.range, data={"kind": 3}
    )
    assert not await editor.client.call_hierarchy_incoming_calls_async(
        types.CallHierarchyIncomingCallsParams(strange)
    )


async def test_a_hierarchy_is_that_of_now_whenever_its_items_were_asked_for(
    editor: Editor,
) -> None:
    uri, texts = opened(editor)
    at = Place(uri, texts["shop.agp"], "to bot,", "bot")
    asked = types.CallHierarchyPrepareParams(at.of, at.position)
    items = await editor.client.text_document_prepare_call_hierarchy_async(asked)
    assert items is not None
    more = """language 2
package more
use shop
agent other = "spiffe://more.example/other"
delegate shop.bot for shop.work to other for shop.work
"""
    editor.open("more.agp", more)
    editor.write_over(uri, texts["shop.agp"].replace("language 2\n", "language 2\n" + "\n" * 30, 1))
    outgoing = types.CallHierarchyOutgoingCallsParams(items[0])
    out = await editor.client.call_hierarchy_outgoing_calls_async(outgoing)
    assert out is not None
    line = items[0].selection_range.start.line + 30
    assert [(each.to.name, [e.start.line for e in each.from_ranges]) for each in out] == [
        ("other", [line]), ("work", [44]), ("bots", [45]),
    ]  # fmt: skip
    editor.write_over(uri, texts["shop.agp"].replace("bot", "robot"))
    assert not await editor.client.call_hierarchy_outgoing_calls_async(outgoing)
    incoming = types.CallHierarchyIncomingCallsParams(items[0])
    assert not await editor.client.call_hierarchy_incoming_calls_async(incoming)
