"""A request with the facts that follow from what a store holds."""

from __future__ import annotations

from typing import Any

from ..runtime.call import fields_of
from ..runtime.chain import is_chain, of_each
from ..runtime.time_text import format_time
from .store import Look, Own, Store

FACTS = ("meters", "sources")


def with_facts(
    store: Store, capability: str | None, request: dict[str, Any], now: int
) -> tuple[dict[str, Any], Own]:
    """Give a request with its time and its facts, and what it adds to meters. What it said of facts itself is dropped."""
    given = fields_of(request.get("context"))
    context = {name: value for name, value in given.items() if name not in FACTS}
    context["time"] = format_time(now)
    chain = context.get("delegation")
    if type(chain) is list:
        context["delegation"] = [_without_facts(each) for each in chain]
    request = {**request, "context": context}
    if capability is None:
        return request, {}
    look = store.look(request)
    own = store.own(capability, look)
    more = _facts_of(store, capability, look, own, now)
    if is_chain(context.get("delegation")):
        looks = [store.look(each) for each in of_each(request)[1:]]
        known = [
            _facts_of(store, capability, each, store.own(capability, each), now) for each in looks
        ]
        links = zip(context["delegation"], known, strict=True)
        more["delegation"] = [{**link, **found} for link, found in links]
    return {**request, "context": {**context, **more}}, own


def _facts_of(store: Store, capability: str, look: Look, own: Own, now: int) -> dict[str, Any]:
    """What is known of a call, for its agent."""
    meters = store.meters(capability, look, own, now)
    sources = store.sources(capability, look, now)
    return {name: each for name, each in (("meters", meters), ("sources", sources)) if each}


def _without_facts(link: Any) -> Any:
    """A link of a chain without what it said of its facts."""
    return {k: v for k, v in link.items() if k not in FACTS} if type(link) is dict else link
