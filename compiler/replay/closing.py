"""Which allows of version 1 a log shows to be closed by arguments that nobody declared, as version 2 reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ...runtime.strict_json import NotJSON, read_request
from ..ir import nodes as ir
from ..meaning.conditions import possibly_true
from ..meaning.interpreter import matches
from ..meaning.request import Call, strangers
from ..structs import Struct
from .records import NotARecord, RecordedRequest, records
from .streams import WholeLines

MOST = 1_000
"""Arguments of one allow that are told apart, of which a log may hold any number."""


class Closing(Struct, frozen=False):
    """What a log says: the calls, the lines that hold none, and for each allow how often an argument closes it."""

    calls: int
    unread: int
    closed: dict[str, Counter[tuple[str, ...]]]


def closing(policy: ir.Policy, log: Iterable[WholeLines]) -> Closing:
    """Read a log of requests, or a record of what happened."""
    found = Closing(0, 0, {})
    for chunk in log:
        if chunk.too_long:
            found.unread += 1
        for line in chunk.content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
            text = line.strip(b" \t\r")
            try:
                asked = list(_asked(text)) if text else []
            except (NotJSON, NotARecord):
                found.unread += 1
                continue
            for each in asked:
                found.calls += 1
                _take(policy, each.request, found)
    return found


def _asked(line: bytes) -> Iterator[RecordedRequest]:
    document = read_request(line)
    if type(document) is dict and document.get("event", "call") != "call":
        return
    if type(document) is dict and "event" in document:
        document = {"request": document.get("request")}
    yield from records(document)


def _take(policy: ir.Policy, request: object, found: Closing) -> None:
    call = Call.read(policy, request)
    if call is None:
        return
    names = set(strangers(call))
    if not names:
        return
    for allow in policy.allows:
        if matches(allow, call) and possibly_true(allow.condition, call):
            counted = found.closed.setdefault(allow.id, Counter())
            counted.update(name for name in names if name in counted or len(counted) < MOST)
