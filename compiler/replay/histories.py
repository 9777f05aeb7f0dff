"""A log that is a record of what happened: each call is asked with the facts that follow from the lines before it.

The facts are worked out by the reference function, from all that the log said until then, for each policy by its own
definitions. What a request said of them itself is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...runtime.strict_json import NotJSON, read_request
from ..ir import nodes as ir
from ..meaning.facts import facts
from ..meaning.facts.known import FACTS
from ..meaning.facts.reader import RecordReader
from .records import NotARecord, RecordedRequest, records
from .streams import WholeLines

_BOM = b"\xef\xbb\xbf"


def is_history(chunk: WholeLines) -> bool:
    """Whether a log, by its first line, is a record of what happened."""
    content = chunk.content.removeprefix(_BOM)
    first = next((line for line in content.split(b"\n") if line.strip(b" \t\r")), b"")
    try:
        found = read_request(first)
    except NotJSON:
        return False
    return type(found) is dict and "event" in found


class History:
    """What a log has said so far, as each policy reads it."""

    def __init__(self, *policies: ir.Policy) -> None:
        """Begin with nothing."""
        self._readers = [(each, RecordReader(each)) for each in policies]

    def records(self, number: int, document: Any) -> Iterator[RecordedRequest]:
        """The request of a line, if it is a call, with its facts. Raises `NotARecord`."""
        if type(document) is not dict:
            raise NotARecord("a record is a JSON object")
        found = []
        if document.get("event") == "call":
            known = {name: document[name] for name in ("request", "effect") if name in document}
            found = [
                RecordedRequest(self._with_facts(each.request), each.answer)
                for each in records(known)
            ]
        problems = [self._take(reader, number, document) for _, reader in self._readers]
        if problems and problems[0] is not None:
            raise NotARecord(problems[0])
        yield from found

    def _take(self, reader: RecordReader, number: int, document: dict[str, Any]) -> str | None:
        before = len(reader.record.problems)
        reader.line(number, document)
        added = reader.record.problems[before:]
        return added[0].message if added else None

    def _with_facts(self, request: dict[str, Any]) -> dict[str, Any]:
        made = [facts(policy, reader.record, request) for policy, reader in self._readers]
        context = made[0].get("context")
        if type(context) is not dict:
            return request
        context = dict(context)
        for kind in FACTS:
            found: dict[str, Any] = {}
            for each in made:
                found.update(each["context"].get(kind, {}))
            context.pop(kind, None)
            if found:
                context[kind] = found
        whole: dict[str, Any] = {**made[0], "context": context}
        return whole
