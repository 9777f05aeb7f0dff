"""Quick fixes and formatting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from ..features import fixes, formatting
from ..features.refactorings import CannotRefactor
from ..registry import CONTENT_MODIFIED, Here, asked, asked_of_all
from ..session import Session

OPTIONS = types.CodeActionOptions(
    [
        types.CodeActionKind.QuickFix,
        types.CodeActionKind.RefactorExtract,
        types.CodeActionKind.RefactorInline,
        fixes.ALL,
    ],
    resolve_provider=True,
)


@asked(types.TEXT_DOCUMENT_CODE_ACTION, OPTIONS)
def code_actions(here: Here, params: types.CodeActionParams) -> list[types.CodeAction]:
    """What can be done in a range."""
    checked = here.session.checked(here.snapshot)
    only = params.context.only
    return fixes.actions(
        here.snapshot,
        here.name,
        checked.in_file(here.name),
        params.range,
        None if only is None else [str(getattr(each, "value", each)) for each in only],
        here.editing,
    )


@asked_of_all(types.CODE_ACTION_RESOLVE, later=True)
def resolve(session: Session, action: types.CodeAction) -> Callable[[], types.CodeAction]:
    """Work out the edit of an action that was chosen, beside other answers: the set may have to be compiled."""
    data: Any = action.data
    if not isinstance(data, dict) or data.get("for") not in (fixes.TEST, fixes.REFACTORING):
        return lambda: action
    uri = data.get("uri")
    here = session.here(uri) if isinstance(uri, str) else None
    if here is None:
        raise JsonRpcInvalidParams("the document is no longer there")
    if here.document.version != data.get("version"):
        raise JsonRpcException("the document has changed since", CONTENT_MODIFIED)
    edit = _refactored(here, data) if data["for"] == fixes.REFACTORING else _test(here, data)

    def work() -> types.CodeAction:
        action.edit = edit()
        return action

    return here.if_it_stays(work)


def _refactored(here: Here, data: dict[str, Any]) -> Callable[[], types.WorkspaceEdit]:
    editing = here.editing
    memory = here.session.snapshots.kept(here.snapshot).compiled.for_another()

    def work() -> types.WorkspaceEdit:
        try:
            return fixes.refactoring(
                here.name, data.get("kind"), data.get("range"), editing, memory
            )
        except CannotRefactor as refused:
            raise JsonRpcInvalidParams(str(refused)) from None

    return work


def _test(here: Here, data: dict[str, Any]) -> Callable[[], types.WorkspaceEdit]:
    request, policy, editing = data.get("request"), here.snapshot.compilation.policy, here.editing
    if not isinstance(request, dict):
        raise JsonRpcInvalidParams("there is no request")
    if policy is None:
        raise JsonRpcInvalidParams("the policy does not compile")

    def work() -> types.WorkspaceEdit:
        edit = fixes.test_of(policy, request, here.name, editing)
        if isinstance(edit, str):
            raise JsonRpcInvalidParams(f"no test says this: {edit}")
        return edit

    return work


@asked(types.TEXT_DOCUMENT_FORMATTING)
def format(here: Here, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """Lay a document out as `agpc fmt` does."""
    return formatting.formatting(here.snapshot, here.name)


@asked(types.TEXT_DOCUMENT_RANGE_FORMATTING, types.DocumentRangeFormattingOptions(True))
def format_range(
    here: Here, params: types.DocumentRangeFormattingParams
) -> list[types.TextEdit] | None:
    """Lay some lines out."""
    return formatting.range_formatting(here.snapshot, here.name, [params.range])


@asked(types.TEXT_DOCUMENT_RANGES_FORMATTING)
def format_ranges(
    here: Here, params: types.DocumentRangesFormattingParams
) -> list[types.TextEdit] | None:
    """Lay several stretches of lines out."""
    return formatting.range_formatting(here.snapshot, here.name, params.ranges)
