"""Quick fixes and formatting, as an editor asks for them and applies them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agpc.lsp.features.edits import between
from agpc.lsp.positions import Lines
from lsp.applying import applied, edited
from lsp.editor import ANALYSIS, Editor, able_as_vs_code, started

pytestmark = pytest.mark.asyncio

SHOP = """language 2
package shop
owner "team" contact "team@acme.example"
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till { write action charge(amount: number, to: string) }
grant selling {
    to  bot
    for sell
    allow till.charge
        when args.amount <= 10
    credential ttl 5m
    revoke     when task.state != active
    valid      until 2030-01-01
}
"""
ALL = "source.fixAll.agpc"


async def actions(editor: Editor, uri: str, at: str, *only: str) -> list[types.CodeAction]:
    """What is offered where a text stands."""
    text = editor.texts[uri]
    place = Lines(text).position(text.index(at))
    asked = types.CodeActionParams(
        types.TextDocumentIdentifier(uri),
        types.Range(place, place),
        types.CodeActionContext([], list(only) or None),
    )
    found = await editor.client.text_document_code_action_async(asked)
    return [each for each in found or () if isinstance(each, types.CodeAction)]


async def titled(editor: Editor, uri: str, at: str, title: str) -> types.CodeAction:
    found = await actions(editor, uri, at)
    (only,) = [each for each in found if each.title == title]
    return only


async def test_a_name_that_was_meant_is_preferred_and_linked(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP.replace("to  bot", "to  bott"))
    (told,) = await editor.until_told(uri)
    (fix,) = await actions(editor, uri, "bott")
    assert (fix.title, fix.kind, fix.is_preferred) == ("write `bot`", "quickfix", True)
    assert [*(fix.diagnostics or ())] == [told]
    assert applied(editor, uri, fix.edit) == SHOP


async def test_nothing_is_offered_where_nothing_is_wrong(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP.replace("to  bot", "to  bott"))
    await editor.until_told(uri)
    assert await actions(editor, uri, "intent sell") == []


async def test_an_edit_is_of_the_version_that_is_there(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    text = SHOP.replace("<=", "=").replace(
        "language", "# \N{GRINNING FACE} \N{DROMEDARY CAMEL}\nlanguage"
    )
    editor.write_over(uri, text.replace("amount =", "amount   ="))
    (fix,) = await actions(editor, uri, "= 10")
    assert "amount   == 10" in applied(editor, uri, fix.edit)


async def test_astral_characters_before_an_edit_count_as_two(editor: Editor) -> None:
    text = SHOP.replace("args.amount <= 10", 'args.to == "\N{GRINNING FACE}" && args.amount < 1')
    uri = editor.open("a.agp", text)
    await editor.until_told(uri)
    (fix,) = await actions(editor, uri, "&&")
    assert applied(editor, uri, fix.edit) == text.replace("&&", "and")


async def test_what_keeps_the_meaning_is_fixed_at_once(editor: Editor) -> None:
    text = SHOP.replace("<= 10", "= 10 && args.amount = 10 // no more").replace(
        "to  bot\n", "to  bot,\n"
    )
    uri = editor.open("a.agp", text)
    await editor.until_told(uri)
    (fix,) = await actions(editor, uri, "language", ALL)
    assert (fix.kind, fix.title) == (ALL, "fix all that keeps the meaning")
    assert applied(editor, uri, fix.edit) == SHOP.replace(
        "<= 10", "== 10 and args.amount == 10 # no more"
    )
    (same,) = await actions(editor, uri, "language", "source")
    assert same.edit == fix.edit
    assert await actions(editor, uri, "language", "refactor") == []


async def test_all_is_not_fixed_where_it_would_not_parse(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP.replace("<= 10", "= 10 10 10"))
    await editor.until_told(uri)
    assert await actions(editor, uri, "language", ALL) == []


async def test_a_silence_leaves_its_reason_to_the_author(folder: Path) -> None:
    text = SHOP + "forbid late {\n    deny till.charge\n    when args.amount > 100\n}\n"
    able = able_as_vs_code()
    assert able.text_document is not None
    able.text_document.diagnostic = None
    assert able.workspace is not None
    able.workspace.workspace_edit = types.WorkspaceEditClientCapabilities(
        document_changes=True, snippet_edit_support=True
    )
    async with started(folder, capabilities=able) as editor:
        uri = editor.open("a.agp", text)
        await editor.until(lambda: "AGP4301" in editor.codes(uri, ANALYSIS))
        silence = await titled(editor, uri, "forbid late", "silence `AGP4301` here, and say why")
        assert silence.is_preferred is None
        assert "# agpc: allow AGP4301 -- ${1}\n$0forbid late" in applied(editor, uri, silence.edit)
        because = await titled(editor, uri, "forbid late", 'say why: `because "…"`')
        assert '> 100\n    because "${1}"\n$0}\n' in applied(editor, uri, because.edit)


async def test_without_snippets_a_silence_without_a_reason_silences_nothing(
    editor: Editor,
) -> None:
    uri = editor.open(
        "a.agp", SHOP + "forbid late {\n    deny till.charge\n    when args.amount > 100\n}\n"
    )
    await editor.until(lambda: "AGP4301" in editor.codes(uri, ANALYSIS))
    silence = await titled(editor, uri, "forbid late", "silence `AGP4301` here, and say why")
    editor.write_over(uri, applied(editor, uri, silence.edit))
    await editor.until(lambda: "AGP6001" in editor.codes(uri))
    await editor.until(lambda: "AGP4301" in editor.codes(uri, ANALYSIS))


async def test_a_finding_whose_lines_moved_is_fixed_where_it_is(editor: Editor) -> None:
    text = SHOP.replace("    valid      until 2030-01-01\n", "")
    uri = editor.open("a.agp", text)
    await editor.until(lambda: "AGP4101" in editor.codes(uri, ANALYSIS))
    editor.write_over(uri, f"# one\n# two\n{text}")
    found = await actions(editor, uri, "allow till")
    (fix,) = [each for each in found if each.title.startswith("add `valid until ")]
    now = applied(editor, uri, fix.edit)
    assert re.search(r"    for sell\n    valid until \d{4}-\d\d-\d\d\n    allow till", now)


async def test_a_use_is_added_behind_the_package(editor: Editor) -> None:
    editor.write("b.agp", 'language 2\npackage other\nagent b = "spiffe://acme.example/b"\n')
    uri = editor.open("a.agp", SHOP.replace("to  bot", "to  bot, other.b"))
    await editor.until_told(uri)
    fix = await titled(editor, uri, "other.b", "add `use other`")
    assert applied(editor, uri, fix.edit).startswith("language 2\npackage shop\nuse other\nowner")


async def test_a_witness_becomes_a_test_once_it_is_chosen(editor: Editor) -> None:
    text = SHOP + "assert no bot can till.charge\n"
    uri = editor.open("a.agp", text)
    await editor.until(lambda: "AGP3101" in editor.codes(uri, ANALYSIS))
    chosen = await titled(editor, uri, "assert no", "write a test of this request")
    assert chosen.edit is None
    resolved = await editor.client.code_action_resolve_async(chosen)
    now = applied(editor, uri, resolved.edit)
    assert now.startswith(text + '\ntest "')
    assert "call  till.charge(" in now or "call till.charge(" in now
    assert "expect permit" in now
    editor.write_over(uri, text + "# later\n")
    with pytest.raises(JsonRpcException, match="has changed since"):
        await editor.client.code_action_resolve_async(chosen)


async def test_what_no_server_sent_is_resolved_to_itself_or_refused(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    await editor.until_told(uri)
    plain = types.CodeAction("x", data=[1])
    assert (await editor.client.code_action_resolve_async(plain)).title == "x"
    for data in (
        {"for": "agpc.test"},
        {"for": "agpc.test", "uri": 1, "request": {}},
        {"for": "agpc.test", "uri": uri, "version": 1, "request": {"subject": 1}},
        {"for": "agpc.test", "uri": "untitled:none", "version": 1, "request": {}},
    ):
        with pytest.raises(JsonRpcException):
            await editor.client.code_action_resolve_async(types.CodeAction("x", data=data))


# --- formatting -----------------------------------------------------------------------------------


UGLY = SHOP.replace("    to  bot", "  to bot").replace("intent sell", "\n\n\nintent    sell")


async def format(editor: Editor, uri: str) -> list[types.TextEdit] | None:
    found = await editor.client.text_document_formatting_async(
        types.DocumentFormattingParams(
            types.TextDocumentIdentifier(uri), types.FormattingOptions(4, True)
        )
    )
    return None if found is None else [*found]


async def lines_formatted(editor: Editor, uri: str, first: int, last: int) -> str:
    found = await editor.client.text_document_range_formatting_async(
        types.DocumentRangeFormattingParams(
            types.TextDocumentIdentifier(uri),
            types.Range(types.Position(first, 0), types.Position(last, 0)),
            types.FormattingOptions(4, True),
        )
    )
    assert found is not None
    return edited(editor.texts[uri], [*found])


def as_fmt(text: str) -> str:
    from agpc.compiler.format.formatter import format_source
    from agpc.compiler.report.source import Source

    return format_source(Source("a.agp", text))


async def test_formatting_is_that_of_fmt_and_touches_what_changes_alone(editor: Editor) -> None:
    uri = editor.open("a.agp", UGLY)
    edits = await format(editor, uri)
    assert edits
    assert edited(UGLY, [*edits]) == as_fmt(UGLY)
    touched = {
        line for each in edits for line in range(each.range.start.line, each.range.end.line + 1)
    }
    assert len(touched) < len(UGLY.splitlines()) / 2
    editor.write_over(uri, as_fmt(UGLY))
    assert await format(editor, uri) == []


async def test_a_text_that_does_not_parse_is_not_formatted(editor: Editor) -> None:
    uri = editor.open("a.agp", UGLY.replace("{", "", 1))
    assert not await format(editor, uri)


async def test_line_ends_stay_as_they_are(editor: Editor) -> None:
    text = UGLY.replace("\n", "\r\n")
    uri = editor.open("a.agp", text)
    edits = await format(editor, uri)
    assert edits
    assert edited(text, [*edits]) == as_fmt(UGLY).replace("\n", "\r\n")


async def test_a_range_is_formatted_alone(editor: Editor) -> None:
    uri = editor.open("a.agp", UGLY)
    lines = UGLY.split("\n")
    line = next(number for number, each in enumerate(lines) if each == "  to bot")
    now = await lines_formatted(editor, uri, line, line + 1)
    assert now == UGLY.replace("  to bot", "    to  bot")


async def test_untitled_and_empty_documents(editor: Editor) -> None:
    uri = editor.open("untitled:Untitled-1", "")
    assert not await format(editor, uri)
    editor.write_over(uri, "set   a = [1]")
    assert not await format(editor, uri)
    found = await actions(editor, uri, "set")
    assert [each.title for each in found] == ["name a package"]
    editor.write_over(uri, "package p\nset   a = [1]")
    edits = await format(editor, uri)
    assert edits
    assert edited(editor.texts[uri], [*edits]) == "package p\nset a = [1]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a\n"),
        ("a\nb\nc\n", "a\nx\nb\nc\n"),
        ("a\nb\nc\n", "a\nc"),
        ("a  b\n", "a b\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("x\n" * 5_000, "y\n" * 5_001),
    ],
)
async def test_edits_give_the_other_text(before: str, after: str) -> None:
    placed = sorted(between(before, after), reverse=True)
    text = before
    for start, end, new in placed:
        text = text[:start] + new + text[end:]
    assert text == after
