"""Quick fixes: what a diagnostic brings along, a silence with a reason, and a test from a witness."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lsprotocol import types

from ...compiler.analysis.run import FINDINGS
from ...compiler.check.compiling.memory import Memory
from ...compiler.check.edits.fixing import fixed
from ...compiler.check.review.silence import silencing
from ...compiler.ir import nodes as ir
from ...compiler.report import witnesses
from ...compiler.report.diagnostics import Diagnostic, Diagnostics
from ...compiler.report.fixes import Fix, line_end, written_in
from ...compiler.report.source import Source
from ...compiler.syntax.parse import parse
from ...compiler.text.visible import visible
from ..diagnostics import shown
from ..snapshot import Snapshot
from . import refactorings
from .edits import between
from .workspace_edits import Editing

QUICK = types.CodeActionKind.QuickFix
ALL = "source.fixAll.agpc"
"""The kind of the action that applies what keeps the meaning; an editor may do it when a file is saved."""

TEST = "agpc.test"
REFACTORING = "agpc.refactoring"
"""What the data of an action says whose edit is worked out when it is chosen."""


def actions(
    snapshot: Snapshot,
    name: str,
    found: Sequence[Diagnostic],
    range: types.Range,
    only: Sequence[str] | None,
    editing: Editing,
) -> list[types.CodeAction]:
    """What can be done about what was found in a range of a document, the likeliest first.

    To fix all takes longer, and editors ask with every move of the cursor: that is offered where it is asked for.
    """
    made: list[types.CodeAction] = []
    if is_asked(QUICK, only):
        here = snapshot.lines_of(name).span(name, range)
        for each in found:
            if each.labels and each.labels[0].span.touches(here):
                made += quick(name, each, editing)
    for kind in (refactorings.EXTRACT, refactorings.INLINE):
        if is_asked(kind, only):
            made += refactored(name, range, kind, editing)
    if only is not None and is_asked(ALL, only):
        made += fix_all(snapshot.source_of(name), found, editing)
    return made


def is_asked(kind: str, only: Sequence[str] | None) -> bool:
    """Whether a kind of actions is asked for; one that is named stands for all below it."""
    return only is None or any(kind == each or kind.startswith(f"{each}.") for each in only)


def quick(name: str, diagnostic: Diagnostic, editing: Editing) -> Iterator[types.CodeAction]:
    """The fixes of one diagnostic."""
    about = [shown(diagnostic, editing.snapshot)]
    for number, fix in enumerate(diagnostic.fixes):
        edit = _edit(name, fix, editing)
        if edit is not None:
            is_preferred = number == 0 and fix.certainty != "choice"
            yield types.CodeAction(called(fix), QUICK, about, is_preferred or None, edit=edit)
    if (requests := witnesses(diagnostic)) and diagnostic.code in FINDINGS:
        data = {"for": TEST, **editing.document(name), "request": requests[0]}
        yield types.CodeAction("write a test of this request", QUICK, about, data=data)
    silence = silencing(diagnostic)
    if silence is not None:
        edit = _edit(name, silence, editing)
        if edit is not None:
            yield types.CodeAction(silence.title, QUICK, about, edit=edit)


LONGEST_TITLE = 120  # characters


def called(fix: Fix) -> str:
    """The title of a fix, in which nothing hides and which fits a menu."""
    title = visible(fix.title)
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"


def _edit(name: str, fix: Fix, editing: Editing) -> types.WorkspaceEdit | None:
    """A fix as an edit of the document; None where it is of another one, or has no place."""
    if any(each.span.file != name for each in fix.edits):
        return None
    placed = written_in(editing.snapshot.source_of(name)).replacements(fix)
    return None if placed is None else editing.edit({name: placed})


def fix_all(
    source: Source, found: Sequence[Diagnostic], editing: Editing
) -> Iterator[types.CodeAction]:
    """Apply all that keeps the meaning, as `agpc check --fix` does."""
    if not any(fix.certainty == "safe" for each in found for fix in each.fixes):
        return

    def check(sources: Sequence[Source]) -> Iterable[Diagnostic]:
        if sources[0] == source:
            return found
        told: Diagnostics = []
        parse(sources[0], told)
        return told

    made, _ = fixed([source], check)
    for each in made:
        edit = editing.edit({source.name: between(source.text, each.after.text)})
        yield types.CodeAction("fix all that keeps the meaning", ALL, edit=edit)


# --- refactorings ---------------------------------------------------------------------------------


def refactored(
    name: str, range: types.Range, kind: str, editing: Editing
) -> Iterator[types.CodeAction]:
    """The refactorings of a kind that are offered for what is selected."""
    snapshot = editing.snapshot
    selection = snapshot.lines_of(name).span(name, range)
    for offer in refactorings.offers(snapshot, name, selection):
        if (offer.kind == "inline") is (kind == refactorings.INLINE):
            data = {
                "for": REFACTORING,
                **editing.document(name),
                "kind": offer.kind,
                "range": [
                    *(range.start.line, range.start.character),
                    *(range.end.line, range.end.character),
                ],
            }
            title = refactorings.TITLES[offer.kind]
            yield types.CodeAction(title, types.CodeActionKind(kind), data=data)


def refactoring(
    name: str, kind: object, numbers: object, editing: Editing, memory: Memory
) -> types.WorkspaceEdit:
    """The edit of a refactoring that was chosen. Raises `Refused`."""
    if not isinstance(numbers, list | tuple) or len(numbers) != 4:
        raise refactorings.CannotRefactor("nothing is selected")
    if not all(type(each) is int and 0 <= each < 2**31 for each in numbers):
        raise refactorings.CannotRefactor("nothing is selected")
    first, second = types.Position(*numbers[:2]), types.Position(*numbers[2:])
    snapshot = editing.snapshot
    selection = snapshot.lines_of(name).span(name, types.Range(first, second))
    for offer in refactorings.offers(snapshot, name, selection):
        if offer.kind == kind:
            return editing.edit(refactorings.worked_out(snapshot, name, offer, memory))
    raise refactorings.CannotRefactor("it is no condition and no list, as a whole")


# --- a test from a witness ------------------------------------------------------------------------


def test_of(
    policy: ir.Policy, request: dict[str, Any], name: str, editing: Editing
) -> types.WorkspaceEdit | str:
    """The edit that appends a test of a request to a document; or why there is none."""
    from ...compiler.testing.suggest import suggest
    from ...compiler.testing.tidy import Unwritable

    file = editing.snapshot.tree_of(name)
    home = None if file.package is None else file.package.text
    taken = {each.name for each in policy.tests}
    try:
        made = suggest(policy, request, home=home, taken=taken)
    except Unwritable as error:
        return str(error)
    if made.package != home:
        return f"the test belongs to package `{made.package}`"
    text = editing.snapshot.source_of(name).text
    end = line_end(text)
    uses = "".join(f"use {each}\n" for each in made.uses if f"use {each}" not in text)
    before = "" if not text or text.endswith("\n") else "\n"
    new = f"{before}\n{uses}{made.text.rstrip()}\n".replace("\n", end)
    return editing.edit({name: [(len(text), len(text), new)]})
