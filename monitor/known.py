"""A request with the facts that follow from what a store holds."""

from __future__ import annotations

from typing import Any

from .own import Own
from .requests import bare, with_known
from .store import Store


def with_facts(
    store: Store, capability: str | None, request: dict[str, Any], now: int
) -> tuple[dict[str, Any], Own]:
    """Give a request with its time and its facts, and what it adds to meters. What it said of facts itself is dropped."""
    request = bare(request, now)
    if capability is None:
        return request, {}
    at_hand = store.own(capability, store.look(request))

    def known(each: dict[str, Any]) -> dict[str, Any]:
        look = store.look(each)
        own = at_hand if each is request else store.own(capability, look)
        meters = store.meters(capability, look, own, now)
        sources = store.sources(capability, look, now)
        return {name: each for name, each in (("meters", meters), ("sources", sources)) if each}

    return with_known(request, known), at_hand
