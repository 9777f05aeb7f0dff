"""The facts in requests, derived again from the record before them: by the reference, or by the monitor where that is long.

Each policy defines its own facts, so that the trail is read once more for each that decided calls.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from ...runtime.call import fields_of
from ...runtime.facts import is_request
from ..known.policies import Loaded
from ..reading.events import Broken, Event, read_event
from ..reading.findings import Findings
from ..reading.requests import links_of
from ..reading.trail import Trail

if TYPE_CHECKING:
    from ...monitor.store import Store

MOST_LINES = 500
"""Lines of a record that the reference reads, whose work grows with the square of them."""
_FACTS = ("meters", "sources")
_RECORDED = {
    "task": ("agent", "task", "parent", "user"),
    "said": ("task", "text"),
    "call": ("id", "effect", "request"),
    "outcome": ("call", "outcome", "result", "unreadable"),
    "verdict": ("call", "by", "verdict"),
}
"""What a line of the language's record has of each kind of event."""


class Deriver(Protocol):
    """Knows what was before, line by line."""

    is_exact: bool
    """Whether a fact that it does not know is known to be unknown, and not only forgotten."""

    def known(self, request: dict[str, Any], time: int) -> dict[str, Any]:
        """Give a request with its facts."""

    def asked(self, request: dict[str, Any], key: str) -> Collection[str] | None:
        """Give the names of a source, or the parts of a meter, that it would know; None is all."""

    def take(self, line: dict[str, Any]) -> bool:
        """Take a line in; whether it was one."""


def record_line(event: Event) -> dict[str, Any] | None:
    """Give the line of the record that an event is, if its values were kept."""
    body = event.body
    assert body is not None
    line = {name: body[name] for name in _RECORDED[event.kind] if name in body}
    return {"time": body["time"], "event": event.kind, **line}


def check_facts(trail: Trail, size: int, loaded: Loaded, lines: int, findings: Findings) -> None:
    """Derive the facts of each call that a policy decided, as long as the record before it is whole."""
    deriver = _deriver(loaded, lines)
    is_whole, latest = True, 0
    for leaf in trail.leaves(size, None):
        try:
            event = read_event(leaf)
        except Broken:
            return  # which is told already
        if event.kind not in _RECORDED:
            continue
        is_call = event.kind == "call" and event.policy == loaded.digest
        if event.body is None or event.is_redacted or event.time < latest:
            is_whole = False
        latest = event.time
        if not is_whole:
            if is_call:
                findings.is_undetermined("facts")
            continue
        assert event.body is not None
        line = record_line(event)
        if is_call:
            request = event.body.get("request")
            if type(request) is not dict:
                return
            _compare(request, deriver.known(request, event.time), deriver, event, findings)
        if line is None or not deriver.take(line):
            findings.is_wrong(event.seq, "the record of the language does not take this event")
            return


def _deriver(loaded: Loaded, lines: int) -> Deriver:
    return Reference(loaded) if lines <= MOST_LINES else Watching(loaded)


class Reference:
    """The reference of the language: it looks at every line for every fact."""

    is_exact = True

    def __init__(self, loaded: Loaded) -> None:
        """Begin with an empty record."""
        from ...compiler.meaning.facts.reader import RecordReader

        self._policy = loaded.policy
        self._reader = RecordReader(loaded.policy)
        self._number = 0

    def known(self, request: dict[str, Any], time: int) -> dict[str, Any]:
        """Give a request with its facts."""
        from ...compiler.meaning.facts import facts

        found: dict[str, Any] = facts(self._policy, self._reader.record, request)
        return found

    def asked(self, request: dict[str, Any], key: str) -> Collection[str] | None:
        """Give all: it knows whatever there is to know."""
        return None

    def take(self, line: dict[str, Any]) -> bool:
        """Take a line in."""
        self._number += 1
        self._reader.line(self._number, line)
        return not self._reader.record.problems


class Watching:
    """The monitor, which knows what a line adds, within its bounds."""

    is_exact = False

    def __init__(self, loaded: Loaded) -> None:
        """Begin with an empty record."""
        from ...monitor.limits import Limits
        from ...monitor.record import Judge
        from ...monitor.store import Store

        self._engine = loaded.engine
        self._store: Store = Store(loaded.engine.facts, Limits(), None)
        self._judge = Judge(loaded.engine.capability, self._agreed)

    def known(self, request: dict[str, Any], time: int) -> dict[str, Any]:
        """Give a request with its facts."""
        from ...monitor.known import with_facts

        return with_facts(self._store, self._capability(request), request, time)[0]

    def asked(self, request: dict[str, Any], key: str) -> Collection[str] | None:
        """Give what rules about the call ask: it knows nothing else."""
        capability = self._capability(request)
        if capability is None:
            return ()
        needed = self._store.definitions.needed(capability)
        if any(self._store.definitions.meters[each].key == key for each in needed.meters):
            return None
        return next((names for source, names in needed.sources if source.key == key), ())

    def _capability(self, request: dict[str, Any]) -> str | None:
        if not is_request(request):
            return None
        found: str | None = self._engine.capability(
            request["resource"]["type"], request["action"]["name"]
        )
        return found

    def take(self, line: dict[str, Any]) -> bool:
        """Take a line in."""
        from ...monitor.record import BrokenRecord, replay

        try:
            replay((line,), self._store, self._judge)
        except BrokenRecord:
            return False
        return True

    def _agreed(self, request: dict[str, Any], time: int) -> bool:
        from ...monitor.starts import rests_on_people, shows_evidence

        if not shows_evidence(request):
            return False
        return rests_on_people(self._engine.decide(self.known(request, time)))


def _compare(
    request: dict[str, Any], known: dict[str, Any], deriver: Deriver, event: Event, to: Findings
) -> None:
    """Compare the facts that a request has with those that follow. What it leaves out opens nothing."""
    unknown = 0
    for name, given, found in _pairs(_contexts(request), _contexts(known)):
        for key, value in given.items():
            asked = deriver.asked(request, key)
            if asked == ():
                continue  # no rule about the call reads it
            if key not in found:
                if deriver.is_exact:
                    to.is_wrong(event.seq, f"the request has `{key}` of {name}, which is unknown")
                    return
                unknown += 1
            elif not _follows(value, found[key], asked):
                to.is_wrong(event.seq, f"`{key}` of {name} does not follow from the record")
                return
    if unknown:
        to.is_undetermined("facts")
    else:
        to.is_proved("facts")


def _contexts(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Where a request has facts: for its agent, and for each link of its chain."""
    return [fields_of(request.get("context")), *links_of(request)]


def _pairs(
    given: list[dict[str, Any]], known: list[dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for one, other in zip(given, known, strict=True):
        for name in _FACTS:
            yield name, fields_of(one.get(name)), fields_of(other.get(name))


def _follows(given: Any, known: Any, asked: Collection[str] | None) -> bool:
    """Whether a request says of a fact what is known, or less: a half of a meter, some names of a source."""
    if type(given) is dict and type(known) is dict:
        return all(name in known and known[name] == value for name, value in given.items())
    if type(given) is list and type(known) is list:
        return all(name in known for name in given if asked is None or name in asked)
    return False
