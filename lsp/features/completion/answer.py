"""A completion in the words of the protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from ....compiler.ir import nodes as ir
from ....compiler.report.fixes import line_end
from ....compiler.syntax import tree as syntax
from ...abilities import Abilities
from ...positions import Lines
from ...snapshot import Snapshot
from . import Completion, complete
from .offers import Sort
from .snippets import plain

TRIGGERS = [".", '"', ":"]
_KINDS: dict[Sort, types.CompletionItemKind] = {
    "keyword": types.CompletionItemKind.Keyword,
    "operator": types.CompletionItemKind.Operator,
    "snippet": types.CompletionItemKind.Snippet,
    "agent": types.CompletionItemKind.Class,
    "intent": types.CompletionItemKind.Event,
    "resource": types.CompletionItemKind.Struct,
    "action": types.CompletionItemKind.Method,
    "attribute": types.CompletionItemKind.Field,
    "type": types.CompletionItemKind.Enum,
    "member": types.CompletionItemKind.EnumMember,
    "set": types.CompletionItemKind.Constant,
    "condition": types.CompletionItemKind.Function,
    "rule": types.CompletionItemKind.Reference,
    "meter": types.CompletionItemKind.Variable,
    "source": types.CompletionItemKind.Variable,
    "group": types.CompletionItemKind.Interface,
    "terms": types.CompletionItemKind.Property,
    "package": types.CompletionItemKind.Module,
    "control": types.CompletionItemKind.Reference,
    "value": types.CompletionItemKind.Value,
}


def completion(
    snapshot: Snapshot, name: str, position: types.Position, able: Abilities
) -> types.CompletionList | None:
    """What may be written at a position of a file."""
    lines = snapshot.lines_of(name)
    text, tree = snapshot.source_of(name).text, snapshot.tree_of(name)
    policy = snapshot.policy
    rules: list[ir.Rule] = []
    if policy is not None:
        rules = [*policy.allows, *policy.forbids, *policy.starts.values()]
    offset = lines.offset(position)
    found = complete(text, offset, tree, snapshot.refer, [each.id for each in rules])
    if found is None:
        return None
    items = list(_items(found, offset, lines, tree, able))
    return types.CompletionList(not found.is_whole, items)


def _items(
    found: Completion, offset: int, lines: Lines, tree: syntax.File, able: Abilities
) -> Iterator[types.CompletionItem]:
    token = found.token
    insert, replace = lines.between(token.start, offset), lines.between(token.start, token.end)
    for number, offer in enumerate(found.offers):
        if offer.sort == "snippet" and not able.snippet_items:
            continue
        text = offer.text.replace("\n", line_end(lines.text))
        edit = (
            types.InsertReplaceEdit(text, insert, replace)
            if able.insert_and_replace
            else types.TextEdit(replace, text)
        )
        yield types.CompletionItem(
            label=offer.label,
            kind=_KINDS[offer.sort],
            detail=offer.detail or None,
            documentation=offer.documentation or None,
            sort_text=f"{number:04}",
            filter_text=plain(offer.text).split("\n")[0]
            if offer.sort == "snippet"
            else offer.label,
            insert_text_format=types.InsertTextFormat.Snippet
            if offer.sort == "snippet"
            else types.InsertTextFormat.PlainText,
            text_edit=edit,
            additional_text_edits=None if offer.use is None else [use_line(offer.use, lines, tree)],
        )


def use_line(package: str, lines: Lines, tree: syntax.File) -> types.TextEdit:
    """The edit that adds a `use` line: behind the last one, else behind the line of the package."""
    uses = [each for each in tree.statements if isinstance(each, syntax.Use)]
    after = uses[-1] if uses else tree.package
    newline = line_end(lines.text)
    if after is None:
        return types.TextEdit(lines.between(0, 0), f"use {package}{newline}")
    _, end = lines.offsets(after.span)
    rest = re.compile(r"[^\r\n]*").match(lines.text, end)
    place = end if rest is None else rest.end()
    gap = newline if uses else newline * 2
    return types.TextEdit(lines.between(place, place), f"{gap}use {package}")
