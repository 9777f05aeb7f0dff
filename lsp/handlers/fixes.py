"""Quick fixes and formatting."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from ..features import fixes, formatting
from ..registry import Here, asked, asked_of_all
from ..session import Session

OPTIONS = types.CodeActionOptions([types.CodeActionKind.QuickFix, fixes.ALL], resolve_provider=True)


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
        _place(here),
    )


@asked_of_all(types.CODE_ACTION_RESOLVE)
def resolve(session: Session, action: types.CodeAction) -> types.CodeAction:
    """Work out the edit of an action that was chosen."""
    data: Any = action.data
    if not isinstance(data, dict) or data.get("for") != fixes.TEST:
        return action
    uri, request = data.get("uri"), data.get("request")
    here = session.here(uri) if isinstance(uri, str) else None
    if here is None or not isinstance(request, dict):
        raise JsonRpcInvalidParams("the document is no longer there")
    if here.document.version != data.get("version"):
        raise JsonRpcInvalidParams("the document has changed since")
    policy = here.snapshot.compilation.policy
    if policy is None:
        raise JsonRpcInvalidParams("the policy does not compile")
    edit = fixes.test_of(policy, request, here.snapshot, here.name, _place(here))
    if isinstance(edit, str):
        raise JsonRpcInvalidParams(f"no test says this: {edit}")
    action.edit = edit
    return action


def _place(here: Here) -> fixes.Place:
    able = fixes.Able.of(here.session.capabilities)
    return fixes.Place(here.document.uri, here.document.version, here.lines, able)


@asked(types.TEXT_DOCUMENT_FORMATTING)
def format(here: Here, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """Lay a document out as `agpc fmt` does."""
    return formatting.formatting(here.snapshot.source_of(here.name), here.lines)


@asked(types.TEXT_DOCUMENT_RANGE_FORMATTING, types.DocumentRangeFormattingOptions(True))
def format_range(
    here: Here, params: types.DocumentRangeFormattingParams
) -> list[types.TextEdit] | None:
    """Lay some lines out."""
    source = here.snapshot.source_of(here.name)
    return formatting.range_formatting(source, here.lines, [params.range])


@asked(types.TEXT_DOCUMENT_RANGES_FORMATTING)
def format_ranges(
    here: Here, params: types.DocumentRangesFormattingParams
) -> list[types.TextEdit] | None:
    """Lay several stretches of lines out."""
    source = here.snapshot.source_of(here.name)
    return formatting.range_formatting(source, here.lines, [*params.ranges])
