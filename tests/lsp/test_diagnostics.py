"""Diagnostics, as an author sees them."""

from __future__ import annotations

import pytest

from lsp.editor import Editor

pytestmark = pytest.mark.asyncio

SMALL = """language 2
package shop

owner "team" contact "team@acme.example"

agent bot = "spiffe://acme.example/bot"
intent sell "Sell things to people who ask for them"
tool till {
    write action charge(amount: number)
}
grant bot_sells {
    to  bot
    for sell
    allow till.charge
        when args.amount <= 10
}
"""


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
