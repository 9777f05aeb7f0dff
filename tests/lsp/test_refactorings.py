"""A condition gets a name, a name goes, a list becomes a set; and nothing that would decide otherwise."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agpc.lsp.positions import Lines
from lsp.applying import applied
from lsp.editor import Editor

pytestmark = pytest.mark.asyncio

SHOP = """language 2
package shop
owner "team" contact "team@acme.example"
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till { write action charge(amount: number, to: string) }

# what it sells
grant selling {
    to  bot
    for sell
    allow till.charge
        when args.amount <= 10 and (args.to == "a" or args.to in ["b", "c"])
}
"""


async def offered(editor: Editor, uri: str, selected: str) -> list[types.CodeAction]:
    lines = Lines(editor.texts[uri])
    start = lines.text.index(selected)
    asked = types.CodeActionParams(
        types.TextDocumentIdentifier(uri),
        lines.between(start, start + len(selected)),
        types.CodeActionContext([], [types.CodeActionKind.Refactor]),
    )
    found = await editor.client.text_document_code_action_async(asked)
    return [each for each in found or () if isinstance(each, types.CodeAction)]


async def done(editor: Editor, uri: str, selected: str) -> str:
    (only,) = await offered(editor, uri, selected)
    assert only.edit is None
    resolved = await editor.client.code_action_resolve_async(only)
    return applied(editor, uri, resolved.edit)


async def test_a_condition_gets_a_name_above_what_the_rule_is_said_to_be(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    now = await done(editor, uri, 'args.to == "a" or args.to in ["b", "c"]')
    assert 'let condition = args.to == "a" or args.to in ["b", "c"]\n\n# what it sells\n' in now
    assert "when args.amount <= 10 and (condition)" in now


async def test_a_name_goes_from_wherever_it_is_used(editor: Editor) -> None:
    text = SHOP.replace(
        "# what", 'let free = args.to == "a" or args.amount == 0\n\n# what'
    ).replace("<= 10 and (", "<= 10 and not free and (")
    uri = editor.open("a.agp", text)
    now = await done(editor, uri, "free")
    assert "let" not in now
    assert '<= 10 and not (args.to == "a" or args.amount == 0) and (' in now


async def test_a_list_becomes_a_set(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    now = await done(editor, uri, '["b", "c"]')
    assert 'set values = ["b", "c"]\n\n# what it sells\n' in now
    assert "args.to in values)" in now


async def test_a_part_of_a_condition_is_none(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    assert await offered(editor, uri, "10 and (args") == []
    assert await offered(editor, uri, "args.amount") == []
    editor.write_over(uri, SHOP.replace("grant", "gran"))
    assert await offered(editor, uri, "args.amount <= 10") == []


async def test_what_was_changed_or_made_up_is_refused(editor: Editor) -> None:
    uri = editor.open("a.agp", SHOP)
    (only,) = await offered(editor, uri, "args.amount <= 10")
    for numbers in ([1], [0, 0, 0, 0], [12, "a", 12, 4], [-1, 0, 0, 0], [0, 0, 2**40, 0], None):
        data = {**dict(only.data), "range": numbers}
        with pytest.raises(JsonRpcException):
            await editor.client.code_action_resolve_async(types.CodeAction("x", data=data))
    editor.write_over(uri, SHOP + "# later\n")
    with pytest.raises(JsonRpcException, match="has changed since"):
        await editor.client.code_action_resolve_async(only)


async def test_a_refactoring_is_not_given_of_a_text_that_goes_meanwhile(editor: Editor) -> None:
    grant = SHOP[SHOP.index("grant") :]
    many = "".join(grant.replace("selling", f"selling_{each}") for each in range(500))
    uri = editor.open("a.agp", SHOP + many)
    (only,) = [each for each in await offered(editor, uri, "args.amount <= 10") if each.data]
    resolving = asyncio.ensure_future(editor.client.code_action_resolve_async(only))
    await asyncio.sleep(0)
    editor.write_over(uri, SHOP)
    with pytest.raises(JsonRpcException) as refused:
        await resolving
    assert refused.value.code == -32801


async def test_what_is_said_of_a_name_goes_with_it(editor: Editor) -> None:
    let = '## it costs nothing\n# agpc: allow AGP4101 -- so\nlet free = args.to == "a"\n'
    text = SHOP.replace("# what", f"{let}# what").replace("<= 10 and (", "<= 10 and free and (")
    now = await done(editor, editor.open("a.agp", text), "free")
    assert "it costs nothing" not in now
    assert "agpc:" not in now
