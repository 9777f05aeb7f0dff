"""What a call would add to the meters that are about it, and what of it a meter that is read has."""

from __future__ import annotations

from typing import Any

from ..runtime.facts import ABSENT, MALFORMED, call_of
from .definitions import Definitions
from .shares import BROKEN, KeyValues, Share, keys_of, share_of

Own = dict[int, tuple[KeyValues, Share]]
"""What a call would add, by the numbers of meters: with its keys as a record has them."""


def own_of(
    definitions: Definitions, capability: str, request: dict[str, Any], scopes: dict[str, Any]
) -> Own:
    """Give what a call would add to the meters that are about it; `scopes` are those of its request."""
    numbers = definitions.counted_by.get(capability)
    if numbers is None:
        return {}
    call, found = call_of(request, capability), {}
    for number in numbers:
        meter = definitions.meters[number]
        keys = keys_of(meter, request, scopes, recorded=True)
        if ABSENT not in keys:
            share = share_of(meter, call)
            if share is not None or MALFORMED in keys:  # which comes before what is counted
                found[number] = (keys, share or BROKEN)
    return found


def own_share(own: tuple[KeyValues, Share] | None, wanted: KeyValues) -> Share | None:
    """Give what the call at hand adds to a meter that is kept by its own keys."""
    if own is None:
        return None
    keys, share = own
    if keys == wanted:
        return share
    for one, other in zip(keys, wanted, strict=True):
        if one is not MALFORMED and one != other:
            return None
    return BROKEN
