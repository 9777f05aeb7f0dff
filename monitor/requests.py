"""A request with its facts, for its agent and for each of those for whom it acts. What it says of them itself is dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..runtime.call import fields_of
from ..runtime.chain import is_chain, of_each
from ..runtime.time_text import format_time

FACTS = ("meters", "sources")


def bare(request: dict[str, Any], now: int) -> dict[str, Any]:
    """Give a request with the time, and without what it says of facts."""
    given = fields_of(request.get("context"))
    context = {name: value for name, value in given.items() if name not in FACTS}
    context["time"] = format_time(now)
    chain = context.get("delegation")
    if type(chain) is list:
        context["delegation"] = [_without_facts(each) for each in chain]
    return {**request, "context": context}


def with_known(
    request: dict[str, Any], known: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Give a bare request with what is `known` of it, and of the request that each link of its chain would make."""
    context = request["context"]
    more = known(request)
    if is_chain(context.get("delegation")):
        links = zip(context["delegation"], of_each(request)[1:], strict=True)
        more["delegation"] = [{**link, **known(each)} for link, each in links]
    return {**request, "context": {**context, **more}}


def _without_facts(link: Any) -> Any:
    """A link of a chain without what it said of its facts."""
    return {k: v for k, v in link.items() if k not in FACTS} if type(link) is dict else link
