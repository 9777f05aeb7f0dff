"""Inlay hints."""

from __future__ import annotations

from time import time

from lsprotocol import types

from ..features.inlay_hints import inlay_hints
from ..registry import Here, asked


@asked(types.TEXT_DOCUMENT_INLAY_HINT)
def answer(here: Here, params: types.InlayHintParams) -> list[types.InlayHint]:
    """The hints in a range."""
    within = here.span(params.range)
    return inlay_hints(here.snapshot, here.name, within, here.session.preferences, time())
