"""What an author is offered while typing, over the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from lsp.editor import Editor, started

pytestmark = pytest.mark.asyncio

SHOP = """language 2
package shop

owner "team" contact "team@acme.example"

agent bot = "spiffe://acme.example/bot" { tenant: string }
agents bots = "spiffe://acme.example/*"
intent sell "Sell things to people who ask for them" { order: string }
level trust = low < middle < high
enum currency = EUR, USD, "+1"
set banks = ["DE02120300000000202051"]

tool till {
    tenant: string
    trust:  trust
    write action charge(amount: number, currency: currency, to: [string], card: { number: string, holder: string }, memo?: string, lines: [{ sku: string, count: int, gift: bool }], flags: { gift: bool })
    read action look(order: string) -> { total: number, customer: email }
}
context { risk: number }
let is_own = agent.tenant == resource.tenant
meter charges = count of till.charge per task
source vouched = said, task

grant bot_sells {
    to  bot
    for sell
    allow till.charge
        when args.amount <= 10
        require approval by "role:lead" within 1h
    oblige notify(channel: "payments", level: 1)
}
"""
OTHER = """language 2
package other

agent helper = "spiffe://acme.example/helper"
tool mail { send action send(to: string) }
"""
DENY = "forbid more {\n    deny till.charge\n    "
RULE = "grant more {\n    to  bot\n    for sell\n    allow till.charge\n        "


async def offered(
    editor: Editor, text: str, *, encoding: str = "utf-16"
) -> dict[str, types.CompletionItem]:
    """What is offered at the `|` of a text, by label."""
    before, _, after = text.partition("|")
    uri = editor.open("shop.agp", before + after)
    line = before.rpartition("\n")[2]
    position = types.Position(
        before.count("\n"),
        len(line.encode(f"{encoding}-le" if encoding != "utf-8" else encoding))
        // (2 if encoding == "utf-16" else 1),
    )
    of = types.TextDocumentIdentifier(uri)
    found: Any = await editor.client.text_document_completion_async(
        types.CompletionParams(of, position)
    )
    editor.close(uri)
    return {} if found is None else {each.label: each for each in found.items}


CASES: list[tuple[str, list[str], list[str]]] = [
    ("gr|", ["grant", "grant … { … }", "group"], ["allow"]),
    ("grant more {\n    |", ["to", "for", "allow", "credential ttl"], ["deny", "because", "unless"]),
    ("forbid more {\n    |", ["to", "deny", "because", "unless"], ["allow", "require", "credential ttl"]),
    ("grant more {\n    to bot\n    |", ["for", "allow"], ["to"]),
    ("grant more {\n    to |", ["bot", "bots", "any agent"], ["sell", "till"]),
    ("grant more {\n    for |", ["sell", "any intent"], ["bot"]),
    ("grant more {\n    allow |", ["till.charge", "till.*", "any", "sell.start"], ["bot"]),
    ("grant more {\n    allow any |", ["read", "write", "send", "destroy", "as"], []),
    ("grant more {\n    allow till.charge |", ["as", "when", "require"], ["read", "send"]),
    (RULE + "when |", ["args.amount", "resource.tenant", "agent.tenant", "task.order", "context.risk", "charges", "charges.before", "is_own", "not", "has", "args.card", "args.lines", "args.lines.sku", "args.lines.gift"], ["args.flags", "null"]),
    (RULE + "when args.|", ["args.amount", "args.card.number"], ["resource.tenant"]),
    (RULE + "when has args.c|", ["args.card", "args.card.holder", "args.currency"], []),
    (RULE + "when args.amount |", ["==", "<=", "in", "not in"], ["like", "contains", "within", "and"]),
    (RULE + "when args.to |", ["contains", "subset of", "from"], ["==", "<="]),
    (RULE + "when resource.tenant |", ["==", "like", "under"], ["<", "from", "within"]),
    (RULE + "when args.currency == |", ["EUR", "USD", '"+1"', "args.currency"], ["args.amount", "low"]),
    (RULE + "when resource.trust <= |", ["low", "middle", "high"], ["EUR"]),
    (RULE + "when args.currency in [EUR, |", ["USD"], ["low"]),
    (RULE + "when every args.to in |", ["banks", "args.to"], ["args.amount"]),
    (RULE + "when some |", ["args.to"], ["args.amount"]),
    (RULE + "when args.to from |", ["vouched", "said", "task", "till.look.customer", "banks"], ["bot"]),
    (RULE + "when after |", ["till.charge", "done"], ["bot"]),
    (RULE + "when args.card |", ["from"], ["==", "in", "contains", "and"]),
    (RULE + "when args.card.|", ["args.card.number", "args.card.holder"], ["args.card"]),
    (RULE + "when args.lines |", ["from"], ["==", "contains", "subset of", "and"]),
    (RULE + "when args.lines.|", ["args.lines.sku", "args.lines.count"], ["args.amount"]),
    (RULE + "when args.lines.sku |", ["contains", "subset of", "from"], ["=="]),
    (RULE + "when args.lines.gift |", ["contains", "subset of"], ["from"]),
    (RULE + "when not args.l|", ["args.lines", "args.lines.sku"], []),
    (RULE + "when is_own and |", ["args.card", "args.lines"], []),
    (RULE + "when (is_own or |", ["args.card", "args.lines"], []),
    ("forbid more {\n    deny till.charge\n    unless |", ["args.card", "args.lines"], []),
    (RULE + "when every |", ["args.to", "args.lines.sku"], ["args.lines", "args.card"]),
    (RULE + "when size |", ["args.to", "args.lines"], ["args.card"]),
    (RULE + "when links |", ["args.card", "args.lines"], ["args.amount", "args.flags"]),
    (RULE + "when is_own |", ["and", "or"], ["==", "in"]),
    (RULE + "require |", ["approval", "step_up", "confirmation"], ["till.charge"]),
    (RULE + "require approval by |", ['"role:lead"'], []),
    (RULE + 'require approval by "|', ['"role:lead"'], ["per"]),
    (RULE + "require approval within 1h\n    allow till.look\n        require approval by |", ['"role:lead"'], ['"role:x"']),
    (RULE + "require step_up |", [], ['"mfa"']),
    (RULE + 'require step_up "otp"\n    allow till.look\n        require step_up |', ['"otp"'], ['"mfa"']),
    ("grant more {\n    during |", ["mon", "sun"], []),
    ('grant more {\n    during mon..fri 07:00..19:00 "Europe/B|', ['"Europe/Berlin"'], ['"Asia/Tokyo"']),
    ("grant more {\n    audit |", ["full", "metadata"], []),
    ("grant more {\n    oblige |", ["notify"], []),
    ("grant more {\n    oblige notify(channel: \"x\", |", ["level"], ["channel"]),
    ("controls owasp-agentic-2026:ASI0|", ["owasp-agentic-2026:ASI02"], []),
    ("source more = till.look.total when |", ["it.total", "it.customer", "args.order"], ["agent.tenant", "context.risk"]),
    (DENY + "when args.to |", ["contains"], ["from"]),
    (DENY + "when not args.to |", ["contains", "from"], []),
    (DENY + "when not (is_own and not args.to |", ["contains"], ["from"]),
    (DENY + "when |", ["after"], ["links"]),
    (DENY + "unless args.to |", ["contains", "from"], []),
    (RULE + "when not args.to |", ["contains"], ["from"]),
    (RULE + "revoke when |", ["after"], ["links"]),
    ("assert no bot can till.charge when args.to |", ["contains"], ["from"]),
    ("let more = not args.to |", ["contains", "from"], []),
    (RULE + "when 5 |", ["<=", "==", "in"], ["from", "contains", "like", "under", "within"]),
    (RULE + "when 5 <= |", ["args.amount", "charges"], ["args.currency", "args.memo", "EUR", "low", "true"]),
    (RULE + "when EUR == |", ["args.currency"], ["args.memo", "EUR", "true", "resource.trust"]),
    (RULE + 'when "x" in |', ["args.to", "args.lines.sku"], ["args.lines.gift", "banks", "args.memo"]),
    (RULE + "when size |", ["args.to"], ["==", "contains", "and", "allow"]),
    (RULE + "when links |", ["args.to"], ["and", "or", "require", "allow"]),
    (RULE + "when after |", ["till.charge", "done"], ["and", "or", "require", "allow"]),
    (RULE + "when after till.look per |", ["args.order"], ["args.amount"]),
    (RULE + "when after till.look per args.order as |", ["args.amount"], ["args.order"]),
    (RULE + "when after (till.look when |", ["args.order", "has"], ["args.amount", "charges", "after", "links"]),
    (RULE + "when after (till.look when (args.order == |", ["args.order"], ["args.memo"]),
    (RULE + "when after (till.charge when args.to |", ["contains"], ["from"]),
    ("let more = after (till.look when |", ["args.order"], ["args.amount", "charges"]),
    ("meter more = count of till.charge when |", ["args.amount"], ["args.order", "charges", "after", "links"]),
    ("meter more = count of till.charge when args.to |", ["contains"], ["from"]),
    ("meter more = count of till.charge per args.memo as |", ["args.order"], ["args.to"]),
    ("source more = till.look.total when |", ["it.total", "has"], ["after", "links"]),
    ("source more = said, |", ["vouched"], ["more"]),
    ("group more = till.look, |", ["till.charge"], ["more"]),
    ("agents more = bot, |", ["bots"], ["more"]),
    ("set more = [|", ["EUR", "true"], ["null"]),
    ("meter more = sum |", ["args.amount", "size"], ["args.to"]),
    ("meter more = count of till.charge per |", ["task", "agent", "everyone", "args.amount"], ["args.to"]),
    ("tool more { field: |", ["string", "trust", "currency", "email"], ["EUR"]),
    ("extend |", ["till"], []),
    ("bind |", ["aws", "mcp", "vault"], []),
    ("bind mcp { resource till { |", ["charge", "look"], ["bot"]),
    ("isolate bot from |", ["bots"], ["sell"]),
    ("assert bot can |", ["till.charge"], ["bot"]),
    ("delegate bot for sell to |", ["bots"], ["sell"]),
    ('test "x" {\n    |', ["agent", "call", "expect", "context"], ["grant", "allow"]),
    ('test "x" { agent bot { |', ["tenant"], []),
    ('test "x" { agent bot for sell { |', ["order", "state"], ["tenant"]),
    ('test "x" { call |', ["till.charge"], ["any", "till.*"]),
    ('test "x" { call till.charge(|', ["amount", "currency", "card", "memo"], ["tenant"]),
    ('test "x" { call till.charge(currency: |', ["EUR"], ["low", "true"]),
    ('test "x" { call till.charge(card: { |', ["number", "holder"], ["amount"]),
    ('test "x" { call till.charge() resource { trust: |', ["low"], ["EUR"]),
    ('test "x" { did till.look(order: "1") gave { |', ["total", "customer"], ["order"]),
    ('test "x" { call till.charge() expect permit by |', ["till.charge"], ["no", "no rule"]),
    ('test "x" { call till.charge() expect deny by |', ["till.charge", "no rule"], ["no"]),
    ('test "x" { call till.charge() expect deny by bot_sells, |', ["till.charge"], ["no", "no rule"]),
    ('test "x" { agent |', ["bot"], ["bots"]),
    ('test "x" { call till.charge() context { |', ["risk"], []),
]  # fmt: skip
"""What is written behind the policy, what has to be offered there, and what must not."""


async def test_what_would_be_right_there_is_offered(editor: Editor) -> None:
    wrong = []
    for written, wanted, unwanted in CASES:
        found = await offered(editor, f"{SHOP}\n{written}\n")
        missing = [each for each in wanted if each not in found]
        too_much = [each for each in unwanted if each in found]
        if missing or too_much:
            wrong.append((written, missing, too_much, sorted(found)[:40]))
    assert wrong == []


async def test_it_works_between_mistakes(editor: Editor) -> None:
    text = SHOP.replace("    for sell\n    allow", "    for sell sell\n    %%\n    allow |", 1)
    found = await offered(editor, text.replace("let is_own =", "let = ="))
    assert "till.charge" in found


async def test_nothing_is_offered_in_a_comment_or_a_text_that_is_free(editor: Editor) -> None:
    assert await offered(editor, f"{SHOP}\n# gr|\n") == {}
    assert await offered(editor, f'{SHOP}\nintent more "gr|"\n') == {}


async def test_a_name_of_a_package_that_is_not_used_comes_with_its_use_line(
    editor: Editor, folder: Path
) -> None:
    editor.write("other.agp", OTHER)
    found = await offered(editor, f"{SHOP}\ngrant more {{\n    to other.h|")
    edits = found["other.helper"].additional_text_edits
    assert edits is not None
    assert [each.new_text for each in edits] == ["\n\nuse other"]
    assert edits[0].range.start == types.Position(1, len("package shop"))
    used = SHOP.replace("package shop\n", "package shop\nuse other\n")
    found = await offered(editor, f"{used}\ngrant more {{\n    to other.h|")
    assert found["other.helper"].additional_text_edits is None


async def test_the_whole_dotted_path_is_replaced(editor: Editor) -> None:
    found = await offered(editor, f"{SHOP}\n{RULE}when args.am|ount <= 3")
    edit = found["args.amount"].text_edit
    assert isinstance(edit, types.InsertReplaceEdit)
    start = len("        when ")
    assert (edit.replace.start.character, edit.replace.end.character) == (start, start + 11)
    assert edit.insert.end.character == start + len("args.am")


async def test_places_are_counted_in_the_units_of_the_client(folder: Path) -> None:
    line = 'forbid more { because "\U0001f600\U0001f600" deny '
    for encoding, width in (("utf-16", len(line) + 2), ("utf-8", len(line.encode()))):
        kind = types.PositionEncodingKind(encoding)
        async with started(folder, encodings=[kind]) as editor:
            found = await offered(editor, f"{SHOP}\n{line}till.|\n", encoding=encoding)
            edit: Any = found["till.charge"].text_edit
            replaced = getattr(edit, "replace", None) or edit.range
            assert replaced.start.character == width


async def test_a_client_without_snippets_gets_none(folder: Path) -> None:
    async with started(folder, capabilities=types.ClientCapabilities()) as editor:
        found = await offered(editor, f"{SHOP}\n|\n")
        assert "grant" in found
        assert all(
            each.insert_text_format != types.InsertTextFormat.Snippet for each in found.values()
        )
        assert all(isinstance(each.text_edit, types.TextEdit) for each in found.values())


ANY = [
    "",
    "|",
    "\ufeff|",
    "package |",
    "language 2\r\npackage a\r\n|",
    "{{{{|",
    '"|',
    "grant g { to a\n|\ngrant",
]


async def test_any_text_gets_an_answer(editor: Editor) -> None:
    for text in ANY:
        await offered(editor, text)


async def helped(editor: Editor, text: str) -> tuple[str, str | None] | None:
    before, _, after = text.partition("|")
    uri = editor.open("shop.agp", before + after)
    position = types.Position(before.count("\n"), len(before.rpartition("\n")[2]))
    of = types.TextDocumentIdentifier(uri)
    found = await editor.client.text_document_signature_help_async(
        types.SignatureHelpParams(of, position)
    )
    editor.close(uri)
    if found is None:
        return None
    (one,) = found.signatures
    if found.active_parameter is None:
        return one.label, None
    assert one.parameters is not None
    start, end = one.parameters[found.active_parameter].label
    return one.label, one.label[int(start) : int(end)]


CALLS = [
    ("call till.charge(|", "amount: number"),
    ("call till.charge(amount: 1|", "amount: number"),
    ("call till.charge(amount: 1, |)", "currency: shop.currency"),
    ("call till.charge(amount: 1, m|", "memo?: string"),
    ("call till.charge(card: { number: |", "card: { holder: string, number: string }"),
    ("did till.charge(to: [|", "to: [string]"),
]


async def test_a_call_shows_its_parameters(editor: Editor) -> None:
    for written, active in CALLS:
        found = await helped(editor, f'{SHOP}\ntest "x" {{\n    {written}\n')
        assert found is not None, written
        start = "till.charge(amount: number, currency: shop.currency, to: [string]"
        assert found[0].startswith(start)
        assert found[1] == active, written


async def test_an_obligation_shows_its_properties(editor: Editor) -> None:
    found = await helped(editor, f'{SHOP}\ngrant more {{\n    oblige notify(channel: "x", |')
    assert found == ("notify(channel, level)", "level")
    assert await helped(editor, f"{SHOP}\ngrant more {{\n    allow till.charge when (|") is None


@pytest.mark.parametrize(
    "text",
    [
        'language 2\npackage p\nowner "team" contact "a@acme.example"|\n',
        RULE + 'require approval by "role:lead"|\n}\n',
        'language 2\npackage p\nforbid f {\n    because "Nobody may do this."|\n}\n',
    ],
    ids=["owner", "approval", "because"],
)
async def test_right_behind_a_closed_text_nothing_is_offered_that_enter_would_take(
    editor: Editor, text: str
) -> None:
    assert not await offered(editor, text)
    assert await offered(editor, text.replace("|", " |"))


async def first(editor: Editor, text: str, count: int) -> list[str]:
    """The labels that come first at the `|` of a text."""
    found = await offered(editor, text)
    return sorted(found, key=lambda label: found[label].sort_text or label)[:count]


async def test_an_empty_file_begins_with_its_language_and_its_package(editor: Editor) -> None:
    assert await first(editor, "|", 2) == ["language", "package"]
    assert await first(editor, "language 2\n|", 1) == ["package"]
    assert "package" not in await offered(editor, "language 2\npackage a\n|")


async def test_what_carries_on_a_line_comes_before_another_clause(editor: Editor) -> None:
    allow = f"{SHOP}\n" + RULE.rstrip()
    assert await first(editor, f"{allow} |", 3) == ["as", "require", "when"]
    assert await first(editor, f'{allow} require approval by "role:a" |', 1) == ["within"]


async def test_a_text_is_not_offered_to_itself(editor: Editor) -> None:
    for typed in ("", "your-team@example."):
        for written in (
            f'owner "me" contact "{typed}|',
            f'owner "me" contact "{typed}|"',
            f'{RULE}require approval by "{typed}|',
        ):
            assert f'"{typed}"' not in await offered(editor, f"{SHOP}\n{written}\n")
    assert '"team@acme.example"' in await offered(editor, f'{SHOP}\nowner "me" contact "|\n')


async def test_no_word_is_offered_that_could_only_be_a_name(editor: Editor) -> None:
    words = {"action", "destroy", "read", "send", "write"}
    for written in ("context { |", "tool more { action reply(|", "agent more { |"):
        assert not words & set(await offered(editor, f"{SHOP}\n{written}\n")), written
    assert words <= set(await offered(editor, f"{SHOP}\ntool more {{ |\n"))
