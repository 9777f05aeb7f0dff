"""Hover, as an author sees it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lsprotocol import types

from lsp.editor import Editor, able_as_vs_code, started

pytestmark = pytest.mark.asyncio

EXAMPLES = Path(__file__).parents[2] / "examples"
POLICY = """language 2
package shop

owner "team" contact "team@acme.example"

## Sells things, and 𝔫othing *else*.
agent bot = "spiffe://acme.example/bot" { team: string }
intent sell "Sell things to people who ask for them" { order: string }
level risk = low < medium < high
enum currency = EUR, "+1"
set known = ["a", "b"]
tool till {
    owner: string
    risk: risk
    ## Takes money.
    write action charge(amount: number, currency: currency)
    read action look -> { total: number }
}
context { risk: number }
group money = till.charge, till.look
meter spent = sum args.amount of till.charge per task within 1d
source told = said
let small = args.amount <= 10
grant bot_sells {
    to bot
    for sell
    allow till.charge as little
        when small and resource.risk <= medium and spent <= 100
        require approval by "role:boss" within 1h
    credential ttl 15m renew 3
    valid until 2200-06-30
}
forbid never {
    deny till.charge
    when args.amount > 5
    because "Too ![much](http://e.example) <b>money</b> `for` a bot"
}
bind aws {
    resource till "arn:aws:s3:::till" {
        charge = s3:PutObject
    }
    agent bot "arn:aws:iam::1:role/bot"
}
# agpc: allow AGP4101 -- it is meant
test "a 𝔫umber" {
    agent bot for sell { order: "o" }
    call till.charge(amount: 5, currency: EUR)
    resource { risk: low }
    at 2026-11-24T10:00:00Z
    expect challenge by little
}
"""


async def said(editor: Editor, uri: str, text: str, where: str, at: str = "") -> str | None:
    """What a hover says at a word: `at` is the word, within `where`; by what is open there."""
    offset = text.index(where) + (where.index(at) if at else 0)
    line = text.count("\n", 0, offset)
    start = text.rfind("\n", 0, offset) + 1
    units = len(text[start:offset].encode("utf-16-le")) // 2
    position = types.Position(line, units)
    params = types.HoverParams(types.TextDocumentIdentifier(uri), position)
    found = await editor.client.text_document_hover_async(params)
    if found is None:
        return None
    assert isinstance(found.contents, types.MarkupContent)
    assert found.contents.kind == types.MarkupKind.Markdown
    return found.contents.value


CASES: list[tuple[str, str, list[str] | None]] = [
        ("agent bot", "bot", ["agent bot = ", "𝔫othing \\*else\\*.", "1 rule names it", "arn:aws:iam::1:role/bot"]),
        ("to bot", "bot", ["agent bot = "]),
        ("intent sell", "sell", ["Sell things to people"]),
        ("total: number", "total", ["it.total: number", "what `till.look` gives back"]),
    ("tool till", "till", ["2 actions", "`arn:aws:s3:::till`"]),
        ("action charge", "charge", ["write action charge(amount: number", "Takes money.", "s3:PutObject", "**Who can**", "`bot` for `sell`: **with approval**", "unless forbidden by `never`"]),
        ("allow till.charge", "charge", ["**with approval**"]),
        ("action look", "look", ["**Nobody can**"]),
        ("args.amount <= 10\n", "amount", ["args.amount: number", "`till.charge`"]),
        ("resource.risk <=", "risk", ["resource.risk: shop.risk", "`low` \\< `medium` \\< `high`"]),
        ("<= medium", "medium", ["Member 2 of 3 of `risk`", "**medium**"]),
        ('"+1"', "+1", ["A member of `currency`"]),
        ("level risk", "risk", ["From least to most: `low`"]),
        ("set known", "known", ['`[string]`, 2 values: `"a"`, `"b"`']),
        ("group money", "money", ["2 capabilities: `till.charge`, `till.look`"]),
        ("meter spent", "spent", ["The sum of `args.amount` of the calls that were permitted to `till.charge`.", "in the same run of tasks", "in the last `1d`", "as if the call at hand went ahead"]),
        ("source told", "told", ["the person said it in this run"]),
        ("when small", "small", ["let small = args.amount <= 10"]),
        ("grant bot_sells", "bot_sells", ["to `bot`, for `sell`", "a credential lives `15m`, renewed 3 times at most: 1h in all", "days left", "answered for by team", "needs an approval of this exact call by `role:boss`, at most 1h old"]),
        ("as little", "little", ["**Opens** `till.charge`"]),
        ("by little", "little", ["**Opens** `till.charge`"]),
        ("forbid never", "never", ["**Closes** `till.charge`", "and also where that is unknown", "Too \\!\\[much\\](http\\://e\\.example) \\<b\\>money\\</b\\> \\`for\\` a bot"]),
        ("package shop", "shop", ["package shop", "1 file", "team\\@acme\\.example"]),
        ("credential ttl", "credential", ["What a lease", "renewed 3 times"]),
        ("valid until", "until", ["The last day", "days left"]),
        ("require approval", "require", ["What has to be shown"]),
        ("resource.risk", "resource", ["What is called"]),
        ("order: string", "string", ["A text."]),
        ("allow AGP4101", "AGP4101", ["**AGP4101**: a grant that never ends (warning)", "standing access"]),
        ("Sell things", "things", None),
]  # fmt: skip


async def test_each_thing_says_what_it_is(editor: Editor) -> None:
    uri = editor.open("shop.agp", POLICY)
    wrong = {}
    for where, at, parts in CASES:
        found = await said(editor, uri, POLICY, where, at)
        lacking = (
            None if found is None else [each for each in parts or ("nothing",) if each not in found]
        )
        if lacking != (None if parts is None else []):
            wrong[where] = (lacking, found)
    assert wrong == {}


async def test_what_never_compiled_does_not_say_that_it_did(editor: Editor) -> None:
    broken = POLICY.replace("grant bot_sells {", "grant bot_sells {\n    allow allow {{")
    uri = editor.open("shop.agp", broken)
    action = await said(editor, uri, broken, "action charge", "charge")
    assert action is not None and "last compiled" not in action


async def test_a_text_with_errors_still_says_what_it_can(editor: Editor) -> None:
    uri = editor.open("shop.agp", POLICY)
    broken = POLICY.replace("grant bot_sells {", "grant bot_sells {\n    allow allow {{")
    await said(editor, uri, POLICY, "agent bot", "bot")
    editor.write_over(uri, broken)
    assert "agent bot = " in (await said(editor, uri, broken, "agent bot", "bot") or "")
    action = await said(editor, uri, broken, "action charge", "charge")
    assert action is not None and "**with approval**" in action and "last compiled" in action
    assert await said(editor, uri, broken, "meter spent", "spent") is not None
    for kind, name in (("agent", "bot"), ("intent", "sell"), ("tool", "till")):
        found_of = await said(editor, uri, broken, f"{kind} {name}", name)
        assert found_of is not None and "last compiled" in found_of, (kind, found_of)
    for text in ("", "language 2", "grant", "package", "\ufeff", "agent x = \n\n}", 'test "'):
        editor.write_over(uri, text)
        found = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(0, 0))
        await editor.client.text_document_hover_async(found)


async def test_crlf_and_tabs_are_counted_as_the_client_does(editor: Editor) -> None:
    text = POLICY.replace("\n", "\r\n").replace("    ", "\t")
    uri = editor.open("shop.agp", text)
    found = await said(editor, uri, text, "call till.charge", "charge")
    assert found is not None and "**Who can**" in found


async def test_a_client_without_markdown_gets_plain_text(folder: Path) -> None:
    able = able_as_vs_code()
    assert able.text_document is not None
    able.text_document.diagnostic = None
    able.text_document.hover = types.HoverClientCapabilities(
        content_format=[types.MarkupKind.PlainText]
    )
    async with started(folder, capabilities=able) as editor:
        uri = editor.open("shop.agp", POLICY)
        line = POLICY[: POLICY.index("forbid never")].count("\n")
        params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, 8))
        found = await editor.client.text_document_hover_async(params)
        assert found is not None and isinstance(found.contents, types.MarkupContent)
        assert found.contents.kind == types.MarkupKind.PlainText
        assert (
            "because: Too ![much](http://e.example) <b>money</b> `for` a bot"
            in found.contents.value
        )


async def test_every_word_of_the_examples_can_be_asked_about(editor: Editor) -> None:
    """Nothing fails, whatever is asked; and what a policy declares is always said."""
    shutil.copytree(EXAMPLES / "finance", editor.folder / "finance")
    for name in ("finance.agp", "platform.agp"):
        uri = editor.open(f"finance/{name}")
        lines = editor.texts[uri].split("\n")
        answered = 0
        for number, line in enumerate(lines):
            for column in range(0, len(line), 9):
                params = types.HoverParams(
                    types.TextDocumentIdentifier(uri), types.Position(number, column)
                )
                found = await editor.client.text_document_hover_async(params)
                answered += found is not None
        assert answered > len(lines)


async def test_the_start_of_an_intent_says_who_can_start_tasks_for_it(editor: Editor) -> None:
    starts = """forbid no_starts {
    deny sell.start
    to   bot
    because "It has enough to do."
}
grant other_starts {
    to other
    for sell
    allow sell.start as again require confirmation
}
agent other = "spiffe://acme.example/other" { team: string }
"""
    text = POLICY + starts
    uri = editor.open("a.agp", text)
    found = await said(editor, uri, text, "allow sell.start", "start")
    assert found is not None
    assert "the capability of starting a task" in found
    assert "other" in found.partition("fields of the intent")[2]
    found = await said(editor, uri, text, "allow sell.start", "sell")
    assert found is not None and "starting a task" not in found
