"""Edits at random over a real server, and whether they end in what a fresh `agpc check` says of the same texts."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from agpc.cli.process import run_to_the_end
from agpc.compiler.text.visible import visible_lines
from lsp.editor import ANALYSIS, Editor

Step = tuple[int, int, int, int]
"""What to do, with which file, and two numbers that say where and how much."""

VOCABULARY = """language 2
package shop

# 𝄞 everything that is sold
owner "team" contact "team@acme.example"

agent bot = "spiffe://acme.example/bot"
agent 	clerk = "spiffe://acme.example/clerk"
intent sell "Sell things, 🛒 or not"
level secrecy = open < closed
tool till {
    sensitivity: secrecy
    write action charge(amount: number, note?: string)
    read action look
}
let small = args.amount <= 10
set notes = ["a", "é𝄞"]
"""
RULES = """language 2
package shop

grant bot_sells {
    to  bot
    for sell
    allow till.charge
        when small
    allow till.look
        when resource.sensitivity <= open    # agpc: allow AGP4104 -- nobody needs to
}

forbid big {
    deny till.charge
    when args.amount > 1_000
    because "Too much, 𝄞."
}
"""
OTHER = """language 2
package other
use shop

grant clerk_looks {
    to  shop.clerk
    for shop.sell
    allow shop.till.look
    valid until 2099-01-01
}
assert no agent can shop.till.charge without approval by "role:boss"
"""
FILES = {
    "vocabulary.agp": VOCABULARY,
    "rules.agp": RULES.replace("\n", "\r\n"),
    "deep/other.agp": OTHER,
}
PIECES = (
    *("\n", "\r\n", "\r", " ", "\t", "{", "}", '"', "#", "𝄞", "é", "0", "x", ".", ",", "<=", "$"),
    *("package shop\n", "\ngrant again {\n    to bot\n    for sell\n    allow till.look\n}\n"),
    *("# agpc: allow AGP4101 -- so it is\n", "when ", "allow till.charge\n", "let other = small\n"),
    *("use other\n", 'forbid f {\n    deny any\n    because "𝄞"\n}\n', "bott", "unless ", "\u202e"),
)


class Edits:
    """Does steps to a folder, as an author would, and knows which texts there are."""

    def __init__(self, editor: Editor, folder: Path) -> None:
        self.editor, self.folder = editor, folder
        self.disk: dict[str, str] = {}
        self.names = [*FILES, "new.agp"]

    def begin(self) -> None:
        """Write the files, and open one of them."""
        self.folder.mkdir(parents=True)
        for name, text in FILES.items():
            self.save(name, text)
        self.editor.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(
                types.WorkspaceFoldersChangeEvent(
                    [types.WorkspaceFolder(self.folder.as_uri(), "it")], []
                )
            )
        )
        self.open("rules.agp")

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the set: of what is open, that of the editor."""
        opened = {
            name: self.editor.texts[self.uri(name)]
            for name in self.names
            if self.uri(name) in self.editor.texts
        }
        return {**self.disk, **opened}

    def do(self, step: Step) -> None:
        """Do one step."""
        what, which, where, much = step
        name = self.names[which % len(self.names)]
        is_open = self.uri(name) in self.editor.texts
        match what % 12:
            case 0:
                self.close(name) if is_open else self.open(name)
            case 1 if is_open:
                self.save(name, self.editor.texts[self.uri(name)])
                of = types.TextDocumentIdentifier(self.uri(name))
                self.editor.client.text_document_did_save(types.DidSaveTextDocumentParams(of))
            case 2 if name in self.disk:
                (self.folder / name).unlink()
                del self.disk[name]
                self.editor.changed_on_disk(self.uri(name), type=types.FileChangeType.Deleted)
            case 3:
                self.save(name, FILES.get(name, "language 2\npackage new\n"))
                self.editor.changed_on_disk(self.uri(name))
            case 4 if is_open:
                self.editor.write_over(self.uri(name), FILES.get(name, ""))
            case _:
                if not is_open:
                    self.open(name)
                self.edit(name, what, where, much)

    def open(self, name: str) -> None:
        uri, text = self.uri(name), self.disk.get(name, "")
        self.editor.texts[uri], self.editor.versions[uri] = text, 1
        item = types.TextDocumentItem(uri, "agp", 1, text)
        self.editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def close(self, name: str) -> None:
        self.editor.close(self.uri(name))

    def save(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        self.disk[name] = text

    def mend(self, steps: Sequence[Step]) -> None:
        """Put back texts that compile, with changes that move places and leave the meaning, so that the analysis speaks."""
        for name, text in FILES.items():
            if self.uri(name) in self.editor.texts:
                self.editor.write_over(self.uri(name), text)
            else:
                self.save(name, text)
                self.editor.changed_on_disk(self.uri(name))
        if self.uri("new.agp") in self.editor.texts:
            self.close("new.agp")
        if "new.agp" in self.disk:
            (self.folder / "new.agp").unlink()
            del self.disk["new.agp"]
            self.editor.changed_on_disk(self.uri("new.agp"), type=types.FileChangeType.Deleted)
        for _, which, where, much in steps[-4:]:
            name = list(FILES)[which % len(FILES)]
            if self.uri(name) not in self.editor.texts:
                self.open(name)
            text = self.editor.texts[self.uri(name)]
            starts = [match.end() for match in re.finditer("\n", text)]
            at = starts[where % len(starts)]
            piece = ("\n", "    # 𝄞\r\n", "\t\n", "#\n")[much % 4]
            self.editor.texts[self.uri(name)] = text[:at] + piece + text[at:]
            span = types.Range(position(text, at), position(text, at))
            self.editor.change(self.uri(name), types.TextDocumentContentChangePartial(span, piece))

    def edit(self, name: str, what: int, where: int, much: int) -> None:
        """Insert, take out or replace; now and then with a range that is not there."""
        uri = self.uri(name)
        text = self.editor.texts[uri]
        start = where % (len(text) + 1)
        end = min(len(text), start + (much % 40 if what % 3 else 0))
        if end < len(text) and text[end - 1 : end + 1] == "\r\n":
            end += 1
        if start and text[start - 1 : start + 1] == "\r\n":
            start -= 1
        piece = "" if what % 5 == 0 else PIECES[(where + much) % len(PIECES)]
        span = types.Range(position(text, start), position(text, end))
        if end == len(text) and much % 7 == 0:
            span.end = types.Position(span.end.line + 3, 2**31 - 1)
        self.editor.texts[uri] = text[:start] + piece + text[end:]
        self.editor.change(uri, types.TextDocumentContentChangePartial(span, piece))

    # --- what has to be said ---

    async def end(self, fresh: Path) -> None:
        """Wait for what a fresh check says, of texts written anew; fails where it does not come."""
        texts = self.texts
        wanted = expected(texts, fresh)
        compiles = not any(
            each[0] < "AGP2" and each[1] == 1 for found in wanted.values() for each in found
        )

        def said() -> dict[str, list[Any]]:
            found = {}
            for name in self.names:
                told = self.editor.published.get(self.uri(name))
                found[name] = sorted(
                    (each.code, each.severity, each.range.start.line, each.range.start.character,
                     each.range.end.line, each.range.end.character, each.message.partition("\n")[0])
                    for each in (told.diagnostics if told else ())
                    if compiles or each.source != ANALYSIS
                )  # fmt: skip
            return found

        full = {name: sorted(wanted.get(name, ())) for name in self.names}
        try:
            await self.editor.until(lambda: said() == full)
        except AssertionError:
            raise AssertionError(f"{texts!r}\nsaid    {said()}\nwanted  {full}") from None

    async def ask(self) -> None:
        """Ask of every open document what is answered there; no answer is an error."""
        protocol = self.editor.client.protocol
        for uri, text in list(self.editor.texts.items()):
            if self.editor.result is None or not uri.startswith(self.folder.as_uri()):
                continue
            able = self.editor.result.capabilities
            of, place = types.TextDocumentIdentifier(uri), position(text, len(text) // 2)
            asked: list[tuple[object, str, Any]] = [
                (able.hover_provider, types.TEXT_DOCUMENT_HOVER, types.HoverParams(of, place)),
                (able.completion_provider, types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams(of, place)),
                (able.definition_provider, types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams(of, place)),
                (able.document_symbol_provider, types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,
                 types.DocumentSymbolParams(of)),
                (able.folding_range_provider, types.TEXT_DOCUMENT_FOLDING_RANGE,
                 types.FoldingRangeParams(of)),
                (able.code_lens_provider, types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensParams(of)),
                (able.semantic_tokens_provider, types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
                 types.SemanticTokensParams(of)),
                (able.document_formatting_provider, types.TEXT_DOCUMENT_FORMATTING,
                 types.DocumentFormattingParams(of, types.FormattingOptions(4, True))),
            ]  # fmt: skip
            for can, method, params in asked:
                if can:
                    await asyncio.wait_for(protocol.send_request_async(method, params), 60)

    def forget(self) -> None:
        """Close all, and take the folder away."""
        for name in self.names:
            if self.uri(name) in self.editor.texts:
                self.close(name)
            self.editor.published.pop(self.uri(name), None)
        self.editor.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(
                types.WorkspaceFoldersChangeEvent(
                    [], [types.WorkspaceFolder(self.folder.as_uri(), "it")]
                )
            )
        )
        shutil.rmtree(self.folder)


SEVERITIES = {"error": 1, "warning": 2, "info": 3}


def expected(texts: dict[str, str], fresh: Path) -> dict[str, list[Any]]:
    """What a fresh `agpc check` of texts says, as the protocol counts places."""
    if not texts:
        return {}
    for name, text in texts.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        run_to_the_end(["check", "--format", "json", str(fresh)])
    shutil.rmtree(fresh)
    found: dict[str, list[Any]] = {}
    for each in json.loads(out.getvalue())["diagnostics"]:
        label = each["labels"][0]
        name = Path(label["file"]).relative_to(fresh).as_posix()
        start = place(texts[name], label["line"], label["column"])
        end = place(texts[name], label["end_line"], label["end_column"])
        found.setdefault(name, []).append(
            (each["code"], SEVERITIES[each["severity"]], start.line, start.character, end.line,
             end.character, visible_lines(each["message"]).partition("\n")[0])
        )  # fmt: skip
    return found


def place(text: str, line: int, column: int) -> types.Position:
    """The position of a line and column of `agpc`, in UTF-16 units, by counting."""
    before = text.split("\n")[: line - 1]
    return position(text, sum(len(each) + 1 for each in before) + column - 1)


def position(text: str, offset: int) -> types.Position:
    """The position of an offset, in UTF-16 units, by counting."""
    lines = re.split(r"\r\n|\n|\r", text[:offset])
    return types.Position(len(lines) - 1, len(lines[-1].encode("utf-16-le")) // 2)


async def run_steps(editor: Editor, folder: Path, steps: Sequence[Step]) -> None:
    """Do steps in a folder of their own, and look at how they end."""
    edits = Edits(editor, folder)
    edits.begin()
    try:
        for number, step in enumerate(steps):
            edits.do(step)
            if number % 5 == 4:
                await edits.ask()
        await edits.end(folder.with_name(folder.name + "_fresh"))
        await edits.ask()
        edits.mend(steps)
        await edits.end(folder.with_name(folder.name + "_fresh"))
    finally:
        edits.forget()
