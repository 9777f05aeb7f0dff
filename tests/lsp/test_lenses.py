"""Inlay hints, code lenses and their commands, as a client has them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp.editor import Editor

pytestmark = pytest.mark.asyncio

EXAMPLES = Path(__file__).parents[2] / "examples"
POLICY = """language 2
package shop
owner "team" contact "team@acme.example"
agent bot = "spiffe://acme.example/bot"
agent other = "spiffe://acme.example/other"
intent sell "Sell"
set known = ["a", "b"]
tool till { write action charge(amount: number) read action look }
terms usual {
    credential ttl 15m renew 3
    valid until 2200-06-30
}
grant bot_sells {
    to bot for sell
    allow till.charge as little when args.amount <= 10
    terms usual
}
grant all_look {
    to any agent
    for sell
    allow till.*
    valid until 2020-01-01
}
forbid closed {
    to other
    deny any
    because "Not yet."
}
forbid never {
    deny till.charge
    when args.amount > 5
    because "Too much."
}
test "small" {
    agent bot for sell
    call till.charge(amount: 3)
    at 2026-11-24T10:00:00Z
    expect permit by little
}
test "wrong 𝔬ne" {
    agent bot for sell
    call till.charge(amount: 9)
    at 2026-11-24T10:00:00Z
    expect permit
}
"""


async def hints(editor: Editor, uri: str) -> dict[int, list[str]]:
    """The hints of a document, by line."""
    everything = types.Range(types.Position(0, 0), types.Position(9999, 0))
    params = types.InlayHintParams(types.TextDocumentIdentifier(uri), everything)
    found: dict[int, list[str]] = {}
    for each in await editor.client.text_document_inlay_hint_async(params) or ():
        found.setdefault(each.position.line, []).append(str(each.label))
    return found


async def lenses(editor: Editor, uri: str) -> list[types.CodeLens]:
    """The lenses of a document, each as it says what it says."""
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    found = await editor.client.text_document_code_lens_async(params) or ()
    return [
        each if each.command else await editor.client.code_lens_resolve_async(each)
        for each in found
    ]


def titles(found: list[types.CodeLens]) -> list[str]:
    return [each.command.title for each in found if each.command is not None]


async def ask(editor: Editor, command: str, **given: Any) -> Any:
    """What a command answers."""
    return await editor.client.workspace_execute_command_async(
        types.ExecuteCommandParams(command, arguments=[given])
    )


async def test_hints_are_few_and_can_be_switched_off(editor: Editor) -> None:
    uri = editor.open("shop.agp", POLICY)
    lines = POLICY.split("\n")
    found = await hints(editor, uri)
    said = {lines[line].strip(): each for line, each in found.items()}
    assert said.keys() == {
        'set known = ["a", "b"]', "credential ttl 15m renew 3", "valid until 2200-06-30", "allow till.*",
        "terms usual", "to any agent", "valid until 2020-01-01", "deny any",
    }  # fmt: skip
    assert said['set known = ["a", "b"]'] == [": [string]"]
    assert said["credential ttl 15m renew 3"] == ["at most 1h in all"]
    assert said["terms usual"] == ["ttl 15m", "at most 1h in all"]
    assert said["allow till.*"] == ["= 2 capabilities"]
    assert said["to any agent"] == ["= 2 agents, 0 families"]
    assert said["deny any"] == ["= 3 capabilities"]  # and the start of the intent
    assert said["valid until 2200-06-30"][0].endswith("days left")
    assert said["valid until 2020-01-01"][0].startswith("over for ")
    settings = {"agpc": {"inlayHints": {"daysLeft": False, "types": False}}}
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
    fewer = await hints(editor, uri)
    assert {lines[line].strip() for line in fewer} == said.keys() - {
        'set known = ["a", "b"]', "valid until 2200-06-30", "valid until 2020-01-01",
    }  # fmt: skip
    for text in (
        "",
        "language 2",
        "package x\ngrant a {\n to any agent\n allow any\n valid until 20",
        "\ufeff}",
    ):
        editor.write_over(uri, text)
        await hints(editor, uri)


async def test_tests_run_from_their_lenses_and_the_result_stays_until_the_next_edit(
    editor: Editor,
) -> None:
    uri = editor.open("shop.agp", POLICY)
    first = await lenses(editor, uri)
    assert titles(first).count("run test") == 2
    assert titles(first).count("run all tests of this file") == 1
    everything = next(each for each in first if each.command and "all tests" in each.command.title)
    assert everything.command is not None and everything.command.arguments is not None
    found = await ask(editor, everything.command.command, **everything.command.arguments[0])
    assert found["summary"] == {"passed": 1, "failed": 1}
    assert "**1 passed, 1 failed**" in found["markdown"]
    after = titles(await lenses(editor, uri))
    assert "run test (passed)" in after
    assert any(each.startswith("run test (failed: expected permit, got deny by") for each in after)
    one = await ask(editor, "agpc.runTests", uri=uri, test="small")
    assert one["summary"] == {"passed": 1, "failed": 0}
    editor.write_over(uri, POLICY.replace("amount > 5", "amount > 50"))
    assert titles(await lenses(editor, uri)).count("run test") == 2
    again = await ask(editor, "agpc.runTests", uri=uri)
    assert again["summary"] == {"passed": 2, "failed": 0}


async def test_rules_say_which_meet_them_and_which_tests_they_decide(editor: Editor) -> None:
    uri = editor.open("shop.agp", POLICY)
    found = titles(await lenses(editor, uri))
    assert found.count("who can") == 2
    meeting_rules = [each for each in found if "meet" in each]
    assert [each.split()[0] for each in meeting_rules] == ["2", "3", "2", "3"]
    decided = [each for each in found if "decides" in each]
    assert decided == ["decides 1 test", "decides no test", "decides no test", "decides 1 test"]
    meeting = await ask(editor, "agpc.rulesMeeting", uri=uri, rule="shop.never")
    assert "shop.bot_sells.little" in meeting["rules"]
    assert {each["uri"] for each in meeting["locations"]} == {uri}
    reached = await ask(editor, "agpc.coverage", uri=uri, rule="shop.never")
    assert reached["tests"] == ["wrong 𝔬ne"]


async def test_who_can_and_the_matrix_are_told_as_the_command_does(editor: Editor) -> None:
    uri = editor.open("shop.agp", POLICY)
    found = await ask(editor, "agpc.whoCan", uri=uri, capability="shop.till.charge")
    assert found["complete"] is True
    how = {each["agent"]: each["how"] for each in found["answers"]}
    assert how == {"shop.bot": "conditionally", "shop.other": "never"}
    assert "`shop.bot` for `shop.sell`: **conditionally**" in found["markdown"]
    several = await ask(editor, "agpc.whoCan", uri=uri, capability="shop.till.*")
    assert {each["capability"] for each in several["answers"]} == {
        "shop.till.charge",
        "shop.till.look",
    }
    table = await ask(editor, "agpc.matrix", uri=uri)
    assert {each["agent"] for each in table["cells"]} == {"shop.bot", "shop.other"}
    assert "| `shop.till.charge` |" in table["markdown"]
    with pytest.raises(JsonRpcException, match="there is no capability"):
        await ask(editor, "agpc.whoCan", uri=uri, capability="shop.till.charg")


async def test_a_request_is_explained_and_so_is_that_of_a_test(editor: Editor) -> None:
    uri = editor.open("shop.agp", POLICY)
    found = await ask(editor, "agpc.explain", uri=uri, test="wrong 𝔬ne")
    assert "forbid shop.never: applies" in found["markdown"]
    assert found["decision"]["decision"] is False
    odd = await ask(editor, "agpc.explain", uri=uri, request={"a": "`````"})
    assert odd["decision"]["decision"] is False


async def test_a_revision_is_compared_with_what_is_open(editor: Editor) -> None:
    def git(*arguments: str) -> None:
        own = ["-c", "user.name=a", "-c", "user.email=a@acme.example"]
        subprocess.run(
            ["git", *own, *arguments], cwd=editor.folder, check=True, capture_output=True
        )

    editor.write("shop.agp", POLICY)
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    uri = editor.open("shop.agp", POLICY.replace("args.amount <= 10", "args.amount <= 10 "))
    found = await ask(editor, "agpc.diff", uri=uri, revision="HEAD")
    assert found["verdict"] == "equivalent"
    editor.write_over(uri, POLICY.replace("amount > 5", "amount > 50"))
    opened = await ask(editor, "agpc.diff", uri=uri, revision="HEAD")
    assert opened["verdict"] == "more"
    assert "agpc diff: more" in opened["markdown"]
    with pytest.raises(JsonRpcException, match="has no revision `nowhere`"):
        await ask(editor, "agpc.diff", uri=uri, revision="nowhere")


async def test_what_cannot_be_answered_is_said_in_words(editor: Editor) -> None:
    uri = editor.open("shop.agp", POLICY)
    commands = ("runTests", "whoCan", "matrix", "explain", "diff", "rulesMeeting", "coverage")
    for name in commands:
        for given in ({}, {"uri": 3}, {"uri": "file:///nowhere.agp"}):
            with pytest.raises(JsonRpcException) as error:
                await ask(editor, f"agpc.{name}", **given)
            assert "bug" not in str(error.value)
    for name in ("whoCan", "explain", "rulesMeeting", "coverage"):
        with pytest.raises(JsonRpcException, match="has to be a text"):
            await ask(editor, f"agpc.{name}", uri=uri)
    with pytest.raises(JsonRpcException, match="there is no rule"):
        await ask(editor, "agpc.coverage", uri=uri, rule="shop.nevr")
    editor.write_over(uri, POLICY + "\ngrant {")
    assert "not known, as the policy has errors" in titles(await lenses(editor, uri))
    with pytest.raises(JsonRpcException, match="the policy has errors"):
        await ask(editor, "agpc.runTests", uri=uri)
    stale = await ask(editor, "agpc.whoCan", uri=uri, capability="shop.till.charge")
    assert "last compiled" in stale["markdown"]
    for text in ("", "language 2", 'test "', "\ufeff", 'package x\ntest "a" {'):
        editor.write_over(uri, text)
        await lenses(editor, uri)


@pytest.mark.parametrize("off", [{}, {"meeting": False}, {"coverage": False}])
async def test_that_a_policy_has_errors_is_said_once_of_each_rule(
    editor: Editor, off: dict[str, bool]
) -> None:
    settings = {"agpc": {"codeLenses": off}}
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
    uri = editor.open("shop.agp", POLICY)
    whole = await lenses(editor, uri)
    rules = {each.range.start.line for each in whole if lens_of_rule(each)}
    editor.write_over(uri, POLICY + "\ngrant broken {")
    broken = [each for each in await lenses(editor, uri) if lens_of_rule(each)]
    lines = [each.range.start.line for each in broken if each.range.start.line in rules]
    assert rules and sorted(lines) == sorted(rules)
    assert set(titles(broken)) == {"not known, as the policy has errors"}
    editor.write_over(uri, POLICY)
    assert titles(await lenses(editor, uri)) == titles(whole)


def lens_of_rule(lens: types.CodeLens) -> bool:
    return lens.command is not None and lens.command.command in (
        "agpc.rulesMeeting",
        "agpc.coverage",
    )


async def test_the_examples_have_lenses_and_hints(editor: Editor) -> None:
    shutil.copytree(EXAMPLES / "finance", editor.folder / "finance")
    uri = editor.open("finance/finance_test.agp")
    found = await ask(editor, "agpc.runTests", uri=uri, all=True)
    assert found["summary"]["failed"] == 0 and found["summary"]["passed"] > 10
    assert any("passed" in each for each in titles(await lenses(editor, uri)))
    uri = editor.open("finance/finance.agp")
    assert "days left" in str(await hints(editor, uri))
    assert [each for each in titles(await lenses(editor, uri)) if "not known" in each] == []
