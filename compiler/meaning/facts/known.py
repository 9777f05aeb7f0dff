"""From policy, record and request to the request with its facts: `context.meters` and `context.sources`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...ir import nodes as ir
from ..request import Call
from .meters import meter_value
from .record import Line, Record, read_record
from .sources import names_from

FACTS = ("meters", "sources")


def facts(policy: ir.Policy, record: Record | Iterable[Line], request: object) -> Any:
    """Give a request with the facts that follow from a record up to its time.

    What it said of them itself is dropped. A fact that is unknown is not there.
    """
    if type(request) is not dict:
        return request
    known = record if isinstance(record, Record) else read_record(policy, record)
    context = request.get("context")
    if type(context) is not dict:
        return request
    bare = {name: value for name, value in context.items() if name not in FACTS}
    request = {**request, "context": bare}
    call = Call.read(policy, request)
    if call is None or call.now is None:
        return request
    meters = {
        each.key: value
        for each in policy.meters
        if (value := meter_value(policy, known, each, call, call.now))
    }
    listed = (
        (each.key, names_from(policy, known, each, call, call.now)) for each in policy.sources
    )
    sources = {key: names for key, names in listed if names is not None}
    found = {"meters": meters, "sources": sources}
    return {**request, "context": {**bare, **{name: each for name, each in found.items() if each}}}
