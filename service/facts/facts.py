"""The facts of one policy, on a store: what is known of a request, and how each thing that happens changes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...monitor.calls import is_counted
from ...monitor.cells import start_of
from ...monitor.definitions import Definitions
from ...monitor.limits import Limits
from ...monitor.own import Own, own_of, own_share
from ...monitor.requests import bare, with_known
from ...monitor.shares import KeyValues, keys_of, keys_of_each, scopes_of
from ...monitor.told import does_write, kept, sources_of
from ...monitor.values import is_plain
from ...runtime import facts as declared
from ...runtime.call import fields_of
from ...runtime.chain import is_chain, of_each
from ...runtime.facts import ABSENT, MALFORMED
from ...runtime.values import is_identity
from ..store.rows import Call, Task
from ..store.turn import Reading, Turn
from .adopt import adopt, doubt
from .cells import CellKeeping
from .ids import cell_of, number_in
from .lines import Memories, is_open, tell
from .rows import SOURCES, Cell, Meter, Run, Share
from .tidy import Tidy, end_run


@dataclass(slots=True)
class _Look:
    """A request, its task if that is known and its run goes on, and what the scopes of meters are of it."""

    request: dict[str, Any]
    task: Task | None
    scopes: dict[str, Any]


class Facts:
    """Meters and sources of a policy. It remembers nothing that it could not read again, but for runs made of their lines.

    Steps are for turns, `known` is for any reading too. A request is one (`runtime.facts.is_request`), and a task
    is given as the store has it, or None if the request is about none that there is.
    """

    def __init__(self, facts: declared.Facts, limits: Limits | None = None) -> None:
        """Arrange the definitions of a policy."""
        self.definitions = Definitions(facts)
        self.limits = limits or Limits()
        meters = self.definitions.meters
        self.kept = tuple(map(CellKeeping, meters))
        first = {each.digest: number for number, each in reversed(list(enumerate(meters)))}
        self._counts = tuple(first[each.digest] == number for number, each in enumerate(meters))
        self.ids = (*first, *([SOURCES] if self.definitions.has_sources else []))
        """Those of the rows that say since when what is kept."""
        self._of_user = any("user" in each.scopes for each in meters)
        self._by_number: dict[int, CellKeeping] = {}
        self._tidy = Tidy(self._kept_of)
        self._in_turns = Memories(self.definitions, self.limits)
        self._in_readings = Memories(self.definitions, self.limits)

    # --- What is asked ----------------------------------------------------------------------------

    def prepare(
        self,
        reading: Reading,
        asked: Sequence[tuple[str | None, dict[str, Any], Task | None]],
    ) -> None:
        """Read what `known` and `called` will ask for these requests, in few statements."""
        links = [
            (capability, each, _task_id(each))
            for capability, request, _ in asked
            if capability is not None
            for each in _links_of(request)
        ]
        reading.fetch(Task, [id for _, _, id in links if id is not None])
        of_links = [
            (capability, each, None if id is None else reading.get(Task, id))
            for capability, each, id in links
        ]
        everything = [*asked, *of_links]
        runs = [task.run for _, _, task in everything if task is not None]
        reading.fetch(Task, runs)
        reading.fetch(Meter, self.ids)
        if self.definitions.has_sources:
            reading.fetch(Run, runs)
        cells = [
            id
            for capability, request, task in everything
            if capability is not None
            for id in self._cells_of(reading, capability, request, task)
        ]
        reading.fetch(Cell, cells)

    def known(
        self,
        reading: Reading,
        capability: str | None,
        request: dict[str, Any],
        task: Task | None,
        now: int,
    ) -> tuple[dict[str, Any], Own]:
        """Give the request with the time and its facts, for each of its agents, and what its call would add."""
        request = bare(request, now)
        if capability is None:
            return request, {}
        look = self._look(reading, request, task)
        own = own_of(self.definitions, capability, request, look.scopes)
        if not self.definitions.needed(capability).meters and not self.definitions.has_sources:
            return request, own

        def known(each: dict[str, Any]) -> dict[str, Any]:
            if each is request:
                return self._facts_of(reading, capability, look, own, now)
            id = _task_id(each)
            other = self._look(reading, each, None if id is None else reading.get(Task, id))
            adds = own_of(self.definitions, capability, each, other.scopes)
            return self._facts_of(reading, capability, other, adds, now)

        return with_known(request, known), own

    def _facts_of(
        self, reading: Reading, capability: str, look: _Look, own: Own, now: int
    ) -> dict[str, Any]:
        found = {}
        meters = self._meters(reading, capability, look, own, now)
        if meters:
            found["meters"] = meters
        if look.task is not None and self.definitions.needed(capability).sources:
            sources = self._sources(reading, capability, look, now)
            if sources:
                found["sources"] = sources
        return found

    def _meters(
        self, reading: Reading, capability: str, look: _Look, own: Own, now: int
    ) -> dict[str, Any]:
        found = {}
        for number in self.definitions.needed(capability).meters:
            each = self.kept[number]
            row = reading.get(Meter, each.meter.digest)
            if row is None or not row.active:
                continue
            wanted = keys_of(each.meter, look.request, look.scopes, recorded=False)
            if ABSENT in wanted or MALFORMED in wanted:
                continue
            if not self._is_known(reading, row, each, look.task, now):
                continue
            share = own_share(own.get(number), wanted)
            value = each.read(reading, row.number, wanted, now, share)
            if value:
                found[each.meter.key] = value
        return found

    def _is_known(
        self, reading: Reading, row: Meter, each: CellKeeping, task: Task | None, now: int
    ) -> bool:
        """Whether no record is lacking that may count."""
        if each.of_task and task is None:
            return False
        if row.known_from is None or start_of(each.meter, now) >= row.known_from:
            return True
        if not each.of_task or task is None:
            return False
        first = reading.get(Task, task.run)
        return first is not None and row.since is not None and first.seq >= row.since

    def _sources(
        self, reading: Reading, capability: str, look: _Look, now: int
    ) -> dict[str, list[str]]:
        task = look.task
        assert task is not None
        row = self._run(reading, task.run)
        memories = self._in_turns if isinstance(reading, Turn) else self._in_readings
        memory = None if row is None else memories.of(reading, row)
        if memory is None:
            return {}
        started = memory.tasks.get(task.id)
        return sources_of(self.definitions, memory.run, started, capability, look.request, now)

    def _run(self, reading: Reading, id: str) -> Run | None:
        """Give the run of which lines are kept, from its beginning."""
        kept_since, row = reading.get(Meter, SOURCES), reading.get(Run, id)
        if kept_since is None or not kept_since.active or row is None or row.lost:
            return None
        return row if row.epoch == kept_since.number else None

    def _look(self, reading: Reading, request: dict[str, Any], task: Task | None) -> _Look:
        if task is not None and not is_open(reading, task):
            task = None
        run = ABSENT if task is None else task.run
        return _Look(request, task, scopes_of(request, run, user=self._of_user))

    def _cells_of(
        self, reading: Reading, capability: str, request: dict[str, Any], task: Task | None
    ) -> Iterator[str]:
        scopes = scopes_of(request, ABSENT if task is None else task.run, user=self._of_user)
        read = self.definitions.needed(capability).meters
        for number in {*read, *self.definitions.counted_by.get(capability, ())}:
            each = self.kept[number]
            row = reading.get(Meter, each.meter.digest)
            if row is None or not row.active:
                continue
            wanted = keys_of(each.meter, request, scopes, recorded=False)
            if ABSENT not in wanted and MALFORMED not in wanted:
                yield each.cell(row.number, wanted)
                yield each.cell_of_any(row.number, wanted)
            have = keys_of(each.meter, request, scopes, recorded=True)
            if ABSENT not in have and have != wanted:
                yield each.cell(row.number, have)

    # --- What happens -----------------------------------------------------------------------------

    def adopt(self, turn: Turn) -> None:
        """Keep these facts from now on, and no other ones: what is defined as before goes on, what is new is worked out."""
        adopt(turn, self)

    def doubt(self, turn: Turn, until: int) -> None:
        """Know nothing any more of what was before: the clock was set back, and it has been as late as a time."""
        doubt(turn, until)

    def started(self, turn: Turn, task: Task) -> None:
        """Take in that a task was started; the call that started it came before."""
        since = self._sources_since(turn)
        if since is None:
            return
        if task.run == task.id:
            turn.add(Run(task.id, since.number, 0, 0, False))
        fields = {**json.loads(task.fields), "id": task.id, "intent": task.intent}
        user = None if task.user is None else json.loads(task.user).get("id")
        self._tell(
            turn, since, task.run, "task", task.started, fields, task.agent, user, task.parent
        )

    def said(self, turn: Turn, task: Task, text: str) -> None:
        """Take in what the person said in a task."""
        since = self._sources_since(turn)
        if since is not None:
            self._tell(turn, since, task.run, "said", turn.time, text)

    def called(
        self, turn: Turn, call: Call, request: dict[str, Any], own: Own, agreed: bool
    ) -> None:
        """Take in that a call was decided, whose row was added: what `known` says that it adds.

        `agreed` is whether its permit rests on what people gave (`monitor.starts.rests_on_people`).
        """
        shares: list[str] = []
        for number, (keys, share) in own.items():
            if self._counts[number]:
                shares += self.count(
                    turn, call, number, keys_of_each(self.kept[number].meter, keys, request), share
                )
        if shares:
            call.shares = json.dumps([*json.loads(call.shares or "[]"), *shares])
            turn.put(call)
        if self.kept:
            self._tidy.called(turn)
        if call.effect != "permit" or call.run is None or not self.definitions.has_sources:
            return
        capability = call.capability or ""
        if (
            does_write(self.definitions, capability, call.effect)
            or self.definitions.asks_again(capability)
            or (agreed and self.definitions.starts(capability))
        ):
            since = self._sources_since(turn)
            if since is not None:
                line = ("call", call.at, call.seq, capability, call.task, kept(request), agreed)
                self._tell(turn, since, call.run, *line)

    def counts_once(self, number: int) -> bool:
        """Whether a meter is the one that is counted, of those that are defined alike."""
        return self._counts[number]

    def count(
        self, turn: Turn, call: Call, number: int, keys: Sequence[KeyValues], share: Any
    ) -> Iterator[str]:
        """Count a call for some keys; give the ids of what may change there."""
        each = self.kept[number]
        row = turn.get(Meter, each.meter.digest)
        if row is None or not row.active:
            return
        counts = is_counted(each.meter, call.effect, call.outcome, call.refused)
        may_change = _may_change(each.meter, call)
        if counts or may_change:
            for one in keys:
                id = each.count(
                    turn, row.number, one, call.at, share, counts=counts, may_change=may_change
                )
                if id is not None:
                    yield id

    def became(self, turn: Turn, call: Call, outcome: str, result: Any) -> None:
        """Take in what became of a permitted call, once; `result` is ABSENT, or MALFORMED if nobody can read it."""
        self._recount(turn, call, outcome, call.refused)
        since = self._sources_since(turn) if call.run is not None else None
        if since is None or call.run is None:
            return
        if result is not ABSENT and not is_plain(result):
            result = MALFORMED
        capability = call.capability or ""
        if result is MALFORMED:
            row = self._run(turn, call.run)
            if row is not None:
                row.lost = True
                turn.put(row)
        elif (outcome == "withdrawn" and self.definitions.starts(capability)) or (
            result is not ABSENT and capability in self.definitions.origins_in
        ):
            given = () if result is ABSENT else (result,)
            self._tell(
                turn, since, call.run, "outcome", turn.time, call.seq, capability, outcome, *given
            )

    def refused(self, turn: Turn, call: Call) -> None:
        """Take in that a person refused a call that was a question. Raises `ValueError` of a call that was permitted."""
        if call.effect == "permit":
            raise ValueError("a call that was permitted is not refused any more")
        self._recount(turn, call, call.outcome, True)

    def _recount(self, turn: Turn, call: Call, outcome: str | None, refused: bool) -> None:
        ids = json.loads(call.shares or "[]")
        if not ids:
            return
        turn.fetch(Share, ids)
        turn.fetch(Cell, [cell_of(id)[0] for id in ids])
        for id in ids:
            each = self._kept_of(turn, number_in(id))
            if each is not None:
                counts = is_counted(each.meter, call.effect, outcome, refused)
                each.change(turn, id, counts=counts)

    def _kept_of(self, turn: Turn, number: int) -> CellKeeping | None:
        """Give the meter of a number, if it is one of this policy, and of now."""
        if number not in self._by_number:
            for each in self.kept:
                row = turn.get(Meter, each.meter.digest)
                if row is not None:
                    self._by_number[row.number] = each
        found = self._by_number.get(number)
        row = None if found is None else turn.get(Meter, found.meter.digest)
        return found if row is not None and row.active and row.number == number else None

    def ended(self, turn: Turn, task: Task) -> None:
        """Take in that a task has ended: of a run in which none goes on nothing is told any more."""
        if is_open(turn, task):
            return
        rows = [(turn.get(Meter, each.meter.digest), each) for each in self.kept]
        end_run(turn, [(row.number, each) for row, each in rows if row is not None], task.run)
        self._in_turns.forget(task.run)
        self._in_readings.forget(task.run)

    def _sources_since(self, turn: Turn) -> Meter | None:
        found = turn.get(Meter, SOURCES) if self.definitions.has_sources else None
        return found if found is not None and found.active else None

    def _tell(self, turn: Turn, since: Meter, run: str, *line: Any) -> None:
        tell(turn, since.number, run, self.limits, *line)
        row = self._run(turn, run)
        if row is not None:
            self._in_turns.follow(turn, row)


def _may_change(meter: declared.Meter, call: Call) -> bool:
    """Whether it may become certain later that a call counts, or does not."""
    if call.outcome is not None or call.refused:
        return False
    if meter.counted == "denied":
        return call.effect == "challenge"
    return meter.counted in ("permitted", "done") and call.effect == "permit"


def _task_id(request: dict[str, Any]) -> str | None:
    """Give the id of a task, if it is one."""
    found: Any = fields_of(fields_of(request.get("context")).get("task")).get("id")
    return found if is_identity(found) else None


def _links_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the requests that the links of a chain would make."""
    chain = fields_of(request.get("context")).get("delegation")
    if not is_chain(chain) or not chain:
        return []
    return of_each(request)[1:]
