"""Hover."""

from __future__ import annotations

from collections.abc import Callable
from time import time

from lsprotocol import types

from ..features.about.access import KeptAnswers
from ..features.hover import hover
from ..markup import render
from ..registry import Here, asked

KNOWN = KeptAnswers()


@asked(types.TEXT_DOCUMENT_HOVER, later=True)
def answer(here: Here, params: types.HoverParams) -> Callable[[], types.Hover] | None:
    """What there is to say about a place."""
    found = hover(here.snapshot, here.name, *here.place(params.position), KNOWN, time())
    if found is None:
        return None
    span, blocks = found
    range, kind = here.snapshot.range_of(span), here.session.able.markup
    return lambda: types.Hover(render(blocks(), kind), range)
