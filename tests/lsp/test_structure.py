"""Colours, outlines, folds and selections, over the protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from lsp.editor import Editor

pytestmark = pytest.mark.asyncio

SHOP = """language 2
package shop

use other
use more

# one
# two
# three
agent bot = "spiffe://acme.example/bot" { tenant: string }
intent sell "\U0001f600 Sell" { order: string }
level trust = low < high
tool till {
    trust: trust
    write action charge(amount: number, to: { iban: string }) -> { id: string }
}
grant bot_sells {
    to  bot
    for sell
    allow till.charge as small
        when args.amount <= 10
            and resource.trust <= low
    allow till.*
}
source vouched = said,
    task
test "a charge" {
    agent bot for sell
    call  till.charge(amount: 1)
    expect permit by small
}
"""


def of(uri: str) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(uri)


def shown(editor: Editor, uri: str, data: list[int]) -> Iterator[tuple[str, str, bool]]:
    """Each token: its text, its type, and whether it is declared there."""
    assert editor.result is not None
    options: Any = editor.result.capabilities.semantic_tokens_provider
    lines = editor.texts[uri].split("\n")
    line = character = 0
    for at in range(0, len(data), 5):
        step, start, length, kind, modifiers = data[at : at + 5]
        line, character = line + step, start if step else character + start
        units = lines[line].encode("utf-16-le")[2 * character : 2 * (character + length)]
        yield units.decode("utf-16-le"), options.legend.token_types[kind], bool(modifiers & 1)


async def test_names_have_the_colour_of_what_they_are(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    found = await editor.client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(of(uri))
    )
    assert found is not None
    tokens = list(shown(editor, uri, list(found.data)))
    for wanted in (
        ("bot", "class", True),
        ("bot", "class", False),
        ("sell", "event", True),
        ("trust", "type", False),
        ("low", "enumMember", True),
        ("charge", "method", True),
        ("charge", "method", False),
        ("amount", "parameter", True),
        ("amount", "parameter", False),
        ("bot_sells", "interface", True),
        ("vouched", "variable", True),
    ):
        assert wanted in tokens, (wanted, tokens)


async def test_a_part_and_what_changed_are_given_by_themselves(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    client = editor.client
    whole = await client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(of(uri))
    )
    assert whole is not None
    part_of = types.Range(types.Position(16, 0), types.Position(18, 20))
    part = await client.text_document_semantic_tokens_range_async(
        types.SemanticTokensRangeParams(of(uri), part_of)
    )
    assert part is not None
    assert [each[0] for each in shown(editor, uri, list(part.data))] == ["bot_sells", "bot", "sell"]
    editor.write_over(uri, SHOP.replace("low < high", "low < middle < high"))
    assert whole.result_id is not None
    delta = await client.text_document_semantic_tokens_full_delta_async(
        types.SemanticTokensDeltaParams(of(uri), whole.result_id)
    )
    assert isinstance(delta, types.SemanticTokensDelta)
    data = list(whole.data)
    for edit in delta.edits:
        data[edit.start : edit.start + edit.delete_count] = edit.data or ()
    now = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(of(uri)))
    assert now is not None
    assert data == list(now.data)
    assert ("middle", "enumMember", True) in list(shown(editor, uri, data))
    unknown = await client.text_document_semantic_tokens_full_delta_async(
        types.SemanticTokensDeltaParams(of(uri), "no such")
    )
    assert isinstance(unknown, types.SemanticTokens)


def tree_of(symbols: Any) -> Any:
    return [(each.name, tree_of(each.children)) if each.children else each.name for each in symbols]


async def test_tokens_of_a_part_are_found_below_lines_that_only_the_client_ends(
    editor: Editor,
) -> None:
    """A `\\r` alone ends a line for the protocol, and none for the compiler."""
    uri = editor.open("shop.agp", SHOP.replace("# one\n", "# one\r\r\r\r\r\r\r\r"))
    line = re.split(r"\r\n|\n|\r", editor.texts[uri]).index("tool till {")
    place = types.Range(types.Position(line, 0), types.Position(line, 12))
    part = await editor.client.text_document_semantic_tokens_range_async(
        types.SemanticTokensRangeParams(of(uri), place)
    )
    assert part is not None and list(part.data)[:3] == [line, len("tool "), len("till")]


async def test_changes_of_tokens_come_out_right_whatever_is_edited_between_the_requests(
    editor: Editor,
) -> None:
    client = editor.client
    uri = editor.open("shop.agp", SHOP)
    known: dict[str, list[int]] = {}
    last = ""
    texts = [SHOP.replace("bot", "robot"), SHOP + "grant {", "", SHOP[:300], SHOP, SHOP, "x" + SHOP]
    for number, text in enumerate(texts * 2):
        whole = await client.text_document_semantic_tokens_full_async(
            types.SemanticTokensParams(of(uri))
        )
        assert whole is not None and whole.result_id is not None
        last, known[whole.result_id] = whole.result_id, list(whole.data)
        editor.write_over(uri, "language 2\npackage other\n")
        editor.write_over(uri, text)
        asked = [last, last, *list(known)[:1], "no such"]
        if number % 3 == 0:
            asked.reverse()
        for id in asked:
            found = await client.text_document_semantic_tokens_full_delta_async(
                types.SemanticTokensDeltaParams(of(uri), id)
            )
            assert found is not None and found.result_id is not None
            if isinstance(found, types.SemanticTokens):
                data = list(found.data)
            else:
                data = list(known[id])
                for edit in found.edits:
                    data[edit.start : edit.start + edit.delete_count] = edit.data or ()
            fresh = await client.text_document_semantic_tokens_full_async(
                types.SemanticTokensParams(of(uri))
            )
            assert fresh is not None and data == list(fresh.data)
            known[found.result_id] = data


def check_ranges(symbols: Any) -> None:
    for each in symbols:
        assert each.range.start <= each.selection_range.start
        assert each.selection_range.end <= each.range.end
        for inner in each.children or ():
            assert each.range.start <= inner.range.start
            assert inner.range.end <= each.range.end
        check_ranges(each.children or ())


async def test_the_outline_is_what_a_file_declares(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    found = await editor.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(of(uri))
    )
    assert found is not None
    assert tree_of(found) == [
        ("bot", ["tenant"]),
        ("sell", ["order"]),
        ("trust", ["low", "high"]),
        ("till", ["trust", ("charge", ["amount", ("to", ["iban"]), "id"])]),
        ("bot_sells", ["small", "till.*"]),
        "vouched",
        "a charge",
    ]
    check_ranges(found)


async def test_names_of_the_workspace_are_found_by_some_of_their_letters(
    editor: Editor, folder: Path
) -> None:
    editor.write("b.agp", 'package other\nagent packer = "spiffe://acme.example/packer"\n')
    editor.open("a.agp", SHOP)
    found = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("pck"))
    assert found is not None
    assert [each.name for each in found] == ["packer"]
    assert found[0].location.uri.endswith("/b.agp")
    every = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("ch"))
    assert every is not None
    assert "charge" in [each.name for each in every]


async def test_blocks_comments_and_uses_fold(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    found = await editor.client.text_document_folding_range_async(types.FoldingRangeParams(of(uri)))
    assert found is not None
    kinds = {(each.start_line, each.end_line, each.kind) for each in found}
    assert (3, 4, types.FoldingRangeKind.Imports) in kinds
    assert (6, 8, types.FoldingRangeKind.Comment) in kinds
    assert (16, 22, types.FoldingRangeKind.Region) in kinds  # the grant, but for its last line
    assert (24, 25, types.FoldingRangeKind.Region) in kinds  # the source


async def test_selections_grow_from_a_word_to_the_file(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    position = types.Position(20, len("        when args.am"))
    found = await editor.client.text_document_selection_range_async(
        types.SelectionRangeParams(of(uri), [position])
    )
    assert found is not None
    texts = []
    at: types.SelectionRange | None = found[0]
    lines = SHOP.split("\n")
    while at is not None:
        start, end = at.range.start, at.range.end
        if start.line == end.line:
            texts.append(lines[start.line][start.character : end.character])
        else:
            texts.append((start.line, end.line))
        at = at.parent
    assert texts[1] == "args.amount"
    assert (19, 21) in texts  # the allow
    assert texts[-1] == (0, len(lines) - 1)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
async def test_what_is_broken_has_a_structure_still(editor: Editor, ending: str) -> None:
    for text in (
        "",
        "grant {",
        SHOP[: len(SHOP) // 2],
        SHOP.replace("{", ""),
        SHOP.replace('"', "", 1),
        "}}}][",
    ):
        uri = editor.open("a.agp", text.replace("\n", ending))
        await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(of(uri)))
        await editor.client.text_document_folding_range_async(types.FoldingRangeParams(of(uri)))
        await editor.client.text_document_semantic_tokens_full_async(
            types.SemanticTokensParams(of(uri))
        )
        places = [types.Position(0, 0), types.Position(5, 3), types.Position(999, 999)]
        ranges = await editor.client.text_document_selection_range_async(
            types.SelectionRangeParams(of(uri), places)
        )
        assert ranges is not None
        assert len(ranges) == len(places)
        editor.close(uri)
