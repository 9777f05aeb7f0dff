"""How a file is built: its names by what they are, its outline, what may be folded and what be selected."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from lsprotocol import types

from ..features.folding import folding_ranges
from ..features.outline import document_symbols, workspace_symbols
from ..features.selections import selection_ranges
from ..features.semantic_tokens import LEGEND, edits, semantic_tokens
from ..registry import Here, asked, asked_of_all
from ..session import Session

MOST = 100
"""Of how many documents the last tokens are kept."""

_told: WeakKeyDictionary[Session, dict[str, tuple[str, list[int]]]] = WeakKeyDictionary()
"""The tokens that each client has of its documents, and their number."""


@asked(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
def tokens(here: Here, params: types.SemanticTokensParams) -> types.SemanticTokens:
    """What each name of a file stands for."""
    data = semantic_tokens(here.snapshot, here.name)
    return types.SemanticTokens(data, _keep(here, data))


@asked(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, LEGEND)
def tokens_since(
    here: Here, params: types.SemanticTokensDeltaParams
) -> types.SemanticTokens | types.SemanticTokensDelta:
    """What has changed since the client was told last; all, if that is not known any more."""
    known = _told.get(here.session, {}).get(here.document.uri)
    data = semantic_tokens(here.snapshot, here.name)
    number = _keep(here, data)
    if known is None or known[0] != params.previous_result_id:
        return types.SemanticTokens(data, number)
    return types.SemanticTokensDelta(edits(known[1], data), number)


@asked(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, LEGEND)
def tokens_within(here: Here, params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
    """What each name of a part of a file stands for."""
    return types.SemanticTokens(semantic_tokens(here.snapshot, here.name, params.range))


def _keep(here: Here, data: list[int]) -> str:
    told = _told.setdefault(here.session, {})
    number = str(here.snapshot.number)
    told.pop(here.document.uri, None)
    told[here.document.uri] = (number, data)
    while len(told) > MOST:
        del told[next(iter(told))]
    return number


@asked(types.TEXT_DOCUMENT_FOLDING_RANGE)
def folding(here: Here, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    """What may be folded."""
    return folding_ranges(here.snapshot, here.name)


@asked(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def outline(here: Here, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    """What a file declares."""
    return document_symbols(here.snapshot, here.name)


@asked(types.TEXT_DOCUMENT_SELECTION_RANGE)
def selection(here: Here, params: types.SelectionRangeParams) -> list[types.SelectionRange]:
    """What may be selected around places."""
    return selection_ranges(here.snapshot, here.name, params.positions)


@asked_of_all(types.WORKSPACE_SYMBOL)
def symbols(session: Session, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
    """The names of all policy sets that fit what is typed."""
    return workspace_symbols(session.all_snapshots(), params.query)
