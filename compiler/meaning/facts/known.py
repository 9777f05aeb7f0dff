"""From policy, record and request to the request with its facts: `context.meters` and `context.sources`."""

from __future__ import annotations

from typing import Any

from ...ir import nodes as ir
from ..chain import MOST_LINKS, is_link, of_each
from ..request import Call
from .meters import meter_value
from .record import Record

FACTS = ("meters", "sources")


def facts_of(policy: ir.Policy, record: Record, request: object) -> Any:
    """Give a request with the facts that follow from a record up to its time.

    What it said of them itself is dropped. A fact that is unknown is not there. Each link of its chain has its own.
    """
    if type(request) is not dict:
        return request
    context = request.get("context")
    if type(context) is not dict:
        return request
    bare = {name: value for name, value in context.items() if name not in FACTS}
    chain = bare.get("delegation")
    if type(chain) is list:
        chain = bare["delegation"] = [_without_facts(each) for each in chain]
    request = {**request, "context": bare}
    call = Call.read(policy, request)
    if call is None or call.now is None:
        return request
    record = record.until(call.now)
    own = _of_one(policy, record, call, call.now)
    if type(chain) is list and len(chain) <= MOST_LINKS and all(map(is_link, chain)):
        asked = [Call(policy, each) for each in of_each(request)[1:]]
        found = [_of_one(policy, record, each, call.now) for each in asked]
        own["delegation"] = [{**link, **more} for link, more in zip(chain, found, strict=True)]
    return {**request, "context": {**bare, **own}}


def _without_facts(link: Any) -> Any:
    """A link of a chain without what it said of its facts."""
    if type(link) is not dict:
        return link
    return {name: value for name, value in link.items() if name not in FACTS}


def _of_one(policy: ir.Policy, record: Record, call: Call, now: int) -> dict[str, Any]:
    """What is known of a call, for its agent; nothing is left out only to be empty."""
    meters = {
        each.key: value
        for each in policy.meters
        if (value := meter_value(policy, record, each, call, now))
    }
    sources = _sources_of(policy, record, call, now) if policy.sources else {}
    return {name: each for name, each in (("meters", meters), ("sources", sources)) if each}


def _sources_of(policy: ir.Policy, record: Record, call: Call, now: int) -> dict[str, Any]:
    from .sources import names_from  # which a policy without sources does not need

    listed = ((each.key, names_from(policy, record, each, call, now)) for each in policy.sources)
    return {key: names for key, names in listed if names is not None}
